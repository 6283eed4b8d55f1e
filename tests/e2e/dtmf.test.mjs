// Keys, on every road: telephone-events, SIP INFO with either body, tones, and
// `update` signals. Each is checked where it arrives: packets at the phone, and
// the tones that Chromium makes of events at the app.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startRig } from './lib/rig.mjs';
import { startWorld } from './lib/world.mjs';

const EVENTS = { formats: '0 101',
	maps: ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000',
		'a=fmtp:101 0-15'] };

const names = (keys) => keys.map(({ key }) => key).join('');

/** Keys of a length; a busy machine makes them longer. */
function assertKeys(keys, wanted, ms) {
	assert.equal(names(keys), wanted, JSON.stringify(keys));
	for (const key of keys)
		assert.ok(key.ms >= ms - 30 && key.ms <= ms + 250, JSON.stringify(keys));
}

/** The app sends an `update` signal, which the web SDK has no function for. */
async function update(sandbox, { id, user }, keys) {
	const { from } = (await sandbox.entries('signals')).findLast((signal) =>
		signal.session === id && signal.from.startsWith('101-'));

	await sandbox.inject(user, { xml: `<message xmlns="jabber:client"
		type="headline" id="${keys}" from="${from}"><extraParams>
		<userInfo><dtmf>${keys}</dtmf></userInfo><sessionID>${id}</sessionID>
		<callType>2</callType><callerID>101</callerID>
		<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
		<signalType>update</signalType><platform>web</platform>
		</extraParams></message>`.replace(/\n\t*/g, ' ') });
}

/** The same, in a rig's one call. */
const updateRig = async ({ sandbox, bridge, id: user }, keys) =>
	update(sandbox, { user,
		id: (await bridge.status()).calls[0].app.session }, keys);

/** The INFO that came to a phone, once there are so many. */
function waitInfos({ messages }, count) {
	return until(`${count} INFO have come`, () => {
		const infos = messages.filter(({ method }) => method === 'INFO');

		return infos.length >= count && infos;
	});
}

/** What the app hears while something is done. */
async function heardDuring(app, ms, action) {
	const heard = app.hearKeys(ms);

	await setTimeout(300);
	await action();
	return heard;
}

/** A test with a sandbox, a bridge and a phone of its own. */
const rigTest = (name, options, run) => test(name, async () => {
	const rig = await startRig(options);

	try {
		await run(rig);
	} finally {
		await rig.stop();
	}
});

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

/** The keys that a baresip phone is told of. */
async function assertPhoneGets(wanted) {
	let got = '';

	while (got.length < wanted.length) {
		got += (await world.phone.waitEvent('CALL_DTMF_START')).param;
		await world.phone.waitEvent('CALL_DTMF_END');
	}
	assert.equal(got, wanted);
}

for (const [codec, user] of Object.entries(PHONES))
	test(`baresip with ${codec}: telephone-events both ways`, async () => {
		const { phone } = world;

		await world.appCallsPhone(alice, { userInfo: { dial: user } });
		await world.assertTones(alice);
		await alice.dtmf('159#');
		await assertPhoneGets('159#');

		for (const key of '72*') {
			await phone.command('sndcode', key);
			await setTimeout(300);
		}

		const { calls: [{ text }] } = await world.bridge.status();

		assert.deepEqual(text.match(/keys=\d+/g), ['keys=3', 'keys=4']);
		await setTimeout(500); // until Chromium has played them
		await world.assertTones(alice);
		await world.end(phone, alice);
	});

test('userInfo of an update signal reaches the phone', async () => {
	const { id } = await world.appCallsPhone(alice);

	await update(world.sandbox, { id, user: 200 }, '42');
	await assertPhoneGets('42');
	await world.assertTones(alice);
	await world.end(alice, alice);
});

