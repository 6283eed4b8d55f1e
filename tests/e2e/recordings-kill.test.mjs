// A hundred calls that are recorded, with a tone each way, and a bridge and a hub that
// are killed at moments that nobody chooses. Each call has one recording in the end,
// and only one, which plays to the last second: in the folder, in SQLite, in JSON
// lines and in the record of its call. What cannot be recorded is there, too: why not.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync,
	rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { mountDisk } from './lib/fulldisk.mjs';
import { readRaw } from './lib/recfile.mjs';
import { FINISHER, sha256, startRecordings } from './lib/hubrec.mjs';
import { BARESIP, startRig } from './lib/rig.mjs';
import { seeded } from './lib/seed.mjs';
import { measure } from './lib/tone.mjs';
import { LOAD_APP_HZ, LOAD_PHONE_HZ, openToneLoad } from './lib/toneload.mjs';

const CALLS = 17; // in a round
const ROUNDS = ['bridge', 'hub', 'both', 'bridge', 'hub', 'both'];
const ENOUGH = 35; // sure ones
const CODEC = 20; // a frame, which may begin anywhere [ms]
const SURE = 1500; // an answer is in the journal by then, a recording on the disk [ms]
const LAST = 1000; // of a recording, which may be missing [ms]
const SLOW = 300000; // others may be busy; finishers are not nice here [ms]
const RATE = 8000;
const TONES = [LOAD_PHONE_HZ, LOAD_APP_HZ];

const dir = mkdtempSync(`${tmpdir()}/reckill-`);
const random = seeded();

let rec; // the hub, its spool, its folder
const disk = {}; // of spool and root: the bridge's and the hub's
let rig;
let load;
let keys;
const late = new Map(); // of raw files, when their bridge was killed

before(async () => {
	writeFileSync(`${dir}/finisher`, '#!/bin/sh\nrenice -n 0 -p $$ > /dev/null 2>&1\n'
		+ `exec ${FINISHER} "$@"\n`, { mode: 0o755 });
	rec = await startRecordings({ connectycube_hub_recording_jobs: 3,
		connectycube_hub_recording_program: `${dir}/finisher` },
	{ before: ({ spool, root }) => {
		disk.spool = mountDisk(spool, '64m');
		disk.root = mountDisk(root, '64m');
	} });
	keys = {
		module_app: ['connectycube.so', 'connectycube_link.so',
			'connectycube_record.so', 'account.so', 'ctrl_tcp.so'],
		connectycube_link_socket: rec.hub.socket,
		connectycube_link_spool: `${dir}/records`,
		connectycube_link_name: 'sales', connectycube_record_spool: rec.spool,
		connectycube_record_calls: 'always', connectycube_max_calls: 0,
		connectycube_caller_calls: 0, connectycube_caller_rate: 0,
	};
	rig = await startRig({ app: false, bridge: { argv: [BARESIP], keys } });
	load = await openToneLoad(rig.sandbox, { user: 'alice',
		password: 'alice-pass-1' });
});

after(async () => {
	await load?.close();
	await rig?.stop();
	await rec?.kill();
	for (const one of Object.values(disk)) one.unmount();
	await rec?.stop();
	rmSync(dir, { recursive: true, force: true });
});

const rawFiles = () => readdirSync(rec.spool).filter((name) =>
	/^[^.].*\.rec$/.test(name)).map((name) => name.slice(0, -4));

/** A call that may be hung up. */
function follow(hangsUp) {
	const call = load.call(rig.bridge.uri);

	if (hangsUp)
		call.up.then(() => delay(hangsUp)).then(() => {
			if (!call.deadMs) call.hangUp();
		});
	return call;
}

async function restart(who, calls) {
	if (who !== 'bridge') {
		await delay(random() * 500);
		await rec.hub.start();
	}
	if (who === 'hub') {
		// the bridge lives: what it has begun it ends
		for (const call of calls) if (!call.byeMs) call.hangUp();
		await rig.bridge.waitIdle({ timeout: SLOW });
	} else {
		await rig.bridge.child.exited;
		await rig.renew({ bridge: { argv: [BARESIP], keys } });
	}
}

