// Symmetric RTP and strangers: SIPp does the signalling, sockets of ours are the
// phone's media, at other ports than the SDP says.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openRtp } from './lib/rtp.mjs';
import { startSipp } from './lib/sipp.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { APP_HZ, assertTone, startWorld } from './lib/world.mjs';

const PHONE_HZ = 440;
const STRANGER_HZ = 1800;
const LATCH_TIME = 4; // [s]

let world;
let alice;
const sockets = [];

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101' }],
			keys: { connectycube_latch_time: LATCH_TIME } }],
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => {
	sockets.splice(0).forEach((socket) => socket.close());
	return world.reset();
});

async function socket() {
	const rtp = await openRtp();

	sockets.push(rtp);
	return rtp;
}

/** A call whose SDP names a socket of ours: { sipp, announced, port }. */
async function answered() {
	const announced = await socket();
	const sipp = await startSipp(world.sandbox, 'uac-answered',
		{ values: { rtp_port: announced.port } });

	await alice.waitIncoming();
	await alice.accept();
	const { text } = await sipp.wait('200');

	await alice.waitConnected();
	return { sipp, announced,
		port: Number(/^m=audio (\d+)/m.exec(text)[1]) };
}

/** Both hear each other, as soon as what was before has been played. */
function waitTones(phone) {
	return until('the app and the phone hear each other', async () => {
		const [atApp, atPhone] = await Promise.all([alice.hear(500),
			phone.hear(500)]);

		try {
			assertTone(atApp, PHONE_HZ);
			assertTone(atPhone, APP_HZ);
			return true;
		} catch {
			return false;
		}
	});
}

const sipLeg = async () => (await world.bridge.status()).calls[0].sip;

async function end({ sipp }) {
	await alice.hangup();
	await sipp.done();
	await world.bridge.waitIdle();
}

test('RTP from where the SDP says', async () => {
	const call = await answered();

	call.announced.play(PHONE_HZ, call.port);
	await waitTones(call.announced);
	assert.equal((await sipLeg()).latched, false);
	await end(call);
});

test('RTP from another port: media goes to the real source', async () => {
	const call = await answered();
	const real = await socket();

	real.play(PHONE_HZ, call.port);
	const [atApp, atPhone] = await Promise.all([alice.hear(1000),
		real.hear(1000)]);
	const count = call.announced.packets.length;

	assertTone(atApp, PHONE_HZ);
	assertTone(atPhone, APP_HZ);
	const { latched, remote, refused } = await sipLeg();

	assert.equal(latched, true);
	assert.equal(remote, `127.0.0.1:${real.port}`);
	assert.equal(refused, 0); // a healthy call of a phone behind NAT
	await real.hear(500);
	assert.equal(call.announced.packets.length, count,
		'media goes to the old address still');
	await end(call);
});

test('a stranger does not capture a call', async () => {
	const call = await answered();
	const real = await socket();
	const stranger = await socket();

	real.play(PHONE_HZ, call.port);
	assertTone(await real.hear(500), APP_HZ);

	// valid RTP with another source, in the latch's time and after it
	stranger.play(STRANGER_HZ, call.port);
	for (const ms of [LATCH_TIME * 1000, 1000]) {
		const [atApp, atPhone] = await Promise.all([alice.hear(ms),
			real.hear(ms)]);

		assertTone(atApp, PHONE_HZ);
		assertTone(atPhone, APP_HZ);
	}
	assert.equal(stranger.packets.length, 0);
	const { refused, remote } = await sipLeg();

	assert.ok(refused > 100, `${refused} refused`);
	assert.equal(remote, `127.0.0.1:${real.port}`);
	await end(call);
});

test('a stranger who comes first', async () => {
	const call = await answered();
	const stranger = await socket();

	// he has it while nobody else speaks, and not a packet longer
	stranger.play(STRANGER_HZ, call.port);
	assertTone(await stranger.hear(300), APP_HZ);
	assert.equal((await sipLeg()).latched, true);
	call.announced.play(PHONE_HZ, call.port);
	await until('the phone has its call back', async () =>
		!(await sipLeg()).latched);
	await waitTones(call.announced);
	const count = stranger.packets.length;

	await call.announced.hear(300);
	assert.equal(stranger.packets.length, count);
	await end(call);
});

