// Each codec at the phone, in both directions, with either codec policy: the
// tones arrive, and what can be forwarded is.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startWorld } from './lib/world.mjs';

const PHONES = { PCMU: '1001', PCMA: '1002', G722: '1003', opus: '1009' };

// what baresip calls them: with the rate that they sample at
const NAMES = { PCMU: 'PCMU', PCMA: 'PCMA', G722: 'G722/16000/1',
	opus: 'opus/48000/2' };

let world;
let alice;
let bob;

before(async () => {
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', call: '101',
				dial: '1001', dialable: '10??' }] },
			{ users: [{ user: '1010', login: 'ext1010', call: '102',
				dial: '1001', dialable: '10??' }],
			keys: { connectycube_codec_policy: 'relay' } },
		],
		phone: { accounts: Object.entries(PHONES).map(([codec, user]) =>
			({ user, codecs: NAMES[codec] })) },
		apps: ['alice', 'bob'],
	});
	({ apps: { alice, bob } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/** The call's codecs are as wanted on both legs and in the browser. */
async function assertCodecs(bridge, app, { phone, cube, forwarded }) {
	const { calls: [{ sip, app: leg, text }] } = await bridge.status();
	const { codec } = await app.audioStats();
	const name = (value) => value.split('/', 1)[0];

	assert.deepEqual([sip.rx, sip.tx, leg.rx, leg.tx]
		.map((direction) => name(direction.codec)),
	[phone, phone, cube, cube], text);
	assert.equal(codec, cube);
	assert.equal(sip.forwarded, forwarded, text);
	assert.equal(leg.forwarded, forwarded, text);
}

for (const [codec, user] of Object.entries(PHONES)) {
	const wanted = { phone: codec, cube: 'opus', forwarded: codec === 'opus' };

	test(`${codec} at the phone, which calls`, async () => {
		await world.phoneCallsApp(alice, { from: user });
		await world.assertTones(alice);
		await assertCodecs(world.bridge, alice, wanted);
		await world.end(world.phone, alice);
	});

	test(`${codec} at the phone, which is called`, async () => {
		await world.appCallsPhone(alice, { userInfo: { dial: user } });
		await world.assertTones(alice);
		await assertCodecs(world.bridge, alice, wanted);
		await world.end(alice, alice);
	});
}

for (const [codec, user] of Object.entries(PHONES)) {
	const wanted = { phone: codec, cube: codec, forwarded: true };

	test(`relay: ${codec} is forwarded, the phone calls`, async () => {
		await world.phoneCallsApp(bob, { from: user, extension: '1010' });
		await world.assertTones(bob);
		await assertCodecs(world.bridges[1], bob, wanted);
		await world.end(world.phone, bob, world.bridges[1]);
	});

	test(`relay: ${codec} is forwarded, the app calls`, async () => {
		await world.appCallsPhone(bob, { extension: 201,
			userInfo: { dial: user } });
		await world.assertTones(bob);
		await assertCodecs(world.bridges[1], bob, wanted);
		await world.end(bob, bob, world.bridges[1]);
	});
}

test('an app that knows one codec only: it is transcoded', async () => {
	await alice.prepare({ codecs: { audio: ['G722'] } });
	await world.appCallsPhone(alice, { userInfo: { dial: PHONES.opus } });
	await world.assertTones(alice);
	await assertCodecs(world.bridge, alice,
		{ phone: 'opus', cube: 'G722', forwarded: false });
	await world.end(alice, alice);
});
