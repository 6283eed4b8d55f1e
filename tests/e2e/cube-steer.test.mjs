// `cube` steers real calls, and asks whether all works.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { CUBE, openCube } from './lib/cube.mjs';
import { startApi } from './lib/hubapi.mjs';
import { APP_HZ, waitHears } from './lib/rig.mjs';
import { uriOf } from './lib/transfer.mjs';
import { DESK_HZ, openDesk, transferUsers } from './lib/transferrig.mjs';

let api;
let rig;
let desk; // whom the PBX knows as 1002
let operator;
let admin;

function openAs(role) {
	const path = `${api.dir}/${role}`;

	writeFileSync(path, `${api.tokens[role]}\n`, { mode: 0o600 });
	return openCube({ CUBE_URL: `http://127.0.0.1:${api.door.port}`,
		CUBE_TOKEN_FILE: path });
}

before(async () => {
	api = await startApi({ users: transferUsers });
	({ rig } = api);
	[operator, admin] = ['operator', 'admin'].map(openAs);
	desk = await openDesk(rig.sandbox, { formats: '0 8' });
});

after(async () => {
	desk?.close();
	await api?.stop();
});

afterEach(async () => {
	operator.stop();
	admin.stop();
	desk.rtp.hush();
	desk.forget();
	await rig.reset();
	await api.idle();
});

test('a call is held, gets keys, is recorded, and ends', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const { id } = await api.live();
	const short = id.slice(0, 8);
	const { said, soon, run, cube } = operator;

	assert.equal(await said('hold', short), `${id}: on hold\n`);
	await soon(/held by app/, 'calls');
	assert.equal(await said('resume', short), `${id}: goes on\n`);
	await soon(/0\.0 %$/m, 'calls');
	await rig.waitTones('resumed');

	const keys = await run([CUBE, 'dtmf', short], {}, '4711#\n').ended;

	assert.deepEqual([keys.code, keys.out, keys.err], [0, `${id}: pressed\n`, '']);
	await api.audited(({ path, body }) => path.endsWith('/dtmf') && body.keys === 5);
	await said('record', short, 'start');
	await soon(/recording$/m, 'calls');
	await said('record', short, 'pause');
	await soon(/recording: paused$/m, 'calls');
	assert.deepEqual(await operator.json('record', short, 'stop'), {});

	const looks = await openAs('readonly').cube('hangup', short);

	assert.equal(looks.code, 77);
	assert.match(looks.err, /readonly is readonly, this is for operator; a token of another role/);
	assert.equal(await said('hangup', short), `${id}: hung up\n`);
	await rig.call.wait('BYE');
	await api.idle();
	const again = await cube('hangup', short);

	assert.deepEqual([again.code, again.out], [1, '']);
	assert.match(again.err, /there is no such call, nor any other one/);
	await soon(/^hung up by +bridge\n[^]*RECORDING +MODE/m, 'cdr', short);
});

test('a transfer: another phone takes the place of the one', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const { id } = await api.live();
	const tail = operator.start('tail');

	await api.hub.waitStatus(/ events=1 /);
	const evil = await operator.cube('transfer', id, 'sip:1@evil.example');

	assert.equal(evil.code, 77);
	assert.match(evil.err, /another server/);
	await operator.said('transfer', id, uriOf(desk), '--side', 'phone');
	const invite = await desk.waitInvite();

	invite.ring();
	await tail.wait(/: 5551234 to app 101; transfer ringing$/m);
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await rig.call.wait('BYE');
	await waitHears(rig.app, DESK_HZ, 'the app');
	await waitHears(desk.rtp, APP_HZ, 'who has come');
});

test('a call is begun', async () => {
	const id = /^(\S+): rings\n$/.exec(await operator.said('call', '1000', '1002',
		'user:101'))[1];

	await rig.app.waitIncoming();
	await rig.app.accept();
	const invite = await desk.waitInvite();

	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await waitHears(rig.app, DESK_HZ, 'the app');
	assert.equal((await operator.json('calls', id)).id, id);
	await operator.said('hangup', id);
	await api.idle();
	const wrong = await operator.cube('call', '1000', '1002');

	assert.equal(wrong.code, 2);
	assert.match(wrong.err, /from: user:ID is missing/);
});

test('extensions: disturbed or not, checked, read again, drained', async () => {
	const { said, soon, json } = operator;

	await said('dnd', '1000', 'on', '--user', '101');
	await soon(/do not disturb: .*101/, 'status');
	await said('dnd', '1000', 'off', '--user', '101');
	await until('nobody is left alone', async () => !/disturb/.test(await said('status')));

	assert.match(await said('check', '1000'), /^1000@\S+\n( {2}ok {4}.+\n){3,}$/);
	const [{ ok, extension }] = await json('check');

	assert.deepEqual([ok, extension], [true, api.extension]);
	assert.equal((await operator.cube('drain', '1000')).code, 77);
	assert.match(await admin.said('drain', '1000'), /: done; 0 calls are up\n$/);
	await soon(/draining: takes no more calls/, 'status');
	assert.equal((await operator.cube('status')).code, 1);
	await admin.said('drain', '1000', 'off');
	await until('it takes calls', async () => (await operator.cube('status')).code === 0);
	assert.match(await admin.said('reload', '1000'), /its bridge reads again/);
});

test('who does not hear the answer asks again, for the same', async (t) => {
	const path = `${api.dir}/deaf.sock`;
	let keys = [];
	let deaf = Infinity; // so many are not answered
	const server = http.createServer((req, res) => {
		res.setHeader('Content-Type', 'application/json');
		if (req.method !== 'POST') {
			res.end('{"calls":[{"id":"77"}]}');
			return;
		}
		keys.push(req.headers['idempotency-key']);
		req.resume().on('end', () => {
			if (keys.length > deaf) res.end('{}');
			else req.socket.destroy();
		});
	}).listen(path);

	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const { cube, said } = openCube({ CUBE_SOCKET: path });
	const lost = await cube('hangup', '77');
	const [first] = keys;

	// it may have been done: no status that says "try again"
	assert.equal(lost.code, 3, lost.err);
	assert.match(lost.err, /no answer: .*; it may have been done/);
	assert.ok(keys.length > 1 && keys.length < 5, 'not for ever');
	assert.deepEqual(new Set(keys), new Set([first]));
	keys = [];
	deaf = 1;
	assert.equal(await said('hangup', '77'), '77: hung up\n');
	assert.equal(keys.length, 2);
	assert.equal(keys[0], keys[1]);
	assert.notEqual(keys[0], first);
});
