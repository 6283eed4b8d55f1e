// An app user with two devices, both in the real SDK: the first accept wins, the
// other one stops ringing, whichever of them is slow.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_HZ, startRig } from './lib/rig.mjs';

let rig;
let second;

before(async () => {
	rig = await startRig();
	second = await rig.browser.newUser(rig.sandbox.page, 'alice',
		'alice-pass-1', { toneHz: APP_HZ });
	await until('both are online', async () =>
		(await rig.sandbox.online()).filter(({ user }) => user === 101)
			.length === 2);
});

after(() => rig?.stop());
afterEach(async () => {
	await second.reset();
	await rig.reset();
	await rig.bridge.waitIdle();
});

/** Both devices ring. */
async function ring() {
	const call = await rig.ua.invite(rig.bridge.uri);

	await Promise.all([rig.app, second].map((app) => app.waitIncoming()));
	return call;
}

/** The one in the call; the other one is in none. */
async function winner() {
	return until('one of them is connected, and the other has closed',
		async () => {
			const calls = await Promise.all([rig.app, second].map(async (app) =>
				(await app.state()).call));
			const on = calls.findIndex((one) => one?.state === 'connected');

			return on >= 0 && !calls[1 - on] && [rig.app, second][on];
		}, { timeout: 30000 });
}

/** It and the phone hear each other. */
async function assertHeard(app, call) {
	const { app: mine } = rig;

	await call.wait('200');
	rig.ua.rtp.play(1000, call.remoteRtp);
	rig.app = app;
	try {
		await rig.waitTones();
		await rig.phoneHangsUp(call);
	} finally {
		rig.app = mine;
	}
}

for (const name of ['first', 'second'])
	test(`the ${name} one accepts: the other stops ringing`, async () => {
		const call = await ring();
		const [app, other] = name === 'first' ? [rig.app, second]
			: [second, rig.app];

		await app.accept();
		await other.waitEvent('answered-elsewhere');
		await other.waitClosed();
		assert.equal(await winner(), app);
		await assertHeard(app, call);
	});

test('one rejects: the other stops ringing', async () => {
	const call = await ring();

	await second.reject();
	await rig.app.waitClosed();
	assert.ok((await call.wait('final')).code >= 480);
});

test('both accept in the same instant: one has the call', async () => {
	for (let i = 0; i < 4; i++) {
		const call = await ring();

		// one of them may be told off before it is done
		await Promise.allSettled([rig.app, second].map((app) =>
			app.accept()));
		await assertHeard(await winner(), call);
	}
});

for (const name of ['first', 'second'])
	test(`ICE and DTLS of the ${name} one are there long before its accept`,
		async () => {
			const [slow, quick] = name === 'first' ? [rig.app, second]
				: [second, rig.app];
			const call = await ring();

			await rig.sandbox.stanzaFault({ type: 'accept', from: 'alice',
				hold: true, times: 1 });
			await slow.accept();
			await until('its ICE has a pair', () => slow.page.evaluate(() =>
				window.phone.connection?.iceConnectionState === 'connected'));
			await quick.accept();
			await call.wait('200');
			assert.equal((await rig.sandbox.release()).released, 1);
			assert.equal(await winner(), quick);
			await slow.waitEvent('stop', { any: true });
			await assertHeard(quick, call);
		});
