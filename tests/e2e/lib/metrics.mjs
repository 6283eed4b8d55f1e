// What the hub tells Prometheus, taken apart, and what it should say of records.
//
//	const all = parse(text);
//	all.get('connectycube_calls_total', { dir: 'sip-to-app' })
//	assertPromtool(['check', 'metrics'], text);

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const LINE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;
const PLAIN = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

function labels(text = '') {
	const found = {};
	let end = 0;

	for (const [whole, name, value] of text.matchAll(LABEL)) {
		found[name] = value.replace(/\\[\\"n]/g, (two) => PLAIN[two]);
		end += whole.length;
	}
	assert.equal(end, text.length, `labels: ${text}`);
	return found;
}

export class Metrics {
	constructor(text) {
		this.series = text.split('\n').filter((line) => line
			&& !line.startsWith('#')).map((line) => {
			const match = LINE.exec(line);

			assert.ok(match, `no line of a metric: ${line}`);
			return { name: match[1], labels: labels(match[2]),
				value: Number(match[3].replace('Inf', 'Infinity')) };
		});
	}

	find(name, want = {}) {
		return this.series.filter((one) => one.name === name
			&& Object.entries(want).every(([k, v]) => one.labels[k] === v));
	}

	/** The sum of all that have these labels; undefined: there are none. */
	get(name, want) {
		const found = this.find(name, want);

		return found.length ? found.reduce((sum, { value }) => sum + value, 0)
			: undefined;
	}
}

/** promtool, which must be content and say nothing. */
export function assertPromtool(args, input = '') {
	const { status, stdout, stderr } = spawnSync('promtool', args, { input,
		encoding: 'utf8' });

	assert.equal(status, 0, `promtool ${args.join(' ')}: ${stdout}${stderr}`);
	return stdout + stderr;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

/** All that is of records is what these say. */
export function assertTruth(metrics, records) {
	const near = (name, want, value) => {
		const got = metrics.get(name, want) ?? 0;

		assert.ok(Math.abs(got - value) < 1e-6 * Math.max(1, value),
			`${name} ${JSON.stringify(want)}: ${got}, not ${value}`);
	};
	const groups = new Map();

	for (const { extension, direction: dir, disposition, reason } of records) {
		const labels_ = { extension, dir, result: disposition.toLowerCase(), reason };
		const key = JSON.stringify(labels_);

		groups.set(key, (groups.get(key) ?? 0) + 1);
	}
	for (const [key, n] of groups)
		near('connectycube_calls_total', JSON.parse(key), n);
	near('connectycube_calls_total', {}, records.length);

	for (const [name, member, of] of [['pdd', 'pdd_ms', () => true],
		['setup', 'setup_ms', () => true],
		['duration', 'bill_ms', ({ disposition }) => disposition === 'ANSWERED']]) {
		const values = records.filter(of).map((one) => one[member])
			.filter((value) => value !== null && value !== undefined);

		near(`connectycube_call_${name}_seconds_sum`, {}, sum(values) / 1000);
		near(`connectycube_call_${name}_seconds_count`, {}, values.length);
	}

	const legs = records.flatMap((one) => one.legs).filter(({ media }) => media);

	for (const leg of ['phone', 'app']) {
		const media = legs.filter(({ side }) => side === leg)
			.map((one) => one.media);

		near('connectycube_rtt_seconds_sum', { leg },
			sum(media.map(({ rtt_avg_ms: ms }) => ms ?? 0)) / 1000);
		near('connectycube_bridge_latency_seconds_sum', { leg },
			sum(media.map(({ latency_p50_ms: ms }) => ms ?? 0)) / 1000);
		for (const dir of ['rx', 'tx']) {
			const all = media.map((one) => one[dir]).filter(Boolean);
			const mos = all.map((one) => one.mos).filter(Boolean);

			near('connectycube_rtp_packets_total', { leg, dir },
				sum(all.map(({ packets }) => packets)));
			near('connectycube_rtp_lost_total', { leg, dir },
				sum(all.map(({ lost }) => Math.max(0, lost))));
			near('connectycube_mos_sum', { leg, dir }, sum(mos));
			near('connectycube_mos_count', { leg, dir }, mos.length);
		}
	}
	near('connectycube_dead_air_seconds_total', {}, sum(records.map((one) =>
		Math.max(0, ...one.legs.map(({ media }) => media?.dead_air_ms ?? 0)))) / 1000);
	near('connectycube_push_total', { result: 'sent' },
		sum(records.map(({ pushes = 0 }) => pushes)));
}
