// An office in a container that tests/systemd has made, booted beside the sandbox's
// PBX and cloud, in a network of its own.
//
//	before(openContainer);
//	after(closeContainer);
//	await waitWell('1000');
//	await inside('cube', 'upgrade');

import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { setKeys } from '../../../contrib/sandbox/lib/bridge.mjs';
import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { startTestSandbox } from './sandbox.mjs';
import { openSipUa } from './sipua.mjs';

export const ROOT = process.env.SYSTEMD_DIR;
export const NAMES = ['1000', '1001', '1002', '1003', '1004'];
const ETC = `${ROOT}/etc/connectycube-bridge`;
export const DRAIN = 120; // [s]
const WELL = /^1 extension registered and online, 0 calls$/;

const run = promisify(execFile);
export const unit = (name) => `connectycube-bridge@${name}.service`;
export const figure = (text) => console.log(`# ${text}`);

let dir;
export let sandbox;
let machine; // the container
let leader; // its first process, as we see it
export let ua;

/** A command in the container; what it prints. */
export async function inside(...argv) {
	const { stdout } = await run('nsenter', ['-t', leader, '-m', '-u', '-i', '-p',
		'-C', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...argv]);

	return stdout;
}

export const systemctl = (...argv) => inside('systemctl', ...argv);

/** Properties of a unit. */
export async function show(name) {
	const lines = (await systemctl('show', name)).split('\n');

	return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0],
		line.slice(line.indexOf('=') + 1)]));
}

/** A unit becomes as wanted; its properties, and after how long [s]. */
export async function waitUnit(what, name, check, timeout = 60000) {
	const begin = Date.now();
	let last;

	await until(`${name} ${what}`, async () => check(last = await show(name)),
		{ timeout }).catch((error) => {
		error.message += `; is ${last.ActiveState}/${last.SubState}, "${
			last.StatusText}", ${last.Result} ${last.ExecMainStatus}`;
		throw error;
	});
	return { ...last, seconds: (Date.now() - begin) / 1000 };
}

export const isWell = (one) => one.ActiveState === 'active' && WELL.test(one.StatusText);

export const waitWell = (name) => waitUnit('is registered and online', unit(name), isWell);

/** Processes of all instances but one. */
export async function others(name) {
	const all = await Promise.all(NAMES.filter((one) => one !== name)
		.map((one) => show(unit(one))));

	return all.map(({ Id, MainPID, NRestarts, StatusText }) =>
		({ Id, MainPID, NRestarts, StatusText }));
}

/** The port where an instance has SIP. */
export function port(name) {
	const ports = readFileSync(`${ROOT}/var/lib/connectycube-bridge/.ports`, 'utf8');

	return Number(new RegExp(`^${name} (\\d+)\\b`, 'm').exec(ports)[1]);
}

/** Calls that were cancelled, as the hub has them. */
export const cancelled = () => Number(execFileSync('sqlite3', ['-readonly',
	`${ROOT}/var/lib/connectycube-hub/records.db`, 'SELECT count(*) FROM records'
	+ " WHERE disposition LIKE 'CANCEL%'"], { encoding: 'utf8' }));

/** What the two files of the office are, and the hub's. */
function writeOffice() {
	mkdirSync(ETC, { recursive: true });
	copyFileSync(sandbox.ca_file, `${ETC}/ca.pem`);
	writeFileSync(`${ETC}/common.conf`, Object.entries({
		net_interface: '127.0.0.1',
		sip_cafile: '/etc/connectycube-bridge/ca.pem',
		connectycube_api_url: sandbox.api_url,
		connectycube_chat_url: sandbox.chat_url,
		connectycube_chat_domain: sandbox.chat_domain,
		connectycube_app_id: sandbox.application.id,
		connectycube_auth_key: sandbox.application.auth_key,
		connectycube_ca_file: '/etc/connectycube-bridge/ca.pem',
		connectycube_loopback: 'yes',
		connectycube_drain_time: DRAIN,
		module_app: 'connectycube_record.so',
		connectycube_record_calls: 'always',
	}).map(([key, value]) => `${key}\t${value}\n`).join(''), { mode: 0o640 });
	writeFileSync(`${ETC}/extensions.conf`, NAMES.map((name) =>
		`"E ${name}" <sip:${name}@${sandbox.sip}>;auth_user=${name}`
		+ `;auth_pass=sip-${name};regint=300;cube_login=ext${name}`
		+ `;cube_password=ext${name}-pass;call=101\n`).join(''), { mode: 0o640 });
	writeFileSync(`${ETC}/hub.conf`, setKeys(
		readFileSync(`${REPO}/profiles/hub/config`, 'utf8'),
		{ connectycube_hub_group: 'connectycube-bridge' }), { mode: 0o644 });
}

/** The sandbox, with a cloud user and a SIP account for each of them. */
async function openSandbox() {
	sandbox = await startTestSandbox({ numbers: ['1004'],
		users: NAMES.slice(1).map((name, i) => ({ id: 210 + i,
			login: `ext${name}`, password: `ext${name}-pass`,
			full_name: name })) });
}

async function boot() {
	for (const one of ['connectycube-bridge.target', 'connectycube-hub.service',
		'connectycube-bridge-sync.service'])
		await run('systemctl', ['--root', ROOT, '-q', 'enable', one]);

	machine = start('the container', ['systemd-nspawn', '-q', '-D', ROOT,
		'--keep-unit', '--register=no', '-b', '--console=pipe'], `${dir}/boot.log`);
	leader = await until('it boots', () => readFileSync(
		`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').trim()
		.split(' ').find((pid) => pid
			&& readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n'),
	{ child: machine });
	await until('its systemd answers', () => systemctl('is-system-running')
		.then(() => true, ({ stdout }) => stdout?.startsWith('degraded')),
	{ child: machine, timeout: 60000 });
}

/** All of it; as systemd.mjs has it. */
export async function openContainer() {
	dir = mkdtempSync(`${tmpdir()}/systemd-`);
	writeFileSync(`${dir}/boot.log`, '');
	await openSandbox();
	writeOffice();
	ua = await openSipUa();
	await boot();
}

export async function closeContainer() {
	if (leader) await systemctl('--force', 'poweroff').catch(() => {});
	await Promise.race([machine?.exited, delay(3000)]);
	await machine?.stop();
	ua?.close();
	await sandbox?.stop();
	rmSync(dir, { recursive: true, force: true });
}
