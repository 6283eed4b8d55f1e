// Attended transfers: both parties of two calls of a phone, or of an app, are joined.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { APP_HZ, PHONE_HZ, assertTone, waitHears } from './lib/rig.mjs';
import { refer, referToCall, uriOf, waitProgress,
	waitTold, watchStream } from './lib/transfer.mjs';
import { BOB_HZ, DESK_HZ, startTransferRig } from './lib/transferrig.mjs';

let rig;
let desk;
let bob;
let parties;

before(async () => {
	parties = await startTransferRig();
	({ rig, desk, bob } = parties);
});

after(() => parties?.stop());

afterEach(() => parties.reset());

const callId = async () => (await rig.bridge.status()).calls
	.map(({ id }) => id);

/** The phone has a call with each of both apps. */
async function twoCalls() {
	const call = await rig.appCallsPhone();

	await bob.forget();
	await bob.call(rig.id);
	const second = await rig.ua.waitInvite();

	second.answer();
	await second.wait('ACK');
	await bob.waitConnected();
	await rig.bridge.waitStatus('both are up', ({ calls }) =>
		calls.filter(({ state }) => state === 'ESTABLISHED').length === 2);
	return [call, second];
}

test('attended, by the phone: both that are left are joined', async () => {
	const [call, second] = await twoCalls();
	const [id] = await callId();

	await referToCall(call, second, rig.bridge.uri);
	await waitTold(call, '200 terminated');
	rig.ua.rtp.hush();
	await Promise.all([call.wait('BYE'), second.wait('BYE')]);
	await waitHears(rig.app, BOB_HZ, 'one app');
	await waitHears(bob, APP_HZ, 'the other app');
	assert.deepEqual(await callId(), [id]);
	await bob.hangup();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('attended, by the phone, with a call that is elsewhere', async () => {
	const call = await rig.appCallsPhone();

	await refer(call, `<${uriOf(desk)}?Replaces=`
		+ `${encodeURIComponent('a@b;to-tag=1;from-tag=2')}>`);
	const invite = await desk.waitInvite();

	assert.equal(invite.messages[0].header('Replaces'),
		'a@b;to-tag=1;from-tag=2');
	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	await waitTold(call, '200 terminated');
	rig.ua.rtp.hush();
	await waitHears(rig.app, DESK_HZ, 'the app');
	await rig.app.hangup();
	await invite.wait('BYE');
	await rig.bridge.waitIdle();
});

test('attended, by the app: both phones that it talks to are joined',
	async () => {
		const call = await rig.appCallsPhone();

		await rig.waitTones();
		const [id] = await callId();
		const device = await rig.browser.newUser(rig.sandbox.page, 'alice',
			'alice-pass-1', { toneHz: APP_HZ });
		const session = await device.call(rig.id,
			{ userInfo: { dial: '1002' } });
		const invite = await desk.waitInvite();

		invite.answer();
		await invite.wait('ACK');
		desk.rtp.play(DESK_HZ, invite.remoteRtp);
		await device.waitConnected();
		await rig.bridge.waitStatus('both are up', ({ calls }) =>
			calls.filter(({ state }) => state === 'ESTABLISHED').length === 2);
		const assertNoGap = watchStream(rig.ua.rtp);

		assert.equal((await rig.app.ask('transfer',
			{ target_session: session })).event, 'done');
		await waitProgress(rig.app, 'done');
		await Promise.all([rig.app.waitClosed(), device.waitClosed()]);
		await waitHears(rig.ua.rtp, DESK_HZ, 'the phone');
		assertTone(await desk.rtp.hear(400), PHONE_HZ, 'the other phone');
		assertNoGap();
		assert.deepEqual(await callId(), [id]);
		rig.ua.rtp.hush();
		await call.bye();
		await invite.wait('BYE');
		await rig.bridge.waitIdle();
		await device.close();
	});
