// Hold and resume by re-INVITE from the phone: media pauses and comes back, the
// app stays in the call.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openRtp } from './lib/rtp.mjs';
import { startSipp } from './lib/sipp.mjs';
import { APP_HZ, PHONE_HZ, assertTone, startWorld } from './lib/world.mjs';

let world;
let bridge;
let phone;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001' }] }],
		phone: { accounts: [{ user: '1001', codecs: 'PCMU' }] },
		apps: ['alice'],
	});
	({ bridge, phone, apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/**
 * Media from the app arrives at the bridge and goes no further, but for what
 * was on its way when the phone's re-INVITE came.
 */
async function assertPaused() {
	let last = null;

	const { calls: [first] } = await bridge.waitStatus('the app goes on, '
		+ 'the phone gets nothing', ({ calls: [call] }) => {
		const still = last && last.sip.tx.packets === call.sip.tx.packets
			&& call.app.rx.packets > last.app.rx.packets;

		last = call;
		return still;
	});
	const { calls: [then] } = await bridge.waitStatus('a second of media',
		({ calls: [call] }) =>
			call.app.rx.packets >= first.app.rx.packets + 50);

	assert.equal(then.sip.tx.packets, first.sip.tx.packets, then.text);
}

/** The phone gets media again. (baresip 1.0 does not record it any more.) */
async function assertResumed() {
	const { calls: [{ sip }] } = await bridge.status();

	await bridge.waitStatus('a second of media to the phone',
		({ calls: [call] }) => call.sip.tx.packets >= sip.tx.packets + 50);
	assertTone(await alice.hear(1000), PHONE_HZ);
}

async function holdAndResume() {
	for (let i = 0; i < 2; i++) {
		await phone.command('hold');
		await assertPaused();
		assert.equal((await alice.state()).call.state, 'connected');
		await phone.resume();
		await assertResumed();
	}
	assert.equal((await alice.state()).call.state, 'connected');
}

test('the phone that called holds and resumes', async () => {
	await world.phoneCallsApp(alice);
	await world.assertTones(alice);
	await holdAndResume();
	await world.end(phone, alice);
});

test('the phone that was called holds and resumes', async () => {
	await world.appCallsPhone(alice);
	await world.assertTones(alice);
	await holdAndResume();
	await world.end(alice, alice);
});

test('the app hangs up while on hold', async () => {
	await world.phoneCallsApp(alice);
	await world.assertTones(alice);
	await phone.command('hold');
	await assertPaused();
	await world.end(alice, alice);
});

/** Somebody hears a tone, after some seconds at most. */
const hears = (who, hz, what) => until(what, async () => {
	const heard = await who.hear(500);

	return Math.abs(heard.hz - hz) < 6 && heard.rms > 0.1;
});

/** What a phone offers to hold, and what it is answered. */
const HOLDS = [
	[{ hold: 'sendonly' }, /^a=recvonly/m],
	[{ hold: 'inactive' }, /^a=inactive/m],
	// as RFC 2543 had it
	[{ hold: 'sendrecv', hold_at: '0.0.0.0' }, /^a=recvonly/m],
];

for (const [values, answer] of HOLDS) test('a phone on hold hears nothing, then '
	+ `the app again (${Object.values(values).join(', ')})`, async () => {
	const rtp = await openRtp();
	const sipp = await startSipp(world.sandbox, 'uac-hold',
		{ values: { rtp_port: rtp.port, wait: 1500, ...values } });

	await alice.waitIncoming();
	await alice.accept();
	const { text } = await sipp.wait('200');

	rtp.play(PHONE_HZ, Number(/^m=audio (\d+)/m.exec(text)[1]));
	await alice.waitConnected();
	assertTone(await rtp.hear(500), APP_HZ);
	await until('SIPp resumes', () => sipp.received('200').length === 3);
	await hears(rtp, APP_HZ, 'the phone hears the app again');
	await hears(alice, PHONE_HZ, 'the app hears the phone again');
	await alice.hangup();
	await sipp.done();
	rtp.close();

	const [, held] = sipp.received('200');
	const resume = sipp.messages().filter(({ direction, what }) =>
		direction === 'sent' && what === 'INVITE')[2];
	// by the stream's own time: a busy machine reads packets late
	const times = rtp.packets.filter(({ type }) => type === 0)
		.map(({ data }) => data.readUInt32BE(4));
	const pause = Math.max(...times.slice(1).map((time, i) =>
		((time - times[i]) | 0) / 8));

	assert.match(held.text, answer);
	assert.ok(resume.ms - held.ms > 1000);
	assert.ok(pause > 1000, `no pause but one of ${pause} ms`);
});
