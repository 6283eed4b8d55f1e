// What the figures of speed.mjs are to be, and whether they are.
//
//	judge(lines)    prints a line for each goal whose figures were measured

/** The share of a core a call takes, divided by another's in the same run. */
const ratio = (own, other) => own.cpu_pct_per_call / other.cpu_pct_per_call;

/** The same of the loop alone, without threads. */
const loopRatio = (own, other) => own.loop_pct_per_call
	/ other.loop_pct_per_call;

// [what, scenario, of whom, value, at most, calls]; at 50 transcoded calls
// rtpengine is at its core's end and loses packets, which makes it look cheap.
// A scenario of several rounds is judged by their median
const GOALS = [
	['relay: p50 [ms]', 'relay', ['ours'], (own) => own.p50_ms, 0.1],
	['relay: p99 [ms]', 'relay', ['ours'], (own) => own.p99_ms, 1],
	...['relay', 'relay-cm', 'relay-app', 'relay-app-cm'].map((name) => [
		`${name}: CPU / rtpengine's, in turns`, name, ['ours', 'rtpengine'],
		ratio, 0.9]),
	['relay: CPU / bare loop\'s, in turns', 'relay', ['ours', 'limit'], ratio,
		1.15],
	...['relay', 'relay-cm'].map((name) => [
		`${name}: CPU / rtpengine's, together`, `${name}-together`,
		['ours', 'rtpengine'], ratio, 0.9]),
	['relay: CPU / bare loop\'s, together', 'relay-together',
		['ours', 'limit'], ratio, 1.15],
	...['link', 'hub', 'flight', 'hep'].map((name) => [
		`relay and ${name}: CPU / relay alone, together`, 'observed-together',
		[name, 'ours'], ratio, 1.03]),
	['relay and record: CPU of the loop / relay alone, together',
		'observed-together', ['record', 'ours'], loopRatio, 1.05],
	['relay: memory a call [kB]', 'relay', ['ours'], (own) => own.kb_per_call,
		150],
	['PCMU <-> Opus: p50 [ms]', 'transcode', ['ours'], (own) => own.p50_ms, 0.3,
		50],
	['PCMU <-> Opus: p99 [ms]', 'transcode', ['ours'], (own) => own.p99_ms, 1.5,
		50],
	['PCMU <-> Opus: CPU / rtpengine\'s, in turns', 'transcode',
		['ours', 'rtpengine'], ratio, 0.4, 20],
	['PCMU <-> Opus: CPU / rtpengine\'s, together', 'transcode-together',
		['ours', 'rtpengine'], ratio, 0.4],
	['PCMU <-> Opus: CPU / bare loop\'s, in turns', 'transcode',
		['ours', 'limit'], ratio, 1.15, 50],
	['PCMU <-> Opus: CPU / bare loop\'s, together', 'transcode-together',
		['ours', 'limit'], ratio, 1.15],
	['PCMU <-> Opus: memory a call [kB]', 'transcode', ['ours'],
		(own) => own.kb_per_call, 300, 50],
	['270 calls relayed: lost', 'capacity-relay', ['ours'], (own) => own.lost, 0],
	['270 calls relayed: p99 [ms]', 'capacity-relay', ['ours'],
		(own) => own.p99_ms, 5],
	['100 calls transcoded: lost', 'capacity-transcode', ['ours'],
		(own) => own.lost, 0],
	['100 calls transcoded: p99 [ms]', 'capacity-transcode', ['ours'],
		(own) => own.p99_ms, 5],
	['recorded: CPU of the loop / not recorded, in turns', 'observed',
		['record', 'ours'], loopRatio, 1.05],
	// pages of what the allocator keeps, and no more
	['20 calls for a while: growth [kB]', 'growth', ['ours'],
		(own) => own.kb_grown, 100],
];

/** Of an even number the higher of the two in the middle: no goal is a gift. */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** lines: the parsed JSON of a run. */
export function judge(lines) {
	for (const [what, bench, peers, value, most, calls] of GOALS) {
		const found = peers.map((peer) => lines.filter((line) =>
			line.bench === bench && line.peer === peer
			&& (!calls || line.calls === calls)));

		if (found.some((rounds) => !rounds.length)) continue;
		const failed = found.flat().some((line) => line.failed);
		const values = failed ? [NaN] : found[0].map((_, i) =>
			value(...found.map((rounds) => rounds[i])));
		const figure = median(values);
		const all = values.length > 1
			? ` (${values.map((x) => x.toFixed(2)).join(', ')})` : '';

		console.log(`# ${figure <= most ? 'met   ' : 'MISSED'} ${what}:`
			+ ` ${Number(figure.toFixed(3))}${all}, goal <= ${most}`);
	}
}
