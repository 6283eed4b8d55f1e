// "Who sees what", calls that cannot be: a caller (SIPp) is refused at once and
// hears no ringing. And 180 waits until `call` can be sent.
//
// Extension 1000 takes one call and gathers slowly; 1002 has no `call=`, 1003 no
// line in the users file; 1010 is a bridge of its own, whose cloud link fails.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';

import { startSipp } from './lib/sipp.mjs';
import { startWorld } from './lib/world.mjs';

const GATHER = 1000; // [ms]

let world;
let sandbox;
let alice;
let stun; // a STUN server that never answers

before(async () => {
	stun = createSocket('udp4');
	stun.bind(0, '127.0.0.1');
	await once(stun, 'listening');
	world = await startWorld({
		sandbox: { users: [{ id: 202, login: 'ext1002',
			password: 'ext1002-pass', full_name: 'Nobody' }] },
		bridges: [
			{
				users: [{ user: '1000', login: 'ext1000', call: '101' },
					{ user: '1002', login: 'ext1002', dial: '1001' }],
				accounts: ['1000', '1002', '1003'],
				keys: {
					connectycube_max_calls: 1,
					connectycube_ice_server:
						`stun:127.0.0.1:${stun.address().port}`,
					connectycube_ice_gather: GATHER,
				},
			},
			{ users: [{ user: '1010', login: 'ext1010', call: '101' }],
				keys: { connectycube_retry_max: 2 } },
		],
		apps: ['alice'],
	});
	({ sandbox, apps: { alice } } = world);
});

after(async () => {
	stun?.close();
	await world?.stop();
});
afterEach(async () => {
	await world.reset();
	await world.bridges[1].waitReady({ timeout: 30000 });
});

/** A call that is refused with a code; returns the answer. */
async function refused(extension, code, { server, ...values } = {}) {
	const sipp = await startSipp(sandbox, 'uac-refused', { extension, server,
		values: { code, ...values } });

	await sipp.done();
	return sipp.received(String(code))[0];
}

test('180 waits for `call`, and that for the candidates', async () => {
	const since = await sandbox.mark('signals');
	const sipp = await startSipp(sandbox, 'uac-cancel',
		{ extension: '1000', values: { wait: 100 } });
	const ringing = await sipp.wait('180');
	const call = await sandbox.waitSignal({ type: 'call' }, { since });
	const [invite] = sipp.messages();

	assert.equal(invite.what, 'INVITE');
	assert.ok(ringing.ms - invite.ms > GATHER * 0.8,
		`${ringing.ms - invite.ms} ms`);
	assert.ok(call.ms - ringing.ms < GATHER * 0.2,
		`${call.ms - ringing.ms} ms`);
	await sipp.done();
});

/** The last thing that the bridge tells of. */
async function assertTold(pattern) {
	assert.match(await world.bridge.command('cube_events', '1'), pattern);
}

test('an extension without `call=`: 404', async () => {
	await refused('1002', 404);
	await assertTold(/call\.refused .*:1002@.* call from sip:.* refused: 404 no call=/);
});

test('an account without a line in `users`: 404', async () => {
	await refused('1003', 404);
	await assertTold(/call\.refused .*:1003@.* call from sip:.* refused: 404 no usable line/);
});

test('more calls than connectycube_max_calls: 486', async () => {
	const first = await startSipp(sandbox, 'uac-answered',
		{ extension: '1000' });

	await alice.waitIncoming();
	await refused('1000', 486);
	await alice.accept();
	await Promise.all([first.wait('200'), alice.waitConnected()]);
	await refused('1000', 486);

	const status = await world.bridge.status();

	assert.equal(status.calls.length, 1);
	await alice.hangup();
	await first.done();
});

test('more calls than allowed, from the app: rejected as busy', async () => {
	const first = await startSipp(sandbox, 'uac-rejected',
		{ extension: '1000', values: { code: 486 } });

	await alice.waitIncoming();
	const bob = await world.addApp('bob');

	await bob.call(200);
	const { info } = await bob.waitEvent('reject');

	assert.equal(info.busy, 'true');
	await alice.reject();
	await first.done();
});

test('no codec in common: 488', async () => {
	const since = await sandbox.mark('signals');

	await refused('1000', 488, { codecs: '3', maps: 'a=rtpmap:3 GSM/8000' });
	assert.deepEqual(await sandbox.entries('signals', since), []);
	await assertTold(/call\.refused .*:1000@.* refused: 488 no audio codec/);
});

/** Refused with 503. A proxy makes that 500, so the bridge itself is called. */
async function unavailable(bridge) {
	const answer = await refused('1010', 503, { server: bridge.sip });

	assert.match(answer.header('Retry-After') ?? '', /^[1-9]\d*$/);
	await refused('1010', 500);
}

test('the cloud link is down: 503 with Retry-After', async () => {
	const [, bridge] = world.bridges;

	await sandbox.refuseChat(60);
	await sandbox.drop({ user: 'ext1010' });
	await bridge.waitStatus('the bridge is offline', ({ cloud }) =>
		!/online/i.test(cloud));
	await unavailable(bridge);
});

test('the login is refused: 503 with Retry-After', async () => {
	const [, bridge] = world.bridges;

	await sandbox.refuseLogins({ user: 'ext1010' });
	await sandbox.expire({ user: 'ext1010' });
	await sandbox.drop({ user: 'ext1010' });
	await bridge.waitStatus('the bridge is refused', ({ cloud }) =>
		/refused/i.test(cloud));
	await unavailable(bridge);
});
