// What the kernel knows about a process.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const field = (text, name) => Number(
	new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);

/** Processes of a name on this machine. */
export const count = (name) => readdirSync('/proc').filter((pid) => {
	try {
		return /^\d+$/.test(pid)
			&& readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name;
	} catch {
		return false; // gone meanwhile
	}
}).length;

/** [kB] */
export function memory(pid) {
	const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');

	return { pss: field(rollup, 'Pss'), rss: field(rollup, 'Rss'),
		private: field(rollup, 'Private_Clean')
			+ field(rollup, 'Private_Dirty'),
		dirty: field(rollup, 'Private_Dirty') };
}

/** [ms] on a CPU, and how often it went to sleep, over all threads. */
function usage(pid) {
	let cpu = 0;
	let wakeups = 0;

	for (const tid of readdirSync(`/proc/${pid}/task`)) {
		const dir = `/proc/${pid}/task/${tid}`;

		cpu += Number(readFileSync(`${dir}/schedstat`, 'utf8').split(' ')[0])
			/ 1e6;
		wakeups += field(readFileSync(`${dir}/status`, 'utf8'),
			'voluntary_ctxt_switches');
	}
	const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8')
		.replace(/^.*\) /, '').split(' ').slice(11, 13).map(Number);

	return { cpu, wakeups, ticks: utime + stime };
}

/** Watch processes for a while: what each has used. */
export async function watch(pids, ms) {
	const begin = pids.map(usage);
	const from = performance.now();

	await delay(ms);
	const passed = performance.now() - from;

	return pids.map(usage).map((end, i) => ({
		seconds: passed / 1000,
		cpu: end.cpu - begin[i].cpu, // [ms]
		percent: (end.cpu - begin[i].cpu) / passed * 100, // of one core
		wakeups: end.wakeups - begin[i].wakeups,
		ticks: end.ticks - begin[i].ticks, // 10 ms each
	}));
}