rigTest('keys have their length, in both directions', { ua: EVENTS }, async (rig) => {
	const call = await rig.phoneCallsApp();
	const { rtp } = rig.ua;

	await rig.waitTones();
	const heard = await heardDuring(rig.app, 4000, async () => {
		for (const key of '3B#') {
			await rtp.press(key, call.remoteRtp, { ms: 200 });
			await setTimeout(150);
		}
	});

	assertKeys(heard, '3B#', 200);

	await rig.app.dtmf('08');
	await until('two keys have come', () => rtp.keys().length === 2
		&& rtp.keys().every(({ ends }) => ends === 3));
	assertKeys(rtp.keys(), '08', 160);

	// one stream: no number is missing or sent twice
	const numbers = rtp.packets.map(({ sequence }) => sequence);

	assert.ok(numbers.every((number, i) => !i
		|| number === ((numbers[i - 1] + 1) & 0xffff)));
	rtp.play(1000, call.remoteRtp);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

rigTest('SIP INFO with either body reaches the app', { ua: EVENTS }, async (rig) => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const heard = await heardDuring(rig.app, 4000, async () => {
		assert.equal(await call.info('application/dtmf-relay',
			'Signal=6\r\nDuration=200\r\n'), 200);
		await setTimeout(400);
		assert.equal(await call.info('application/dtmf-relay',
			'Signal= *\r\nDuration= 200\r\n'), 200);
		await setTimeout(400);
		assert.equal(await call.info('application/dtmf', '9\r\n'), 200);
	});

	assert.equal(names(heard), '6*9', JSON.stringify(heard));
	assert.equal(await call.info('application/dtmf-relay', 'nothing'),
		400);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

rigTest('tones of a phone that has nothing else', {}, async (rig) => {
	const call = await rig.phoneCallsApp();
	const { rtp } = rig.ua;

	await rig.waitTones();
	const heard = await heardDuring(rig.app, 4000, async () => {
		for (const tones of [[770, 1336], [941, 1477]]) {
			rtp.play(tones, call.remoteRtp);
			await setTimeout(200);
			rtp.play(0, call.remoteRtp);
			await setTimeout(200);
		}
	});

	assert.equal(names(heard), '5#', JSON.stringify(heard));
	const { calls: [{ text }] } = await rig.bridge.status();

	assert.deepEqual(text.match(/keys=\d+/g), ['keys=2', 'keys=0']);
	rtp.play(1000, call.remoteRtp);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

rigTest('a phone without telephone-event is told by SIP INFO', {}, async (rig) => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	await rig.app.dtmf('5');
	const { body, header } = await call.wait('INFO');

	assert.equal(header('Content-Type'), 'application/dtmf-relay');
	assert.match(body, /^Signal=5\r\nDuration=[1-4]\d\d\r\n$/);
	await rig.waitTones('after the key');
	await rig.appHangsUp();
});

rigTest('a lost INFO does not change the order of keys', {}, async (rig) => {
	const call = await rig.appCallsPhone();
	let lost = 0;

	rig.ua.isLost = ({ method }) => method === 'INFO' && lost++ < 1;
	await updateRig(rig, '123456');
	const infos = await waitInfos(call, 6);

	assert.equal(lost, 7);
	assert.deepEqual(infos.map(({ body }) => body), [...'123456'].map((key) =>
		`Signal=${key}\r\nDuration=160\r\n`));
	// a gateway has to play them
	for (let i = 2; i < infos.length; i++)
		assert.ok(infos[i].ms - infos[i - 1].ms >= 160,
			`${infos[i].ms - infos[i - 1].ms} ms`);

	// more than may wait: told, and not which; the call ends amid them
	await updateRig(rig, '7'.repeat(40));
	await waitInfos(call, 7);
	await rig.bridge.waitLog(/a key did not reach the phone/);
	await rig.phoneHangsUp();
	await rig.bridge.assertAlive();
});

for (const [how, type, wanted] of [
	['info', 'application/dtmf-relay', /^Signal=(.)\r\nDuration=[1-4]\d\d\r\n$/],
	['info-dtmf', 'application/dtmf', /^(.)\r\n$/],
])
	rigTest(`connectycube_dtmf_sip ${how}`, { ua: EVENTS,
		bridge: { keys: { connectycube_dtmf_sip: how } } }, async (rig) => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		await rig.app.dtmf('1D');
		await waitInfos(call, 2);
		await updateRig(rig, '0');
		const infos = await waitInfos(call, 3);

		assert.equal(infos.map(({ body }) => wanted.exec(body)?.[1])
			.join(''), '1D0');
		for (const { header } of infos)
			assert.equal(header('Content-Type'), type);
		assert.equal(rig.ua.rtp.keys().length, 0);
		await rig.waitTones('after the keys');
		await rig.phoneHangsUp();
	});
