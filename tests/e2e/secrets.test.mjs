// No secret is anywhere that somebody reads: each has a word of its own, and all that
// was written while calls were made, and while they failed, is searched for the words.
// The log says all that it can (level trace, -v, -s).

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { openAmi } from './lib/ami.mjs';
import { openHomer } from './lib/homer.mjs';
import { ask } from './lib/http.mjs';
import { record, startHub } from './lib/hub.mjs';
import { EVENTS, update } from './lib/keys.mjs';
import { freePort } from './lib/ports.mjs';
import { BARESIP, assertNoSecrets, runRawBridge, startRawBridge, startRig,
	userLine } from './lib/rig.mjs';
import { SUITE, newKey } from './lib/srtp.mjs';

const word = (what) => `${what}-${randomBytes(6).toString('hex')}`;
const KEYS = '9182736450#*';

// of the configuration, and of what comes by the network
const marks = {
	turn: word('turn'), hep: word('hep'), text: word('text'), pin: word('pin'),
	uri: word('uri'), header: word('header'),
	webhook: word('webhook'), url: word('url'), postgres: word('postgres'),
	s3: word('s3'), ami: word('ami'),
};
const proofs = []; // digests, keys of SRTP
const phoneKey = newKey();

let ami;
let homer;
let hub;
let rig;
let sandbox;
let door;

before(async () => {
	const nobody = await freePort();

	door = { port: await freePort() };
	homer = await openHomer();
	ami = await openAmi({ user: 'bridge', secret: marks.ami });
	hub = await startHub({
		connectycube_hub_http: `127.0.0.1:${door.port}`,
		connectycube_hub_webhook: `http://user:${marks.url}@127.0.0.1:${nobody}/`
			+ `${marks.url}?key=${marks.url}`,
		connectycube_hub_webhook_plain: 'yes',
		connectycube_hub_webhook_secret: marks.webhook,
		connectycube_hub_postgres: `postgresql://u:${marks.postgres}@127.0.0.1:`
			+ `${nobody}/calls`,
		connectycube_hub_s3_url: `https://127.0.0.1:${nobody}`,
		connectycube_hub_s3_bucket: 'calls',
		connectycube_hub_s3_key: 'AKIA', connectycube_hub_s3_secret: marks.s3,
	}, { options: ['-v', '-s'] });
	rig = await startRig({ ua: EVENTS, bridge: (parts) => {
		({ sandbox } = parts);
		return {
			argv: [BARESIP, '-v', '-s'],
			account: { params: ';regint=300;mediaenc=srtp' },
			users: userLine(sandbox.sip, { more: ';call=101,102'
				+ `;dial=sip:5551234@127.0.0.1:${parts.ua.port}` }),
			keys: {
				module_app: ['connectycube.so', 'connectycube_link.so',
					'connectycube_record.so', 'connectycube_hep.so',
					'connectycube_ami.so', 'account.so', 'ctrl_tcp.so'],
				connectycube_ami_server: `127.0.0.1:${ami.port}`,
				connectycube_ami_user: 'bridge',
				connectycube_ami_secret: marks.ami,
				connectycube_log: 'files', connectycube_log_level: 'trace',
				connectycube_flight_dir: `${sandbox.dir}/flight`,
				connectycube_link_socket: hub.socket,
				connectycube_link_spool: `${sandbox.dir}/link`,
				connectycube_record_spool: `${sandbox.dir}/spool`,
				connectycube_record_calls: 'off',
				connectycube_dtmf_inband: 'yes',
				connectycube_hep_server: `127.0.0.1:${homer.port}`,
				connectycube_hep_key: marks.hep,
				connectycube_ice_server: 'turn:127.0.0.1:'
					+ `${nobody};user=bridge;pass=${marks.turn}`,
			},
		};
	} });
	rig.ua.guard = ({ method, body, header }) => {
		proofs.push(...[...(body ?? '').matchAll(/inline:([^|\s]+)/g)].map(
			([, key]) => key));
		for (const name of ['Authorization', 'Proxy-Authorization']) {
			const [, response] = /response="(\w+)"/.exec(header(name) ?? '') ?? [];

			if (response) proofs.push(response);
			else if (name[0] === 'P' && method === 'INVITE')
				return { code: 407, headers: [
					'Proxy-Authenticate: Digest realm="x", nonce="y"'] };
		}
		return null;
	};
});

