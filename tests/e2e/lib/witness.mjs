// What peers have seen of a call, and the record that is to be made of it: each
// field of the record is expected, none is left out.
//
//	assertIs(record, expectRecord({ from: {...}, t_end: between(a, b), ... }));

import assert from 'node:assert/strict';
import { hostname } from 'node:os';

const CLOCKS = 10; // [ms] two clocks that are read one after the other

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A number within these. */
export const between = (from, to, slack = CLOCKS) => Object.assign((value) =>
	value >= from - slack && value <= to + slack,
{ says: `${from} to ${to}` });

/** No less than that; of text, some. */
export const atLeast = (from) => typeof from === 'string'
	? (value) => value > from : between(from, Infinity, 0);

/** The time between two others of the record, null without one of them. */
const span = (from, to) => Object.assign((value, record) => {
	if (record[from] === null || record[to] === null) return value === null;
	return Math.abs(record[to] - record[from] - value) <= CLOCKS;
}, { says: `${from} to ${to}` });

function differences(actual, wanted, record, path) {
	if (typeof wanted === 'function')
		return wanted(actual, record) ? []
			: [`${path}: ${JSON.stringify(actual)}, not ${wanted.says ?? wanted}`];
	if (wanted instanceof RegExp)
		return wanted.test(actual ?? '') ? []
			: [`${path}: ${JSON.stringify(actual)}, not ${wanted}`];
	if (wanted === null || typeof wanted !== 'object')
		return Object.is(actual, wanted) ? []
			: [`${path}: ${JSON.stringify(actual)}, not ${JSON.stringify(wanted)}`];
	if (actual === null || typeof actual !== 'object')
		return [`${path}: ${JSON.stringify(actual)}, not an object`];

	return [...new Set([...Object.keys(actual), ...Object.keys(wanted)])]
		.flatMap((key) => key in wanted && key in actual
			? differences(actual[key], wanted[key], record, `${path}.${key}`)
			: [`${path}.${key}: ${key in wanted ? 'missing' : 'not expected'}`]);
}

/** All that differs is told at once. */
export function assertIs(record, wanted) {
	const found = differences(record, wanted, record, 'record');

	assert.equal(found.join('\n'), '');
}

const PHONE = { side: 'phone', user: null, number: '5551234', name: null };
const APP = { side: 'app', number: null, name: null, uri: null };

export const phoneOf = (ua, more = {}) => ({ ...PHONE, number: ua.user,
	uri: new RegExp(`^sip:${ua.user}@127\\.0\\.0\\.1`), ...more });
export const appOf = (user, more = {}) => ({ ...APP, user, ...more });

/** A record that nothing special has happened to: an answered call that its
 * phone has ended. */
export const expectRecord = (more) => ({
	v: 1, id: UUID, kind: 'bridge', linked_id: (value, { id }) => value === id,
	host: hostname(), department: 'Sales', trace: /^[0-9a-f]{32}$/,
	channel: null, channel_linked: null,
	rung_first: null,
	t_ring: null, t_early: null, t_answer: null, t_media: null,
	pdd_ms: span('t_start', 't_ring'),
	ring_ms: (value, record) => record.t_ring === null ? value === null
		: span('t_ring', record.t_answer ? 't_answer' : 't_end')(value, record),
	setup_ms: span('t_answer', 't_media'),
	bill_ms: (value, record) => record.t_answer === null ? value === 0
		: span('t_answer', 't_end')(value, record),
	hold_ms: 0, hold_count: 0, pushes: 0, push_to_online_ms: null,
	disposition: 'ANSWERED', class: 'success', reason: 'normal',
	sip_code: null, q850: 16, hung_up_by: 'phone',
	// its phone has reported nothing, which tells in a call that is long
	// enough; a machine that is busy holds up the bridge
	verdict: (value) => ['good', 'unknown', 'bridge'].includes(value),
	flight: (value, { verdict }) => (value === null) === (verdict !== 'bridge'),
	legs_lost: 0, transfers: [], recordings: [],
	supervision: [], conference: null, keys: { phone: 0, app: 0 },
	...more,
});

/** A party of it, that nothing has happened to. */
export const expectLeg = (more) => ({
	num: atLeast(1), number: null, name: null, call_id: null, tag_local: null,
	tag_remote: null, session: null, t_new: null, t_answer: null, t_end: null,
	sip_code: null, hold_ms: 0, hold_count: 0, path_losses: 0, media: null,
	...more,
});

/** One direction of audio; sent is reported by its receiver, or not. */
export const expectAudio = (codec, packets, more = {}) => ({
	codec, packets, bytes: atLeast(1), lost: between(0, 9, 0), reordered: 0, duplicates: 0,
	jitter_ms: atLeast(0), jitter_avg_ms: atLeast(0), jitter_max_ms: atLeast(0),
	mos: between(2, 5), mos_avg: between(2, 5), mos_min: between(1, 5),
	...more,
});

export function expectSent(codec, packets, more = {}) {
	const { reordered, duplicates, ...tx } = expectAudio(codec, packets, more);

	return tx;
}

/** What a phone that sends no RTCP says of what it gets. */
export const UNREPORTED = { lost: null, jitter_ms: null, jitter_avg_ms: null,
	jitter_max_ms: null, mos: null, mos_avg: null, mos_min: null };

export const expectMedia = (more) => ({
	video_rx: null, video_tx: null, rtt_ms: null, rtt_avg_ms: null,
	rtt_max_ms: null, concealed: atLeast(0), level_dbov: between(-20, -3),
	level_max_dbov: between(-20, -3), silent_ms: between(0, 2000), one_way: null,
	dead_air_ms: 0, latency_p50_ms: between(0, 500),
	latency_p99_ms: between(0, 5000), srtp: null, ice_local: null,
	ice_remote: null, ...more,
});

/** The tags of a phone's dialog, as it has them. */
export const dialogOf = (call, bridge) => {
	const tag = (header) => /;tag=([^;]+)/.exec(header)?.[1] ?? null;

	return { call_id: call.id, tag_local: bridge ?? tag(call.out ? call.remote
		: call.messages[0].header('From')), tag_remote: tag(call.local) };
};
