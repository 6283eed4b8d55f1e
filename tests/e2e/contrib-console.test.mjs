// contrib/console: a command of the console from a shell, to whatever runs in a folder.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { record, startHub } from './lib/hub.mjs';

let hub;
let dir; // of what a test makes

before(async () => {
	hub = await startHub();
	dir = mkdtempSync(`${tmpdir()}/console-`);
});

after(async () => {
	await hub?.stop();
	rmSync(dir, { recursive: true });
});

const ask = (...args) => spawnSync(`${REPO}/contrib/console`, args,
	{ encoding: 'utf8', timeout: 60000 });

/** A profile whose config is the hub's, changed. */
function profile(name, change) {
	mkdirSync(`${dir}/${name}`);
	writeFileSync(`${dir}/${name}/config`,
		change(readFileSync(`${hub.dir}/config`, 'utf8')));
	return `${dir}/${name}`;
}

test('an answer, as the console shows it', async () => {
	const bridge = await hub.bridge();
	const name = 'Böll \\n "Ann" / 100%';

	await bridge.keep(record({ from: { side: 'phone', user: null, name, uri: 'sip:1@pbx' } }));
	hub.ctrl.close(); // it has one connection
	const status = ask(hub.dir, '/hub_status');

	assert.deepEqual([status.status, status.stderr], [0, '']);
	assert.match(status.stdout, new RegExp(
		`^hub {5}${hub.socket} bridges=1\nrecords stored=1 `));
	assert.match(status.stdout, /\n$/);

	const records = ask(hub.dir, 'hub_records', '5');

	assert.equal(records.status, 0);
	assert.match(records.stdout, /sip:1001@pbx\.example/);
	bridge.close();

	// what follows a command reaches it
	assert.match(ask(hub.dir, 'hub_retry', 'a', '"b\\').stdout,
		/^there is no sink a "b\\; there are: jsonl csv/);
});

test('long answers are whole', () => {
	const { status, stdout } = ask(hub.dir, 'hub_metrics');

	assert.equal(status, 0);
	assert.ok(stdout.length > 10000, String(stdout.length));
	assert.match(stdout, /^# HELP [^]*\n# TYPE [^]*\n$/);
});

test('what there is not: 1, with what is said', () => {
	const { status, stdout } = ask(hub.dir, '/hub_nothing');

	assert.equal(status, 1);
	assert.match(stdout, /command not found \(hub_nothing\)/);
});

test('wrong usage, and a config that lets nobody in: 2', () => {
	for (const args of [[], [hub.dir], [`${dir}/none`, 'hub_status']])
		assert.equal(ask(...args).status, 2);

	const shut = profile('shut', (config) =>
		config.replace(/^module_app\s+ctrl_tcp/m, '#$&'));
	const { status, stderr } = ask(shut, 'hub_status');

	assert.equal(status, 2);
	assert.match(stderr, /shut\/config: take the # off `module_app ctrl_tcp\.so'/);
});

test('of two folders with one port, only that which runs is answered for', () => {
	const twin = profile('twin', (config) => config);
	const { status, stdout, stderr } = ask(twin, 'hub_status');

	assert.deepEqual([status, stdout], [69, '']);
	assert.match(stderr, new RegExp(`is of ${hub.dir}, which runs: each needs its own`));
});

test('nobody is there, or somebody who does not speak so: 69', async () => {
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
	});

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	const config = (text) => text.replace(/^(ctrl_tcp_listen\s+).*$/m,
		`$1127.0.0.1:${port}`);
	const odd = profile('odd', config);
	// spawnSync would keep the server from answering
	const child = spawn(`${REPO}/contrib/console`, [odd, 'hub_status'],
		{ stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';

	child.stderr.on('data', (data) => { said += data; });
	assert.equal((await once(child, 'close'))[0], 69);
	assert.match(said, /no answer from 127\.0\.0\.1/);
	server.close();
	await once(server, 'close');
	const { status, stderr } = ask(odd, 'hub_status');

	assert.equal(status, 69);
	assert.match(stderr, /nobody listens at 127\.0\.0\.1:\d+: does `baresip -f .*odd' run\?/);
});
