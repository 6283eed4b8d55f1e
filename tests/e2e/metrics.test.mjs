// What the hub tells Prometheus: bridges by hand say what they like, and what is told is
// what they have said.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { record, startHub } from './lib/hub.mjs';
import { Metrics, assertPromtool, assertTruth } from './lib/metrics.mjs';
import { freePort } from './lib/ports.mjs';
import { startPrometheus } from './lib/prometheus.mjs';

const ONE = 'sip:1001@pbx.example';
const MONITORING = `${REPO}/contrib/monitoring`;

let hub;
let port; // its HTTP
let prometheus;
const records = [];

before(async () => {
	port = await freePort();
	hub = await startHub({ connectycube_hub_http: `127.0.0.1:${port}` });
});

after(async () => {
	await prometheus?.stop();
	await hub?.stop();
});

const text = () => hub.ctrl.command('hub_metrics');
const metrics = async () => new Metrics(await text());

/** Metrics once they are as they should be. */
const waitMetrics = (what, check) => until(what, async () => {
	const all = await metrics();

	return check(all) && all;
}, { timeout: 30000 });

const extension = (name, registered, cloud) => ({ extension: name, calls: 0,
	sip: { registered, registers: true }, cloud: { state: cloud } });

const state = (more = {}) => ({ t: 'state', state: { draining: false, loop_stall_ms: 3,
	spool: { waiting: 2, lost: 0, works: true }, calls: [],
	extensions: [extension(ONE, true, 'online')], ...more } });

const leg = (side, more) => ({ side, media: { rtt_avg_ms: 21.5, latency_p50_ms: 0.125,
	latency_p99_ms: 0.5, dead_air_ms: 0, one_way: null,
	rx: { codec: 'PCMU/8000', packets: 312, lost: 3, jitter_avg_ms: 1.25, mos: 4.25 },
	tx: { codec: 'PCMU/8000', packets: 310, lost: -1, jitter_avg_ms: 2, mos: null },
	...more } });

test('each record counts once, however often it comes', async () => {
	const bridge = await hub.bridge('1001', { v: 3 });
	const ones = [
		record({ reason: 'normal', legs: [leg('phone'), leg('app')], pushes: 1 }),
		record({ reason: 'normal', direction: 'app-to-sip',
			legs: [leg('phone', { one_way: 'silence', dead_air_ms: 4200 })] }),
		record({ reason: 'busy', disposition: 'BUSY', bill_ms: 0, setup_ms: null }),
		record({ reason: 'no_answer', disposition: 'NO_ANSWER', pdd_ms: null,
			bill_ms: 0, setup_ms: null, extension: 'sip:"odd\\@pbx.example' }),
	];

	for (const one of [...ones, ones[0], ones[1]]) {
		bridge.lines.splice(0);
		await bridge.keep(one);
	}
	records.push(...ones);
	const all = await metrics();

	assertTruth(all, records);
	assert.equal(all.get('connectycube_records_total'), 4);
	assert.equal(all.get('connectycube_records_repeated_total'), 2);
	assert.equal(all.get('connectycube_records_stored'), 4);
	assert.equal(all.get('connectycube_one_way_calls_total', { leg: 'phone' }), 1);
	assert.equal(all.get('connectycube_calls_total',
		{ extension: 'sip:"odd\\@pbx.example' }), 1);
	assert.equal(all.get('connectycube_bridges_connected'), 1);
	bridge.close();
});

test('gauges are what bridges said last; of one that has gone, that it has', async () => {
	const bridge = await hub.bridge('1001', { v: 3 });
	const call = (num, direction) => ({ t: 'event', event: { type: 'call.new',
		call: num, record_id: `call-${num}`, ext: ONE, direction } });

	bridge.send(state());
	bridge.send(call(1, 'sip-to-app'));
	bridge.send(call(2, 'app-to-sip'));
	bridge.send(call(3, 'app-to-sip'));
	bridge.send({ t: 'event', event: { type: 'call.ended', call: 2, record_id: 'call-2' } });
	let all = await waitMetrics('calls', (one) =>
		one.get('connectycube_calls_active', { dir: 'app-to-sip' }) === 1);

	assert.equal(all.get('connectycube_calls_active', { dir: 'sip-to-app' }), 1);
	for (const name of ['extension_up', 'sip_registered', 'cloud_connected'])
		assert.equal(all.get(`connectycube_${name}`, { extension: ONE }), 1, name);
	assert.equal(all.get('connectycube_bridge_spool_records'), 2);
	assert.equal(all.get('connectycube_recordings_total', { result: 'failed' }), 0);

	bridge.send(state({ extensions: [extension(ONE, false, 'refused')], calls: [3] }));
	all = await waitMetrics('it is not registered', (one) =>
		one.get('connectycube_sip_registered') === 0);
	assert.equal(all.get('connectycube_cloud_refused'), 1);
	assert.equal(all.get('connectycube_calls_active'), 1);
	assert.equal(all.get('connectycube_loop_stall_seconds_count'), 2);

	bridge.close();
	all = await waitMetrics('it has gone', (one) =>
		one.get('connectycube_extension_up') === 0);
	assert.equal(all.get('connectycube_sip_registered'), undefined);
	assert.equal(all.get('connectycube_calls_active'), undefined);
});