test('a stranger after a re-INVITE, while a phone behind NAT is silent', async () => {
	const ua = await openSipUa();
	const [real, stranger] = [await socket(), await socket()];

	sockets.push(ua);
	const call = await ua.invite(`sip:1000@${world.bridge.sip}`);

	await alice.waitIncoming();
	await alice.accept();
	await call.wait('200');
	await alice.waitConnected();
	real.play(PHONE_HZ, call.remoteRtp);
	assertTone(await real.hear(500), APP_HZ);
	real.hush();

	assert.equal((await call.reinvite()).code, 200);
	stranger.play(STRANGER_HZ, call.remoteRtp);
	assertTone(await stranger.hear(300), APP_HZ);
	real.play(PHONE_HZ, call.remoteRtp);
	await until('the phone has its call back', async () =>
		(await sipLeg()).remote === `127.0.0.1:${real.port}`);
	await waitTones(real);
	await alice.hangup();
	await call.wait('BYE');
	await world.bridge.waitIdle();
});

test('garbage is no phone', async () => {
	const call = await answered();
	const stranger = await socket();
	const real = await socket();
	const garbage = [
		Buffer.alloc(0), Buffer.from('80', 'hex'), Buffer.alloc(2000, 0xff),
		Buffer.from('x'.repeat(172)), // version 1
		Buffer.concat([Buffer.from('80ff', 'hex'), Buffer.alloc(170)]),
		Buffer.concat([Buffer.from('8fff', 'hex'), Buffer.alloc(12)]),
		Buffer.concat([Buffer.from('9000', 'hex'), Buffer.alloc(10, 0xff)]),
		Buffer.concat([Buffer.from('a000', 'hex'), Buffer.alloc(10, 0xff)]),
		Buffer.from('80c80006' + '00'.repeat(24), 'hex'), // RTCP here
	];

	for (let i = 0; i < 20; i++)
		for (const data of garbage) {
			await stranger.send(data, call.port);
			await stranger.send(data, call.port + 1);
		}
	await until('garbage is refused', async () =>
		(await sipLeg()).refused >= 20 * (garbage.length - 2));
	assert.equal(stranger.packets.length, 0);

	real.play(PHONE_HZ, call.port);
	const [atApp, atPhone] = await Promise.all([alice.hear(1000),
		real.hear(1000)]);

	assertTone(atApp, PHONE_HZ);
	assertTone(atPhone, APP_HZ);
	assert.equal(stranger.packets.length, 0);
	await end(call);
});

test('payload types that nobody knows: not lost, and no way in', async () => {
	const call = await answered();
	const real = await socket();
	const stranger = await socket();
	const before = (await sipLeg()).refused;

	// in sequence and in the latch's time, but nothing that was agreed on
	for (let i = 0; i < 10; i++) await stranger.other(19, call.port);
	await until('they are refused', async () =>
		(await sipLeg()).refused === before + 10);
	assert.equal((await sipLeg()).latched, false);

	real.play(PHONE_HZ, call.port);
	assertTone(await real.hear(500), APP_HZ);
	const { refused: latchedAt } = await sipLeg();

	for (let i = 0; i < 20; i++) {
		await real.other(19, call.port);
		await stranger.other(19, call.port);
		await real.hear(40);
	}
	assertTone(await alice.hear(500), PHONE_HZ);
	const { rx, latched, refused } = await sipLeg();

	assert.equal(latched, true);
	assert.equal(rx.lost, 0);
	assert.ok(rx.packets > 20);
	assert.equal(refused, latchedAt + 20); // the stranger's
	assert.equal(stranger.packets.length, 0);
	await end(call);
});

test('too late to latch: media stays where the SDP says', async () => {
	const call = await answered();
	const late = await socket();

	assertTone(await call.announced.hear((LATCH_TIME + 0.5) * 1000), APP_HZ);
	late.play(STRANGER_HZ, call.port);
	await until('late RTP is refused', async () =>
		(await sipLeg()).refused > 50);
	assertTone(await call.announced.hear(500), APP_HZ);
	assert.equal(late.packets.length, 0);
	await end(call);
});
