// A hundred calls, and a bridge and a hub that are killed at moments that nobody
// chooses; the database is away and the disk full for a while. Each call that was
// answered has one record in the end, and only one: in SQLite, JSON lines, PostgreSQL.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { mountDisk } from './lib/fulldisk.mjs';
import { startHub } from './lib/hub.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { BARESIP, startRig } from './lib/rig.mjs';
import { seeded } from './lib/seed.mjs';

const CALLS = 17; // in a round
const ROUNDS = ['bridge', 'hub', 'both', 'hub full', 'bridge', 'both'];
const SURE = 1000; // an answer is in the journal by then [ms]
const random = seeded();
const dir = mkdtempSync(`${tmpdir()}/kill-`);
const spool = `${dir}/spool`;

let rig;
let hub;
let pg;
let keys;
let disk;
const gone = new Set(); // phones whose bridge is dead

before(async () => {
	disk = mountDisk(spool, '512k');
	pg = await startPostgres();
	hub = await startHub({ connectycube_hub_postgres: pg.url });
	keys = {
		module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
			'ctrl_tcp.so'],
		connectycube_link_socket: hub.socket, connectycube_link_spool: spool,
		connectycube_link_name: 'sales', connectycube_max_calls: 0,
		connectycube_caller_calls: 0, connectycube_caller_rate: 0,
	};
	rig = await startRig({ app: false, bridge: { argv: [BARESIP], keys } });
});

after(async () => {
	gone.add(rig?.ua);
	await rig?.stop();
	await hub?.stop();
	await pg?.close();
	disk?.unmount();
	rmSync(dir, { recursive: true, force: true });
});

/** What is on the bridge's disk: the journal, and records. */
const onDisk = () => readdirSync(spool).map((name) => {
	try {
		return readFileSync(`${spool}/${name}`, 'latin1');
	} catch {
		return '';
	}
}).join('\n');

/** One call: the app calls, the phone answers, and may hang up. */
async function follow(call, answers, hangsUp, { ua }) {
	await delay(answers);
	if (gone.has(ua)) return; // who called was killed before
	call.ring();
	call.answer();
	await call.wait('ACK');
	call.answeredMs = Date.now();
	if (!hangsUp) return;
	await delay(hangsUp);
	if (gone.has(ua)) return;
	await call.bye();
	call.ended = true;
}

/** Calls that go on when this returns, after `ms`. */
async function callsFor(ms) {
	const app = fakeApp(rig.sandbox, '101');
	const end = Date.now() + ms;
	const calls = [];
	const collect = (async () => {
		while (Date.now() < end && calls.length < CALLS) {
			const call = await rig.ua.waitInvite(Math.max(end - Date.now(), 1))
				.catch(() => null);

			if (!call) return;
			calls.push(call);
			follow(call, random() * 200, random() < 0.5
				&& 50 + random() * 600, { ua: rig.ua })
				.catch(() => {});
		}
	})();

	for (let i = 0; i < CALLS && Date.now() < end; i++)
		await app.call(randomUUID());
	await collect;
	await delay(Math.max(end - Date.now(), 0));
	return calls;
}

async function renewBridge() {
	gone.add(rig.ua);
	await rig.bridge.child.exited;
	await rig.renew({ bridge: { argv: [BARESIP], keys } });
}

function kill(what) {
	if (what !== 'hub') process.kill(rig.bridge.child.pid, 'SIGKILL');
	if (what !== 'bridge') process.kill(hub.child.pid, 'SIGKILL');
}

async function round(what, calls) {
	const [who, full] = what.split(' ');

	if (full) disk.fill();
	const mine = await callsFor(800 + random() * 1400);

	kill(who);
	const now = Date.now();

	if (who !== 'bridge') {
		await hub.child.exited;
		hub.ctrl.close();
	}
	if (who !== 'hub') {
		const disk = onDisk();

		await rig.bridge.child.exited;
		for (const call of mine) {
			call.sure = call.ended || disk.includes(call.id)
				|| now - call.answeredMs > SURE;
		}
	}
	if (who !== 'bridge') {
		await delay(random() * 500);
		await hub.start();
	}
	if (who === 'hub') {
		// the bridge lives: what it has begun it ends
		await rig.bridge.command('cube_hangup', 'all');
		await rig.bridge.waitIdle();
		for (const call of mine) call.sure = Boolean(call.answeredMs);
		if (full) disk.free();
	} else {
		await renewBridge();
	}
	calls.push(...mine);
}

/** Records of their JSON, by id. */
const sorted = (all) => all.map((json) => JSON.parse(json))
	.sort((one, other) => one.id < other.id ? -1 : 1);

test('each call has one record, whatever was killed when', async () => {
	const calls = [];

	for (const [i, what] of ROUNDS.entries()) {
		if (i === 1) await pg.stop();
		if (i === 3) await pg.start();
		await round(what, calls);
	}

	await until('nothing waits at the bridge', async () =>
		/waiting for the hub: 0,/.test(await rig.bridge.command('cube_link')),
	{ timeout: 30000 });
	const stored = () => hub.query('SELECT id, json FROM records');
	const lines = () => (existsSync(hub.jsonl)
		? readFileSync(hub.jsonl, 'utf8').split('\n').filter(Boolean) : [])
		.map((line) => JSON.parse(line).id).sort();
	const ids = stored().map(({ id }) => id).sort();

	await until('JSON lines have all', () => lines().length >= ids.length,
		{ timeout: 30000 });
	await until('PostgreSQL has all', () => pg.query('SELECT id FROM calls')
		.length >= ids.length, { timeout: 60000 });
	assert.deepEqual(stored().map(({ id }) => id).sort(), ids);
	assert.deepEqual(lines(), ids);
	assert.deepEqual(pg.query('SELECT id FROM calls').sort(), ids);
	assert.deepEqual(sorted(pg.query('SELECT record FROM calls')),
		sorted(stored().map(({ json }) => json)));
	assert.equal(new Set(ids).size, ids.length);

	const records = new Map();

	for (const { json } of stored()) {
		const one = JSON.parse(json);

		records.set(one.call_id, [...records.get(one.call_id) ?? [], one]);
	}
	const sure = calls.filter(({ answeredMs, sure: is }) => answeredMs && is);
	const reasons = {};

	for (const call of calls) {
		const mine = records.get(call.id) ?? [];

		assert.ok(mine.length <= 1, `${call.id}: ${mine.length} records`);
		if (call.sure && call.answeredMs)
			assert.equal(mine.length, 1, `${call.id}: none, ended: ${call.ended}`);
		if (mine.length) reasons[mine[0].reason] = (reasons[mine[0].reason] ?? 0)
			+ 1;
	}
	console.log(`# ${calls.length} calls, ${sure.length} sure: ${
		JSON.stringify(reasons)}`);
	assert.ok(calls.length >= 90, `${calls.length} calls`);
	assert.ok(sure.length >= 50, `${sure.length} sure`);
	assert.ok(reasons.crash >= 5 && reasons.normal >= 10);
});
