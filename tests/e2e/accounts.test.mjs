// A process with a hundred accounts, and one that may not open more than 1024
// files: every extension comes online and has its calls.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { parseStatus } from './lib/bridge.mjs';
import { BARESIP, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';

const ACCOUNTS = 100;

let sandbox;
let ua;
let bridge;

const extension = (i) => String(2000 + i);
const login = (i) => `many${i}`;

before(async () => {
	sandbox = await startTestSandbox();
	ua = await openSipUa();
	await sandbox.addUsers(Array.from({ length: ACCOUNTS }, (_, i) => ({
		id: 1000 + i, login: login(i), password: `${login(i)}-pass`,
		full_name: `Many ${i}` })));
});

after(async () => {
	ua?.close();
	await bridge?.stop();
	await sandbox?.stop();
});

function startMany(name, count, options = {}) {
	const all = Array.from({ length: count }, (_, i) => i);

	return startRawBridge(sandbox, { name,
		users: all.map((i) => userLine(sandbox.sip, { user: extension(i),
			login: login(i), more: ';call=101' })),
		prepare(dir) {
			writeFileSync(`${dir}/accounts`, all.map((i) =>
				`<sip:${extension(i)}@${sandbox.sip}>;regint=0\n`).join(''));
		}, ...options });
}

const waitOnline = (count) => until(`${count} are online`, async () =>
	parseStatus(await bridge.command('cube_status')).filter(({ cloud }) =>
		cloud === 'online').length === count,
{ child: bridge.child, timeout: 60000 });

/** A call to an extension rings the app. */
async function assertRings(i) {
	const call = await ua.invite(
		`sip:${extension(i)}@127.0.0.1:${bridge.port}`);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
}

/** [kB]; shared pages count as a share */
const pss = () => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(
	`/proc/${bridge.child.pid}/smaps_rollup`, 'utf8'))[1]);

test(`${ACCOUNTS} accounts in one process`, async (t) => {
	bridge = await startMany('many', ACCOUNTS);
	await waitOnline(ACCOUNTS);
	assert.match(await bridge.command('cube_status'),
		/SIP {4}does not register \(regint=0\)/);
	for (const i of [0, 31, 32, ACCOUNTS - 1]) await assertRings(i);
	assert.doesNotMatch(bridge.log(), /Too many fds|Too many open files/);
	const kb = pss();

	t.diagnostic(`${kb} kB for ${ACCOUNTS} accounts`);

	// all links are lost at once, and come back
	await sandbox.drop();
	await until('all are online again', () =>
		bridge.log().match(/: cloud: online/g)?.length === 2 * ACCOUNTS,
	{ child: bridge.child, timeout: 60000 });
	await assertRings(50);
	await bridge.stop();
});

test('no more than 1024 files, as many systems have it', async () => {
	bridge = await startMany('few-files', 70, { argv: ['prlimit',
		'--nofile=1024:1024', BARESIP, '-v'] });
	await waitOnline(70);

	// more fds than libre's table would be spared for
	const calls = [];

	for (let i = 0; i < 10; i++) {
		const call = await ua.invite(
			`sip:${extension(i)}@127.0.0.1:${bridge.port}`);

		await call.wait('180');
		calls.push(call);
	}
	for (const call of calls) {
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
	}
	assert.doesNotMatch(bridge.log(), /Too many open files/);
});
