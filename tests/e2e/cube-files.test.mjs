// `cube` and what is over: recordings that are fetched, whatever happens on the way, and how
// a call was heard.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync }
	from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { CUBE, openCube } from './lib/cube.mjs';
import { record } from './lib/hub.mjs';
import { sha256, startRecordings } from './lib/hubrec.mjs';
import { openOffice } from './lib/office.mjs';
import { freePort } from './lib/ports.mjs';

const BIG = 12000000; // as the finisher makes it [bytes]

let rig;
let door; // the hub's
let cube;
let cut; // after so many bytes an answer ends, a number for each connection
let relay;

/** What is between cube and the hub ends connections as it is told. */
function openRelay(port) {
	const server = net.createServer((client) => {
		const hub = net.connect(door, '127.0.0.1');
		let left = cut.shift() ?? Infinity;

		client.on('error', () => {}).on('close', () => hub.destroy()).pipe(hub);
		hub.on('error', () => {}).on('close', () => client.end()).on('data', (bytes) => {
			const some = bytes.subarray(0, Math.min(left, bytes.length));

			left -= some.length;
			client.write(some);
			if (!left) client.end(() => client.destroy());
		});
	});

	server.listen(port, '127.0.0.1');
	return server;
}

/** A record of a call with recordings, which the hub has finished. */
async function recorded(how, n = 1) {
	const rows = [];

	for (let i = 0; i < n; i += 1) {
		const id = rig.raw();

		rig.let(how, id);
		rows.push(await rig.finished(id));
	}
	const one = record({ recordings: rows.map(({ id }) =>
		({ id, mode: 'audio', by: 'always', state: 'complete' })) });

	await rig.bridge.keep(one);
	return { id: one.id, short: one.id.slice(0, 13), rows };
}

before(async () => {
	door = await freePort();
	rig = await startRecordings({ connectycube_hub_http: `127.0.0.1:${door}` });
	const text = await rig.hub.ctrl.command('hub_token', 'add it operator');
	const port = await freePort();

	relay = openRelay(port);
	await once(relay, 'listening');
	writeFileSync(`${rig.dir}/token`, /^(cube_\S+)$/m.exec(text)[1], { mode: 0o600 });
	cube = openCube({ CUBE_URL: `http://127.0.0.1:${port}`,
		CUBE_TOKEN_FILE: `${rig.dir}/token` });
	cut = [];
});

after(async () => {
	cube?.stop();
	relay?.close();
	await rig?.stop();
});

/** Fails, and says so; nothing is said of what was done. */
async function wrong(code, pattern, ...args) {
	const one = await cube.cube(...args);

	assert.deepEqual([one.code, one.out], [code, ''], one.err);
	assert.match(one.err, pattern);
}

test('recordings of a call are shown and fetched; what is there stays', async () => {
	const { id, short, rows: [row] } = await recorded('real');
	const name = row.file.split('/').at(-1);
	const into = `${rig.dir}/here`;

	mkdirSync(into);
	assert.match(await cube.said('recordings', short), new RegExp('^RECORDING .*\n'
		+ `${row.id}  audio +always +complete +0:01 +${row.file.replace('+', '\\+')}\n$`));
	assert.equal((await cube.json('recordings', id)).recordings[0].sha256, row.sha256);
	assert.equal(await cube.said('fetch', short, '-o', into),
		`${into}/${name}: ${row.bytes} bytes\n`);
	assert.equal(sha256(`${into}/${name}`), row.sha256);
	assert.equal(statSync(`${into}/${name}`).mode & 0o777, 0o600);
	assert.deepEqual(readdirSync(into), [name]);

	writeFileSync(`${into}/${name}`, 'mine');
	await wrong(1, /is there already, and stays as it is/, 'fetch', short, '-o', into);
	await wrong(1, /is there already/, 'fetch', short, '-o', `${into}/${name}`);
	assert.equal(readFileSync(`${into}/${name}`, 'utf8'), 'mine');
	assert.deepEqual(await cube.json('fetch', short, '--output', `${rig.dir}/one.ogg`),
		{ files: [{ id: row.id, file: `${rig.dir}/one.ogg`, bytes: row.bytes }] });
	await wrong(74, /\/nowhere\/x\.part: No such file/, 'fetch', short, '-o', '/nowhere/x');
	await wrong(1, /has no such recording/, 'fetch', short, 'zz');
});