after(async () => {
	await rig?.stop();
	await hub?.stop();
	homer?.close();
	await ami?.close();
});

/** Every file below a folder, but what is not to be read by anybody else. */
const files = (dir, skip = /^$/) => readdirSync(dir, { recursive: true })
	.map((name) => `${dir}/${name}`).filter((path) => !skip.test(path)
		&& statSync(path, { throwIfNoEntry: false })?.isFile());

/** What stands in a file; '' if it has been handed on meanwhile. */
function textOf(path) {
	try {
		return readFileSync(path, 'latin1');
	} catch (error) {
		if (error.code === 'ENOENT') return '';
		throw error;
	}
}

/** What was written: { where: text }. Other programs' own files are none of ours. */
async function written(bridge = rig.bridge) {
	const all = {};

	for (const path of [...files(bridge.dir, /\/(config|users|accounts|uuid)$/),
		...files(sandbox.dir).filter((path) =>
			/\/(flight|link|spool)\//.test(path)),
		...files(hub.dir, /\/(config|modules\/.*)$/)])
		all[path] = textOf(path);
	for (const name of ['cube_status', 'cube_users', 'cube_log', 'cube_flight',
		'cube_events', 'cube_record', 'cube_check', 'cube_link',
		'cube_hep'])
		all[`/${name}`] = await bridge.command(name);
	all['/cube_status json'] = await bridge.command('cube_status', 'json');
	all['/cube_events json'] = await bridge.command('cube_events', 'json 128');
	for (const name of ['hub_status', 'hub_calls', 'hub_extensions', 'hub_metrics',
		'hub_records', 'hub_recordings', 'hub_command'])
		all[`/${name}`] = await hub.ctrl.command(name);
	all.HEP = homer.seen.map(({ payload }) => payload).join('\n');
	return all;
}

async function assertClean(more = [], bridge = rig.bridge) {
	const { hep, ...others } = marks;
	const secrets = [...await rig.secrets(), ...Object.values(others), ...proofs,
		phoneKey, ...more];
	const all = await written(bridge);

	for (const [where, text] of Object.entries(all)) {
		assertNoSecrets(text, [...secrets, hep], where);
		// keys, one by one
		assert.doesNotMatch(text, /signal["'>\s]*[=:]\s*["']?[0-9*#A-D]\b/i, where);
		assert.doesNotMatch(text, /DTMF[^\n]*'[0-9*#A-D]'/i, where);
		// what a push carries says who calls whom
		assert.doesNotMatch(text, /message\\?":\s*\\?"eyJ/, where);
	}
	return all;
}

test('calls with keys, texts and credentials in all that is sent', async () => {
	const call = await rig.appCallsPhone();

	// in-band: 3
	await rig.waitTones();
	rig.ua.rtp.play([697, 1477], call.remoteRtp);
	await delay(300);
	rig.ua.rtp.play(0, call.remoteRtp);
	await until('the tones are known as a key', async () =>
		/\bkeys\b/.test(await rig.bridge.command('cube_events', '128')));
	rig.ua.rtp.press('7', call.remoteRtp);
	await call.info('application/dtmf-relay', 'Signal=8\r\nDuration=160\r\n');
	await call.info('application/dtmf', '9');
	await rig.app.dtmf('5');
	await update(sandbox, { user: rig.id, message: 'pressed',
		id: (await rig.bridge.status()).calls[0].app.session }, KEYS);
	await until('the phone gets the last', () => call.messages.some(
		({ method, body }) => method === 'INFO' && /Signal=\*/.test(body ?? ''))
		|| rig.ua.rtp.keys().at(-1)?.key === '*');
	for (const line of ['cube_record', 'cube_status'])
		await rig.bridge.command(line);
	await rig.bridge.command('cube_flight', 'all');
	await rig.appHangsUp();
	// texts of people, both ways, and what is in URIs and headers
	await rig.ua.query(rig.bridge.uri, 'MESSAGE', { body: marks.text,
		extra: ['Content-Type: text/plain'] });
	await rig.ua.query(rig.bridge.uri, 'OPTIONS', {
		extra: [`Authorization: Digest username="x", response="${marks.header}"`,
			`X-Token: ${marks.header}`, `Cookie: a=${marks.header}`] });
	rig.ua.edit = (sdp) => sdp.replace(/^(m=audio .*)$/m,
		`$1\r\na=crypto:1 ${SUITE} inline:${phoneKey}`);
	const bad = await rig.ua.invite(rig.bridge.uri, { extra: [
		`Referred-By: <sip:a:${marks.uri}@b.example>`,
		`P-Asserted-Identity: <sip:a:${marks.uri}@b.example>`] });

	await bad.wait('180');
	await until('the user who is not there is pushed to', async () =>
		/push\.sent/.test(await rig.bridge.command('cube_events', '128')));
	bad.cancel();
	await bad.wait('final');
	rig.ua.edit = (sdp) => sdp;
	await rig.bridge.waitIdle();
	const all = await assertClean();

	// what is searched is there, and was searched well
	for (const [where, what] of [[/sip\.log$/, /\nAuthorization: Digest \*\*\*|Digest \*\*\*/],
		[/cloud\.log$/, /HTTP out/], [/cloud\.log$/, /message\\?":\s*\\?"\*\*\*/],
		[/flight-/, /SIP (in|out)/], [/^HEP$/, /INVITE sip:/],
		[/records\.jsonl$/, /"call_id"/]])
		assert.ok(Object.entries(all).some(([name, text]) => where.test(name)
			&& what.test(text)), `${where} ${what}: ${Object.keys(all)}`);
	assert.ok(proofs.length > 2, String(proofs));
});

test('a password in an address (RFC 3261, 19.1.1), wherever it comes from', async () => {
	const uri = `sip:ann:${marks.uri}@127.0.0.1:${rig.ua.port}`;
	const app = fakeApp(sandbox, '101');
	const call = await rig.ua.invite(rig.bridge.uri, { from: `"Ann" <${uri}>`,
		extra: [`Diversion: <${uri}>;reason=unconditional`,
			`History-Info: <${uri}>;index=1`, `Remote-Party-ID: <${uri}>`,
			`Call-Info: <${uri}>`] });

	await call.wait('180');
	call.cancel();
	await call.wait('final');
	await app.call('22222222-2222-4333-8444-555555555555');
	const moved = await rig.ua.waitInvite();

	moved.reject(302, `Moved Temporarily\r\nContact: <${uri}>`);
	(await rig.ua.waitInvite()).reject(486, 'Busy Here');
	await rig.bridge.waitIdle();
	await rig.ua.query(rig.bridge.uri, 'MESSAGE', { body: marks.text,
		extra: ['Content-Type: text/plain', `Reply-To: <${uri}>`] });
	await until('both records are there', () => hub.query(
		'SELECT id FROM records').length >= 4);
	await assertClean();
});

test('calls and servers that fail', async () => {
	const app = fakeApp(sandbox, '101');

	await app.call('11111111-2222-4333-8444-555555555555');
	(await rig.ua.waitInvite()).reject(503, 'Service Unavailable');
	await rig.bridge.waitIdle();
	await until('a flight record', () => files(`${sandbox.dir}/flight`).length);
	// who comes with a wrong word, or to a wrong place, is told of, not his word
	for (const path of ['/api/v1/extensions', `/api/v1/${marks.pin}`,
		`/api/v1/cdr?token=${marks.pin}&extension=${marks.pin}`])
		await ask(door, 'GET', path, { headers: {
			Authorization: `Bearer cube_${marks.pin}`,
			Cookie: `cube_session=${marks.pin}` } });
	await ask(door, 'POST', '/api/v1/session', { body: { token: marks.pin } });
	await assertClean();
});

test('tokens and sessions of the hub, and commands with keys in them', async () => {
	const text = await hub.ctrl.command('hub_token', 'add lead admin');
	const [, token] = /^(cube_[0-9a-f]{64})\n/m.exec(text);
	const { headers } = await ask(door, 'POST', '/api/v1/session',
		{ body: { token } });
	const [, session] = /=([^;]+)/.exec(headers['set-cookie']);

	for (const path of ['/api/v1/session', '/api/v1/extensions', '/metrics',
		'/api/v1/cdr'])
		await ask(door, 'GET', path, { headers: { Cookie: headers['set-cookie']
			.split(';')[0] } });
	const [, name] = /^bridge +(\S+) /m.exec(await hub.status());

	await hub.ctrl.command('hub_command',
		`${name} dtmf {"call":1,"keys":"${KEYS}"}`);
	await until('it is answered', async () => !/no answer yet/.test(
		await hub.ctrl.command('hub_command')));

	// and by the API, into a call
	await rig.appCallsPhone();
	const { json: { calls: [{ id }] } } = await until('the hub knows the call',
		async () => {
			const answer = await ask(door, 'GET', '/api/v1/calls', {
				headers: { Authorization: `Bearer ${token}` } });

			return answer.json.calls?.[0]?.state === 'up' && answer;
		});
	const { status } = await ask(door, 'POST', `/api/v1/calls/${id}/dtmf`, {
		headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': 'once' },
		body: { keys: KEYS, to: 'phone' } });

	assert.equal(status, 200);
	await rig.appHangsUp();
	await assertClean([token, token.slice(5), session, KEYS]);
});

test('sinks that cannot be reached, and what they say of it', async () => {
	const bridge = await hub.bridge('other');

	await bridge.keep(record());
	await hub.waitStatus(/sink +webhook [^]*failed \d+ times?: /);
	await hub.waitStatus(/sink +postgres [^]*failed \d+ times?: /);
	await hub.ctrl.command('hub_retry', '');
	bridge.close();
	await assertClean();
});

// What is wrong in a configuration is echoed; what is secret in it is not.
const secret = word('secret');
const wrong = [
	['a key of the wrong name', { connectycube_auth_secrets: secret }],
	['a secret twice', { connectycube_auth_key: [secret, secret] }],
	['a secret as it is, and from a file', { connectycube_auth_secret: secret,
		connectycube_auth_secret_file: '/nowhere' }],
	['a TURN server without a user', { connectycube_ice_server:
		`turn:127.0.0.1:9;pass=${secret}` }],
	['a TURN server of a wrong parameter', { connectycube_ice_server:
		`turn:127.0.0.1:9;user=u;password=${secret}` }],
	['a TURN server with its password in the URI', { connectycube_ice_server:
		`turn:user:${secret}@127.0.0.1:9` }],
	['a TURN server whose password has a blank', { connectycube_ice_server:
		`turn:127.0.0.1:9;user=u;pass=a ${secret}` }],
	['an API URL with a password', { connectycube_api_url:
		`https://u:${secret}@api.example.com:99999/` }],
	['an API URL in the clear', { connectycube_api_url:
		`http://u:${secret}@api.example.com` }],
	['a chat URL with a password', { connectycube_chat_url:
		`https://u:${secret}@chat.example.com` }],
	['a chat URL with a token', { connectycube_chat_url:
		`wss://chat.example.com:x/?token=${secret}` }],
	['a key of another module', { connectycube_hub_webhok_secret: secret,
		connectycube_ping: 'x' }],
	['a password that is no key', { connectycube_password: secret }],
];

for (const [what, keys] of wrong)
	test(`what is wrong is said without its secret: ${what}`, async () => {
		const { code, log, file } = await runRawBridge(sandbox, {
			name: 'wrong', keys });

		assert.equal(code, 78, log);
		assert.match(log, /config(:\d+)?: /);
		assertNoSecrets(log, [secret], file);
	});

const lines = [`;cube_passwrd=${secret}`, `;cube_password="${secret}`,
	`;call=101;cube_password=${secret};cube_password_file=/nowhere`,
	`;secret ${secret}`, `;call=101 cube_password=${secret}`,
	`;cube_password=${secret};cube_token=${secret}`,
	`;cube_password=a;${secret}`];

test('what is wrong in users is said without its secret', async () => {
	const sip = `<sip:1000@${sandbox.sip}>;cube_login=ext1000`;
	const users = [...lines.map((more) => sip + more),
		`<sip:1000:${secret}@${sandbox.sip}>;cube_login=x;cube_password=y`];
	const bridge = await startRawBridge(sandbox, { name: 'lines',
		users: [userLine(sandbox.sip), ...users] });

	try {
		await bridge.waitLog(new RegExp(`users:${users.length + 1}: `));
		await bridge.reload([userLine(sandbox.sip), ...users], '');
		assertNoSecrets(bridge.log(), [secret], bridge.child.log);
	} finally {
		await bridge.stop();
	}
});
