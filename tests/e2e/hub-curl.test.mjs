// The samples of contrib/api: one of each that the API has, run as they stand.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { amiKeys, openAmi } from './lib/ami.mjs';
import { MODULES, startApi } from './lib/hubapi.mjs';
import { operations } from './lib/openapi.mjs';

const DIR = `${REPO}/contrib/api`;
const samples = readdirSync(DIR).filter((name) => name !== 'hub.sh');
const run = new Set(); // samples that were
let ami;
let api;

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: 'word' });
	api = await startApi({ bridge: { ...amiKeys(ami),
		module_app: [...MODULES, 'connectycube_ami.so'] } });
});

after(async () => {
	await api?.stop();
	await ami?.close();
});

/** Run a sample: { code, out, json }. */
function sample(name, args = [], { input = '', env = {} } = {}) {
	run.add(name);
	return new Promise((resolve) => {
		const child = execFile(`${DIR}/${name}`, args, { env: { ...process.env,
			CUBE_URL: `http://127.0.0.1:${api.door.port}`, CUBE_TOKEN: api.tokens.admin,
			...env } }, (error, out, err) => resolve({ code: error?.code ?? 0, out, err,
			get json() {
				return JSON.parse(out);
			} }));

		child.stdin.end(input);
	});
}

/** What it answers, which is no error. */
async function ok(name, ...more) {
	const { code, out, err } = await sample(name, ...more);

	assert.equal(code, 0, `${name}: ${out} ${err}`);
	return /^[[{]/.test(out) ? JSON.parse(out) : out;
}

test('there is one of each, and it says what it is', () => {
	const said = samples.map((name) => {
		const [, op] = readFileSync(`${DIR}/${name}`, 'utf8').split('\n');

		assert.ok(statSync(`${DIR}/${name}`).mode & 0o100, name);
		return op.slice(2);
	});

	assert.deepEqual(said.sort(), operations.map(({ method, path }) =>
		`${method} ${path}`).sort());
});

test('what there is', async () => {
	assert.equal(await ok('healthz'), 'ok\n');
	assert.equal(await ok('readyz'), 'ready\n');
	assert.match(await ok('metrics'), /^# HELP /);
	assert.equal((await ok('openapi')).openapi, '3.1.0');
	assert.equal((await ok('health')).ready, true);
	assert.equal((await ok('session')).role, 'admin');
	assert.equal((await ok('extensions')).extensions.length, 1);
	assert.equal((await ok('extension', [api.extension])).extension, api.extension);
	assert.deepEqual((await ok('alarms')).alarms, []);
	assert.equal((await ok('today')).calls, 0);
	const cookies = `${api.dir}/cookies`;

	assert.equal((await ok('login', [cookies])).role, 'admin');
	assert.match(readFileSync(cookies, 'utf8'), /connectycube_hub\t[0-9a-f]{64}/);
	await ok('logout', [cookies]);
	assert.equal((await sample('logout', [cookies])).code, 22);
	// without a token, or arguments, it says so
	const { code, json } = await sample('calls', [], { env: { CUBE_TOKEN: '' } });

	assert.deepEqual([code, json.status], [22, 401]);
	assert.match((await sample('transfer', ['1'])).err, /^usage: transfer ID TARGET/);
});

test('channels at the PBX', async () => {
	const { extension } = api;
	const own = 'PJSIP/1000-00000001';
	const other = 'PJSIP/1002-00000002';

	await ami.waitLogin();
	ami.channel(other, { linked: ami.channel(own) });
	ami.on('Originate', ({ action, reply, event }) => {
		reply([['Message', 'Originate successfully queued']]);
		event([['Event', 'OriginateResponse'], ['ActionID', action.ActionID],
			['Response', 'Success'], ['Channel', 'PJSIP/1000-00000003'],
			['Uniqueid', '1.2']]);
	});
	const list = await until('both', async () => {
		const { channels } = await ok('pbx-channels', [extension]);

		return channels.length === 2 && channels;
	}, { timeout: 60000 });
	const { uniqueid } = list.find(({ channel }) => channel === own);

	await ok('pbx-transfer', [uniqueid, '900']);
	await ok('pbx-bridge', [uniqueid, other]);
	await ok('pbx-hangup', [uniqueid, '17']);
	assert.deepEqual(await ok('pbx-dial', [extension, '900']),
		{ channel: 'PJSIP/1000-00000003', uniqueid: '1.2' });
});

test('a call, from dialling to listening to it', async () => {
	const { rig, extension } = api;
	const events = sample('events', ['call,call_ended']);
	const env = { CUBE_KEY: randomUUID() };
	const { id, record } = await ok('dial', [extension, 'user:101'], { env });

	assert.deepEqual(await ok('dial', [extension, 'user:101'], { env }), { id, record });
	const invite = await rig.ua.waitInvite();

	rig.play(invite);
	invite.answer();
	await invite.wait('ACK');
	await rig.app.waitIncoming();
	await rig.app.accept();
	await rig.app.waitConnected();
	await rig.waitTones();
	assert.equal((await ok('calls', [extension])).calls[0].id, id);
	assert.equal((await ok('call', [id])).id, id);
	assert.equal((await ok('stats', [id])).id, id);
	await ok('hold', [id, 'phone']);
	await ok('resume', [id, 'phone']);
	await ok('dtmf', [id], { input: '12#\n' });
	await ok('record-call', [id, 'start']);
	await api.live(({ recording }) => recording === 'recording');
	await rig.waitTones();
	await ok('record-call', [id, 'stop']);
	assert.equal((await sample('transfer', [id, 'sip:1@evil.example'])).json.status, 403);
	await ok('hangup', [id]);
	await api.idle();
	const kept = await until('its recording', async () => {
		const one = await sample('record', [record]);

		return one.code === 0 && one.json.recordings?.[0]?.file && one.json;
	}, { timeout: 60000 });

	assert.deepEqual((await ok('cdr', ['q=5551234', 'limit=1'])).records[0].id, record);
	assert.equal((await ok('timeline', [record])).id, record);
	const file = `${api.dir}/listen.wav`;

	await ok('recording', [kept.recordings[0].id, file]);
	assert.ok(readFileSync(file).equals(
		readFileSync(`${api.dir}/recordings/${kept.recordings[0].file}`)));
	for (const [name, ...args] of [['dnd', extension, 'true', '101'],
		['dnd', extension, 'false', '101'], ['reload', extension],
		['drain', extension, 'true'], ['drain', extension, 'false']])
		await ok(name, args);
	assert.equal((await ok('check', [extension])).ok, true);
	// it goes on until whom it follows has gone
	await api.hub.ctrl.command('hub_status');
	await api.hub.kill();
	assert.match((await events).out, new RegExp(`event: call\\n[^]*"id":"${id}"`));
	assert.deepEqual(samples.filter((name) => !run.has(name)), []);
	await api.hub.start();
});