/** How late the last packet of a party was, whose bridge, or the machine, stood still
 * when it was killed [ms]: nobody can know whether there is a gap before it, or behind. */
function lateness({ chunks, packets }, app) {
	const mine = packets.filter(({ format }) => Boolean(format.app) === app);
	const media = ({ timestamp }) => (timestamp - mine[0].timestamp | 0)
		/ (mine[0].format.clock / 1000);

	if (!mine.length) return Infinity;
	return (chunks.at(-1).us - mine.at(-1).us) / 1000
		+ mine.at(-1).us / 1000 - media(mine.at(-1))
		- Math.min(...mine.map((one) => one.us / 1000 - media(one)));
}

/** The raw files as they are now, whatever becomes of their names; read() when
 * their bridge is dead: by id, the lateness of both. */
function holdRaw() {
	const held = rawFiles().flatMap((id) => {
		try {
			return [{ id, fd: openSync(`${rec.spool}/${id}.rec`) }];
		} catch {
			return []; // finished meanwhile
		}
	});

	return {
		read() {
			for (const { id, fd } of held) {
				const raw = readRaw(`/proc/self/fd/${fd}`);

				late.set(id, [lateness(raw, false), lateness(raw, true)]);
				closeSync(fd);
			}
		},
	};
}

/** Calls, and one that dies while they go on, or another time. */
async function round(who) {
	const calls = Array.from({ length: CALLS }, () => follow(random() < 0.3
		&& 500 + random() * 2500));

	await Promise.all(calls.slice(0, CALLS / 2).map(({ up }) => up));
	await delay(500 + random() * 2500);

	const held = holdRaw();
	const now = Date.now();

	for (const call of who === 'hub' ? [] : calls) call.deadMs = now;
	if (who !== 'bridge') process.kill(rec.hub.child.pid, 'SIGKILL');
	if (who !== 'hub') process.kill(rig.bridge.child.pid, 'SIGKILL');
	if (who !== 'bridge') await rec.hub.child.exited;
	if (who !== 'bridge') rec.hub.ctrl.close();
	if (who !== 'hub') await rig.bridge.child.exited;
	for (const call of who === 'hub' ? [] : calls) call.forget();
	held.read();
	const raw = rawFiles();

	await restart(who, calls);
	for (const call of calls) {
		call.end = Math.min(call.byeMs ?? Infinity, call.deadMs ?? Infinity);
		call.sure = call.upMs && call.end > call.upMs && (!call.deadMs
			|| call.end - call.upMs > SURE);
	}
	return { calls, raw };
}

/** The sound of files, each { left, right }. */
function decode(paths) {
	const out = (i) => `${dir}/${i}.f32`;

	execFileSync('ffmpeg', ['-v', 'error', '-nostdin',
		...paths.flatMap((path) => ['-i', path]),
		...paths.flatMap((_, i) => ['-map', `${i}:a`, '-f', 'f32le',
			'-ar', String(RATE), out(i)])]);
	return paths.map((_, i) => {
		const data = readFileSync(out(i));
		const all = new Float32Array(data.buffer, data.byteOffset,
			data.length / 4);

		rmSync(out(i));
		return { left: all.filter((__, n) => n % 2 === 0),
			right: all.filter((__, n) => n % 2 === 1) };
	});
}

/** It plays, as long as its row says, and both are heard in its last second, to
 * its end; of a bridge that was killed, as far as its file has it. */
function assertPlays({ left, right }, row, call) {
	const ms = left.length * 1000 / RATE;
	const end = row.started + row.duration_ms;
	const about = `${row.id}, up ${end - call.upMs} ms`;

	assert.ok(Math.abs(ms - row.duration_ms) <= 50,
		`${about}: ${ms} ms, not ${row.duration_ms}`);
	// until the bridge was told, or died
	const over = Math.min(call.endedMs ?? Infinity, call.deadMs ?? Infinity);

	assert.ok(end >= call.end - LAST && end <= over + LAST,
		`${about}: ${end - call.end} ms at its end`);
	if (Math.min(end - call.upMs, row.duration_ms) < 1200) return false;
	for (const [i, samples] of [left, right].entries()) {
		const [behind = 0] = row.reason === 'crash' ? [late.get(row.id)?.[i]] : [];
		const last = Math.round((behind + CODEC) * RATE / 1000);
		const heard = measure(samples.slice(-RATE / 2 - last, -last), RATE);
		const { silentMs } = measure(samples.slice(-RATE / 2 - last), RATE);

		assert.ok(Math.abs(heard.hz - TONES[i]) <= 5 && heard.rms > 0.1
			&& heard.silentMs < 100 && silentMs < 100 + behind,
		`${about}: ${JSON.stringify(heard)}, ${silentMs} ms silent, late: ${
			late.get(row.id)}`);
	}
	return true;
}

