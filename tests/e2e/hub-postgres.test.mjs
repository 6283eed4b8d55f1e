// A PostgreSQL that hangs: it accepts and says nothing, is stopped in mid-insert, or
// waits for a lock. Others go on, the hub says it and ends in time, and nothing is lost.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { record as sample, startHub } from './lib/hub.mjs';
import { startPostgres } from './lib/postgres.mjs';

const LONG = 60000; // [ms] its tries are ever further apart

let pg;
let hub;
let bridge;
let mute; // accepts, and never says anything

const record = () => {
	const id = randomUUID();

	return sample({ id, linked_id: id });
};

before(async () => {
	pg = await startPostgres();
	mute = net.createServer(() => {}).listen(0, '127.0.0.1');
	await once(mute, 'listening');
});

after(async () => {
	bridge?.close();
	mute?.close();
	await pg?.close();
});

async function withHub(url, run) {
	hub = await startHub({ connectycube_hub_postgres: url,
		connectycube_hub_postgres_recordings: 'none' });
	try {
		bridge = await hub.bridge('1001');
		await run();
	} finally {
		bridge?.close();
		await hub.stop();
	}
}

const rows = (id) => pg.query(`SELECT id FROM calls WHERE id='${id}'`).length;

const waitRow = (id) => until('PostgreSQL has it', () => rows(id),
	{ timeout: LONG });

const inJsonl = (id) => until('JSON lines have it', () =>
	hub.ids().jsonl.includes(id));

/** Processes of PostgreSQL that serve the hub. */
const backends = () => pg.query('SELECT pid FROM pg_stat_activity WHERE'
	+ " application_name='connectycube-hub' ORDER BY pid").map(Number);

const signal = (pids, name) => {
	for (const pid of pids) process.kill(pid, name);
};

/** It ends by itself, and not because it was killed. */
async function endsInTime() {
	hub.ctrl.close();
	assert.ok(await hub.child.stop(), 'the hub had to be killed');
}

test('one that accepts and says nothing holds up nobody', async () => {
	const { port } = mute.address();

	await withHub(`postgresql://hub:secret-word@127.0.0.1:${port}/x`, async () => {
		const one = record();

		await bridge.keep(one);
		await inJsonl(one.id);
		await hub.waitStatus(
			/sink {4}postgres [^]*failed \d+ times?: it lets nobody in within 5 s$/m);
		const more = record();

		await bridge.keep(more);
		await inJsonl(more.id);
		assert.match(await hub.ctrl.command('hub_metrics'),
			/^connectycube_sink_up\{sink="postgres"\} 0$/m);
		assert.ok(!hub.logText().includes('secret-word'));

		// in mid-try
		const again = once(mute, 'connection');

		await hub.ctrl.command('hub_retry', 'postgres');
		await again;
		await endsInTime();
	});
});

test('one that is stopped in mid-insert has it once, when it goes on', async () => {
	await withHub(pg.url, async () => {
		const first = record();
		const one = record();

		await bridge.keep(first);
		await waitRow(first.id);
		const stopped = backends();

		assert.equal(stopped.length, 1);
		signal(stopped, 'SIGSTOP');
		try {
			await bridge.keep(one);
			await inJsonl(one.id);
			await hub.waitStatus(
				/failed \d+ times?: it does not answer within 10 s$/m);
			await waitRow(one.id); // by another of its processes
		} finally {
			signal(stopped, 'SIGCONT');
		}
		await hub.waitStatus(/sink {4}postgres done=2 waiting=0 calls/);
		assert.equal(rows(one.id), 1);

		// the end, in mid-insert
		const now = backends();
		const last = record();

		signal(now, 'SIGSTOP');
		try {
			await bridge.keep(last);
			await inJsonl(last.id);
			await hub.waitStatus(/sink {4}postgres done=2 waiting=\S+ busy/);
			await endsInTime();
		} finally {
			signal(now, 'SIGCONT');
		}
		await hub.start();
		await waitRow(last.id);
		assert.equal(rows(last.id), 1);
	});
});

test('while somebody locks the table, only one of its processes waits', async () => {
	await withHub(pg.url, async () => {
		const one = record();
		const unlock = await pg.lock('calls');

		try {
			await bridge.keep(one);
			await hub.waitStatus(
				/failed \d+ times?: .*canceling statement due to statement timeout/);
			await until('it is tried again', () => backends().length);
			assert.ok(backends().length <= 1);
		} finally {
			await unlock();
		}
		await waitRow(one.id);
	});
});

test('of two servers, the first hangs: the other one is tried', async () => {
	const { port } = mute.address();

	await withHub(`postgresql://hub:secret-word@127.0.0.1:${port},127.0.0.1:${
		pg.port}/postgres`, async () => {
		const one = record();

		await bridge.keep(one);
		await waitRow(one.id);
	});
});
