// The cloud does not want the bridge, or is not who it should be: wrong password,
// refused logins, certificates, 429 and 500. The process lives, callers hear 503,
// and it comes back when it may.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { assertNoSecrets, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const SECRET = 'signing-secret-local';
const KEYS = {
	connectycube_auth_secret: SECRET,
	connectycube_retry_min: 1,
	connectycube_retry_max: 2,
};

let sandbox;
let ua;
let number = 0;
const bridges = [];
const secrets = [SECRET, 'not-the-password', 'late-pass', 'turn-pass-local'];

before(async () => {
	sandbox = await startTestSandbox({ authSecret: SECRET });
	ua = await openSipUa();
	secrets.push(sandbox.application.auth_key,
		...sandbox.users.map(({ password }) => password),
		...sandbox.accounts.map(({ password }) => password));
});

after(async () => {
	await Promise.all(bridges.map((bridge) => bridge.stop()));
	ua?.close();
	await sandbox?.stop();
});

afterEach(() => sandbox.reset());

async function startBridge({ keys = {}, login = 'ext1000', password }) {
	const bridge = await startRawBridge(sandbox, {
		name: `bridge-${++number}`,
		users: userLine(sandbox.sip, { login, password, more: ';call=101' }),
		keys: { ...KEYS, ...keys },
	});

	bridges.push(bridge);
	await bridge.waitRegistered();
	return bridge;
}

/** A phone calls: the status of the answer, and its Retry-After. */
async function callIs(bridge) {
	const call = await ua.invite(bridge.uri);
	const { code, header } = await call.wait('final');

	return { code, retry: header('Retry-After') };
}

async function assertRefused(bridge) {
	const { code, retry } = await callIs(bridge);

	assert.equal(code, 503);
	assert.match(retry ?? 'none', /^[1-9]\d*$/);
}

/** Calls get through to the cloud: the phone hears ringing. */
async function assertRings(bridge) {
	const call = await ua.invite(bridge.uri);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
	await bridge.waitIdle();
}

async function stop(bridge) {
	const sessions = await sandbox.sessions();

	assertNoSecrets(bridge.log(),
		[...secrets, ...sessions.map(({ token }) => token)], bridge.child.log);
	await bridge.stop();
	assertNoSecrets(bridge.log(), secrets, bridge.child.log);
}

test('a wrong password: refused, 503, and back once it is right', async () => {
	const user = { id: 301, login: 'late', full_name: 'Late' };

	await sandbox.addUsers([{ ...user, password: 'late-pass' }]);
	const bridge = await startBridge({ login: 'late',
		password: 'cube_password=not-the-password' });
	const { reason } = await bridge.waitCloud('refused');

	assert.match(reason, /401|unauthorized|password|login/i);
	await assertRefused(bridge);
	await bridge.assertAlive();

	await sandbox.addUsers([{ ...user, password: 'not-the-password' }]);
	await bridge.waitCloud('online');
	await assertRings(bridge);
	await stop(bridge);
});

test('the chat refuses the login: refused, 503, and back', async () => {
	await sandbox.refuseLogins({ user: 'ext1000', via: 'sasl' });
	const bridge = await startBridge({});
	const { reason } = await bridge.waitCloud('refused');

	assert.ok(reason, 'no reason given');
	await assertRefused(bridge);
	await sandbox.refuseLogins({ user: 'ext1000', via: 'sasl', refuse: false });
	await bridge.waitCloud('online');
	await assertRings(bridge);
	await stop(bridge);
});

test('a login refused later: refused, and back', async () => {
	const bridge = await startBridge({});

	await bridge.waitCloud('online');
	await sandbox.refuseLogins({ user: 'ext1000' });
	await sandbox.expire({ user: 'ext1000' });
	await sandbox.drop({ user: 'ext1000' });
	await bridge.waitCloud('refused');
	await assertRefused(bridge);
	await sandbox.refuseLogins({ user: 'ext1000', refuse: false });
	await bridge.waitCloud('online');
	await assertRings(bridge);
	await stop(bridge);
});

const chat = (url) => `${url.replace('https:', 'wss:')}/`;

for (const [what, key, pattern] of [
	['an unknown authority', 'unknown_ca_url', /certificate|issuer|self.signed/i],
	['another host', 'wrong_host_url', /certificate.*host|host.*mismatch/i],
]) {
	test(`REST with a certificate of ${what}: nothing is sent`, async () => {
		const since = await sandbox.mark('requests');
		const bridge = await startBridge({
			keys: { connectycube_api_url: sandbox[key] } });
		const { reason } = await bridge.waitCloud('refused');

		assert.match(reason, pattern);
		assert.match(bridge.log(), new RegExp(`connectycube: .*${pattern.source}`,
			pattern.flags));
		await assertRefused(bridge);
		assert.deepEqual(await sandbox.entries('requests', since), []);
		await stop(bridge);
	});

	test(`chat with a certificate of ${what}: nothing is sent`, async () => {
		const since = await sandbox.mark('events');
		const bridge = await startBridge({
			keys: { connectycube_chat_url: chat(sandbox[key]) } });
		const { reason } = await bridge.waitCloud('refused');

		assert.match(reason, pattern);
		await assertRefused(bridge);
		assert.deepEqual(await sandbox.entries('events', since), []);
		await stop(bridge);
	});
}

