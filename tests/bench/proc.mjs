// What the kernel knows about a process.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const field = (text, name) => Number(
	new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);

const name = (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

const MAPPING = /^[\da-f]+-[\da-f]+ \S+ [\da-f]+ ([\da-f]+:[\da-f]+ \d+)/;

/** How many processes of a name there are, and have each file mapped. */
function mappers(wanted) {
	const found = new Map();
	let processes = 0;

	for (const pid of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
		try {
			if (name(pid) !== wanted) continue;
			const files = new Set(readFileSync(`/proc/${pid}/maps`, 'utf8')
				.split('\n').map((line) => MAPPING.exec(line)?.[1]));

			processes++;
			for (const file of files)
				found.set(file, (found.get(file) ?? 0) + 1);
		} catch {
			// gone meanwhile
		}
	}
	return { found, processes };
}

/**
 * Memory of a process [kB]. PSS counts a shared page in parts, so that others of
 * its kind make it look smaller: `alone` is what it would be at most without them
 * (exact when there are none).
 */
export function memory(pid) {
	const { found, processes } = mappers(name(pid));
	const total = { pss: 0, alone: 0, rss: 0, private: 0, dirty: 0,
		others: processes - 1 };
	const parts = readFileSync(`/proc/${pid}/smaps`, 'utf8')
		.split(/^(?=[\da-f]+-[\da-f]+ )/m).filter(Boolean);

	for (const part of parts) {
		const [, file] = MAPPING.exec(part);
		const named = found.get(file) ?? 1;
		const pss = field(part, 'Pss');
		const rss = field(part, 'Rss');
		const anonymous = file.endsWith(' 0');

		total.pss += pss;
		total.alone += anonymous ? pss : Math.min(rss, pss * named);
		total.rss += rss;
		total.private += field(part, 'Private_Clean')
			+ field(part, 'Private_Dirty');
		total.dirty += field(part, 'Private_Dirty');
	}
	return total;
}

/** [ms] on a CPU, and how often it went to sleep, over all threads. */
function usage(pid, tids = readdirSync(`/proc/${pid}/task`)) {
	let cpu = 0;
	let wakeups = 0;

	for (const tid of tids) {
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

/** Times of the whole machine since it started [ticks]. */
export function machineTimes() {
	const [user, nice, system, idle, iowait, irq, softirq, steal]
		= readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/)
			.slice(1, 9).map(Number);

	return { busy: user + nice + system + irq + softirq + steal,
		all: user + nice + system + idle + iowait + irq + softirq + steal };
}

/** How long a process was ready to run and got no CPU [ms]. */
export const runDelay = (pid) => Number(
	readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;

/** CPU time of a process [ms]: of all threads that it still has, or of one. */
export const cpuTime = (pid, tid) => usage(pid, tid && [tid]).cpu;

/** Watch processes for a while: what each has used. */
export async function watch(pids, ms) {
	const begin = pids.map((pid) => usage(pid));
	const from = performance.now();

	await delay(ms);
	const passed = performance.now() - from;

	return pids.map((pid) => usage(pid)).map((end, i) => ({
		seconds: passed / 1000,
		cpu: end.cpu - begin[i].cpu, // [ms]
		percent: (end.cpu - begin[i].cpu) / passed * 100, // of one core
		wakeups: end.wakeups - begin[i].wakeups,
		ticks: end.ticks - begin[i].ticks, // 10 ms each
	}));
}
