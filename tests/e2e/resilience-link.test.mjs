// The chat link is lost, frozen or refused: the bridge comes back by itself, a
// call's media does not notice, and what had to be signalled is signalled.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startRig } from './lib/rig.mjs';
import { now } from './lib/sipua.mjs';

const PING = 2; // [s]
const PING_TIMEOUT = 10; // [s] for an answer to a ping, cube/xmpp.h
const SOON = 5000; // [ms] on a busy machine, too

let rig;

before(async () => {
	rig = await startRig({
		bridge: {
			keys: {
				connectycube_chat_password: 'token',
				connectycube_ping: PING,
				connectycube_retry_min: 1,
				connectycube_retry_max: 2,
			},
		},
	});
});

after(() => rig?.stop());
afterEach(() => rig.reset());

/** Wait until the bridge has a chat session that began after `since`. */
async function backOnline(since, timeout) {
	await rig.sandbox.waitEntry('events', { event: 'online',
		jid: (jid) => jid?.startsWith(`${rig.id}-`) }, { since, timeout });
	await rig.sandbox.waitOnline(rig.id);
	await rig.bridge.waitCloud('online');
}

/** The signal that tells alice that a call is over. */
function hangUpSignal(since) {
	return rig.sandbox.waitSignal({ type: 'hangUp', fate: 'sent',
		from: (jid) => jid.startsWith(`${rig.id}-`) }, { since });
}

test('lost while idle: back by itself, calls work both ways', async () => {
	const since = await rig.sandbox.mark('events');

	assert.deepEqual(await rig.sandbox.drop({ user: rig.id }), { dropped: 1 });
	await backOnline(since);
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.phoneHangsUp();
	await rig.appCallsPhone();
	await rig.waitTones();
	await rig.appHangsUp();
});

test('lost during a call: the media goes on, the end is signalled', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones('before');
	const since = await rig.sandbox.mark('events');

	await rig.sandbox.refuseChat(4);
	await rig.sandbox.drop({ user: rig.id });
	await rig.bridge.waitStatus('the cloud is not online', ({ cloud }) =>
		cloud !== 'online');
	const { app } = await rig.assertTones('during', 2000);

	assert.ok(app.longestSilenceMs <= 100,
		`silent for ${app.longestSilenceMs} ms`);
	assert.notEqual((await rig.bridge.status()).cloud, 'online');
	await backOnline(since);
	await rig.assertTones('after');

	const [{ state }] = (await rig.bridge.status()).calls;
	const mark = await rig.sandbox.mark('signals');

	assert.equal(state, 'ESTABLISHED');
	await rig.phoneHangsUp();
	await hangUpSignal(mark);
});

test('hung up while the link is down: signalled once it is back', async () => {
	await rig.appCallsPhone();
	const events = await rig.sandbox.mark('events');
	const signals = await rig.sandbox.mark('signals');

	await rig.sandbox.refuseChat(3);
	await rig.sandbox.drop({ user: rig.id });
	await rig.bridge.waitStatus('the cloud is not online', ({ cloud }) =>
		cloud !== 'online');
	await rig.call.bye();
	rig.ua.rtp.hush();
	await rig.bridge.waitIdle();
	assert.deepEqual((await rig.sandbox.entries('signals', signals))
		.filter(({ type }) => type === 'hangUp'), []);
	await hangUpSignal(signals);
	await rig.app.waitClosed();
	await backOnline(events);
});

/** The app hangs up, which only DTLS can tell: the phone gets BYE at once, and
 * not when the path has been lost for 30 s. */
async function assertHungUp(t) {
	const begin = now();

	await rig.app.hangup();
	const took = Math.round((await rig.call.wait('BYE', SOON)).ms - begin);

	t.diagnostic(`BYE ${took} ms after the app has hung up`);
	assert.ok(took < SOON, `${took} ms`);
	rig.ua.rtp.hush();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
}

for (const way of ['phoneCallsApp', 'appCallsPhone'])
	test(`the app hangs up while the link is down: BYE at once (${way})`,
		async (t) => {
			await rig[way]();
			await rig.waitTones();
			const since = await rig.sandbox.mark('events');

			await rig.sandbox.refuseChat(3);
			await rig.sandbox.drop({ user: rig.id });
			await rig.bridge.waitStatus('the cloud is not online',
				({ cloud }) => cloud !== 'online');
			await assertHungUp(t);
			await backOnline(since);
		});

test('a call while the link is down is refused with 503', async () => {
	const since = await rig.sandbox.mark('events');

	await rig.sandbox.refuseChat(3);
	await rig.sandbox.drop({ user: rig.id });
	await rig.bridge.waitStatus('the cloud is not online', ({ cloud }) =>
		cloud !== 'online');
	const call = await rig.ua.invite(rig.bridge.uri);
	const answer = await call.wait('final');

	assert.equal(answer.code, 503);
	assert.match(answer.header('Retry-After') ?? 'none', /^[1-9]\d*$/);
	await backOnline(since);
});

test('frozen: a hang-up is BYE at once; noticed by ping in time, then back',
	async (t) => {
		await rig.phoneCallsApp();
		await rig.waitTones();
		const since = await rig.sandbox.mark('events');
		const begin = Date.now();

		assert.deepEqual(await rig.sandbox.drop({ user: rig.id, how: 'freeze' }),
			{ dropped: 1 });
		await assertHungUp(t);
		await backOnline(since, (PING + PING_TIMEOUT + 5) * 1000);

		const seconds = (Date.now() - begin) / 1000;

		assert.ok(seconds < PING + PING_TIMEOUT + 3, `took ${seconds} s`);
		await rig.appCallsPhone();
		await rig.waitTones();
		await rig.phoneHangsUp();
	});

test('frozen during a call: the media goes on', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones('before');
	const since = await rig.sandbox.mark('events');

	await rig.sandbox.drop({ user: rig.id, how: 'freeze' });
	await rig.assertTones('frozen');
	await backOnline(since, (PING + PING_TIMEOUT + 5) * 1000);
	await rig.assertTones('after');
	await rig.phoneHangsUp();
});

test('an expired token: a new session is made', async () => {
	const events = await rig.sandbox.mark('events');
	const requests = await rig.sandbox.mark('requests');

	assert.deepEqual(await rig.sandbox.expire({ user: rig.id }).then(
		({ expired }) => expired > 0), true);
	await rig.sandbox.drop({ user: rig.id });
	await rig.sandbox.waitEntry('requests', { method: 'POST',
		path: '/session.json' }, { since: requests });
	await backOnline(events);
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.appHangsUp();
});

test('the link is never lost for good, and nothing secret is logged',
	async () => {
		for (let i = 0; i < 3; i++) {
			const since = await rig.sandbox.mark('events');

			await rig.sandbox.drop({ user: rig.id });
			await backOnline(since);
		}
		await rig.assertNoSecrets();
	});
