// The sandbox itself, without a bridge: two app users with the real SDK log in,
// call each other and hear each other; and the chat's faults do what they say.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

let sandbox;
let browser;
let alice;
let bob;

before(async () => {
	sandbox = await startTestSandbox();
	browser = await launch();
	alice = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
		{ toneHz: 440 });
	bob = await browser.newUser(sandbox.page, 'bob', 'bob-pass-2',
		{ toneHz: 1000 });
});

after(async () => {
	await browser?.close();
	await sandbox?.stop();
});

afterEach(() => Promise.all([sandbox.reset(), alice.reset(), bob.reset()]));

function assertTone(heard, hz) {
	assert.ok(Math.abs(heard.hz - hz) < 5, `${JSON.stringify(heard)}: not ${hz}`);
	assert.ok(heard.rms > 0.2, `too quiet: ${JSON.stringify(heard)}`);
}

async function connect(caller, callee, options) {
	const id = await caller.call(callee.id, options);
	const incoming = await callee.waitIncoming();

	assert.equal(incoming.id, id);
	assert.equal(incoming.user, caller.id);
	await callee.accept();
	await Promise.all([caller.waitConnected(), callee.waitConnected()]);
	return incoming;
}

async function end(one, other) {
	await one.hangup();
	await Promise.all([one.waitClosed(), other.waitClosed()]);
}

test('two users call and hear each other', async () => {
	const incoming = await connect(alice, bob,
		{ userInfo: { name: 'Alice <&> "A"' } });

	assert.deepEqual(incoming.info, { name: 'Alice <&> "A"' });
	assertTone(await alice.hear(1000), 1000);
	assertTone(await bob.hear(1000), 440);
	assert.equal((await bob.audioStats()).codec, 'opus');
	await end(alice, bob);

	const types = (await sandbox.entries('signals')).map(({ type }) => type);

	assert.deepEqual([...new Set(types)],
		['call', 'accept', 'iceCandidates', 'hangUp']);
});

test('a forced codec carries the call', async () => {
	await alice.prepare({ codecs: { audio: ['PCMU'] } });
	await connect(bob, alice);
	assertTone(await bob.hear(1000), 440);
	assert.equal((await bob.audioStats()).codec, 'PCMU');
	assert.equal((await alice.audioStats()).codec, 'PCMU');
	await end(bob, alice);
});

test('a video call carries a picture and sound', async () => {
	await connect(alice, bob, { video: true });
	assertTone(await bob.hear(1000), 440);
	assert.ok((await bob.stats()).some(({ type, kind, framesDecoded }) =>
		type === 'inbound-rtp' && kind === 'video' && framesDecoded > 0));
	await end(bob, alice);
});

test('a rejected call tells the caller why', async () => {
	await alice.call(bob.id);
	await bob.waitIncoming();
	await bob.reject({ busy: 'true' });
	const { info } = await alice.waitEvent('reject');

	assert.deepEqual(info, { busy: 'true' });
	await Promise.all([alice.waitClosed(), bob.waitClosed()]);
});

test('a reject by REST reaches the caller', async () => {
	const id = await alice.call(bob.id);

	await bob.waitIncoming();
	const { token } = (await sandbox.sessions()).find((s) => s.user === bob.id);
	const answer = await fetch(new URL('/calls/reject.json', sandbox.page), {
		method: 'POST',
		headers: { 'CB-Token': token, 'Content-Type': 'application/json' },
		body: JSON.stringify({ sessionID: id, recipientId: alice.id,
			platform: 'web', userInfo: { reason: 'busy' } }),
	});

	assert.equal(answer.status, 200);
	const { info } = await alice.waitEvent('reject');

	assert.deepEqual(info, { reason: 'busy' });
	await alice.waitClosed();
	await bob.reject();
	await bob.waitClosed();
});

test('a dropped and a delayed signal', async () => {
	await sandbox.stanzaFault({ type: 'call', drop: true, times: 1 });
	await sandbox.stanzaFault({ type: 'accept', delay_ms: 500, times: 1 });
	const since = await sandbox.mark('signals');
	const id = await alice.call(bob.id);
	const first = await sandbox.waitSignal({ type: 'call', session: id },
		{ since });
	const repeat = await sandbox.waitSignal({ type: 'call', session: id },
		{ since: first.seq });

	assert.equal(first.fate, 'dropped');
	assert.equal(repeat.fate, 'sent');
	assert.ok(Math.abs(repeat.ms - first.ms - 5000) < 500);
	await bob.waitIncoming();
	await bob.accept();
	const accept = await sandbox.waitSignal({ type: 'accept' }, { since });
	const { ms } = await alice.waitEvent('accept');

	assert.equal(accept.fate, 'delayed');
	assert.ok(ms - accept.ms >= 490, `${ms - accept.ms} ms`);
	await Promise.all([alice.waitConnected(), bob.waitConnected()]);
	await end(alice, bob);
});

test('a wrong password and a refused login', async () => {
	const carol = await browser.newPage(sandbox.page, {});

	await assert.rejects(carol.login('carol', 'wrong'), /login refused: rest/);
	await sandbox.refuseLogins({ user: 'carol', via: 'sasl' });
	await assert.rejects(carol.login('carol', 'carol-pass-3'),
		/login refused: chat/);
	await sandbox.waitEntry('events', { event: 'refused',
		username: '103-5476' });
	await carol.close();
});

test('a dropped link: the SDK reconnects, the call goes on', async () => {
	await connect(alice, bob);
	await sandbox.refuseChat(2);
	await sandbox.drop({ user: 'alice' });
	await alice.waitOffline();
	assertTone(await alice.hear(500), 1000);
	await alice.waitOnline();
	await sandbox.waitOnline(alice.id);
	assert.equal((await alice.state()).call.state, 'connected');
	await end(alice, bob);
});

test('an injected stanza arrives', async () => {
	const message = `<message type="headline" from="200-5476@localhost"
		xmlns="jabber:client"><extraParams><moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
		<signalType>call</signalType><sessionID>made-up</sessionID>
		<callType>2</callType><callerID>200</callerID><sdp>v=0</sdp>
		</extraParams></message>`;

	await bob.forget();
	for (const form of [{ xml: message }, { raw: message }]) {
		assert.deepEqual(await sandbox.inject('bob', form), { sent: 1 });
		const { user } = await bob.waitIncoming();

		assert.equal(user, 200);
		await bob.reject();
		await bob.waitClosed();
	}
});

test('a frozen link swallows everything and nobody is told', async () => {
	const carol = await browser.newUser(sandbox.page, 'carol', 'carol-pass-3');

	await sandbox.waitOnline(carol.id);
	assert.deepEqual(await sandbox.drop({ user: 'carol', how: 'freeze' }),
		{ dropped: 1 });
	const id = await alice.call(carol.id);

	await sandbox.waitSignal({ type: 'call', session: id, fate: 'sent' });
	assert.equal((await carol.state()).chat, 'online');
	assert.equal((await carol.state()).call, null);
	assert.ok((await sandbox.online()).some(({ user }) => user === carol.id));
	await carol.close();
});
