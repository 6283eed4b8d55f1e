// Measures an office of 50 extensions that cube sync has made of two files: until all
// are registered and online, memory, CPU when idle, a call each with media at both ends,
// one that is killed. As 50 processes, and as one.
//
//    office.mjs [COUNT]

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { startTestSandbox } from '../e2e/lib/sandbox.mjs';
import { officeNumbers, openTwoFiles } from '../e2e/lib/twofiles.mjs';
import { machine } from './machine.mjs';
import { memory, watch } from './proc.mjs';
import { goals, note, report } from './report.mjs';

const COUNT = Number(process.argv[2] ?? 50);
const SETTLE = 3000; // [ms] before memory is read
const IDLE = 20000; // [ms]

const sum = (list) => list.reduce((all, one) => all + one, 0);

/** What all shows, whether as many processes or as one. */
async function measure(office, kind, keys, goal) {
	const more = { as: kind, n: COUNT };

	office.write(undefined, keys);

	const begin = performance.now();

	await office.sync();
	await office.allOnline();
	report('all registered and online', (performance.now() - begin) / 1000, 's',
		{ ...more, goal: 10 });

	await delay(SETTLE);
	const kb = office.pids.map((pid) => memory(pid));

	report('memory, PSS together', sum(kb.map(({ pss }) => pss)) / 1024, 'MB',
		{ ...more, goal: goal.mb });
	const idle = await watch(office.pids, IDLE);

	report('CPU, idle, together', sum(idle.map(({ percent }) => percent)), '% of a core',
		{ ...more, goal: 2 });
	report('wake-ups, idle, together', sum(idle.map(({ wakeups }) => wakeups)) / IDLE * 1000,
		'/s', more);

	const calls = performance.now();
	const chains = await office.callAll();

	report('calls at once with media at both ends', 2 * chains.length, 'calls', more);
	report('until all of them hear each other', (performance.now() - calls) / 1000, 's', more);
	const [phones, ...busy] = await watch([process.pid, ...office.pids], 5000);

	report('CPU, calls, together', sum(busy.map(({ percent }) => percent)), '% of a core', more);
	report('CPU, calls, phones', phones.percent, '% of a core', more);
	report('memory with calls, PSS together',
		sum(office.pids.map((pid) => memory(pid).pss)) / 1024, 'MB', more);
	return chains;
}

async function killOne(office, chains) {
	const [first, ...others] = chains;
	const pids = office.pids;

	// the phones have been kept from their sockets while memory was read
	await delay(SETTLE);
	await Promise.all(chains.map((chain) => chain.hears()));
	const begin = Date.now();

	report('one is killed, and back', await office.kill(first.from) / 1000, 's',
		{ n: COUNT, goal: 3 });
	await delay(1000);
	report('longest gap of the other calls', Math.max(...others.map((chain) =>
		chain.gap(begin))), 'ms', { n: COUNT, goal: 1000 });
	assert.deepEqual(office.pids.slice(1), pids.slice(1), 'others have been started, too');
	await Promise.all(others.map((chain) => chain.hears()));
	await Promise.all(others.map((chain) => chain.end()));
	await first.abandon();
}

async function run() {
	const sandbox = await startTestSandbox({ numbers: officeNumbers(COUNT) });
	const office = await openTwoFiles(sandbox, { count: COUNT });

	try {
		await killOne(office, await measure(office, 'per-extension', {}, { mb: 500 }));
		await office.stop();
		for (const chain of await measure(office, 'one', { instances: 'one' }, { mb: 25 }))
			await chain.end();
	} finally {
		await office.close();
		await sandbox.stop();
	}
}

console.log(JSON.stringify({ machine: machine() }));
await run();
const missed = goals.filter(({ met }) => !met);

for (const { figure, as, value, goal } of missed)
	note(`MISSED: ${figure}${as ? ` (${as})` : ''}: ${value}, goal ${goal}`);
process.exitCode = missed.length ? 1 : 0;