test('the same certificate is good once its authority is trusted',
	async () => {
		const bridge = await startBridge({ keys: {
			connectycube_api_url: sandbox.unknown_ca_url,
			connectycube_chat_url: chat(sandbox.unknown_ca_url),
			connectycube_ca_file: `${sandbox.dir}/stranger.pem`,
		} });

		await bridge.waitCloud('online');
		await assertRings(bridge);
		await stop(bridge);
	});

test('429 and 500: it waits as long as it is told, then tries again',
	async () => {
		const since = await sandbox.mark('requests');

		await sandbox.restFault({ path: '/session.json', status: 429,
			retry_after: 3, times: 1 });
		await sandbox.restFault({ path: '/session.json', status: 500, times: 1 });
		const bridge = await startBridge({});

		await assertRefused(bridge);
		await bridge.waitCloud('online', { timeout: 30000 });

		const posts = (await sandbox.entries('requests', since))
			.filter(({ path }) => path === '/session.json');

		assert.deepEqual(posts.map(({ status }) => status), [429, 500, 201]);
		assert.ok(posts[1].ms - posts[0].ms >= 2990,
			`${posts[1].ms - posts[0].ms} ms after 429`);
		assert.ok(posts[2].ms - posts[1].ms >= 2000,
			`${posts[2].ms - posts[1].ms} ms after 500`);
		await assertRings(bridge);
		await stop(bridge);
	});

/** Once, however often it is tried, and in one line. */
function assertWarned(bridge, pattern) {
	const lines = bridge.log().split('\n').filter((line) =>
		/ WARN .*connectycube: /.test(line) && /cloud:|cube:/.test(line));

	assert.equal(lines.length, 1, lines.join('\n'));
	assert.match(lines[0], pattern);
}

for (const [what, keys, pattern] of [
	['chat at a path where none is', () => ({
		connectycube_chat_url: `${sandbox.chat_url}nowhere` }),
	/cloud: offline \(localhost:\d+\/nowhere: HTTP status 404\)/],
	['no such host', () => ({
		connectycube_api_url: 'https://api.nowhere.invalid' }),
	/cloud: offline \(.*api\.nowhere\.invalid/],
	['a chat domain that the server has not', () => ({
		connectycube_chat_domain: 'other.invalid' }),
	/cloud: offline \(stream error: host-unknown\)/],
])
	test(`${what}: the log says so, once`, async () => {
		const bridge = await startBridge({ keys: keys() });

		await bridge.waitLog(/next attempt in [^]*next attempt in /);
		assertWarned(bridge, pattern);
		await stop(bridge);
	});

test('a cloud that refuses twice without a reason is used within 3 s',
	async () => {
		const since = await sandbox.mark('requests');

		await sandbox.restFault({ path: '/session.json', status: 401, times: 2 });
		const bridge = await startBridge({
			keys: { connectycube_retry_max: 60 } });

		await bridge.waitCloud('online');
		const posts = (await sandbox.entries('requests', since))
			.filter(({ path }) => path === '/session.json');

		assert.deepEqual(posts.map(({ status }) => status), [401, 401, 201]);
		assert.ok(posts[2].ms - posts[0].ms < 3500,
			`${posts[2].ms - posts[0].ms} ms`);
		await stop(bridge);
	});

test('nobody there: it goes on trying, ever slower', async () => {
	const bridge = await startBridge({
		keys: { connectycube_api_url: 'https://localhost:1' } });

	await bridge.waitLog(/next attempt in \d+ ms[^]*next attempt in \d+ ms/);
	await assertRefused(bridge);

	const delays = [...bridge.log().matchAll(/next attempt in (\d+) ms/g)]
		.map(([, ms]) => Number(ms));

	assert.ok(delays[0] >= 500 && delays[0] <= 1000, `first ${delays[0]} ms`);
	assert.ok(delays[1] >= 1000 && delays[1] <= 2000, `then ${delays[1]} ms`);
	assertWarned(bridge, /cloud: offline \(localhost:1: /);
	await stop(bridge);
});

test('the secret of a TURN server is neither logged nor shown',
	async () => {
		const bridge = await startBridge({ keys: {
			connectycube_ice_server:
				'turn:127.0.0.1:9;user=turner;pass=turn-pass-local',
		} });

		await bridge.waitCloud('online');
		await assertRings(bridge);
		for (const command of ['cube_status', 'cube_users'])
			assertNoSecrets(await bridge.command(command), secrets, command);
		await stop(bridge);
	});