test('each call has one recording, whatever was killed when', async () => {
	const calls = [];
	const raw = new Set();

	const sure = () => calls.filter(({ sure: is }) => is).length;

	// a busy machine is slow to answer, and kills more that were not yet
	for (let n = 0; n < ROUNDS.length || (sure() < ENOUGH && n < ROUNDS.length * 3);
		n++) {
		const one = await round(ROUNDS[n % ROUNDS.length]);

		calls.push(...one.calls);
		for (const id of one.raw) raw.add(id);
	}

	await until('nothing waits at the bridge', async () =>
		/waiting for the hub: 0,/.test(await rig.bridge.command('cube_link')),
	{ timeout: SLOW });
	await until('all are finished', () => !rawFiles().length,
		{ timeout: SLOW }).catch(async (error) => {
		console.log(rawFiles(), await rec.hub.status());
		throw error;
	});
	const rows = rec.hub.query('SELECT id,call_id,state,reason,file,sha256,'
		+ 'started,duration_ms FROM recordings ORDER BY seq');
	const ids = rows.map(({ id }) => id).sort();
	const jsonl = rec.hub.jsonl.replace('records.jsonl', 'recordings.jsonl');
	const lines = () => (existsSync(jsonl) ? readFileSync(jsonl, 'utf8') : '')
		.split('\n').filter(Boolean).map((line) => JSON.parse(line).id);

	await until('JSON lines have all', () => lines().length >= ids.length,
		{ timeout: SLOW });
	assert.deepEqual(lines().sort(), ids);
	assert.deepEqual(rec.files(), rows.map(({ file }) => file).sort());
	assert.deepEqual(rec.spooled(), []);
	assert.deepEqual([...raw].filter((id) => !ids.includes(id)), []);

	const told = rec.hub.query('SELECT json FROM records').map(({ json }) =>
		JSON.parse(json));
	const done = [];

	for (const call of calls.filter(({ upMs }) => upMs)) {
		const mine = rows.filter(({ call_id: id }) => id === call.id);
		const records = told.filter(({ call_id: id }) => id === call.id);

		assert.ok(mine.length <= 1 && records.length <= 1, `${call.id}: ${
			mine.length} recordings, ${records.length} records`);
		if (call.sure)
			assert.equal(mine.length, 1, `${call.id}: none, was up for ${
				call.end - call.upMs} ms`);
		if (!mine.length) continue;
		const [row] = mine;

		if (call.sure) {
			const [entry] = records[0].recordings;

			assert.equal(records[0].recordings.length, 1);
			assert.deepEqual([entry.id, entry.file, entry.sha256,
				entry.duration_ms], [row.id, row.file, row.sha256,
				row.duration_ms]);
		}
		assert.equal(row.sha256, sha256(rec.path(row)));
		assert.ok(row.state === 'complete'
			|| row.state === 'degraded' && row.reason === 'crash' && call.deadMs,
		JSON.stringify(row));
		done.push({ call, row });
	}
	// answered, and killed before who drives the calls knew of it
	const others = rows.filter((row) => !done.some((one) => one.row === row));

	assert.ok(others.length <= calls.filter(({ upMs }) => !upMs).length,
		JSON.stringify(others));
	assert.equal(new Set(rows.map(({ call_id: id }) => id)).size, rows.length);

	const sounds = decode(done.map(({ row }) => rec.path(row)));
	const heard = done.filter(({ call, row }, i) =>
		assertPlays(sounds[i], row, call)).length;
	const crashed = rows.filter(({ reason }) => reason === 'crash').length;

	console.log(`# ${calls.length} calls, ${sure()} sure, ${rows.length} recordings:`
		+ ` ${crashed} of a bridge that was killed, ${heard} heard to the end`);
	assert.ok(calls.length >= 100 && sure() >= ENOUGH && crashed >= 10 && heard >= 20);
});

