// Disks of the hub that are full for a while: the one of the database, the one of JSON
// lines and CSV, and one of both. When there is room again all goes on by itself, and
// each record is once in each place.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { FaithfulBridge, record as sample, startHub } from './lib/hub.mjs';
import { mountDisk } from './lib/fulldisk.mjs';

const LONG = 90000; // [ms] the tries are up to a minute apart

let dir;
let web;
let told = [];

const records = (n) => Array.from({ length: n }, () => {
	const id = randomUUID();

	return sample({ id, linked_id: id, extra: 'x'.repeat(2000) });
});

before(async () => {
	dir = mkdtempSync(`${tmpdir()}/full-`);
	web = createServer((request, response) => {
		told.push(request.headers['x-event-id']);
		request.resume().on('end', () => response.writeHead(204).end());
	}).listen(0, '127.0.0.1');
	await once(web, 'listening');
});

after(() => {
	web?.close();
	rmSync(dir, { recursive: true, force: true });
});

/** A hub with its database and its files on disks of their own, or on one. */
async function withDisks(one, run) {
	const db = mountDisk(`${dir}/db`, '16m');
	const files = one ? db : mountDisk(`${dir}/files`, '4m');
	let hub;

	told = [];
	try {
		hub = await startHub({ connectycube_hub_db: `${db.path}/records.db`,
			connectycube_hub_jsonl: `${files.path}/records.jsonl`,
			connectycube_hub_csv: `${files.path}/records.csv`,
			connectycube_hub_webhook: `http://127.0.0.1:${web.address().port}/` });
		Object.assign(hub, { db: `${db.path}/records.db`,
			jsonl: `${files.path}/records.jsonl`,
			csv: `${files.path}/records.csv` });
		await run({ hub, db, files });
	} finally {
		await hub?.stop();
		db.unmount();
		if (!one) files.unmount();
	}
}

/** Each is once in each place; whoever is told by HTTP looks at the id. */
async function eachOnce(hub, ones) {
	const ids = ones.map(({ id }) => id).sort();
	const sorted = () => Object.values(hub.ids()).map((list) => [...list].sort());

	await until('all have all', () => sorted().every((list) =>
		list.length >= ids.length) && new Set(told).size === ids.length,
	{ timeout: LONG, child: hub.child });
	for (const list of sorted()) assert.deepEqual(list, ids);
	assert.deepEqual([...new Set(told)].sort(), ids);
	await hub.waitStatus(/sink {4}webhook done=\d+ waiting=0 http/);
}

test('the database\'s disk is full: records wait at the bridge', async () => {
	await withDisks(false, async ({ hub, db }) => {
		const first = records(20);
		const more = records(30);

		await new FaithfulBridge(hub, '1001', first).run();
		await hub.waitIdle();
		db.fill();
		const brings = new FaithfulBridge(hub, '1001', more).run();

		await hub.waitStatus(/^records [^]*?failed \d+ times: .*(full|No space)/m);
		db.free();
		await brings;
		await eachOnce(hub, [...first, ...more]);
		assert.match(hub.logText(), /records are stored again/);
	});
});

test('the disk of JSON lines and CSV is full: they catch up', async () => {
	await withDisks(false, async ({ hub, files }) => {
		const first = records(20);
		const more = records(400);

		await new FaithfulBridge(hub, '1001', first).run();
		await hub.waitIdle();
		files.fill();
		await new FaithfulBridge(hub, '1001', more, { window: 64 }).run();
		for (const name of ['jsonl', 'csv'])
			await hub.waitStatus(new RegExp(
				`sink {4}${name} [^]*?failed \\d+ times: .*No space`));
		assert.match(await hub.ctrl.command('hub_metrics'),
			/^connectycube_sink_up\{sink="jsonl"\} 0$/m);
		files.free();
		await eachOnce(hub, [...first, ...more]);
		for (const name of ['jsonl', 'csv'])
			assert.match(hub.logText(), new RegExp(` ${name}: it works again`));
	});
});

test('one disk for all is full, at any moment, again and again', async () => {
	await withDisks(true, async ({ hub, db }) => {
		const all = [];
		const stored = () => hub.query('SELECT count(*) n FROM records')[0]?.n;

		for (let i = 0; i < 4; i += 1) {
			const ones = records(25);
			const brings = new FaithfulBridge(hub, '1001', ones).run();

			all.push(...ones);
			await until('some are there', () =>
				stored() > i * 28, { timeout: LONG });
			db.fill();
			await until('it is noticed, or too late', async () =>
				/failed \d+ times/.test(await hub.status())
				|| stored() === all.length, { timeout: LONG });
			db.free();
			await brings;
		}
		await eachOnce(hub, all);
	});
});