test('several of a call: all, or the one that is meant', async () => {
	const { short, rows } = await recorded('real', 2);
	const into = `${rig.dir}/two`;

	await wrong(1, /has 2 recordings: say which one, or a folder/, 'fetch', short, '-o', into);
	assert.match(await cube.said('fetch', short, rows[1].id.slice(0, 13), '-o', into),
		/: \d+ bytes\n$/);
	assert.equal(sha256(into), rows[1].sha256);
	mkdirSync(`${rig.dir}/both`);
	await cube.said('fetch', short, '-o', `${rig.dir}/both`);
	assert.equal(readdirSync(`${rig.dir}/both`).length, 2);
});

test('what breaks goes on where it was; what there was of another file does not', async () => {
	const { short, rows: [row] } = await recorded('big');
	const file = `${rig.dir}/big.wav`;

	cut = [BIG / 2, BIG / 4];
	await cube.said('fetch', short, '-o', file);
	assert.equal(sha256(file), row.sha256);
	assert.ok(!existsSync(`${file}.part`));

	// the hub does not come back: the rest comes when it is said again
	const again = `${rig.dir}/again.wav`;

	cut = [BIG / 2, 1, 1, 1];
	await wrong(69, /say it again to have the rest/, 'fetch', short, '-o', again);
	const { size } = statSync(`${again}.part`);

	assert.ok(size > BIG / 3 && size < BIG, `${size} bytes`);
	cut = [BIG / 5];
	await cube.said('fetch', short, '-o', again);
	assert.equal(sha256(again), row.sha256);

	const other = `${rig.dir}/other.wav`;

	cut = [];
	for (const bytes of [Buffer.alloc(1000), Buffer.alloc(BIG + 5)]) {
		writeFileSync(`${other}${bytes.length}.part`, bytes);
		await cube.said('fetch', short, '-o', `${other}${bytes.length}`);
		assert.equal(sha256(`${other}${bytes.length}`), row.sha256);
	}
});

test('who may not is told; what has no file any more, too', async () => {
	const { short, id, rows: [row] } = await recorded('real');
	const text = await rig.hub.ctrl.command('hub_token', 'add looks readonly');
	const { code, err } = await cube.run([CUBE, 'fetch', short, '-o',
		`${rig.dir}/no`], { CUBE_TOKEN: /^(cube_\S+)$/m.exec(text)[1],
		CUBE_TOKEN_FILE: '' }).ended;

	assert.equal(code, 77, err);
	assert.ok(!existsSync(`${rig.dir}/no.part`));
	rig.hub.change(`UPDATE recordings SET removed=1 WHERE id='${row.id}'`);
	await wrong(1, /not kept here any more/, 'fetch', id, '-o', `${rig.dir}/gone`);
	await rig.bridge.keep(record({ id: 'none', recordings: [{ id: 'f', mode: 'audio',
		state: 'failed', reason: 'disk' }] }));
	await wrong(1, /f: has no file: it has failed/, 'fetch', 'none');
	await rig.bridge.keep(record({ id: 'nothing', recordings: [] }));
	await wrong(1, /nothing was recorded of it/, 'fetch', 'nothing');
	assert.equal(await cube.said('recordings', 'nothing'), 'nothing was recorded\n');
});

test('how a call was heard, in time', async () => {
	const { bridges: [one] } = await openOffice(rig.hub, { bridges: 1, calls: 1 });
	const call = one.calls.get(1);

	call.bad = 'app';
	one.state();
	for (let i = 0; i < 8; i += 1) one.stats();
	one.end(1);
	await one.bridge.keep(record({ id: call.id }));
	const out = await cube.soon(/^app +MOS/m, 'timeline', call.id.slice(0, 8));

	assert.match(out, new RegExp(`^record +${call.id}\nmeasured +\\S.* to \\S.*, \\d+ times\n\n`
		+ 'PARTY +WHAT +MEAN, OR ALL +WORST +AT +IN TIME\n'));
	assert.match(out, /^phone +MOS +4\.\d +4\.\d +\S.* {2}[▁-█]+$/m);
	assert.match(out, /^app +MOS +[23]\.\d +2\.\d +\S.* {2}[▁-█]+$/m);
	assert.match(out, /^app +lost +\d+ +\d+ /m);
	assert.match(out, /^app +jitter +28\.0 ms +28\.0 ms /m);
	const { legs, times } = await cube.json('timeline', call.id);

	assert.ok(legs.every(({ mos }) => mos.length === times.length));
	await wrong(1, /there is no such record/, 'timeline', 'zzz');
});
