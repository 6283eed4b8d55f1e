// Transfers: the phone, the PBX or the app has a party of a call replaced by
// another one. Who stays hears the new one without a gap, the call keeps its
// number, and what fails leaves the old call as it was.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_HZ, assertTone, startRig } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const DESK_HZ = 600; // whom calls are transferred to

let rig;
let desk;

before(async () => {
	rig = await startRig();
	desk = await openSipUa({ user: '2000', formats: '0 8' });
});

after(async () => {
	desk?.close();
	await rig?.stop();
});

afterEach(async () => {
	desk.rtp.hush();
	desk.forget();
	await rig.reset();
});

const deskUri = () => `sip:2000@127.0.0.1:${desk.port}`;

/** What a phone was told of the transfer that it has ordered. */
const told = (call) => call.messages.filter(({ method }) => method === 'NOTIFY')
	.map(({ body, header }) => `${/^SIP\/2\.0 (\d+)/.exec(body)?.[1]} `
		+ header('Subscription-State').split(';')[0]);

const waitTold = (call, wanted) => until(`NOTIFY ${wanted}`, () =>
	told(call).includes(wanted));

const refer = (call, to, extra = []) => call.ask('REFER',
	{ extra: [`Refer-To: ${to}`, ...extra] });

/** The app hears a tone, after some seconds at most. */
async function assertHears(app, hz, when) {
	const end = Date.now() + 15000;

	for (;;) {
		const heard = await app.hear(400);

		try {
			return assertTone(heard, hz, when);
		} catch (error) {
			if (Date.now() > end) throw error;
		}
	}
}

const callId = async () => (await rig.bridge.status()).calls
	.map(({ id }) => id);

test('blind, by the phone: 202, progress, the app hears the new phone',
	async () => {
		const call = await rig.appCallsPhone();

		await rig.waitTones();
		const before = await callId();
		const { code } = await refer(call, `<${deskUri()};x=y>`,
			['Referred-By: "Desk" <sip:5551234@pbx.example>;cid=1']);
		const invite = await desk.waitInvite();

		assert.equal(code, 202);
		assert.equal(invite.messages[0].header('Referred-By'),
			'<sip:5551234@pbx.example>');
		await waitTold(call, '100 active');
		invite.ring();
		await waitTold(call, '180 active');
		// until then who leaves is heard
		await rig.assertTones('while it rings');
		invite.answer();
		await invite.wait('ACK');
		desk.rtp.play(DESK_HZ, invite.remoteRtp);
		await waitTold(call, '200 terminated');
		await call.wait('BYE');
		rig.ua.rtp.hush();
		await assertHears(rig.app, DESK_HZ, 'the app');
		assertTone(await desk.rtp.hear(400), APP_HZ, 'the new phone');
		assert.deepEqual(await callId(), before);
		await invite.bye();
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

test('blind, to somebody who refuses: the old call goes on', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	assert.equal((await refer(call, `<${deskUri()}>`)).code, 202);
	const invite = await desk.waitInvite();

	// one at a time
	const second = await refer(call, `<${deskUri()}>`);

	assert.equal(second.code, 202);
	await waitTold(call, '491 terminated');
	invite.reject(486, 'Busy Here');
	await waitTold(call, '486 terminated');
	await rig.assertTones('afterwards');
	for (const [to, code] of [['<http://example>', 416], ['<sip:>', 400],
		['<sip:1@127.0.0.1;method=BYE>', 416]])
		assert.equal((await refer(call, to)).code, code, to);
	await rig.phoneHangsUp();
});

test('blind, by a phone that hangs up at once and wants no NOTIFY', async () => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	const answer = await refer(call, deskUri(), ['Refer-Sub: false']);

	assert.equal(answer.code, 202);
	assert.equal(answer.header('Refer-Sub'), 'false');
	rig.ua.rtp.hush();
	await call.bye();
	const invite = await desk.waitInvite();

	invite.ring();
	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	await assertHears(rig.app, DESK_HZ, 'the app');
	assert.deepEqual(told(call), []);
	await rig.app.hangup();
	await invite.wait('BYE');
	await rig.bridge.waitIdle();
});

test('blind, by a phone that has gone, to somebody who refuses: it ends',
	async () => {
		const call = await rig.appCallsPhone();

		await refer(call, deskUri());
		await call.bye();
		const invite = await desk.waitInvite();

		invite.reject(404, 'Not Found');
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});
