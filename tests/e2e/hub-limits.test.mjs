// Whoever talks to the hub too much: many connections, wrong hellos, floods, records while
// the disk takes none. Others do not notice, memory does not grow, the log is not flooded.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { FaithfulBridge, connectRaw, record as sample, startHub }
	from './lib/hub.mjs';
import { mountDisk } from './lib/fulldisk.mjs';

const MB = 1024; // [kB]

let dir;
let disk;
let hub;
let good;

const record = (more) => {
	const id = randomUUID();

	return sample({ id, linked_id: id, ...more });
};

/** Resident memory of the hub [kB]. */
const memory = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(
	readFileSync(`/proc/${hub.child.pid}/status`, 'utf8'))[1]);

const lines = (text) => hub.logText().split('\n')
	.filter((line) => line.includes(text)).length;

before(async () => {
	dir = mkdtempSync(`${tmpdir()}/limits-`);
	disk = mountDisk(`${dir}/db`, '64m');
	hub = await startHub({ connectycube_hub_bridges: 40,
		connectycube_hub_db: `${disk.path}/records.db` });
	hub.db = `${disk.path}/records.db`;
	good = await hub.bridge('good');
});

after(async () => {
	good?.close();
	await hub?.stop();
	disk?.unmount();
	rmSync(dir, { recursive: true, force: true });
});

test('wrong hellos, many at once, again and again', async () => {
	const wrong = [{ t: 'hello', v: 1, min: 1 }, { t: 'hello', v: 99, min: 99,
		name: 'x' }, { t: 'hello', v: 1, min: 1, name: 'x'.repeat(1000) },
	{ t: 'record' }, { t: 'hello', v: 1, min: 1, name: { a: 1 } }];
	const round = async () => {
		const many = await Promise.all(Array.from({ length: 30 }, () =>
			connectRaw(hub.socket)));

		for (const [i, bridge] of many.entries())
			bridge.send(wrong[i % wrong.length]);
		for (const bridge of many) assert.ok(await bridge.waitBye());
	};

	const began = performance.now();

	await round();
	const had = memory();

	for (let i = 0; i < 30; i += 1) await round();
	assert.ok(memory() < had + 4 * MB, `${had} kB, and then ${memory()} kB`);
	const minutes = Math.ceil((performance.now() - began) / 60000) + 1;

	assert.ok(lines('is sent away') <= 20 * minutes,
		`${lines('is sent away')} lines in ${minutes} minutes`);
	await good.keep(record());
	await hub.waitStatus(/^hub .* bridges=1$/m);
});

test('too many connections: each is told, and one that was there stays', async () => {
	const many = await Promise.all(Array.from({ length: 200 }, () =>
		connectRaw(hub.socket)));

	try {
		await until('most are sent away', () =>
			many.filter(({ closed }) => closed).length >= 200 - 39);
		for (const bridge of many.filter(({ closed }) => closed))
			assert.match(bridge.lines[0].text, /connectycube_hub_bridges/);
		assert.ok(lines('connectycube_hub_bridges') <= 3);
		await good.keep(record());
	} finally {
		for (const bridge of many) bridge.close();
	}
	await hub.waitStatus(/^hub .* bridges=1$/m);
});

test('a flood of events and of a line without an end', async () => {
	const flood = await hub.bridge('flood');
	const event = `${JSON.stringify({ t: 'event', event: { v: 1, type: 'odd',
		text: 'x'.repeat(1000) } })}\n`;
	const had = memory();

	for (let i = 0; i < 100; i += 1) flood.write(event.repeat(100));
	for (let i = 0; i < 5; i += 1) await good.keep(record());
	// one too many: had the hub more to read, its last words could be lost
	flood.write('x'.repeat((1 << 18) + 1));
	assert.match(await flood.waitBye(), /a line is too long/);
	assert.ok(memory() < had + 8 * MB, `${had} kB, and then ${memory()} kB`);
	await good.keep(record());
});

test('large records while the disk is full: none is lost, memory has an end', async () => {
	const big = Array.from({ length: 120 }, () =>
		record({ extra: 'x'.repeat(200000) }));
	const small = Array.from({ length: 20 }, () => record());

	disk.fill();
	const had = memory();
	const brings = [new FaithfulBridge(hub, 'big', big, { window: 100 }),
		new FaithfulBridge(hub, 'small', small)].map((one) => one.run());

	await hub.waitStatus(/^records [^]*?failed \d+ times: /m);
	await hub.waitStatus(/ big .*\(waits\)/);
	assert.ok(memory() < had + 20 * MB, `${had} kB, and then ${memory()} kB`);
	disk.free();
	await Promise.all(brings);
	const ids = hub.ids().db;

	assert.equal(new Set(ids).size, ids.length);
	for (const { id } of [...big, ...small]) assert.ok(ids.includes(id));
});
