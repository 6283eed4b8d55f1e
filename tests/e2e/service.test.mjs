// What a service manager is told by bridge and hub: ready when it is so, or degraded and
// why; how it stands; that it lives; that it reads its configuration, and that it ends.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync,
	utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { stopWhole } from './lib/crash.mjs';
import { startHub } from './lib/hub.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { openSystemd } from './lib/systemd.mjs';

const WATCHDOG = 400; // [ms]
const WELL = /^1 extension registered and online, 0 calls$/;

const dir = mkdtempSync(`${tmpdir()}/service-`);
let rig;
let systemd;
let wrong; // it has a password that is wrong: { bridge, systemd }

before(async () => {
	systemd = await openSystemd(dir, { watchdog: WATCHDOG });
	rig = await startRig({ bridge: { env: systemd.env } });
	const other = await openSystemd(dir, { name: 'wrong' });

	wrong = { systemd: other, bridge: await startRawBridge(rig.sandbox, {
		name: 'wrong', env: other.env, users: userLine(rig.sandbox.sip,
			{ user: '1010', login: 'ext1010' }),
		account: { user: '1010', password: 'wrong' } }) };
});

after(async () => {
	await wrong?.bridge.stop();
	await wrong?.systemd.stop();
	await rig?.stop();
	await systemd?.stop();
	rmSync(dir, { recursive: true, force: true });
});

test('ready is registered and online; calls are in the status', async () => {
	await systemd.wait('READY=1');
	await systemd.waitStatus(WELL);
	const told = systemd.told();
	const ready = told.indexOf('READY=1');

	// said first: what it is ready with
	assert.match(told[ready - 1], /^STATUS=1 extension registered and online, /);
	assert.equal(systemd.count('READY=1'), 1);

	const call = await rig.phoneCallsApp();

	await systemd.waitStatus(/^1 extension registered and online, 1 call$/);
	await rig.phoneHangsUp(call);
	await systemd.waitStatus(WELL);
});

test('the watchdog is fed, and not by a process that hangs', async () => {
	const fed = () => systemd.count('WATCHDOG=1');
	const { pid } = rig.bridge.child;
	const more = async (n = fed()) => {
		while (fed() < n + 3) await systemd.wait('WATCHDOG=1',
			{ since: systemd.told().length });
	};

	await more();
	process.kill(pid, 'SIGSTOP');
	// what it had sent
	await delay(WATCHDOG / 2);
	const before = fed();

	await delay(WATCHDOG * 3);
	assert.equal(fed(), before);
	process.kill(pid, 'SIGCONT');
	await more();
});

test('SIGHUP: it reads, and is ready again', async () => {
	const since = systemd.told().length;

	await rig.bridge.reload(rig.bridge.users());
	const reloading = await systemd.wait(/^RELOADING=1\|/, { since });
	const [, us] = /^RELOADING=1\|MONOTONIC_USEC=(\d+)$/.exec(reloading);

	assert.ok(Math.abs(Number(process.hrtime.bigint() / 1000n) - us) < 30e6);
	await systemd.wait('READY=1', { since });
	const told = systemd.told().slice(since);

	assert.ok(told.indexOf(reloading) < told.indexOf('READY=1'));
});

test('the cloud goes: the status says so, and it stays ready', async () => {
	const since = systemd.told().length;

	await rig.sandbox.refuseChat(3);
	await rig.sandbox.drop({ user: rig.id });
	await systemd.wait(/^STATUS=degraded: cloud [^;]+, 0 calls$/, { since });
	await systemd.waitStatus(WELL);
	assert.ok(!systemd.told().slice(since).includes('READY=1'));

	await rig.bridge.command('cube_drain', 'on');
	await systemd.waitStatus(/, 0 calls, no more calls are taken$/);
	await rig.bridge.command('cube_drain', 'off');
	await systemd.waitStatus(WELL);
});

test('without a registration: ready after a while, degraded, and why', async () => {
	const { bridge } = wrong;

	await wrong.systemd.wait('READY=1');
	await wrong.systemd.waitStatus(
		/^degraded: SIP not registered: 40[13] .*, 0 calls$/);
	assert.doesNotMatch(wrong.systemd.told().join('\n'), /WATCHDOG|pass-|sip-1/);

	process.kill(bridge.child.pid, 'SIGTERM');
	await wrong.systemd.wait('STOPPING=1');
	assert.equal((await bridge.child.exited)[0], 0);
});

test('SIGTERM: it stops', async () => {
	process.kill(rig.bridge.child.pid, 'SIGTERM');
	await systemd.wait('STOPPING=1');
	assert.equal((await rig.bridge.child.exited)[0], 0);
	assert.equal(systemd.count('STOPPING=1'), 1);
});

