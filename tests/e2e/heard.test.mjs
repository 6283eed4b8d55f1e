// How the parties of a call are heard: what is told of it while it runs, and at its
// end. The app is a real one; the phone is as loud, late or silent as is wanted.
// (Pauses, hold, who listens: test_unheard, test_gauge.)

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_HZ, startRig } from './lib/rig.mjs';

const TIME = 6; // [s]
const LEVEL = -9.0; // of the phone's tone: half of full scale, a sine [dBov]
let rig;

before(async () => {
	rig = await startRig({ bridge: { keys: {
		connectycube_codec_policy: 'relay',
		connectycube_dead_air_time: TIME,
		connectycube_dead_air_action: 'both',
	} } });
});

after(() => rig?.stop());
afterEach(() => rig.reset());

/** What has happened in the last call, as programs read it. */
async function events() {
	const all = (await rig.bridge.command('cube_events', 'json 128')).trim()
		.split('\n').map((line) => JSON.parse(line));
	const { call } = all.findLast((event) => event.call);

	return all.filter((event) => event.call === call);
}

/** The nth event of a type in this call. */
const waitEvent = (type, n = 1) => until(`${n}. ${type}`, async () =>
	(await events()).filter((event) => event.type === type)[n - 1],
{ timeout: (TIME + 6) * 1000 });

const near = (value, wanted, by, what) => assert.ok(
	Math.abs(value - wanted) <= by, `${what}: ${value}, not ${wanted}`);

/** How each party was heard, and the verdict, when the call is over. */
async function told() {
	const all = await events();
	const of = (side) => all.find((event) =>
		event.type === 'quality' && event.side === side);

	return { phone: of('phone'), app: of('app'),
		ended: all.find(({ type }) => type === 'call.ended') };
}

test('a call by a network that delays and repeats: all of it is told', async () => {
	const begin = Date.now();

	rig.ua.rtp.fate = (n) => n % 50 === 7 ? [0, 1] : n % 50 === 30 ? [30] : [0];
	await rig.phoneCallsApp();
	await rig.waitTones();

	// measured each second
	const { audio } = await until('both are measured', async () => {
		const { extensions: [{ calls: [{ sip, app }] }] } = JSON.parse(
			await rig.bridge.command('cube_status', 'json'));

		return sip.audio.level_dbov && app.audio.level_dbov
			&& sip.audio.reordered > 1 && sip.audio.duplicates > 1 && sip;
	});

	near(audio.level_dbov, LEVEL, 1.5, 'level of the phone');
	assert.match(await rig.bridge.command('cube_status'),
		/level=-\d+\.\d max=-\d+\.\d dBov silent=\d+s dead-air=0s$/m);
	await rig.phoneHangsUp();
	rig.ua.rtp.fate = () => [0];
	const { phone, app, ended } = await told();

	near(phone.level_dbov, LEVEL, 1.5, 'level of the phone');
	near(phone.level_max_dbov, LEVEL, 1.5, 'the loudest packet');
	assert.ok(app.level_dbov > -40 && app.level_dbov < -3, app.level_dbov);
	assert.equal(phone.rx.codec, 'PCMU/8000');
	assert.ok(phone.rx.reordered > 1, JSON.stringify(phone));
	assert.ok(phone.rx.duplicates > 1, JSON.stringify(phone));
	assert.equal(app.rx.duplicates, 0);
	assert.ok(phone.rx.jitter_max_ms >= phone.rx.jitter_avg_ms);
	assert.ok(phone.rx.jitter_avg_ms > 0);
	for (const mos of [phone.rx.mos_avg, phone.rx.mos_min])
		assert.ok(mos >= 1 && mos < 4.5, JSON.stringify(phone.rx));
	for (const leg of [phone, app]) {
		assert.ok(leg.first_rtp >= begin && leg.first_rtp <= ended.time,
			JSON.stringify(leg));
		assert.ok(leg.latency_p50_ms > 0 && leg.latency_p50_ms < 20);
		assert.ok(leg.latency_p99_ms >= leg.latency_p50_ms);
		assert.equal(leg.one_way, null);
		assert.equal(leg.dead_air_ms, 0);
		assert.equal(leg.video_rx, null);
	}
	assert.match(app.srtp, /AES/);
	assert.equal(app.ice_local, 'host');
	assert.match(app.ice_remote, /^(host|prflx)$/);
	assert.equal(phone.srtp, null);
	assert.equal(phone.ice_local, null);
	assert.equal(ended.verdict, 'good');
});

test('nothing comes of the phone, then nobody speaks, then both do', async () => {
	const call = await rig.phoneCallsApp();
	const reinvites = () => call.messages.filter(({ method }) =>
		method === 'INVITE').length;

	await rig.waitTones();
	rig.ua.rtp.hush();
	const one = await waitEvent('media.one_way');

	assert.equal(one.side, 'phone');
	assert.equal(one.unheard, 'nothing');
	assert.equal(one.action, 'reinvite');
	near(one.ms / 1000, TIME, 2, 'time without a packet');
	await until('the phone gets a re-INVITE', () => reinvites() === 1);

	// what comes now is silence, which is no sound, and the app is muted
	await rig.app.mute();
	rig.ua.rtp.play(0, call.remoteRtp);
	assert.equal((await waitEvent('media.heard')).what, 'one_way');
	const dead = await waitEvent('media.dead_air');

	assert.ok(dead.ms >= TIME * 1000 && dead.ms < (TIME + 2) * 1000, dead.ms);
	assert.equal(dead.action, 'both');
	await until('the phone gets another one', () => reinvites() === 2);
	await rig.sandbox.waitSignal({ type: 'iceRestart' });

	await rig.app.mute(false);
	rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);
	const over = await waitEvent('media.heard', 2);

	assert.equal(over.what, 'dead_air');
	assert.ok(over.ms > dead.ms);
	await rig.waitTones('afterwards');
	await rig.phoneHangsUp();
	const { phone, app, ended } = await told();

	assert.equal(phone.one_way, 'nothing');
	assert.equal(app.one_way, null);
	for (const leg of [phone, app]) {
		assert.equal(leg.dead_air_ms, over.ms);
		assert.ok(leg.silent_ms >= (TIME - 2) * 1000, leg.silent_ms);
	}
	assert.equal(ended.verdict, 'network_phone');
	assert.equal((await events()).filter(({ type }) => /one_way|dead/.test(type))
		.length, 2);
});

test('a bridge that stands still now and then is what was bad', async () => {
	const { pid } = rig.bridge.child;
	let sent = 0;

	rig.ua.rtp.fate = () => {
		++sent;
		return [0];
	};
	await rig.phoneCallsApp();
	await rig.waitTones();
	for (let i = 0; i < 3; i++) {
		const goal = sent + 30;

		process.kill(pid, 'SIGSTOP');
		await until('600 ms of packets', () => sent >= goal);
		process.kill(pid, 'SIGCONT');
		await rig.waitTones(`after stall ${i + 1}`);
		// most of the time it does not stand still
		const well = sent + 60;

		await until('1200 ms of packets', () => sent >= well);
	}
	await rig.phoneHangsUp();
	const { phone, app, ended } = await told();

	assert.equal(ended.verdict, 'bridge');
	for (const leg of [phone, app])
		assert.ok(leg.latency_p50_ms < 20, JSON.stringify(leg));
	await rig.bridge.waitLog(/the bridge did nothing for \d+ ms in calls/);
});
