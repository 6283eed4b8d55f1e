// What fail2ban makes of lines that a real bridge and a real hub have written, by
// fail2ban's own fail2ban-regex: it has the address of who was refused, and of nobody
// else, whatever that one calls himself. And that AppArmor's parser takes the profiles.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { ask } from './lib/http.mjs';
import { startHub } from './lib/hub.mjs';
import { freePort } from './lib/ports.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const STRANGER = '127.0.0.2'; // the registrar is at 127.0.0.1
const SAID = 'refused: no server of this account (connectycube_sip_allow)'
	+ ' (0 more since the last such message)';
// who would have somebody else shut out
const SLY = `"x" <sip:x at 127.0.0.9 to 1000 ${SAID}@h>`;

let rig;
let stranger;
let dir; // as /etc/fail2ban

before(async () => {
	rig = await startRig({ app: false });
	stranger = await openSipUa({ host: STRANGER });
	dir = `${rig.sandbox.dir}/fail2ban`;
	mkdirSync(dir);
	cpSync('/etc/fail2ban/filter.d/common.conf', `${dir}/filter.d/common.conf`);
	cpSync(`${REPO}/contrib/fail2ban`, `${dir}/filter.d`, { recursive: true });
});

after(async () => {
	stranger?.close();
	await rig?.stop();
});

/** Addresses that a filter finds in lines, one for each line that it matches. */
function found(filter, lines) {
	writeFileSync(`${dir}/log`, lines.map((line) => `${line}\n`).join(''));
	return execFileSync('fail2ban-regex', ['-c', dir, '--usedns', 'no', '-o', 'ip',
		`${dir}/log`, `${dir}/filter.d/${filter}.conf`], { encoding: 'utf8' })
		.split('\n').filter(Boolean);
}

/** As the journal has what a service says on stdout. */
const journal = (lines) => lines.map((line) => line.replace(
	/^(\d{4}-\S+) [A-Z]+ +/, '$1 host baresip[7]: '));

/** As `journalctl -o short-iso` shows what came by journald's own protocol. */
const journald = (lines) => lines.map((line) => line.replace(
	/^(\d{4}-\S+) [A-Z]+ +connectycube: /, '$1 host connectycube[7]: '));

const readLines = (path) => readFileSync(path, 'utf8').split('\n').slice(0, -1);

/** A caller is refused. */
async function refused(uri, options) {
	const call = await stranger.invite(uri, options);

	assert.equal((await call.wait('final')).code, 403);
}

/** A call that rings: lines that concern nobody. */
async function rings(uri) {
	const call = await rig.ua.invite(uri);

	await call.wait('180');
	call.cancel();
	await call.wait('final');
}

test('a bridge: who is refused, in its log and in the journal', async () => {
	const since = rig.bridge.log().length;

	await rings(rig.bridge.uri);
	await rig.bridge.waitIdle();
	await refused(rig.bridge.uri);
	await rig.bridge.waitLog(/ at 127\.0\.0\.2 to 1000 refused/, { since });
	const lines = rig.bridge.log().slice(since).split('\n').slice(0, -1);

	assert.ok(lines.length > 5, lines.join('\n'));
	for (const form of [lines, journal(lines), journald(lines)])
		assert.deepEqual(found('connectycube-bridge', form), [STRANGER]);
	// of another program, or of another message
	assert.deepEqual(found('connectycube-bridge', journal(lines).map((line) =>
		line.replace('baresip[7]', 'other[7]'))), []);
	assert.deepEqual(found('connectycube-hub', journal(lines)), []);
});

test('a bridge: files of its own; and a name that looks like such a message',
	async () => {
		const bridge = await startRawBridge(rig.sandbox, { name: 'files',
			keys: { connectycube_log: 'files' }, account: { user: '1002' },
			users: userLine(rig.sandbox.sip, { user: '1002', login: 'ext1010',
				more: ';call=101' }) });
		const uri = bridge.uri.replace('1000', '1002');
		const log = `${bridge.dir}/log/sip.log`;

		try {
			await bridge.waitRegistered();
			await bridge.waitCloud('online');
			await rings(uri);
			await refused(uri, { from: SLY });
			await until('it is told', () => existsSync(log)
				&& / event=security\.caller /.test(readFileSync(log)));
			const lines = readLines(log);
			const line = lines.find((one) => one.includes('security.caller'));

			assert.match(line, /127\.0\.0\.9/);
			assert.deepEqual(found('connectycube-bridge', lines), [STRANGER]);

			const [, said] = /^.* msg="((?:[^"\\]|\\.)*)"/.exec(line);
			const plain = [`2026-11-30T05:16:10.123+00:00 WARN  connectycube: ${said}`];

			for (const form of [plain, journal(plain), journald(plain)])
				assert.deepEqual(found('connectycube-bridge', form), [STRANGER]);
		} finally {
			await bridge.stop();
		}
	});

test('the hub: who says tokens that are none', async () => {
	const port = await freePort();
	const hub = await startHub({ connectycube_hub_http: `127.0.0.1:${port}` });
	const door = { port };
	const asks = async (path, token) => (await ask(door, 'GET', path,
		token ? { headers: { Authorization: `Bearer ${token}` } } : {})).status;

	try {
		assert.equal(await asks('/healthz'), 200);
		assert.equal(await asks('/api/v1/calls'), 401);
		assert.equal(await asks('/api/v1/calls', `cube_${'0'.repeat(64)}`), 401);
		await until('it is told', () => /a token that is none/
			.test(readFileSync(hub.log)));
		const lines = readLines(hub.log);

		for (const form of [lines, journal(lines), journald(lines)])
			assert.deepEqual(found('connectycube-hub', form), ['127.0.0.1']);
		assert.deepEqual(found('connectycube-bridge', journal(lines)), []);
	} finally {
		await hub.stop();
	}
});

for (const name of ['connectycube-bridge', 'connectycube-hub'])
	test(`AppArmor takes the profile ${name}`, () => {
		// as Debian's kernels have it, not ours, which may have none
		execFileSync('apparmor_parser', ['--skip-kernel-load', '--skip-cache',
			'--features-file', '/etc/apparmor.d/abi/3.0', '--warn=all',
			'--Werror', `${REPO}/contrib/apparmor/${name}`],
		{ stdio: ['ignore', 'ignore', 'inherit'] });
	});
