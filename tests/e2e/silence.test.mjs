// A phone that is gone without a word: the call ends after the configured time,
// and not before; a call on hold is spared.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startRig } from './lib/rig.mjs';

const TIMEOUT = 10; // [s]
let rig;

before(async () => {
	rig = await startRig({ bridge: { keys: {
		connectycube_rtp_timeout_sip: TIMEOUT,
		connectycube_rtp_keepalive: 2,
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

test('a muted app: its call goes on, the phone\'s NAT is kept open', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.app.page.evaluate(() => {
		for (const sender of window.phone.connection.getSenders())
			sender.replaceTrack(null);
	});

	const { rtp } = rig.ua;
	const kept = () => rtp.packets.filter(({ type, data }) =>
		type === 127 && data.length === 12);

	await until('two keep-alives have come', () => kept().length >= 2);
	assert.equal((await rig.bridge.status()).calls.length, 1);
	await rig.phoneHangsUp();
});
