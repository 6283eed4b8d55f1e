// Broken profiles: the log says what is wrong and where, in words that name the
// key or the file and line, the process lives, and no secret is in the log.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { assertNoSecrets, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

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

/** The bridge is not started; why stands in the log. */
async function assertComplains(keys, pattern) {
	const bridge = await startBridge({ keys });

	await bridge.waitLog(pattern, { timeout: 5000 });
	await bridge.waitLog(/connectycube: not started/, { timeout: 5000 });
	await assert.rejects(bridge.command('cube_status'), /command not found/i);
	await stop(bridge);
}

const REQUIRED = ['connectycube_api_url', 'connectycube_chat_url',
	'connectycube_app_id', 'connectycube_auth_key'];

for (const key of REQUIRED) {
	test(`${key} is missing`, () => assertComplains({ [key]: null },
		new RegExp(`connectycube: config: ${key} is missing`)));
}

for (const [key, value, want] of [
	['connectycube_ping', '3601', 'a number from 0 to 3600'],
	['connectycube_ping', '-1', 'a number from 0 to 3600'],
	['connectycube_retry_min', '0', 'a number from 1 to 60'],
	['connectycube_retry_max', '1m', 'a number from 1 to 3600'],
	['connectycube_ring_time', '4', 'a number from 5 to 600'],
	['connectycube_max_calls', '99999999999', 'a number from 0 to 1000'],
	['connectycube_latch_time', 'soon', 'a number from 0 to 60'],
	['connectycube_ice_gather', '99', 'a number from 100 to 10000'],
	['connectycube_ice_ports', '20000', 'MIN-MAX'],
	['connectycube_ice_ports', '2000-1999', 'a range within 1024-65535'],
	['connectycube_ice_bind', 'eth0', 'an IP address'],
	['connectycube_ice_server', 'http://stun.example.com', 'a STUN or TURN URI'],
	['connectycube_loopback', 'maybe', 'yes or no'],
	['connectycube_relay_only', '1', 'yes or no'],
	['connectycube_chat_password', 'secret', 'user or token'],
	['connectycube_codec_policy', 'best', 'opus or relay'],
	['connectycube_opus_complexity', '11', 'a number from 0 to 10'],
	['connectycube_video', 'on', 'yes or no'],
	['connectycube_video_offer', 'never', 'phone or always'],
	['connectycube_video_codecs', 'H264,AV1', 'H264, VP8 or VP9'],
	['connectycube_video_codecs', 'H264, VP8', 'a list of codecs without blanks'],
	['connectycube_video_codecs', ',', 'a list of codecs without blanks'],
	['connectycube_video_bitrate', '2M', 'a number from 64 to 20000'],
	['connectycube_video_transcode', 'auto', 'yes or no'],
	['connectycube_video_size', '720p', 'WIDTHxHEIGHT, each 64-4096'],
	['connectycube_video_size', '1280x720x2', 'WIDTHxHEIGHT, each 64-4096'],
	['connectycube_video_size', '1280x', 'WIDTHxHEIGHT, each 64-4096'],
	['connectycube_video_size', '4294968576x720', 'WIDTHxHEIGHT, each 64-4096'],
	['connectycube_video_fps', '61', 'a number from 5 to 60'],
	['connectycube_video_freeze', 'maybe', 'yes or no'],
]) {
	test(`${key} ${value}`, () => assertComplains({ [key]: value },
		new RegExp(`connectycube: config: ${key}: '.*' is not ${want}`)));
}

test('a secret in a file that cannot be read', () => assertComplains(
	{ connectycube_auth_key: null,
		connectycube_auth_key_file: '/nowhere/auth_key' },
	/connectycube: connectycube_auth_key: cannot read \/nowhere\/auth_key: No such file/));

test('a secret in an environment variable that is not set', () =>
	assertComplains({ connectycube_auth_key: null,
		connectycube_auth_key_env: 'NO_SUCH_VARIABLE' },
	/connectycube: connectycube_auth_key: environment variable NO_SUCH_VARIABLE is not set/));

