// What the kernel knows about a process.

import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const field = (text, name) => Number(
	new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);

const name = (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

const MAPPING = /^[\da-f]+-[\da-f]+ \S+ [\da-f]+ ([\da-f]+:[\da-f]+ \d+)/;

/** How many processes have each file mapped: all, and those of a name. */
function mappers(wanted) {
	const found = new Map();
	let processes = 0;

	for (const pid of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
		try {
			const one = name(pid) === wanted;
			const files = new Set(readFileSync(`/proc/${pid}/maps`, 'utf8')
				.split('\n').map((line) => MAPPING.exec(line)?.[1]));

			processes += one ? 1 : 0;
			for (const file of files) {
				const entry = found.get(file) ?? { all: 0, named: 0 };

				found.set(file, entry);
				entry.all++;
				entry.named += one ? 1 : 0;
			}
		} catch {
			// gone meanwhile
		}
	}
	return { found, processes };
}

/**
 * Memory of a process [kB]. PSS counts a shared page in parts, so that others of
 * its kind make it look smaller: `alone` estimates what it would be without them,
 * with each file's pages shared by the other programs that have it mapped.
 */
export function memory(pid) {
	const { found, processes } = mappers(name(pid));
	const total = { pss: 0, alone: 0, rss: 0, private: 0, dirty: 0,
		others: processes - 1 };
	const parts = readFileSync(`/proc/${pid}/smaps`, 'utf8')
		.split(/^(?=[\da-f]+-[\da-f]+ )/m).filter(Boolean);

	for (const part of parts) {
		const [, file] = MAPPING.exec(part);
		const { all, named } = found.get(file) ?? { all: 1, named: 1 };
		const pss = field(part, 'Pss');
		const rss = field(part, 'Rss');
		const anonymous = file.endsWith(' 0');

		total.pss += pss;
		total.alone += anonymous ? pss
			: Math.min(rss, pss * all / (all - named + 1));
		total.rss += rss;
		total.private += field(part, 'Private_Clean')
			+ field(part, 'Private_Dirty');
		total.dirty += field(part, 'Private_Dirty');
	}
	return total;
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
