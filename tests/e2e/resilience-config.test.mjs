// Broken profiles: the log says what is wrong and where, in words that name the
// key, or the file and line, once; the process ends with status 78 (EX_CONFIG)
// before it has sent a REGISTER; and no secret is in the log.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { assertNoSecrets, runRawBridge, startRawBridge, userLine }
	from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const EX_CONFIG = 78;

let sandbox;
let ua;
let number = 0;
let secrets;
const bridges = [];

before(async () => {
	sandbox = await startTestSandbox();
	ua = await openSipUa();
	secrets = [sandbox.application.auth_key,
		...sandbox.users.map(({ password }) => password),
		...sandbox.accounts.map(({ password }) => password)];
});

after(async () => {
	await Promise.all(bridges.map((bridge) => bridge.stop()));
	ua?.close();
	await sandbox?.stop();
});

async function startBridge(options) {
	const bridge = await startRawBridge(sandbox,
		{ name: `bridge-${++number}`, ...options });

	bridges.push(bridge);
	return bridge;
}

async function stop(bridge) {
	assert.ok(bridge.child.running(), `ended; see ${bridge.child.log}`);
	await bridge.stop();
	assertNoSecrets(bridge.log(), secrets, bridge.child.log);
}

/** It ends and tells why, in one line; returns its log. */
async function assertEnds(options, ...patterns) {
	const proxy = createSocket('udp4');
	const received = [];

	proxy.on('message', (data) => received.push(String(data)));
	proxy.bind(0, '127.0.0.1');
	await once(proxy, 'listening');

	const { port } = proxy.address();
	const { code, log, file } = await runRawBridge(sandbox,
		{ name: `bridge-${++number}`, ...options,
			account: { proxy: `sip:127.0.0.1:${port}`, ...options.account } });

	try {
		assert.equal(code, EX_CONFIG, `status ${code}; see ${file}`);
		for (const pattern of patterns) {
			const lines = log.split('\n').filter((line) =>
				pattern.test(line));

			assert.equal(lines.length, 1,
				`${pattern}: ${lines.length} lines in ${file}`);
		}
		assert.match(log, /connectycube: not started: the process ends\n/);
		assertNoSecrets(log, secrets, file);

		// whatever it sent is before this in the queue
		proxy.send('the end', port, '127.0.0.1');
		while (!received.length) await once(proxy, 'message');
		assert.deepEqual(received, ['the end']);
		return log;
	} finally {
		proxy.close();
	}
}

const REQUIRED = ['connectycube_api_url', 'connectycube_chat_url',
	'connectycube_app_id', 'connectycube_auth_key'];

test('required keys are missing: all are named', () => assertEnds(
	{ keys: Object.fromEntries(REQUIRED.map((key) => [key, null])) },
	...REQUIRED.map((key) =>
		new RegExp(`connectycube: .*/config: ${key} is missing$`))));

// Every kind of mistake, with its line; what each key takes is a unit test's.
test('a config full of mistakes: each is named with its line, in one go',
	() => assertEnds({ keys: {
		connectycube_ping: '3601',
		connectycube_ring_tme: '5',
		connectycube_api_url: 'http://api.example.com',
		connectycube_chat_url: 'https://chat.example.com',
		connectycube_codec_policy: ['opus', 'relay'],
		connectycube_video_codecs: 'H264, VP8',
		connectycube_loopback: 'maybe',
		connectycube_ice_server: ['turn:127.0.0.1', 'stun:127.0.0.1:99999',
			...Array(9).fill('stun:127.0.0.1:9')],
		connectycube_ca_file: '/nowhere/ca.pem',
	} },
	/\/config:1: connectycube_ping: '3601' is not a number from 0 to 3600/,
	/\/config:2: unknown key connectycube_ring_tme: is connectycube_ring_time meant\?/,
	/\/config:3: connectycube_api_url: 'http:.*' sends passwords in the clear/,
	/\/config:4: connectycube_chat_url: .* begins with wss:/,
	/\/config:6: connectycube_codec_policy: stands in line 5 already/,
	/\/config:7: connectycube_video_codecs: more than one value/,
	/\/config:8: connectycube_loopback: 'maybe' is not yes or no/,
	/\/config:9: connectycube_ice_server: a TURN server wants ;user=/,
	/\/config:10: connectycube_ice_server: 'stun:127.0.0.1:99999' is not/,
	/\/config:19: connectycube_ice_server: more than 8/,
	/\/config:20: connectycube_ca_file: cannot read \/nowhere\/ca.pem: No such/));

test('a secret in a file that cannot be read', () => assertEnds({ keys: {
	connectycube_auth_key: null,
	connectycube_auth_key_file: '/nowhere/auth_key' } },
/\/config:\d+: connectycube_auth_key_file: cannot read \/nowhere\/auth_key: No such/));

test('a secret in an environment variable that is not set', () =>
	assertEnds({ keys: { connectycube_auth_key: null,
		connectycube_auth_key_env: 'NO_SUCH_VARIABLE' } },
	/connectycube_auth_key_env: environment variable NO_SUCH_VARIABLE is not set/));

test('a TURN server that is wrong: its password is not logged', async () => {
	const log = await assertEnds({ keys: {
		connectycube_ice_server: 'turn:h:99999;user=u;pass=PW-of-it' } },
	/connectycube_ice_server: 'turn:h:99999' is not a STUN or TURN URI/);

	assert.doesNotMatch(log, /PW-of-it/);
});

