// Several users are rung by one call: all at once, or one group after another.
// Whoever is not in the call is told why it stops ringing.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRig } from './lib/rig.mjs';
import { rough } from './lib/sipnet.mjs';

let rig;
let sandbox;
let line; // of the users file, as it was

before(async () => {
	rig = await startRig({ bridge: { keys: { connectycube_rejoin: 60 } } });
	({ sandbox } = rig);
	line = rig.bridge.users();
});

after(() => rig?.stop());
afterEach(async () => {
	rig.ua.network = () => null;
	await rig.reset();
	await rig.bridge.waitIdle();
});

/** The users file with another plan. */
async function plan(call) {
	await rig.bridge.reload(line.replace('call=101', `call=${call}`));
	return sandbox.mark('signals');
}

const [one, two] = ['104', '105'].map((user) => () => fakeApp(sandbox, user));

/** When the bridge said something last [ms]. */
const saidAt = (pattern) => Date.parse(rig.bridge.log().split('\n')
	.findLast((text) => pattern.test(text)).split(' ')[0]);

test('one after another: each is told, the last one answers', async () => {
	const since = await plan('104:1,105+101:30');
	const call = await rig.ua.invite(rig.bridge.uri);
	const first = await one().waitCall({ since });
	const stop = await one().waitSignal('hangUp', { since });
	const second = await two().waitCall({ since });

	assert.deepEqual(stop.user_info, { reason: 'no_answer' });
	const rang = saidAt(/call \d+: group 1 does not answer/)
		- saidAt(/call \d+: .* call from /);

	// by the bridge's own clock: a busy machine is late, and never early
	assert.ok(rang > 950 && rang < 8000, `${rang} ms`);
	assert.ok(second.seq > stop.seq);
	assert.notEqual(second.session, first.session);
	await rig.app.waitIncoming();

	// it answers when it is too late: that device alone is told so
	await one().accept(first.session);
	const late = await one().waitSignal('hangUp', { since: stop.seq });

	assert.equal(late.to, one().jid);
	await rig.app.accept();
	await call.wait('200');
	rig.play(call);
	const other = await two().waitSignal('hangUp', { since });

	assert.deepEqual(other.user_info, { reason: 'answered_elsewhere' });
	await rig.waitTones();
	assert.equal(call.messages.filter(({ code }) => code === 180).length, 1);
	await rig.phoneHangsUp(call);
});

test('a group says no: the next one rings; the phone gives up', async () => {
	const since = await plan('104+105:30,101:30');
	rig.ua.network = rough(['twice', 'lost', 'late']);
	const call = await rig.ua.invite(rig.bridge.uri);
	const { session } = await one().waitCall({ since });

	await one().reject(session);
	await two().reject(session, { busy: 'true' });
	await rig.app.waitIncoming();
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
	await rig.app.waitClosed();
	const { seq, user_info: info } = await sandbox.waitSignal(
		{ type: 'hangUp', to: (to) => to.startsWith('101-') }, { since });

	assert.deepEqual(info, { reason: 'cancelled' });
	await rig.bridge.waitIdle();
	assert.equal((await sandbox.entries('signals', seq)).filter(({ type }) =>
		type === 'call' || type === 'hangUp').length, 0);
});

test('nobody answers: busy if all are, else no answer', async () => {
	let since = await plan('104:30,105:30');
	let call = await rig.ua.invite(rig.bridge.uri);

	for (const app of [one(), two()]) {
		const { session } = await app.waitCall({ since });

		await app.reject(session, { busy: 'true' });
	}
	assert.equal((await call.wait('final')).code, 486);

	since = await plan('104:1,105:30');
	call = await rig.ua.invite(rig.bridge.uri);
	const { session } = await two().waitCall({ since });

	await two().reject(session, { busy: 'true' });
	assert.equal((await call.wait('final')).code, 480);
});

/** The page is loaded anew in a call, whose phone is kept. */
async function reload() {
	const since = rig.bridge.log().length;

	await rig.app.page.reload();
	await rig.bridge.waitLog(/the app has gone/, { since });
}

test('the page is loaded anew in a call: the app calls again, and is back',
	async () => {
		await plan('101');
		const call = await rig.phoneCallsApp();
		const [{ id }] = (await rig.bridge.status()).calls;

		await rig.waitTones();
		await reload();
		await rig.app.login('alice', 'alice-pass-1');
		await rig.app.forget();
		await rig.app.call(200);
		await rig.app.waitConnected();
		await rig.waitTones('again');
		assert.deepEqual((await rig.bridge.status()).calls.map((now) => now.id),
			[id]);

		// its hangUp comes late, behind the end of the session
		const since = await sandbox.mark('signals');

		await reload();
		const { session } = await sandbox.waitSignal({ type: 'hangUp',
			to: (to) => to.startsWith('101-') }, { since });

		await fakeApp(sandbox, '101').signal('hangUp', session);
		await call.wait('BYE');
		rig.ua.rtp.hush();
		await rig.bridge.waitIdle();
		await rig.app.login('alice', 'alice-pass-1');
	});
