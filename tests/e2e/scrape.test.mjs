// A real Prometheus scrapes a hub while real calls go on: nothing is refused, nothing said
// twice, and every query of the Grafana dashboard and of the alert rules finds what it is for.
//
//	E2E_LIMIT=900 SCRAPE_SECONDS=600 tests/e2e/run build/logs results tests/e2e/scrape.test.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { assertBoard, queries, readBoard, variableQueries } from './lib/grafana.mjs';
import { startApi } from './lib/hubapi.mjs';
import { startPrometheus } from './lib/prometheus.mjs';

const SECONDS = Number(process.env.SCRAPE_SECONDS ?? 0);

// what nothing is to be seen of while all is well, and of what is not used here
const SILENT = new RegExp(`^(${['Pushes B', 'Web server A', 'Not heard .*', 'In the cloud B',
	'Calls that ended, by result B', 'Sinks: handed on, and failures [BC]'].join('|')})$`);

const board = readBoard();
let api;
let prometheus;

before(async () => {
	api = await startApi({ bridge: { connectycube_record_calls: 'always' } });
	prometheus = await startPrometheus({ port: api.door.port,
		token: api.tokens.readonly });
	await prometheus.wait('up'); // it looks for targets every five seconds
});

after(async () => {
	await prometheus?.stop();
	await api?.stop();
});

const one = async (expr) => Number((await prometheus.query(expr))[0]?.value[1]);

/** A call that is answered, measured as a whole or not, and one that is refused. */
async function someCalls(whole) {
	const { rig } = api;
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	// RTCP takes its time
	if (whole) await api.live(({ legs }) => legs.every(({ latency_p99_ms: ms }) => ms)
		&& legs.some(({ rtt_ms: ms }) => ms));
	await prometheus.wait('sum(connectycube_calls_active) == 1');
	await rig.phoneHangsUp(call);
	await rig.app.forget();
	const other = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.reject({ busy: 'true' });
	await other.wait('486');
	await rig.bridge.waitIdle();
}

test('it is scraped while calls go on, and nothing is amiss', async () => {
	const first = Math.floor(Date.now() / 1000);
	const seconds = () => Math.floor(Date.now() / 1000) - first;
	let rounds = 0;

	do {
		await someCalls(rounds === 0);
		rounds += 1;
		// what comes with the first scrape that has it is no increase
		await prometheus.wait(`sum(connectycube_calls_total) == ${rounds * 2}`);
	} while (rounds < 2 || seconds() < SECONDS);
	await prometheus.wait(`sum(connectycube_recordings_total{result="complete"}) == ${rounds}`);
	const span = `[${seconds()}s]`;

	assert.equal(await one(`min_over_time(up${span})`), 1);
	assert.equal(await one(`sum(resets(connectycube_calls_total${span}))`), 0);
	const [kept, told, scrapes] = await Promise.all([
		`min_over_time(scrape_samples_post_metric_relabeling${span})`,
		`min_over_time(scrape_samples_scraped${span})`, `count_over_time(up${span})`].map(one));

	assert.ok(kept > 50 && kept === told, `${kept} of ${told}`);
	// one a second, but for what a busy machine is late
	assert.ok(scrapes > 0.8 * seconds(), `${scrapes} times`);
	const text = readFileSync(prometheus.child.log, 'utf8');

	assert.doesNotMatch(text, /level=(warn|error)|[Dd]uplicate|out.of.order/);
	const figures = {};

	for (const [name, expr] of Object.entries({
		answered: 'sum(connectycube_calls_total{result="answered"})',
		scrapes: `count_over_time(up${span})`, samples: 'scrape_samples_scraped',
		slowest_s: `max_over_time(scrape_duration_seconds${span})`,
		mean_s: `avg_over_time(scrape_duration_seconds${span})`,
		series: 'connectycube_metrics_series',
		cpu: `rate(process_cpu_seconds_total${span})`,
		memory: 'process_resident_memory_bytes',
		memory_most: `max_over_time(process_resident_memory_bytes${span})`,
		descriptors: `max_over_time(process_open_fds${span})` }))
		figures[name] = await one(expr);
	console.error(`${span}: ${JSON.stringify(figures)}`);
});

test('each query of the dashboard has an answer, and its variables have values', async () => {
	assertBoard(board);
	const empty = [];
	const now = Math.floor(Date.now() / 1000);

	for (const { panel, expr, instant } of queries(board)) {
		const how = encodeURIComponent(expr);
		const { result } = await prometheus.get(instant ? `query?query=${how}`
			: `query_range?query=${how}&start=${now - 30}&end=${now}&step=1`);

		if (!result.length) empty.push(panel);
	}
	assert.deepEqual(empty.filter((panel) => !SILENT.test(panel)), []);
	for (const { name, selector, label } of variableQueries(board)) {
		const values = await prometheus.get(`label/${label}/values?match[]=${
			encodeURIComponent(selector)}`);

		assert.equal(values.length, 1, `${name}: ${values}`);
	}
});

test('the rules are evaluated, and none fires', async () => {
	const rules = await until('all rules', async () => {
		const { groups } = await prometheus.get('rules');
		const all = groups.flatMap((group) => group.rules);

		return all.every(({ health }) => health !== 'unknown') && all;
	});

	assert.deepEqual(rules.filter(({ health, lastError }) => lastError || health !== 'ok'), []);
	assert.deepEqual((await prometheus.query('ALERTS')).map(({ metric }) => metric.alertname), []);
});