test('secrets in files and in the environment are read, and not logged; a '
	+ 'file that everybody can read is named', async () => {
	const file = `${sandbox.dir}/cube-password`;

	writeFileSync(file, 'ext1000-pass\n', { mode: 0o600 });
	const bridge = await startBridge({
		keys: { connectycube_auth_key: null,
			connectycube_auth_key_env: 'TEST_AUTH_KEY' },
		env: { TEST_AUTH_KEY: sandbox.application.auth_key },
		users: userLine(sandbox.sip,
			{ password: `cube_password_file=${file}` }),
		prepare(dir) {
			chmodSync(dir, 0o755);
			chmodSync(`${dir}/users`, 0o644);
		},
	});

	await bridge.waitCloud('online');
	assert.match(bridge.log(), /\/users: every user .* can read/);
	assert.doesNotMatch(bridge.log(), /\/config: every user .* can read/);
	assert.match(await bridge.command('cube_users'), /login=ext1000 /);
	assertNoSecrets(await bridge.command('cube_users'), secrets);
	await stop(bridge);
});

// The users file: one broken line must not take the others down.

const good = () => userLine(sandbox.sip, { more: ';call=101' });
const other = (options) => userLine(sandbox.sip, { user: '1001', ...options });

const lines = [
	['no address', () => 'Sales', /"Name" <sip:user@host>/],
	['no login', () => `<sip:1001@${sandbox.sip}>;cube_password=x`,
		/cube_login= is missing/],
	['no password', () => `<sip:1001@${sandbox.sip}>;cube_login=x`,
		/cube_password=.* is missing/],
	['a parameter that is unknown', () =>
		`<sip:1001@${sandbox.sip}>;cube_login=x;cube_pasword=hidden`,
	/unknown parameter ;cube_pasword: is cube_password meant/],
	['call= with a name', () => other({ more: ';call=alice' }),
		/call= wants user ids/],
	['call= with 17 ids', () => other({
		more: `;call=${Array(17).fill('101').join(',')}` }),
	/more than 16 user ids/],
	['a bad dial=', () => other({ more: ';dial=http://x' }),
		/dial= wants a SIP URI/],
	['a bad dialable=', () => other({ more: ';dialable=<1>' }),
		/dialable= wants patterns/],
	['no such account', () => userLine(sandbox.sip, { user: '4711' }),
		/no such account/],
	['the account again', () => good(), /has a line already, 2/],
	['a password file that cannot be read', () => other({
		password: 'cube_password_file=/nowhere/pass' }),
	/cannot read \/nowhere\/pass: No such file/],
	['Latin-1', () => Buffer.from(other({ more: ';department=caf\xe9' }),
		'latin1'), /is not UTF-8/],
];

test('users file: broken lines are named, the good one works', async () => {
	const text = Buffer.concat([['# a comment'], [good()],
		...lines.map(([, line]) => [line()])].map(([line]) =>
		Buffer.concat([Buffer.from(line), Buffer.from('\n')])));
	const bridge = await startBridge({ account: { params: ';regint=300;'
		+ 'reg_int=1;mediaenk=x' }, prepare(dir) {
		writeFileSync(`${dir}/users`, text);
	} });

	await bridge.waitCloud('online');
	for (const [i, [what, , pattern]] of lines.entries())
		assert.match(bridge.log().split('\n').filter((line) =>
			line.includes(`/users:${i + 3}: `)).join('\n'), pattern, what);

	assert.match(bridge.log(),
		/\/accounts:1: unknown parameter ;mediaenk: is mediaenc meant\?/);
	assert.match(bridge.log(),
		/\/accounts:1: unknown parameter ;reg_int: is regint meant\?/);
	assert.doesNotMatch(bridge.log(), /hidden/);

	const call = await ua.invite(bridge.uri);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
	await stop(bridge);
});

test('who lets everybody command the bridge is told so', () => assertEnds(
	{ keys: { cons_listen: '0.0.0.0:0',
		module_app: ['cons.so', 'connectycube.so', 'account.so'],
		connectycube_users: '/nowhere/users' } },
	/cons\.so listens on all addresses.*: cons_listen 127\.0\.0\.1:5555/));

for (const [what, options, pattern] of [
	['no users file', { keys: { connectycube_users: '/nowhere/users' } },
		/connectycube: \/nowhere\/users: cannot be read: No such file/],
	['none but comments', { users: '# nobody' },
		/connectycube: .*\/users: no usable line/],
	['a folder', { keys: { connectycube_users: '/' } },
		/connectycube: \/: cannot be read: Is a directory/],
	['another account', { users: () => userLine(sandbox.sip,
		{ user: '4711' }) }, /\/users:1: no such account .*sip:4711@/],
	['an account that would not be encrypted',
		{ account: { params: ';mediaenc=srpt' } },
		/\/accounts:1: mediaenc= is not srtp/],
	['an account whose encryption stands inside the brackets',
		{ prepare(dir) {
			const file = `${dir}/accounts`;

			writeFileSync(file, readFileSync(file, 'utf8')
				.replace('>', ';mediaenc=srtp-mand>'));
		} }, /\/accounts:1: ;mediaenc= stands inside the brackets/],
])
	test(`no usable line in users: ${what}`, () => assertEnds(
		{ ...options, users: options.users?.call?.() ?? options.users },
		pattern));
