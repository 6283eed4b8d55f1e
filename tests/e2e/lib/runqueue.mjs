// How busy the machine is, to those who take part in a test: for how long their
// threads were ready to run and had to wait for a processor.
//
//	const end = watchRunQueue();
//	...
//	const late = end(); // [ms]

import { readFileSync, readdirSync } from 'node:fs';

/** Read a file of a process, which may have ended meanwhile. */
function read(path) {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

function list(path) {
	try {
		return readdirSync(path).filter((name) => /^\d+$/.test(name));
	} catch {
		return [];
	}
}

/** This process and all that it has started, and those. */
function family() {
	const parents = new Map(list('/proc').map((pid) => [pid,
		/\) \w (\d+) /.exec(read(`/proc/${pid}/stat`))?.[1]]));
	const isOurs = (pid) => pid === String(process.pid)
		|| (parents.has(pid) && isOurs(parents.get(pid)));

	return [...parents.keys()].filter(isOurs);
}

/** What each thread has waited since it began [ms]: pid -> tid -> ms. */
const snapshot = () => new Map(family().map((pid) => [pid,
	new Map(list(`/proc/${pid}/task`).map((tid) => [tid,
		Number(read(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[1] ?? 0)
			/ 1e6]))]));

/**
 * From now on. Returns a function that says how late the machine has made it all:
 * for each process what that of its threads waited which waited longest, since
 * what happens goes from one process to the next.
 */
export function watchRunQueue() {
	const before = snapshot();

	return () => {
		let late = 0;

		for (const [pid, threads] of snapshot())
			late += Math.max(0, ...[...threads].map(([tid, ms]) =>
				ms - (before.get(pid)?.get(tid) ?? 0)));
		return Math.round(late);
	};
}
