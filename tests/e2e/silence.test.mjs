// A phone that is gone without a word: the call ends after the configured time,
// and not before. Who is muted or on hold is not gone. (Pauses: test_audio_alive.)

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { canLose, lose } from './lib/loss.mjs';
import { PHONE_HZ, startRig } from './lib/rig.mjs';

const TIMEOUT = 10; // [s]
const ICE_PORTS = '21000-21099';
let rig;

before(async () => {
	rig = await startRig({ bridge: { keys: {
		connectycube_rtp_timeout_sip: TIMEOUT,
		connectycube_rtp_timeout_app: TIMEOUT,
		connectycube_rtp_keepalive: 2,
		connectycube_ice_ports: ICE_PORTS,
	} } });
});

after(() => rig?.stop());
afterEach(() => rig.reset());

test('nothing comes from the phone: both sides are told', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const { calls: [{ text }] } = await rig.bridge.status();

	assert.match(text, /rx  PCMU.* mos=4\.\d\d$/m);

	rig.ua.rtp.hush();
	const begin = Date.now();

	await call.wait('BYE', (TIMEOUT + 5) * 1000);
	assert.ok(Date.now() - begin > (TIMEOUT - 1) * 1000);
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

/** The call is there for longer than it would be if somebody was missed. */
async function outlast() {
	const end = Date.now() + (TIMEOUT + 3) * 1000;

	await until('the time has passed', async () => {
		const { calls } = await rig.bridge.status();

		assert.equal(calls.length, 1, 'the call has ended');
		return Date.now() >= end;
	}, { timeout: (TIMEOUT + 10) * 1000 });
}

const received = async () =>
	(await rig.bridge.status()).calls[0].app.rx.packets;

test('a muted app sends silence: its call goes on', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.app.mute();
	const before = await received();

	await outlast();
	assert.ok(await received() > before + TIMEOUT * 10);
	const { rms } = await rig.ua.rtp.hear(400);

	assert.ok(rms < 0.001, `${rms} at the phone`);
	await rig.app.mute(false);
	await rig.waitTones('unmuted');
	await rig.phoneHangsUp();
});

test('an app without a microphone sends RTCP alone: its call goes on, the '
	+ 'phone\'s NAT is kept open', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.app.page.evaluate(() => {
		for (const sender of window.phone.connection.getSenders())
			sender.replaceTrack(null);
	});
	const { rtp } = rig.ua;
	const from = rtp.packets.length;

	await outlast();
	const kept = rtp.packets.slice(from).filter(({ type, data }) =>
		type === 127 && data.length === 12);

	assert.ok(kept.length >= TIMEOUT / 2 - 1, `${kept.length} keep-alives`);
	await rig.phoneHangsUp();
});

test('a phone on hold sends nothing: its call goes on, and is watched again '
	+ 'after that', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	rig.ua.maps = ['a=sendonly'];
	assert.equal((await call.reinvite()).code, 200);
	rig.ua.rtp.hush();
	await outlast();

	rig.ua.maps = [];
	assert.equal((await call.reinvite()).code, 200);
	rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);
	await rig.waitTones('resumed');
	rig.ua.rtp.hush();
	await call.wait('BYE', (TIMEOUT + 5) * 1000);
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('media comes up later than the time for silence: it counts from then on',
	async (t) => {
		if (!canLose()) {
			t.skip('no iptables, or not in a namespace of our own');
			return;
		}
		const call = await rig.ua.invite(rig.bridge.uri);
		const end = lose({ to: ICE_PORTS });

		try {
			await rig.app.waitIncoming();
			await rig.app.accept();
			await call.wait('200');
			rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);
			await outlast();
		} finally {
			end();
		}
		await rig.app.waitConnected();
		await rig.waitTones();
		await rig.app.close();
		delete rig.app;
		const begin = Date.now();

		await call.wait('BYE', (TIMEOUT + 5) * 1000);
		assert.ok(Date.now() - begin > (TIMEOUT - 1) * 1000);
		await rig.bridge.waitIdle();
	});
