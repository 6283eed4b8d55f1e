// What a service manager is told by bridge and hub: ready when it is so, or degraded and
// why; how it stands; that it lives; that it reads its configuration, and that it ends.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

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
