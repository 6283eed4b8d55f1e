// What leak tests have in common: rounds of calls through a bridge, in a plain run,
// after which no fd is open and no memory is taken that was not before, and under
// valgrind, where nothing may be lost and nothing wrong be read or written.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { BARESIP, startRawBridge, userLine } from './rig.mjs';

const SUPPRESSIONS = fileURLToPath(new URL('../valgrind.supp',
	import.meta.url));
const VALGRIND = ['valgrind', '--leak-check=full', '--show-leak-kinds=definite',
	'--errors-for-leak-kinds=definite', '--keep-debuginfo=yes',
	'--num-callers=30', '--error-limit=no', `--suppressions=${SUPPRESSIONS}`];
const WARM_UP = 3; // rounds until all that is kept is there
const RSS_GROWTH = 1024; // [kB] allowed in the rounds after those
const START_TIMEOUT = 180000; // [ms]; under valgrind NSS alone may take many seconds
const EXIT_TIMEOUT = 120000; // [ms] valgrind looks for leaks

/** A call of every kind; kinds: { NAME: async () => ... }. */
async function round(rig, kinds) {
	for (const [what, play] of Object.entries(kinds)) {
		await rig.app.forget();
		try {
			await play();
		} catch (error) {
			throw new Error(`${what}: ${error.message}`, { cause: error });
		}
	}
}

/** Options of a bridge that valgrind watches; see assertClean(). */
export const WATCHED = { timeout: START_TIMEOUT, argv: [...VALGRIND, BARESIP],
	env: { G_SLICE: 'always-malloc' } };

/** So many extensions of a bridge are there, be it ever so slow. */
export async function waitStarted(bridge, count = 1) {
	await bridge.command('cube_status', '', START_TIMEOUT);
	for (let index = 0; index < count; index++) {
		await bridge.waitRegistered({ index, timeout: START_TIMEOUT });
		await bridge.waitCloud('online', { index, timeout: START_TIMEOUT });
	}
}

/** Another bridge for the same extension, or several: users, if they are others. */
async function useBridge(rig, { users = [userLine(rig.sandbox.sip, {
	more: `;call=101;dial=sip:5551234@127.0.0.1:${rig.ua.port}` })],
...options }) {
	await rig.bridge.stop();
	rig.bridge = await startRawBridge(rig.sandbox, { users, ...options });
	await waitStarted(rig.bridge, users.length);
}

const openFds = (pid) => readdirSync(`/proc/${pid}/fd`).map((fd) => {
	try {
		return readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[\d+\]/, '');
	} catch {
		return null; // closed meanwhile
	}
}).filter(Boolean).sort();

const rss = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(
	readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** In a plain run no fd stays open and the memory does not grow. options: of the
 * bridge; its users are a list of lines */
export async function assertNoGrowth(t, rig, kinds, rounds, options = {}) {
	await useBridge(rig, { ...options, name: 'plain', argv: [BARESIP] });
	const { pid } = rig.bridge.child;

	for (let i = 0; i < WARM_UP; i++) await round(rig, kinds);
	const before = { fds: openFds(pid), rss: rss(pid) };

	for (let i = WARM_UP; i < rounds; i++) await round(rig, kinds);

	// sockets of ended calls linger for a moment
	await until('as few fds as before', () => {
		const fds = openFds(pid);

		if (fds.length <= before.fds.length) return true;
		rig.fds = fds;
		return false;
	}).catch(() => assert.deepEqual(rig.fds, before.fds));
	const grown = rss(pid) - before.rss;

	t.diagnostic(`RSS ${before.rss} kB, then ${grown} kB more;`
		+ ` ${before.fds.length} fds`);
	assert.ok(grown <= RSS_GROWTH, `RSS grew by ${grown} kB of ${before.rss}`);
}

/** End a bridge that valgrind has watched: nothing was lost, and nothing wrong
 * read or written. */
export async function assertClean(t, bridge) {
	const { child } = bridge;

	await bridge.assertAlive();
	process.kill(child.pid, 'SIGTERM');
	await until('valgrind is done', () => !child.running(),
		{ timeout: EXIT_TIMEOUT });

	const report = bridge.log().split('\n')
		.filter((line) => line.startsWith(`==${child.pid}==`))
		.map((line) => line.replace(/^==\d+== ?/, ''));
	const [, errors] = /ERROR SUMMARY: (\d+) errors/.exec(report.join('\n'))
		?? [];
	const [, lost] = /definitely lost: ([\d,]+) bytes/.exec(report.join('\n'))
		?? [null, '0'];

	t.diagnostic(`definitely lost: ${lost} bytes; ERROR SUMMARY: ${errors}`);
	assert.ok(errors !== undefined, `no summary; see ${child.log}`);
	assert.equal(errors, '0', report.join('\n'));
}

/** Under valgrind nothing is lost, and nothing wrong is read or written. */
export async function assertNothingLost(t, rig, kinds, rounds, options = {}) {
	await useBridge(rig, { ...options, name: 'valgrind', ...WATCHED });
	for (let i = 0; i < rounds; i++) await round(rig, kinds);
	await assertClean(t, rig.bridge);
}
