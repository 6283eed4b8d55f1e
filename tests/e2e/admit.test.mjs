// Which calls of apps are taken: who may call, how many at once and how often, and
// that what is known to lead nowhere is rejected at once. The app is a stanza.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const RATE = 6; // [calls a minute]

let sandbox;
let ua;
let bridge;

before(async () => {
	sandbox = await startTestSandbox();
	ua = await openSipUa();
	bridge = await startRawBridge(sandbox, {
		users: userLine(sandbox.sip, { more: ';call=101;callers=101,10?'
			+ `;dial="sip:5551234@127.0.0.1:${ua.port};line=7"` }),
		keys: { connectycube_caller_rate: RATE },
	});
	await bridge.waitCloud('online');
});

after(async () => {
	await bridge?.stop();
	ua?.close();
	await sandbox?.stop();
});

const app = (user, options) => fakeApp(sandbox, user, options);

/** What the app is told of a call that is not taken. */
async function rejected(session, since) {
	const { user_info: info } = await sandbox.waitSignal(
		{ type: 'reject', session }, { since });

	return info;
}

test('a user that `callers=` does not name: 403, no phone rings', async () => {
	const since = await sandbox.mark('signals');

	await app('301').call('not-named');
	assert.equal((await rejected('not-named', since)).sip_code, '403');
	assert.doesNotMatch(bridge.log(), /dialling/);
});

test('many calls of one user: two ring, others have room', async () => {
	const since = await sandbox.mark('signals');

	for (let i = 0; i < 5; i++) await app('101').call(`many-${i}`);
	for (let i = 2; i < 5; i++) {
		const { sip_code: code, busy, reason }
			= await rejected(`many-${i}`, since);

		assert.deepEqual({ code, busy }, { code: '486', busy: 'true' });
		assert.match(reason, /too many/i);
	}
	await app('102').call('another');
	const calls = [];

	for (let i = 0; i < 3; i++) calls.push(await ua.waitInvite());
	for (const { local } of calls)
		assert.match(local, /^<sip:5551234@[\d.]+:\d+;line=7[;>]/);
	for (const name of ['many-0', 'many-1', 'another'])
		await app(name === 'another' ? '102' : '101').hangUp(name);
	for (const call of calls) await call.wait('CANCEL');
	await bridge.waitIdle();
});

test('calls that follow each other too fast are rejected', async () => {
	const since = await sandbox.mark('signals');

	for (let i = 0; i < RATE; i++) {
		await app('103').call(`fast-${i}`);
		const call = await ua.waitInvite();

		await app('103').hangUp(`fast-${i}`);
		await call.wait('CANCEL');
	}
	await app('103').call('too-fast');
	const info = await rejected('too-fast', since);

	assert.equal(info.sip_code, '503');
	assert.match(info.reason, /too often/i);
	await bridge.waitIdle();
});

test('an id of forty digits is a caller like any other', async () => {
	const id = '1'.repeat(40);
	const since = await sandbox.mark('signals');

	await app(id).call('long-id');
	assert.equal((await rejected('long-id', since)).sip_code, '403');
});

test('a SIP server that cannot be reached: rejected at once, with the cause',
	async () => {
		const gone = await startRawBridge(
			Object.create(sandbox, { sip: { value: '127.0.0.1:1' } }), {
				name: 'gone', transport: 'tcp',
				users: userLine('127.0.0.1:1',
					{ user: '1010', login: 'ext1010', more: ';dial=1001' }),
				account: { user: '1010' },
			});

		try {
			await gone.waitCloud('online');
			await gone.waitLog(/1010@127\.0\.0\.1.*(refused|reset|timed out)/i);
			const since = await sandbox.mark('signals');
			const begin = Date.now();

			await app('101', { extension: '201' }).call('gone');
			const info = await rejected('gone', since);

			assert.ok(Date.now() - begin < 2000, `${Date.now() - begin} ms`);
			assert.equal(info.sip_code, '503');
			assert.equal(info.reason,
				'SIP server cannot be reached: no connection');
		} finally {
			await gone.stop();
		}
	});
