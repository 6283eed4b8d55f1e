// Why a bridge is not connected to a hub: /cube_link says it, and the log, once.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openHub } from './lib/fakehub.mjs';
import { connectRaw, startHub } from './lib/hub.mjs';
import { startRig } from './lib/rig.mjs';

const dir = mkdtempSync(`${tmpdir()}/away-`);
let socket = `${dir}/hub.sock`;
let hub;
let rig;

const keys = () => ({
	module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_link_socket: socket, connectycube_link_spool: `${dir}/spool`,
	connectycube_link_name: 'sales',
});

before(async () => {
	rig = await startRig({ bridge: { keys: keys() } });
});

after(async () => {
	await rig?.stop();
	await hub?.stop();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

const says = (pattern) => until(`/cube_link: ${pattern}`, async () =>
	pattern.exec(await rig.bridge.command('cube_link')), { timeout: 30000 });

const logged = (pattern) => (rig.bridge.log().match(pattern) ?? []).length;

test('there is none: why, for how long, what waits', async () => {
	await says(new RegExp(`^hub: not there at ${socket} for \\d+ s, events lost: \\d+\n`
		+ ' +there is no such socket: does the hub run, .*\n +tried again in \\d+ s\n'
		+ 'records: 0, waiting for the hub: 0, lost: 0,', 'm'));
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.phoneHangsUp();
	const [, oldest] = await says(/waiting for the hub: 1, the oldest for (\d+) s, lost: 0/);

	await until('it is older', async () => {
		const [, now] = await says(/the oldest for (\d+) s/);

		return Number(now) > Number(oldest);
	});
	assert.equal(logged(/there is no such socket/g), 1);
});

test('it has ended, or speaks another version, or says bye', async () => {
	// the socket of a process that was killed
	spawnSync('node', ['-e', `require('net').createServer().listen('${socket}',
		() => process.kill(process.pid, 'SIGKILL'))`]);
	await says(/^hub: not there [^]*\n +nobody listens at this socket: /);
	const other = await openHub(socket, { t: 'hello', v: 99, min: 98, name: 'later' });

	await says(/^hub: not there [^]*\n +.*\b98\b/);
	other.hello = { t: 'bye', text: 'we are closed' };
	await says(/\n +it says bye: we are closed\n/);
	await until('it has come twice more', () => other.of('hello').length >= 4,
		{ timeout: 60000 });
	assert.equal(logged(/it says bye: we are closed; records wait on the disk/g), 1);
	await other.close();
});

test('there are too many already; then there is room', async () => {
	hub = await startHub({ connectycube_hub_bridges: 1 });
	const first = await hub.bridge('first');

	// who is one too many is told, each time; the log is once
	for (let i = 0; i < 3; i += 1) {
		const more = await connectRaw(hub.socket);

		assert.match(await more.waitBye(),
			/^there are 1 bridges already \(connectycube_hub_bridges\)$/);
	}
	assert.equal(hub.logText().match(/a bridge is refused/g).length, 1);
	({ socket } = hub);
	await rig.renew({ bridge: { keys: keys() } });
	await says(/\n +it says bye: there are 1 bridges already/);
	first.close();
	await says(/^hub: connected at .* for \d+ s, events lost: \d+\nrecords: /);
	await says(/waiting for the hub: 0, lost: 0/);
	assert.equal(hub.ids().db.length, 1);
});
