// The console of a bridge and of a hub at its Unix socket: `cube console`, for root
// and the user that the process runs as.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync,
	symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { record, startHub } from './lib/hub.mjs';
import { startRig } from './lib/rig.mjs';

const CUBE = `${REPO}/build/cube`;
const run = promisify(execFile);
const dir = mkdtempSync(`${tmpdir()}/cube-console-`);

let hub;
let rig;

before(async () => {
	hub = await startHub({ connectycube_console_socket: `${dir}/hub.sock` });
	rig = await startRig({ app: false });
});

after(async () => {
	await rig?.stop();
	await hub?.stop();
	rmSync(dir, { recursive: true, force: true });
});

/** { code, stdout, stderr } */
const cube = (args, options = {}) => run(CUBE, ['console', ...args], options).then(
	(done) => ({ code: 0, ...done }),
	({ code, stdout, stderr }) => ({ code, stdout, stderr }));

test('a bridge answers, by its folder or its socket', async () => {
	for (const where of [rig.bridge.dir, `${rig.bridge.dir}/console.sock`]) {
		const { code, stdout } = await cube([where, 'cube_status']);

		assert.equal(code, 0);
		assert.match(stdout, /online/);
	}
	const { stdout } = await cube([rig.bridge.dir, '--json', '/cube_drain']);

	assert.deepEqual(JSON.parse(stdout),
		{ ok: true, text: 'calls are taken, 0 calls are up\n' });
});

test('parameters go with it, what cannot be is said by the exit status', async () => {
	assert.match((await cube([rig.bridge.dir, 'cube_drain', 'on'])).stdout,
		/no more calls are taken/);
	assert.match((await cube([rig.bridge.dir, 'cube_drain off'])).stdout,
		/^calls are taken/);
	assert.equal((await cube([rig.bridge.dir, 'nonsense'])).code, 1);
	assert.equal((await cube([rig.bridge.dir])).code, 2);
	assert.equal((await cube([rig.bridge.dir, 'a\nb'])).code, 2);
});

test('a hub answers, where its config says', async () => {
	const { code, stdout } = await cube([`${dir}/hub.sock`, 'hub_status']);

	assert.equal(code, 0);
	assert.match(stdout, /bridges=/);
});

test('long answers are whole, and what follows a command reaches it as it is', async () => {
	const { stdout } = await cube([`${dir}/hub.sock`, 'hub_metrics']);

	assert.ok(stdout.length > 4096, String(stdout.length));
	assert.match(stdout, /^# HELP [^]*\n# TYPE [^]*\n$/);
	assert.match((await cube([`${dir}/hub.sock`, '/hub_retry', 'a', '"b\\'])).stdout,
		/^there is no sink a "b\\; there are: jsonl csv/);
});

test('what a removed extension has left is handed to the hub, or waits for it', async () => {
	const root = `${dir}/office`;
	const spool = `${root}/var/lib/connectycube-bridge/1009/spool`;
	const sync = () => run(CUBE, ['sync', '--left', '1009', '--root', root]).then(
		() => 0, ({ code }) => code);
	const [one, other] = [record(), record()];

	mkdirSync(spool, { recursive: true });
	mkdirSync(`${root}/run/connectycube-bridge`, { recursive: true });
	writeFileSync(`${spool}/1-${one.id}.json`, JSON.stringify(one));
	writeFileSync(`${spool}/2-none.json`, 'none');
	// of a call that was up when it was killed
	writeFileSync(`${spool}/open`, `${JSON.stringify(other)}\n`);

	assert.equal(await sync(), 75);
	assert.ok(readdirSync(spool).includes(`1-${one.id}.json`));
	symlinkSync(hub.socket, `${root}/run/connectycube-bridge/hub.sock`);
	assert.equal(await sync(), 0);
	assert.deepEqual(readdirSync(spool).sort(), ['.lock', '2-none.bad']);
	await until('the hub has both', async () => [one, other].every(({ id }) =>
		readFileSync(hub.jsonl, 'utf8').includes(id)));
	assert.equal(await sync(), 0);

	// common.conf may have said that the hub is elsewhere
	const again = record();

	mkdirSync(`${root}/elsewhere`);
	writeFileSync(`${root}/var/lib/connectycube-bridge/.hub`, '/elsewhere/h\n');
	writeFileSync(`${spool}/3-${again.id}.json`, JSON.stringify(again));
	assert.equal(await sync(), 75);
	symlinkSync(hub.socket, `${root}/elsewhere/h`);
	assert.equal(await sync(), 0);
	await until('the hub has it, too', async () =>
		readFileSync(hub.jsonl, 'utf8').includes(again.id));
});

test('nobody there, or not for us: said, with another status', async () => {
	const { code, stderr } = await cube([dir, 'cube_status']);

	assert.equal(code, 69);
	assert.match(stderr, /nobody listens there: does it run/);

	// another user, who could even open it
	assert.equal(statSync(`${dir}/hub.sock`).mode & 0o007, 0);
	chmodSync(dir, 0o755);
	chmodSync(`${dir}/hub.sock`, 0o666);
	const other = (() => {
		try {
			execFileSync('setpriv', ['--reuid=65534', '--regid=65534',
				'--clear-groups', CUBE, 'console', `${dir}/hub.sock`,
				'hub_token add evil admin'],
			{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
			return { status: 0 };
		} catch (error) {
			return error;
		}
	})();

	assert.equal(other.status, 77, other.stderr);
	assert.match(other.stderr, /is for root, and the user/);
});
