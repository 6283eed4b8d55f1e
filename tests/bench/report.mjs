// How figures of single calls are told: one JSON object a line, # for people.

export const goals = [];

export const round = (value, digits = 2) => Number(value.toFixed(digits));

/** One line for one figure. goal: the value must be below it */
export function report(figure, value, unit, { goal, ...more } = {}) {
	const line = { figure, value: round(value, value < 1 ? 4 : 2), unit,
		...more };

	if (goal !== undefined) {
		Object.assign(line, { goal, met: value < goal });
		goals.push(line);
	}
	console.log(JSON.stringify(line));
}

export const note = (text) => console.log(`# ${text}`);

/** Of a list of numbers: what `part` of them do not exceed. */
export function percentile(list, part) {
	const sorted = [...list].sort((a, b) => a - b);

	return sorted[Math.min(sorted.length - 1,
		Math.ceil(part * sorted.length) - 1)];
}

export function reportTimes(figure, times, more = {}) {
	report(figure, percentile(times, 0.5), 'ms', { ...more, n: times.length,
		min: round(Math.min(...times)), p99: round(percentile(times, 0.99)),
		max: round(Math.max(...times)) });
}
