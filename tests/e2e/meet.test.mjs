// A phone and an app call each other at the same time: one call of both. And an
// app whose page is loaded anew: its call ends, and the next one is a new one.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRig, userLine } from './lib/rig.mjs';

let rig;
let sandbox;

before(async () => {
	rig = await startRig({ bridge: ({ sandbox: { sip }, ua }) => ({
		users: userLine(sip, { more: ';country=55:11;call=104+101;'
			+ `dial=sip:5551234@127.0.0.1:${ua.port}` }),
	}) });
	({ sandbox } = rig);
});

after(() => rig?.stop());
afterEach(async () => {
	await rig.reset();
	await rig.bridge.waitIdle();
});

async function assertOneCall(call) {
	await call.wait('200');
	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	assert.equal((await rig.bridge.status()).calls.length, 1);
	await rig.phoneHangsUp(call);
}

test('the phone was first: who else rings is told, both are answered',
	async () => {
		const since = await sandbox.mark('signals');

		// the app does not hear of it in time
		await sandbox.stanzaFault({ type: 'call', from: 'ext1000', drop: true });
		const call = await rig.ua.invite(rig.bridge.uri);

		await call.wait('180');
		await rig.app.call(200);
		await assertOneCall(call);
		const { user_info: info } = await fakeApp(sandbox, '104')
			.waitSignal('hangUp', { since });

		assert.deepEqual(info, { reason: 'answered_elsewhere' });
	});

test('the app was first: the phone is not rung any more', async () => {
	await rig.app.call(200);
	const ringing = await rig.ua.waitInvite();

	ringing.ring();
	const call = await rig.ua.invite(rig.bridge.uri);

	await ringing.wait('CANCEL');
	await assertOneCall(call);
});

test('somebody else calls meanwhile: two calls', async () => {
	await rig.app.call(200);
	const ringing = await rig.ua.waitInvite();

	ringing.ring();
	const since = await sandbox.mark('signals');
	const other = await rig.ua.invite(rig.bridge.uri,
		{ from: '<sip:5559999@127.0.0.1>' });

	await fakeApp(sandbox, '104').waitCall({ since });
	assert.equal((await rig.bridge.status()).calls.length, 2);
	other.cancel();
	await other.wait('final');
	ringing.reject(486, 'Busy Here');
	await rig.app.waitClosed();
});

test('the page is loaded anew in a call: it ends, and the app may call again',
	async () => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		await rig.app.page.reload();
		await call.wait('BYE', 45000); // within connectycube_lost_time
		await rig.bridge.waitIdle();
		rig.ua.rtp.hush();
		await rig.app.login('alice', 'alice-pass-1');
		const next = await rig.appCallsPhone();

		await rig.waitTones();
		await rig.phoneHangsUp(next);
	});
