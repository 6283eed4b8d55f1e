// "Who sees what", calls from SIP: what a caller (SIPp) and the apps are told
// from the first INVITE to the answer, and when nobody answers.
//
// Extension 1000 rings alice; 1010 rings alice and bob, for 5 s only.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openRtp } from './lib/rtp.mjs';
import { startSipp } from './lib/sipp.mjs';
import { APP_HZ, assertTone, startWorld } from './lib/world.mjs';

let world;
let sandbox;
let alice;
let bob;

before(async () => {
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', call: '101' }] },
			{ users: [{ user: '1010', login: 'ext1010', call: '101,102' }],
				keys: { connectycube_ring_time: 5,
					connectycube_reject_code: 603 } },
		],
		apps: ['alice', 'bob'],
	});
	({ sandbox, apps: { alice, bob } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/** A caller, and the mark to find the call's signals from. */
async function caller(scenario, extension, values = {}) {
	const since = await sandbox.mark('signals');
	const sipp = await startSipp(sandbox, scenario, { extension, values });

	return { sipp, since };
}

const hangUpTo = (user, session, since) => sandbox.waitSignal({
	type: 'hangUp', session, to: (to) => to.startsWith(`${user}-`) }, { since });

/** A signal as a device of a user would send it. */
function signal(from, to, type, session, sdp = '') {
	const escaped = sdp.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

	return `<message xmlns="jabber:client" type="headline" id="late-${type}"
		from="${from}-5476@localhost/late"><extraParams>
		<sessionID>${session}</sessionID><callType>2</callType>
		<callerID>${to}</callerID>
		<opponentsIDs><opponentID>${from}</opponentID></opponentsIDs>
		${sdp && `<sdp>${escaped}</sdp>`}
		<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
		<signalType>${type}</signalType><platform>web</platform>
		</extraParams></message>`;
}

test('180 comes after `call` is on the wire, 200 after `accept`', async () => {
	const { sipp, since } = await caller('uac-answered', '1000');
	const ringing = await sipp.wait('180');
	const call = await sandbox.waitSignal({ type: 'call' }, { since });

	assert.equal(sipp.received('200').length, 0);
	// sent before, but the cloud may need a moment to note it
	assert.ok(call.ms <= ringing.ms + 50, `${call.ms} ${ringing.ms}`);
	assert.match(call.to, /^101-5476@localhost$/);

	const { info } = await alice.waitIncoming();

	assert.equal(info.name, 'Maria Silva');
	assert.equal(info.number, '5551234');
	assert.match(info.uri, /^sip:5551234@127\.0\.0\.1/);

	await alice.accept();
	const answer = await sipp.wait('200');
	const accept = await sandbox.waitSignal({ type: 'accept' }, { since });

	assert.ok(accept.ms <= answer.ms + 1, `${accept.ms} ${answer.ms}`);
	assert.match(answer.text, /^m=audio [1-9]\d* RTP\/AVP /m);
	await alice.waitConnected();
	await alice.hangup();
	await sipp.wait('BYE');
	await sipp.done();
	assert.equal(sipp.received('180').length, 1);
});

test('a caller without a name is shown by the number', async () => {
	const { sipp } = await caller('uac-cancel', '1000',
		{ display: '', caller: '+5511987654321', wait: 200 });
	const { info } = await alice.waitIncoming();

	assert.equal(info.name, '+5511987654321');
	assert.equal(info.number, '+5511987654321');
	await sipp.done();
});

test('`call` is repeated every 5 s, the same but never changed', async () => {
	const { sipp, since } = await caller('uac-cancel', '1000',
		{ wait: 11000 });
	const incoming = await alice.waitIncoming();
	const calls = [];

	for (let after = since; calls.length < 3;) {
		const call = await sandbox.waitSignal({ type: 'call' },
			{ since: after, timeout: 8000 });

		calls.push(call);
		after = call.seq;
	}
	for (const [i, call] of calls.entries()) {
		assert.equal(call.session, incoming.id);
		assert.match(call.sdp, /^a=candidate:/m);
		assert.match(call.sdp, /^a=ice-options:.*trickle/m);
		assert.equal(call.user_info.number, '5551234');
		if (i) {
			const gap = call.ms - calls[i - 1].ms;

			assert.ok(Math.abs(gap - 5000) < 300, `${gap} ms`);
		}
	}
	const incomings = (await alice.events()).filter(({ name, id }) =>
		name === 'incoming' && id === incoming.id);

	assert.equal(incomings.length, 1);
	await sipp.done();
});

test('an app that comes online late is rung by a repetition', async () => {
	await sandbox.stanzaFault({ type: 'call', drop: true, times: 1 });
	const { sipp, since } = await caller('uac-answered', '1000');

	assert.equal((await sandbox.waitSignal({ type: 'call' }, { since })).fate,
		'dropped');
	await alice.waitIncoming();
	await alice.accept();
	await Promise.all([alice.waitConnected(), sipp.wait('200')]);
	await alice.hangup();
	await sipp.done();
});

test('two are rung, the first to accept wins, the other is told', async () => {
	const rtp = await openRtp();
	const { sipp, since } = await caller('uac-answered', '1010',
		{ rtp_port: rtp.port });
	const [{ id }] = await Promise.all([alice.waitIncoming(),
		bob.waitIncoming()]);

	await alice.accept();
	await sipp.wait('200');
	await bob.waitClosed();
	await bob.waitEvent('stop', { any: true, match: { id } });
	await hangUpTo(102, id, since);
	await alice.waitConnected();
	rtp.play(440, Number(/^m=audio (\d+)/m.exec(
		sipp.received('200')[0].text)[1]));
	assertTone(await alice.hear(500), 440);

	// bob's other device is late
	const { sdp } = await sandbox.waitSignal({ type: 'accept' }, { since });

	for (const type of ['accept', 'reject', 'hangUp'])
		assert.deepEqual(await sandbox.inject('ext1010', {
			xml: signal(102, 201, type, id, type === 'accept' ? sdp : '') }),
		{ sent: 1 });
	// and so is another one of alice's
	for (const type of ['accept', 'reject'])
		assert.deepEqual(await sandbox.inject('ext1010', {
			xml: signal(101, 201, type, id, type === 'accept' ? sdp : '') }),
		{ sent: 1 });

	const [atApp, atPhone] = await Promise.all([alice.hear(1500),
		rtp.hear(1500)]);

	rtp.close();
	assertTone(atApp, 440);
	assertTone(atPhone, APP_HZ);
	assert.equal(sipp.received('BYE').length, 0);
	assert.equal((await world.bridges[1].status()).calls.length, 1);
	await alice.hangup();
	await sipp.done();
	// who lost may be told, but not the device that won
	const told = (await sandbox.entries('signals', since)).filter((entry) =>
		entry.type === 'hangUp' && entry.to.startsWith('101-')
			&& !entry.to.endsWith('/late'));

	assert.equal(told.length, 0, 'alice was told to hang up');
});

test('one of two rejects, the other accepts', async () => {
	const { sipp } = await caller('uac-answered', '1010');

	await Promise.all([alice.waitIncoming(), bob.waitIncoming()]);
	await bob.reject();
	await bob.waitClosed();
	await alice.accept();
	await Promise.all([alice.waitConnected(), sipp.wait('200')]);
	await alice.hangup();
	await sipp.done();
});

test('busy: 486', async () => {
	const { sipp } = await caller('uac-rejected', '1000', { code: 486 });

	await alice.waitIncoming();
	await alice.reject({ busy: 'true' });
	await sipp.done();
});

test('in another call: the app says busy by itself, 486', async () => {
	const { sipp: first } = await caller('uac-answered', '1000');

	await alice.waitIncoming();
	await alice.accept();
	await Promise.all([alice.waitConnected(), first.wait('200')]);
	const { sipp: second } = await caller('uac-rejected', '1000',
		{ code: 486 });

	await second.done();
	assert.equal((await alice.state()).call.state, 'connected');
	await alice.hangup();
	await first.done();
});

test('rejected: 486', async () => {
	const { sipp } = await caller('uac-rejected', '1000', { code: 486 });

	await alice.waitIncoming();
	await alice.reject();
	await sipp.done();
});

test('two are rung and both reject, connectycube_reject_code 603: 603', async () => {
	const { sipp } = await caller('uac-rejected', '1010', { code: 603 });

	await Promise.all([alice.waitIncoming(), bob.waitIncoming()]);
	await bob.reject({ busy: 'true' });
	await bob.waitClosed();
	assert.equal(sipp.received('603').length + sipp.received('486').length, 0);
	await alice.reject();
	await sipp.done();
});

test('nobody answers: 480 after the ring time, hangUp to all', async () => {
	const { sipp, since } = await caller('uac-rejected', '1010',
		{ code: 480 });
	const [{ id }] = await Promise.all([alice.waitIncoming(),
		bob.waitIncoming()]);

	await sipp.done();
	const [ringing] = sipp.received('180');
	const [final] = sipp.received('480');

	assert.ok(Math.abs(final.ms - ringing.ms - 5000) < 500,
		`${final.ms - ringing.ms} ms`);
	await Promise.all([hangUpTo(101, id, since), hangUpTo(102, id, since),
		alice.waitClosed(), bob.waitClosed()]);
});

test('CANCEL: hangUp to all', async () => {
	const { sipp, since } = await caller('uac-cancel', '1010', { wait: 300 });
	const [{ id }] = await Promise.all([alice.waitIncoming(),
		bob.waitIncoming()]);

	await sipp.done();
	await Promise.all([hangUpTo(101, id, since), hangUpTo(102, id, since),
		alice.waitClosed(), bob.waitClosed()]);
});

test('BYE: hangUp', async () => {
	const { sipp, since } = await caller('uac-bye', '1000', { wait: 1500 });
	const { id } = await alice.waitIncoming();

	await alice.accept();
	await alice.waitConnected();
	await sipp.done();
	await hangUpTo(101, id, since);
	await alice.waitClosed();
	await until('the call is gone', async () =>
		(await world.bridge.status()).calls.length === 0);
});

test('hangUp just after `accept`', async () => {
	const { sipp } = await caller('uac-answered', '1000');

	await alice.waitIncoming();
	await alice.accept();
	await sipp.wait('200');
	await alice.hangup();
	await sipp.done();
	await world.bridge.waitIdle();
});