test('promtool is content with it, with the rules, and their tests', async () => {
	assert.equal(assertPromtool(['check', 'metrics'], await text()), '');
	assertPromtool(['check', 'rules', `${MONITORING}/connectycube.rules.yml`]);
	assertPromtool(['test', 'rules', `${MONITORING}/connectycube.rules.test.yml`]);
});

test('a real Prometheus scrapes it, with a token, and takes the rules', async () => {
	const bridge = await hub.bridge('1001', { v: 3 });
	const token = /^(cube_[0-9a-f]{64})$/m.exec(await hub.ctrl.command('hub_token',
		'add prometheus readonly'))[1];

	prometheus = await startPrometheus({ port, token });
	bridge.send(state());
	await prometheus.wait('connectycube_sip_registered == 1');
	const one = async (expr) => Number((await prometheus.query(expr))[0].value[1]);

	assert.equal(await one('up{job="connectycube"}'), 1);
	assert.equal(await one('sum(connectycube_calls_total)'), records.length);
	assert.equal(await one('sum(connectycube_call_pdd_seconds_count)'),
		records.filter(({ pdd_ms: ms }) => ms !== null).length);

	const { groups } = await prometheus.get('rules');
	const rules = groups.flatMap((group) => group.rules);

	assert.ok(rules.length > 15);
	assert.deepEqual(rules.filter(({ lastError }) => lastError), []);

	// what it has seen be lost is about to be an alarm
	bridge.send(state({ extensions: [extension(ONE, false, 'refused')] }));
	await prometheus.wait('ALERTS{alertname="ConnectyCubeRegistrationLost"}',
		([alert]) => alert?.metric.extension === ONE);
	await prometheus.wait('ALERTS{alertname="ConnectyCubeCloudRefused"}',
		([alert]) => alert?.metric.alertstate === 'pending');
	bridge.close();
});

test('a hub that was killed: counters begin anew, gauges are right', async () => {
	await hub.kill();
	await hub.start();
	const bridge = await hub.bridge('1001', { v: 3 });
	const fresh = record({ reason: 'normal', legs: [leg('app')] });

	// its acks were lost: it brings all again
	for (const one of [...records, fresh]) await bridge.keep(one);
	bridge.send(state({ calls: [7] }));
	bridge.send({ t: 'stats', stats: { calls: [{ call: 7, record_id: 'call-7',
		extension: ONE, direction: 'sip-to-app', legs: [
			{ leg_num: 1, rx: { codec: 'PCMU/8000' }, tx: { codec: 'PCMU/8000' } },
			{ leg_num: 2, rx: { codec: 'opus/48000' },
				tx: { codec: 'opus/48000' } }] }] } });
	const all = await waitMetrics('its call', (one) =>
		one.get('connectycube_transcoded_active') === 1);

	assertTruth(all, [fresh]);
	assert.equal(all.get('connectycube_records_repeated_total'), 4);
	assert.equal(all.get('connectycube_records_stored'), 5);
	assert.equal(all.get('connectycube_calls_active', { dir: 'sip-to-app' }), 1);
	assert.ok(all.get('process_resident_memory_bytes') > 1e6);
	assert.ok(all.get('connectycube_disk_free_bytes', { place: 'database' }) > 0);
	await hub.waitIdle();
	const idle = await metrics();

	for (const sink of ['jsonl', 'csv'])
		assert.deepEqual(['waiting_records', 'oldest_seconds', 'dead_letters', 'up']
			.map((name) => idle.get(`connectycube_sink_${name}`, { sink })),
		[0, 0, 0, 1]);
	bridge.close();
});