test('the hub: ready when its sockets listen and its database is open', async () => {
	const manager = await openSystemd(dir, { name: 'hub', watchdog: WATCHDOG });
	const hub = await startHub({}, { env: manager.env });

	try {
		await manager.wait('READY=1');
		await manager.waitStatus(/^0 bridges, 0 records$/);
		const bridge = await hub.bridge();

		await manager.waitStatus(/^1 bridge, 0 records$/);
		await manager.wait('WATCHDOG=1', { since: manager.told().length });
		const since = manager.told().length;

		process.kill(hub.child.pid, 'SIGHUP');
		await manager.wait(/^RELOADING=1\|MONOTONIC_USEC=\d+$/, { since });
		await manager.wait('READY=1', { since });
		bridge.close();
		await manager.waitStatus(/^0 bridges, 0 records$/);
		hub.ctrl.close();
		await stopWhole(hub.child);
		await manager.wait('STOPPING=1');
	} finally {
		await hub.stop();
		await manager.stop();
	}
});

/** A PATH with the programs that the AppArmor profile lets the script run, and no more. */
function programs() {
	const bin = mkdtempSync(`${dir}/bin-`);
	const profile = readFileSync(`${REPO}/contrib/apparmor/connectycube-bridge`, 'utf8');

	for (const [, names] of profile.matchAll(/^  \/\{usr\/,\}bin\/\{?([a-z,]+)\}? +mrix,$/gm))
		for (const name of names.split(',')) symlinkSync(`/usr/bin/${name}`, `${bin}/${name}`);
	return bin;
}

test('an instance that fails waits longer each time before it is started', async () => {
	const env = { PATH: programs(), INSTANCES: `${dir}/instances`,
		STATE_DIRECTORY: `${dir}/state`, RUNTIME_DIRECTORY: `${dir}/run` };
	const instance = (word, result) => execFileSync(
		`${REPO}/contrib/systemd/instance`, [word, '1000'],
		{ env: { ...env, SERVICE_RESULT: result }, encoding: 'utf8' });
	const links = () => readdirSync(env.STATE_DIRECTORY).map((name) =>
		readlinkSync(`${env.STATE_DIRECTORY}/${name}`));

	for (const path of [`${dir}/instances/1000`, env.STATE_DIRECTORY,
		env.RUNTIME_DIRECTORY])
		mkdirSync(path, { recursive: true });

	assert.equal(instance('start'), '');
	assert.deepEqual(links(), ['accounts', 'config', 'users'].map((name) =>
		`${dir}/instances/1000/${name}`));
	instance('stop', 'signal');
	assert.equal(instance('start'), '');
	instance('stop', 'watchdog');
	const begin = Date.now();

	assert.match(instance('start'), /^failed 2 times, started in 1 s$/m);
	assert.ok(Date.now() - begin >= 1000);

	// it has run for a while, or was stopped
	utimesSync(`${env.RUNTIME_DIRECTORY}/started`, 1, 1);
	instance('stop', 'core-dump');
	assert.equal(instance('start'), '');
	instance('stop', 'exit-code');
	instance('stop', 'success');
	assert.equal(instance('start'), '');
	assert.throws(() => execFileSync(`${REPO}/contrib/systemd/instance`, ['start'],
		{ env, stdio: 'pipe' }), { status: 64 });
});

test('of many that are started together each has its turn, once', async () => {
	const env = { PATH: programs(), INSTANCES: `${dir}/many`,
		STATE_DIRECTORY: dir, RUNTIME_DIRECTORY: `${dir}/turn` };
	const start = () => execFileSync(`${REPO}/contrib/systemd/instance`,
		['start', '1000'], { env, timeout: 20000 });
	const begin = Date.now();

	mkdirSync(`${dir}/many/1000`, { recursive: true });
	mkdirSync(env.RUNTIME_DIRECTORY);
	writeFileSync(`${dir}/many/1000/delay`, '800\n');
	start();
	assert.ok(Date.now() - begin >= 800);
	// it is not to wait again when it comes back
	writeFileSync(`${dir}/many/1000/delay`, '60000\n');
	utimesSync(`${dir}/many/1000/delay`, 1, 1);
	start();
	// nor when it is stopped, and much later started alone: systemd removes its folder then
	rmSync(env.RUNTIME_DIRECTORY, { recursive: true });
	mkdirSync(env.RUNTIME_DIRECTORY);
	start();
});

test('an instance that is to record, and has no folder for that, says so', () => {
	const env = { PATH: programs(), INSTANCES: `${dir}/spoolless`,
		STATE_DIRECTORY: dir, RUNTIME_DIRECTORY: `${dir}/spoolless`, SPOOL: `${dir}/spool` };
	const start = () => execFileSync(`${REPO}/contrib/systemd/instance`, ['start', '1000'],
		{ env, encoding: 'utf8' });

	mkdirSync(`${dir}/spoolless/1000`, { recursive: true });
	writeFileSync(`${dir}/spoolless/1000/config`, 'module_app connectycube_link.so\n');
	assert.equal(start(), '');
	writeFileSync(`${dir}/spoolless/1000/config`, 'module_app connectycube_record.so\n');
	assert.match(start(), /^<4>nothing can be recorded: .*cube sync/);
	mkdirSync(env.SPOOL);
	assert.equal(start(), '');
});
