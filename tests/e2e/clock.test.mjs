// The wall clock is set ahead by an hour, and back (for the bridge alone, by
// shim/clockshim.c): what waits goes on waiting as long as it was to, neither an
// hour longer nor no more at all. (Not into the past: the sandbox's certificates are
// not valid there.)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { accept, openRegistrar } from './lib/registrar.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const HOUR = 3600000; // [ms]

let sandbox;
let registrar;
let ua;
let bridge;
let fifo;

before(async () => {
	sandbox = await startTestSandbox();
	// for 4 s: refreshed after 3.6
	registrar = await openRegistrar({ answer: (request) =>
		accept(request, ['Expires: 4']) });
	ua = await openSipUa();
	fifo = `${sandbox.dir}/clock`;
	execFileSync('mkfifo', [fifo]);

	const sip = `127.0.0.1:${registrar.port}`;

	bridge = await startRawBridge({ ...sandbox, sip }, {
		users: userLine(sip, { more: ';call=101' }),
		account: { params: ';regint=4' },
		keys: { connectycube_ping: 1 },
		env: { LD_PRELOAD: `${REPO}/build/clockshim.so`, CLOCK_SHIM: fifo },
	});
	await bridge.waitRegistered();
	await bridge.waitCloud('online');
});

after(async () => {
	await bridge?.stop();
	await registrar?.close();
	ua?.close();
	await sandbox?.stop();
});

/** The bridge's wall clock is ahead by so much [ms]; so are its log's stamps. */
async function setClock(ms) {
	writeFileSync(fifo, `${ms}\n`);
	await until('the clock is set', async () => {
		await bridge.command('cube_status');
		const stamp = /^(\S+) \w+ +\S.*\n$/.exec(
			bridge.log().split(/^(?=\d{4}-)/m).at(-1))?.[1];

		return Math.abs(Date.parse(stamp) - Date.now() - ms) < HOUR / 2;
	}, { child: bridge.child });
}

const refreshed = () => {
	const { length } = registrar.registers;

	return registrar.wait('two refreshes', (all) => all.length >= length + 2,
		{ timeout: 15000, child: bridge.child });
};

/** /cube_status says what is true. */
async function assertSince() {
	const text = await bridge.command('cube_status');
	const times = [...text.matchAll(/ since (\S+)/g)].map(([, time]) => time);

	assert.equal(times.length, 2, text);
	for (const time of times) assert.match(time, /^0:0\d:\d\d$/, text);
}

const onlines = () => bridge.log().match(/: cloud: online/g).length;

for (const [what, ms] of [['ahead', HOUR], ['back again', 0]])
	test(`an hour ${what}: a call rings on, the registration is refreshed`,
		async () => {
			const count = onlines();
			const call = await ua.invite(bridge.uri);

			await call.wait('180');
			await setClock(ms);
			const [first, second] = (await refreshed()).slice(-2);

			assert.ok(second.ms - first.ms > 2000,
				`again after ${second.ms - first.ms} ms`);
			assert.ok(!call.messages.some(({ what: one }) =>
				/^[3-6]\d\d$/.test(one)), 'the call ended');
			assert.equal(onlines(), count, 'the link was lost');
			await assertSince();
			call.cancel();
			assert.equal((await call.wait('final')).code, 487);
		});

test('an hour back: a link that is dead is noticed', async () => {
	await setClock(HOUR);
	await setClock(0);
	const since = bridge.log().length;

	// it may be back within some 50 ms
	await sandbox.drop({ user: 'ext1000', how: 'freeze' });
	await bridge.waitLog(/cloud: offline/, { since, timeout: 60000 });
	await sandbox.reset();
	await bridge.waitCloud('online', { timeout: 30000 });
	await assertSince();
});