test('a TURN server that is wrong: its password is not logged', () =>
	assertComplains({ connectycube_ice_server: 'turn:h:99999;user=u;pass=PW' },
		/connectycube_ice_server: 'turn:h:99999' is not a STUN or TURN URI/));

test('more than eight ICE servers', () => assertComplains(
	{ connectycube_ice_server: Array(9).fill('stun:127.0.0.1:9') },
	/connectycube: config: more than 8 connectycube_ice_server/));

test('secrets in files and in the environment are read, and not logged',
	async () => {
		const file = `${sandbox.dir}/cube-password`;

		writeFileSync(file, 'ext1000-pass\n', { mode: 0o600 });
		const bridge = await startBridge({
			keys: { connectycube_auth_key: null,
				connectycube_auth_key_env: 'TEST_AUTH_KEY' },
			env: { TEST_AUTH_KEY: sandbox.application.auth_key },
			users: userLine(sandbox.sip,
				{ password: `cube_password_file=${file}` }),
		});

		await bridge.waitCloud('online');
		assert.match(await bridge.command('cube_users'), /login=ext1000 /);
		assertNoSecrets(await bridge.command('cube_users'), secrets);
		await stop(bridge);
	});

// The users file: one broken line must not take the others down.

const good = () => userLine(sandbox.sip, { more: ';call=101' });

for (const [what, line, pattern] of [
	['no address', 'Sales', /"Name" <sip:user@host>/],
	['no login', () => `<sip:1001@${sandbox.sip}>;cube_password=x`,
		/cube_login= is missing/],
	['no password', () => `<sip:1001@${sandbox.sip}>;cube_login=x`,
		/cube_password=.* is missing/],
	['call= with a name', () => userLine(sandbox.sip,
		{ user: '1001', more: ';call=alice' }), /call= wants user ids/],
	['call= with 17 ids', () => userLine(sandbox.sip, { user: '1001',
		more: `;call=${Array(17).fill('101').join(',')}` }),
	/more than 16 user ids/],
	['a bad dial=', () => userLine(sandbox.sip,
		{ user: '1001', more: ';dial=http://x' }), /dial= wants a SIP URI/],
	['a bad dialable=', () => userLine(sandbox.sip,
		{ user: '1001', more: ';dialable=<1>' }), /dialable= wants patterns/],
	['no such account', () => userLine(sandbox.sip, { user: '4711' }),
		/no such account/],
	['the account again', () => good(), /has a line already/],
	['a password file that cannot be read', () => userLine(sandbox.sip,
		{ user: '1001', password: 'cube_password_file=/nowhere/pass' }),
	/cannot read \/nowhere\/pass: No such file/],
]) {
	test(`users file: ${what}`, async () => {
		const bridge = await startBridge({ users: ['# a comment', good(),
			typeof line === 'function' ? line() : line] });

		// in the message itself, or in one about that line
		await bridge.waitLog(pattern, { timeout: 5000 });
		await bridge.waitLog(/connectycube: .*\/users:3: /, { timeout: 5000 });
		await bridge.waitCloud('online');
		const call = await ua.invite(bridge.uri);

		await call.wait('180');
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
		await stop(bridge);
	});
}

test('no users file, and one without a usable line: all calls are refused',
	async () => {
		for (const [options, pattern] of [
			[{ keys: { connectycube_users: '/nowhere/users' } },
				/connectycube: cannot read \/nowhere\/users: No such file/],
			[{ users: '# nobody' }, /connectycube: .*\/users: no usable extension/],
		]) {
			const bridge = await startBridge(options);

			await bridge.waitLog(pattern, { timeout: 5000 });
			assert.match(await bridge.command('cube_status'), /no extension/);
			const call = await ua.invite(bridge.uri);

			assert.equal((await call.wait('final')).code, 404);
			await stop(bridge);
		}
	});
