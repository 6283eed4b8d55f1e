// A hundred calls through one bridge, from both sides, answered, rejected, given up
// and refused: under valgrind nothing is lost and nothing wrong is read or written;
// in a plain run no fd stays open and the memory does not grow.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { BARESIP, startRawBridge, startRig, userLine } from './lib/rig.mjs';

const SUPPRESSIONS = fileURLToPath(new URL('valgrind.supp', import.meta.url));
const VALGRIND = ['valgrind', '--leak-check=full', '--show-leak-kinds=definite',
	'--errors-for-leak-kinds=definite', '--keep-debuginfo=yes',
	'--num-callers=30', '--error-limit=no', `--suppressions=${SUPPRESSIONS}`];
const ROUNDS = 10; // of as many calls as there are kinds
const WARM_UP = 3; // rounds until all that is kept is there
const RSS_GROWTH = 1024; // [kB] allowed in the rounds after those
const START_TIMEOUT = 60000; // [ms]
const EXIT_TIMEOUT = 60000; // [ms] valgrind looks for leaks

let rig;

before(async () => {
	rig = await startRig();
});

after(() => rig?.stop());

async function ended() {
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
}

/** A call of every kind. */
const KINDS = {
	async 'from the phone, which hangs up'() {
		await rig.phoneCallsApp();
		await rig.phoneHangsUp();
	},
	async 'from the phone, the app hangs up'() {
		await rig.phoneCallsApp();
		await rig.appHangsUp();
	},
	async 'from the app, the phone hangs up'() {
		await rig.appCallsPhone();
		await rig.phoneHangsUp();
	},
	async 'from the app, which hangs up'() {
		await rig.appCallsPhone();
		await rig.appHangsUp();
	},
	async 'from the phone, given up'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await call.wait('180');
		await rig.app.waitIncoming();
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
		await ended();
	},
	async 'from the phone, rejected'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await rig.app.waitIncoming();
		await rig.app.reject();
		assert.equal((await call.wait('final')).code, 603);
		await ended();
	},
	async 'from the phone, busy'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await rig.app.waitIncoming();
		await rig.app.reject({ busy: 'true' });
		assert.equal((await call.wait('final')).code, 486);
		await ended();
	},
	async 'from the app, busy'() {
		await rig.app.call(rig.id);
		const call = await rig.ua.waitInvite();

		call.reject(486, 'Busy Here');
		await rig.app.waitEvent('reject');
		await ended();
	},
	async 'from the app, given up'() {
		await rig.app.call(rig.id);
		const call = await rig.ua.waitInvite();

		call.ring();
		await rig.app.hangup();
		await call.wait('CANCEL');
		await ended();
	},
	async 'from the app, to where it may not'() {
		await rig.app.call(rig.id, { userInfo: { dial: '4711' } });
		await rig.app.waitEvent('reject');
		await ended();
	},
};

async function round() {
	for (const [what, play] of Object.entries(KINDS)) {
		await rig.app.forget();
		try {
			await play();
		} catch (error) {
			throw new Error(`${what}: ${error.message}`, { cause: error });
		}
	}
}

/** Another bridge for the same extension. */
async function useBridge(options) {
	await rig.bridge.stop();
	rig.bridge = await startRawBridge(rig.sandbox, {
		users: userLine(rig.sandbox.sip, {
			more: `;call=101;dial=sip:5551234@127.0.0.1:${rig.ua.port}` }),
		...options,
	});
	// under valgrind NSS alone may take many seconds to start
	await rig.bridge.command('cube_status', '', START_TIMEOUT);
	await rig.bridge.waitRegistered({ timeout: START_TIMEOUT });
	await rig.bridge.waitCloud('online', { timeout: START_TIMEOUT });
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

test('100 calls: no fd stays open, the memory does not grow', async (t) => {
	await useBridge({ name: 'plain', argv: [BARESIP] });
	const { pid } = rig.bridge.child;

	for (let i = 0; i < WARM_UP; i++) await round();
	const before = { fds: openFds(pid), rss: rss(pid) };

	for (let i = WARM_UP; i < ROUNDS; i++) await round();

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
});

test('100 calls under valgrind: nothing is lost', async (t) => {
	await useBridge({ name: 'valgrind', timeout: 60000,
		argv: [...VALGRIND, BARESIP], env: { G_SLICE: 'always-malloc' } });
	const { child } = rig.bridge;

	for (let i = 0; i < ROUNDS; i++) await round();
	await rig.bridge.assertAlive();

	process.kill(child.pid, 'SIGTERM');
	await until('valgrind is done', () => !child.running(),
		{ timeout: EXIT_TIMEOUT });

	const report = rig.bridge.log().split('\n')
		.filter((line) => line.startsWith(`==${child.pid}==`))
		.map((line) => line.replace(/^==\d+== ?/, ''));
	const [, errors] = /ERROR SUMMARY: (\d+) errors/.exec(report.join('\n'))
		?? [];
	const [, lost] = /definitely lost: ([\d,]+) bytes/.exec(report.join('\n'))
		?? [null, '0'];

	t.diagnostic(`definitely lost: ${lost} bytes; ERROR SUMMARY: ${errors}`);
	assert.ok(errors !== undefined, `no summary; see ${child.log}`);
	assert.equal(errors, '0', report.join('\n'));
});
