// The flight recorder: the last of a call that ended badly, or that is asked for,
// in a file of its own without secrets; and messages in the log, at level trace.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { BARESIP, assertNoSecrets, startRig, userLine } from './lib/rig.mjs';

let rig;
let sandbox;
let challenge = false;
const responses = []; // what proved the bridge's password
const keys = []; // of SRTP, that the bridge has offered

before(async () => {
	rig = await startRig({
		app: false,
		bridge: (parts) => {
			({ sandbox } = parts);
			return { argv: [BARESIP],
				account: { params: ';regint=300;mediaenc=srtp' },
				users: userLine(sandbox.sip, { more: ';call=104'
					+ `;dial=sip:5551234@127.0.0.1:${parts.ua.port}` }),
				keys: { connectycube_log: 'files',
					connectycube_flight_dir: `${sandbox.dir}/flight` } };
		},
	});
	rig.ua.guard = (request) => {
		if (request.method !== 'INVITE') return null;
		keys.push(...[...request.body.matchAll(/inline:(\S+)/g)].map(
			([, key]) => key));
		const [, response] = /response="(\w+)"/.exec(
			request.header('Proxy-Authorization') ?? '') ?? [];

		if (response) responses.push(response);
		return challenge && !response ? { code: 407, headers: [
			'Proxy-Authenticate: Digest realm="x", nonce="y"'] } : null;
	};
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const files = () => (existsSync(`${sandbox.dir}/flight`)
	? readdirSync(`${sandbox.dir}/flight`) : []);
const log = (area) => readFileSync(`${rig.bridge.dir}/log/${area}.log`, 'utf8');

/** The next file, when the log tells it; its call's number and its text. */
async function waitFile(since) {
	const [, call, path] = await until('a flight record is told', () =>
		/ call=(\d+) event=flight msg="flight record written: (\S+)"/.exec(
			log('bridge').slice(since)));

	assert.match(path, /\/flight-\d{8}T\d{6}\.\d{3}Z-\d+\.log$/);
	return { call, text: readFileSync(path, 'utf8') };
}

async function assertClean(text, ...more) {
	assertNoSecrets(text, [...await rig.secrets(), ...responses, ...keys,
		...more], 'the flight record');
}

test('a call that a server has failed: SIP, signals and events of it alone',
	async () => {
		challenge = true;
		const app = fakeApp(sandbox, '101');
		const since = log('bridge').length;

		await app.call('11111111-2222-4333-8444-555555555555');
		const call = await rig.ua.waitInvite();

		call.reject(503, 'Service Unavailable');
		challenge = false;
		await rig.bridge.waitIdle();
		const { call: number, text } = await waitFile(since);

		for (const part of ['SIP out 127.0.0.1:', '\nINVITE sip:5551234@',
			'SIP/2.0 407 ', '\nProxy-Authorization: Digest ***\r\n',
			'\na=crypto:1 AES_CM_128_HMAC_SHA1_80 ***\r\n', 'SIP/2.0 503 ',
			'\nACK ', 'XMPP in\n', '<signalType>call<', 'XMPP out\n',
			'<signalType>reject<', `call=${number} event=call.new `,
			'event=call.ended ', 'reason=upstream'])
			assert.ok(text.includes(part), `no ${part}: ${text}`);
		assert.equal(new Set([...text.matchAll(/^Call-ID: *(\S+)/gim)].map(
			([, id]) => id)).size, 1);
		assert.doesNotMatch(text, /REGISTER|<auth/);
		assert.ok(keys.length && responses.length);
		await assertClean(text, 'abcdefghijklmnopqrstuv');
	});

test('a call that is as it should be: only when it is asked for; no keys', async () => {
	const count = files().length;
	const marked = await sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri);
	const app = fakeApp(sandbox, '104');
	const { session } = await app.waitCall({ since: marked });

	await call.wait('180');
	const since = log('bridge').length;

	await call.info('application/dtmf-relay', 'Signal=7\r\nDuration=160\r\n');
	const { calls: [{ id }] } = await rig.bridge.status();

	assert.equal(await rig.bridge.command('cube_flight', String(id)),
		`call ${id}: the log tells the file\n`);
	const { text } = await waitFile(since);

	assert.match(text, /\nINFO sip:(.+\r\n)+\r\n\*\*\*\n/);
	assert.doesNotMatch(text, /Signal|Duration/);
	await assertClean(text);
	await app.reject(session, { busy: 'true' });
	await call.wait('final');
	await rig.bridge.waitIdle();
	assert.equal(files().length, count + 1);
	assert.match(await rig.bridge.command('cube_flight'),
		/recorded, to .*\/flight; 2 files were written, the latest .*\.log$/m);
	assert.match(await rig.bridge.command('cube_flight', 'x'), /^usage: /);
	assert.match(await rig.bridge.command('cube_flight', '4711'), /^no call /);
});

test('level trace: whole messages, each a line with its call', async () => {
	await rig.bridge.command('cube_log', 'sip trace');
	await rig.bridge.command('cube_log', 'cloud trace');
	await sandbox.drop({ user: 'ext1000' });
	const app = fakeApp(sandbox, '104');

	await until('it is online again', () =>
		/ msg="XMPP out 200\\n<auth [^>]*>\*\*\*<\/auth>/.test(log('cloud')));
	await rig.bridge.waitCloud('online');
	const since = await sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri);
	const { session } = await app.waitCall({ since });

	await app.reject(session, { busy: 'true' });
	await call.wait('final');
	await rig.bridge.waitIdle();
	await until('the ACK is in the log', () =>
		/ DEBUG sip call=\d+ id=\w+ msg="SIP in .*\\nACK /.test(log('sip')));
	assert.match(log('cloud'), new RegExp(
		` DEBUG cloud call=\\d+ id=${session} msg="XMPP in `));
	await rig.bridge.command('cube_log', 'all info');
	for (const area of ['sip', 'cloud']) await assertClean(log(area));
});
