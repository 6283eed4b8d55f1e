// connectycube_mode: what a bridge needs and does with SIP alone, with an
// Asterisk's manager beside it, and with that manager alone.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { openAmi } from './lib/ami.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { runRawBridge, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSystemd } from './lib/systemd.mjs';

const SECRET = 'managers-own-word';
const EX_CONFIG = 78;
const MODULES = ['connectycube.so', 'connectycube_ami.so', 'account.so',
	'ctrl_tcp.so'];

const dir = mkdtempSync(`${tmpdir()}/ami-mode-`);
let ami;
let sandbox;
let bridge;
let systemd;

const manager = () => ({
	connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: 'bridge',
	connectycube_ami_secret: SECRET,
});

const open = (port) => openAmi({ user: 'bridge', secret: SECRET, port });

/** Nobody listens at the manager's port. */
const away = () => ami.close();

/** Somebody does again. */
async function back() {
	ami = await open(ami.port);
}

before(async () => {
	ami = await open();
	sandbox = await startTestSandbox();
});

after(async () => {
	await bridge?.stop();
	await systemd?.stop();
	await sandbox?.stop();
	await ami?.close();
	rmSync(dir, { recursive: true, force: true });
});

test('sip-only: the manager is left alone, and that is said', async () => {
	bridge = await startRawBridge(sandbox, { keys: { module_app: MODULES,
		connectycube_mode: 'sip-only', ...manager() } });
	await bridge.waitLog(/connectycube_mode is sip-only: Asterisk's manager is/);
	await bridge.waitRegistered();
	assert.match(await bridge.command('ami_status'), /^off: connectycube_mode/);
	assert.equal(ami.connections, 0);
	await bridge.stop();
});

test('hybrid and ami-only want the module, and where Asterisk is', async () => {
	for (const mode of ['hybrid', 'ami-only']) {
		const { code, log } = await runRawBridge(sandbox, { keys: {
			connectycube_mode: mode } });

		assert.equal(code, EX_CONFIG);
		assert.match(log, new RegExp(`connectycube_mode is ${mode}, which wants`
			+ ' Asterisk\'s manager: connectycube_ami.so is not loaded'));

		const { connectycube_ami_server: gone, ...rest } = manager();
		const two = await runRawBridge(sandbox, { keys: { module_app: MODULES,
			connectycube_mode: mode, ...rest } });

		assert.equal(two.code, EX_CONFIG, gone);
		assert.match(two.log, /connectycube_ami_server:? is missing/);
	}

	const { code, log } = await runRawBridge(sandbox, { keys: {
		connectycube_mode: 'both' } });

	assert.equal(code, EX_CONFIG);
	assert.match(log, /connectycube_mode: .*sip-only/);
});

test('hybrid: ready when it is registered, online and at the manager',
	async () => {
		await away();
		systemd = await openSystemd(dir, { name: 'hybrid' });
		bridge = await startRawBridge(sandbox, { env: systemd.env, keys: {
			module_app: MODULES, connectycube_mode: 'hybrid', ...manager() } });
		await bridge.waitRegistered();
		await bridge.waitCloud('online');
		await systemd.waitStatus(
			/^starting: Asterisk's manager not connected: cannot connect/);
		assert.equal(systemd.count('READY=1'), 0);
		await back();
		await systemd.waitStatus(/^1 extension registered and online, 0 calls$/);
		await systemd.wait('READY=1');
		assert.match(await bridge.command('cube_status'),
			/^hybrid: Asterisk's manager connected$/m);
		await bridge.stop();
		await systemd.stop();
	});

test('ami-only: no SIP account, and all else as ever', async () => {
	systemd = await openSystemd(dir, { name: 'ami' });
	bridge = await startRawBridge(sandbox, { env: systemd.env,
		users: [userLine(sandbox.sip, { more: ';call=101;ami=control' }),
			userLine('nowhere.example', { user: '1010', login: 'ext1010' })],
		keys: { module_app: MODULES, connectycube_mode: 'ami-only', ...manager() },
		prepare: (profile) => writeFileSync(`${profile}/accounts`, '') });
	await bridge.waitCloud('online');
	await systemd.waitStatus(/^2 extensions at Asterisk and online, 0 calls$/);
	await systemd.wait('READY=1');

	const text = await bridge.command('cube_status');

	assert.match(text, /^ami-only: Asterisk's manager connected$/m);
	assert.match(text, /^ {2}SIP {4}none \(ami-only\)/m);

	const status = JSON.parse(await bridge.command('cube_status', 'json'));

	assert.equal(status.mode, 'ami-only');
	assert.deepEqual(status.ami, { connected: true, reason: null });
	assert.deepEqual(status.extensions.map(({ sip }) => sip.registers),
		[false, false]);

	// what is checked, and what of a line is of no use
	await bridge.command('cube_check');
	const checked = await until('the check is done', async () => {
		const lines = await bridge.command('cube_check', 'result');

		return /Asterisk/.test(lines) && lines;
	});

	assert.match(checked, /^ok +Asterisk's manager: connected/m);
	assert.doesNotMatch(checked, /: SIP|no dial=/);
	assert.match(await bridge.command('cube_call', '101'),
		/no call: this extension has no SIP/);

	// an app that calls it would be heard by nobody
	const since = await sandbox.mark('signals');
	const app = fakeApp(sandbox, '101');

	await app.call('11111111-1111-4111-8111-111111111111');
	const { user_info: info } = await app.waitSignal('reject', { since });

	assert.equal(info.sip_code, '488');
	assert.match(info.reason, /no SIP/);
});

test('ami-only: lines are read again, and an end is one', async () => {
	await bridge.reload([userLine(sandbox.sip, { more: ';call=101;ami=view' })]);
	assert.match(await bridge.command('cube_users'), / ami=view/);
	await away();
	await systemd.waitStatus(
		/^degraded: Asterisk's manager not connected: .*, 0 calls$/);
	await back();
	await systemd.waitStatus(/^1 extension at Asterisk and online, 0 calls$/);
	process.kill(bridge.child.pid, 'SIGTERM');
	assert.deepEqual(await bridge.child.exited, [0, null]);
	assert.equal(systemd.count('STOPPING=1'), 1);
});

test('ami-only: contrib/check looks at the manager, and says what to do',
	async () => {
		const check = () => new Promise((resolve) => {
			execFile(`${REPO}/contrib/check`, [bridge.dir], { timeout: 40000 },
				(error, stdout) => resolve([error?.code ?? 0, stdout]));
		});
		const [good, well] = await check();

		assert.match(well, /^ok +Asterisk's manager: connected$/m);
		assert.equal(good, 0, well);
		await away();
		const [bad, text] = await check();

		assert.equal(bad, 1);
		assert.match(text, /Asterisk's manager: cannot connect.*\n.*connectycube_ami_server/);
		await back();
	});

test('ami-only: accounts that are there all the same are left alone',
	async () => {
		bridge = await startRawBridge(sandbox, { keys: { module_app: MODULES,
			connectycube_mode: 'ami-only', ...manager() } });
		await bridge.waitLog(/ami-only: the SIP accounts are left alone/);
		await bridge.waitCloud('online');
		assert.match(await bridge.command('cube_status'), / {2}SIP {4}none/);
	});
