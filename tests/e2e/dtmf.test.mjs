// Keys as telephone-events, tones, and `update` signals. Each is checked where it
// arrives: packets at the phone, and the tones that Chromium makes of events at the
// app. SIP INFO is in dtmf-info, phones with several roads in dtmf-roads.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { EVENTS, assertHeard, assertPhoneGets, names, rigTest, update }
	from './lib/keys.mjs';
import { startWorld } from './lib/world.mjs';

/** The least and the most that is heard of a key; a busy machine makes it longer. */
const lengths = (ms) => ({ min: ms - 30, max: ms + 250 });

const PHONES = { PCMU: '1001', opus: '1009' };
let world;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '10??' }] }],
		phone: { accounts: [
			{ user: '1001', codecs: 'PCMU' },
			{ user: '1009', codecs: 'opus/48000/2' }] },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

for (const [codec, user] of Object.entries(PHONES))
	test(`baresip with ${codec}: telephone-events both ways`, async () => {
		const { phone } = world;

		await world.appCallsPhone(alice, { userInfo: { dial: user } });
		await world.waitTones(alice);
		await alice.dtmf('159#');
		await assertPhoneGets(world.phone, '159#');

		for (const key of '72*') {
			await phone.command('sndcode', key);
			await setTimeout(300); // as fingers do
		}
		await until('three keys of the phone are counted', async () => {
			const { calls: [{ text }] } = await world.bridge.status();

			return String(text.match(/keys=\d+/g)) === 'keys=3,keys=4';
		});
		await world.waitTones(alice); // Chromium has played them
		await world.end(phone, alice);
	});

test('userInfo of an update signal reaches the phone', async () => {
	const { id } = await world.appCallsPhone(alice);

	await update(world.sandbox, { id, user: 200 }, '42');
	await assertPhoneGets(world.phone, '42');
	await world.waitTones(alice);
	await world.end(alice, alice);
});

rigTest('keys have their length, in both directions', { ua: EVENTS }, async (rig) => {
	const call = await rig.phoneCallsApp();
	const { rtp } = rig.ua;

	await rig.waitTones();
	await assertHeard(rig.app, '3B#', async () => {
		for (const key of '3B#') {
			await rtp.press(key, call.remoteRtp, { ms: 200 });
			rtp.play(0, call.remoteRtp); // or Chromium stretches the tone
			await setTimeout(150);
		}
	}, lengths(200));

	await rig.app.dtmf('08');
	await until('two keys have come', () => rtp.keys().length === 2
		&& rtp.keys().every(({ ends }) => ends === 3));
	assert.equal(names(rtp.keys()), '08');
	for (const { ms } of rtp.keys())
		assert.ok(ms >= lengths(160).min && ms <= lengths(160).max, `${ms} ms`);

	// one stream: no number is missing or sent twice
	const numbers = rtp.packets.map(({ sequence }) => sequence);

	assert.ok(numbers.every((number, i) => !i
		|| number === ((numbers[i - 1] + 1) & 0xffff)));
	rtp.play(1000, call.remoteRtp);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

// heard in what is decoded, or in a copy of what is forwarded
for (const [policy, forwarded] of [['opus', false], ['relay', true]])
	rigTest(`tones of a phone that has nothing else: ${policy}`, {
		bridge: { keys: { connectycube_codec_policy: policy } },
	}, async (rig) => {
		const call = await rig.phoneCallsApp();
		const { rtp } = rig.ua;

		await rig.waitTones();
		const tries = await assertHeard(rig.app, '5#', async () => {
			for (const tones of [[770, 1336], [941, 1477]]) {
				rtp.play(tones, call.remoteRtp);
				await setTimeout(200);
				rtp.play(0, call.remoteRtp);
				await setTimeout(200);
			}
		});

		const { calls: [{ sip, app, text }] } = await rig.bridge.status();

		assert.deepEqual(text.match(/keys=\d+/g), [`keys=${2 * tries}`, 'keys=0']);
		assert.equal(sip.forwarded, forwarded, text);
		assert.equal(app.forwarded, forwarded, text);
		rtp.play(1000, call.remoteRtp);
		await rig.waitTones('after the keys');
		await rig.phoneHangsUp();
	});