/** The record of a call that is over, and the row of its only recording. */
async function outcome(call, check = () => true) {
	const get = () => rec.hub.query(`SELECT json FROM records WHERE
		json_extract(json,'$.call_id')='${call.id}'`)
		.map(({ json }) => JSON.parse(json))[0];
	const row = ({ recordings: [{ id }] }) => rec.row(id);
	const record = await until('its record', () => {
		const one = get();

		return one?.recordings.length && row(one) && check(row(one)) && one;
	}, { timeout: SLOW });

	assert.equal(record.recordings.length, 1);
	return { entry: get().recordings[0], row: row(record) };
}

const events = async () => (await rig.bridge.command('cube_events', 'json 128'))
	.split('\n').filter((line) => line.includes('"record"'))
	.map((line) => JSON.parse(line)).filter(({ type }) => type === 'record');

const told = (state) => until(`event ${state}`, async () =>
	(await events()).find((one) => one.state === state));

/** It never had a file: what is known of it. */
async function assertFailed(call, reason) {
	const event = await told('failed');

	call.hangUp();
	const { entry, row } = await outcome(call);

	assert.match(event.text ?? event.why, reason);
	assert.equal(event.target, `${row.id}.rec`);
	assert.deepEqual([entry.state, entry.mode, entry.by, entry.file],
		['failed', 'audio', 'always', null]);
	assert.match(entry.reason, reason);
	assert.deepEqual([row.state, row.file, row.call_id],
		['failed', null, call.id]);
	assert.match(row.reason, reason);
	await until('JSON lines have it', () => readFileSync(rec.hub.jsonl
		.replace('records.jsonl', 'recordings.jsonl'), 'utf8').includes(row.id));
	await until('the console has it', async () => new RegExp(
		`^\\S+ ${row.id} .* failed `).test(
		await rec.hub.ctrl.command('hub_recordings', '1')));
}

test('without the prompt: why there is no recording is where it would be',
	async () => {
		await rig.renew({ bridge: { argv: [BARESIP], keys: { ...keys,
			connectycube_record_prompt: `${dir}/none.wav` } } });
		const call = await load.call(rig.bridge.uri).up;

		await assertFailed(call, /there is no prompt/);
	});

test('full disks: calls go on, what was kept is finished when there is room',
	async () => {
		await rig.renew({ bridge: { argv: [BARESIP], keys } });
		const calls = await Promise.all([1, 2, 3].map(() =>
			load.call(rig.bridge.uri).up));
		const since = rig.bridge.log().length;

		await until('they are recorded', async () => (await events())
			.filter(({ state }) => state === 'started').length === 3);
		await until('some of each is on the disk', async () =>
			(await rig.bridge.command('cube_record')).match(
				/recording: .* packets: [1-9]/g)?.length === 3);

		// the bridge's
		disk.spool.fill();
		await until('all is told', async () => (await events())
			.filter(({ state }) => state === 'degraded').length === 3);
		const late = await load.call(rig.bridge.uri).up;

		await assertFailed(late, /No space left/);
		disk.spool.free();
		await until('it goes on', () => rig.bridge.log().slice(since)
			.match(/\.rec is written again/g)?.length === 3);
		assert.ok(calls.every(({ endedMs }) => !endedMs));

		// the hub's
		disk.root.fill();
		for (const call of calls) call.hangUp();
		await rec.hub.waitStatus(/failed \d+ times?: .*(status 73|No space)/);
		disk.root.free();
		for (const call of calls) {
			const { entry, row } = await outcome(call, ({ file }) => file);

			assert.deepEqual([entry.state, entry.file, row.state],
				['degraded', row.file, 'degraded']);
			assert.match(entry.reason, /No space left/);
			assert.equal(row.sha256, sha256(rec.path(row)));
			const [{ left }] = decode([rec.path(row)]);

			assert.ok(measure(left.slice(-RATE / 2), RATE).rms > 0.1);
		}
		assert.deepEqual(rawFiles(), []);
	});
