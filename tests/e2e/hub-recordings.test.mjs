// Recordings in the hub: from the spool of bridges to files that have their names, are in
// the database, uploaded, encrypted, removed when it is time; each exactly once, whatever
// dies when.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { record } from './lib/hub.mjs';
import { sha256, startRecordings } from './lib/hubrec.mjs';
import { film, show } from './lib/rawvideo.mjs';
import { openS3 } from './lib/s3.mjs';

const SLOW = 180000; // a finisher is nice, and others may be busy [ms]

let rig;

before(async () => {
	rig = await startRecordings({ connectycube_hub_recording_jobs: 2 });
});

after(() => rig?.stop());

test('a recording is finished, named, hashed, and told', async () => {
	assert.match(await rig.hub.ctrl.command('hub_recordings'), /^no recording yet$/m);
	assert.match(await rig.hub.ctrl.command('hub_records'), /^no record yet$/m);
	const id = rig.raw();
	const first = record({ recordings: [{ id, mode: 'audio', by: 'always' }] });

	await rig.tell();
	await rig.bridge.keep(first);
	const row = await rig.finished(id);

	assert.equal(row.file, `2026/11/30/1001-+4930123-777-101502-${id}.ogg`);
	assert.equal(statSync(rig.path(row)).mode & 0o777, 0o640);
	assert.equal(statSync(`${rig.root}/2026`).mode & 0o777, 0o750);
	assert.equal(readFileSync(rig.path(row)).subarray(0, 4).toString(), 'OggS');
	assert.equal(row.sha256, sha256(rig.path(row)));
	assert.equal(row.bytes, statSync(rig.path(row)).size);
	assert.ok(Math.abs(row.duration_ms - 1000) <= 50, `${row.duration_ms} ms`);
	assert.deepEqual([row.state, row.format, row.call, row.extension],
		['complete', 'ogg', 7, 'sip:1001@pbx.example']);
	assert.deepEqual(rig.files(), [row.file]);

	// the record of its call knows, whichever of the two came first
	const second = record({ recordings: [{ id, mode: 'audio' }] });

	await rig.bridge.keep(second);
	for (const one of [first, second]) {
		const [{ json }] = rig.hub.query(
			`SELECT json FROM records WHERE id='${one.id}'`);
		const [entry] = JSON.parse(json).recordings;

		assert.deepEqual([entry.file, entry.sha256, entry.duration_ms],
			[row.file, row.sha256, row.duration_ms]);
	}
	assert.match(await rig.hub.ctrl.command('hub_recordings', '1'), new RegExp(
		`^2026-11-30T10:15:02Z ${id} sip:1001@pbx.example \\+4930123 -> 777`
		+ ` complete \\d+ ms \\d+ bytes 2026/11/30/`));
	await rig.hub.waitStatus(/recordings finished=1 failed=0 waiting=0 at_work=0 /);
});

test('one that is being written is left alone until its writer is gone', async () => {
	const id = rig.raw();
	const writer = spawn('flock', [`${rig.spool}/${id}.rec`, 'sh', '-c',
		'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });

	await new Promise((resolve) => { writer.stdout.once('data', resolve); });
	await rig.tell();
	await rig.hub.waitStatus(/recordings .*written=1 /);
	assert.equal(rig.tries(id), 0);
	writer.stdin.end();
	await rig.finished(id);
});

test('pictures are as they came: H.264 in MP4, VP8 in WebM', async () => {
	for (const [codec, format] of [['H264', 'mp4'], ['VP8', 'webm']]) {
		const id = rig.raw({ mode: 'video', more: (raw) => {
			raw.format(2, { codec, pt: 97, clock: 90000, app: true, video: true });
			show(raw, 2, { codec, pt: 97, from: 200,
				frames: film(codec, { colour: 'red', seconds: 0.6 }) });
		} });
		const row = await rig.finished(id);
		const { streams, format: { duration } } = JSON.parse(execFileSync('ffprobe',
			['-v', 'error', '-show_entries', 'stream=codec_name,channels'
				+ ':format=duration', '-of', 'json', rig.path(row)]));

		assert.match(row.file, new RegExp(`${id}\\.${format}$`));
		assert.deepEqual([row.format, row.mode], [format, 'video']);
		assert.ok(streams.some(({ codec_name: name }) => name === codec.toLowerCase()),
			JSON.stringify(streams));
		assert.ok(streams.some(({ channels }) => channels === 2));
		assert.ok(Math.abs(duration - 1) <= 0.05, `${duration} s`);
		const [track] = JSON.parse(row.json).video;

		assert.deepEqual([track.side, track.transcoded], ['app', false]);
	}
});

test('names that callers choose stay in their place, and none is written over',
	async () => {
		const start = { from: { side: 'phone', number: '../../../x\n',
			uri: 'sip:x@y' }, extension: 'sip:..@pbx' };
		const id = rig.raw(start);
		const row = await rig.finished(id);

		assert.equal(row.file, `2026/11/30/_.-.._.._.._x_-777-101502-${id}.ogg`);
		assert.ok(existsSync(rig.path(row)));
	});

test('a finisher that fails in any way harms nobody', async () => {
	const crash = rig.raw();
	const hang = rig.raw();
	const garbage = rig.raw();
	const other = rig.raw();
	const full = rig.raw();
	const bad = randomUUID();
	const good = rig.raw();

	rig.put(bad, Buffer.from('this is no recording'));
	rig.let('crash', crash);
	rig.let('hang', hang);
	rig.let('garbage', garbage);
	rig.let('other', other);
	rig.let('73', full);
	await rig.finished(good);
	await rig.hub.waitStatus(/took too long/, SLOW);
	rig.let('real', hang);
	await rig.finished(hang);

	// three tries each; what cannot be written now is no fault of the file
	await until('four are set aside', () => rig.spooled()
		.filter((name) => /^bad\/.*rec$/.test(name)).length === 4,
	{ timeout: SLOW });
	assert.equal(rig.tries(crash), 3);
	assert.equal(rig.tries(bad), 1);
	for (const [id, reason] of [[crash, /died of signal 11: .*something is odd/],
		[garbage, /answer is none/],
		[other, /not |No such file/], [bad, /status 65/]]) {
		const row = rig.row(id);

		assert.equal(row.state, 'failed');
		assert.equal(row.file, null);
		assert.match(row.reason, reason);
		assert.match(readFileSync(`${rig.spool}/bad/${id}.txt`, 'utf8'), reason);
		assert.match(rig.hub.logText(), new RegExp(`${id} is set aside`));
	}
	assert.match(await rig.hub.status(),
		new RegExp(`aside=4 [^]*${full} failed \\d+ times?: .*status 73: because of 73`));
	assert.ok(existsSync(`${rig.spool}/${full}.rec`));

	// somebody has mended what it was
	for (const id of [crash, garbage, other, full]) rig.let('real', id);
	await rig.hub.ctrl.command('hub_record_retry');
	for (const id of [crash, garbage, other, full])
		await until(`${id} is finished`, () => rig.row(id)?.state === 'complete',
			{ timeout: SLOW });
	await until('it is set aside again', () => rig.tries(bad) === 2
		&& existsSync(`${rig.spool}/bad/${bad}.txt`), { timeout: SLOW });
	assert.deepEqual(rig.spooled(), [`bad/${bad}.rec`, `bad/${bad}.txt`]);
});

test('killed at any moment: each recording is there exactly once', async () => {
	const had = rig.files().length;
	const ids = Array.from({ length: 8 }, () => rig.raw({ ms: 200 }));

	for (let n = 0; n < 6; n++) {
		await rig.tell();
		await delay(20 + 60 * n); // at some moment or other
		await rig.kill();
		await rig.hub.start();
	}
	for (const id of ids) await rig.finished(id);
	const rows = rig.hub.query('SELECT id,file,sha256 FROM recordings'
		+ ' WHERE file IS NOT NULL');

	assert.equal(rig.files().length, had + ids.length);
	assert.deepEqual(rows.map(({ file }) => file).sort(), rig.files());
	for (const row of rows) assert.equal(row.sha256, sha256(rig.path(row)));
	assert.deepEqual(rig.hub.query('SELECT * FROM placing'), []);
	assert.ok(rig.spooled().every((name) => name.startsWith('bad/')));
});

const DAY = 86400000; // [ms]

test('encrypted, uploaded, kept as long as it shall be', async (t) => {
	const s3 = await openS3({ key: 'KEYID', secret: 'secret-s3-word' });

	t.after(() => s3.close());
	let cert;
	let disk;
	const world = await startRecordings({
		connectycube_hub_recording_name: '{to}/{id}',
		connectycube_hub_recording_format: 'wav',
		connectycube_hub_recording_encrypt: (dir) => `${dir}/cert.pem`,
		connectycube_hub_recording_days: 2,
		connectycube_hub_recording_free: '80%',
		connectycube_hub_s3_url: s3.url,
		connectycube_hub_s3_bucket: 'office',
		connectycube_hub_s3_prefix: 'a+b/',
		connectycube_hub_s3_key: 'KEYID',
		connectycube_hub_s3_secret: 'secret-s3-word',
	}, { before: ({ dir, root }) => {
		cert = `${dir}/cert.pem`;
		disk = root;
		execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes',
			'-keyout', `${dir}/key.pem`, '-out', cert, '-days', '30',
			'-subj', '/CN=recordings'], { stdio: 'ignore' });
		mkdirSync(root);
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', root]);
	} });
	await world.hub.trustClock();
	const now = (days) => ({ t_start: Date.now() - days * DAY });
	const removed = async (id) => {
		await world.tell();
		return until(`${id} is removed`, () => world.row(id).removed_why,
			{ timeout: SLOW });
	};

	try {
		await t.test('the file there is the one here, for one key alone', async () => {
			const id = world.raw(now(0));
			const row = await world.finished(id);
			const { object } = await until('it is uploaded', () => (
				world.row(id).uploaded && world.row(id)), { timeout: SLOW });

			assert.equal(row.file, `777/${id}.wav.cms`);
			assert.equal(object, `s3://office/a+b/${row.file}`);
			const { body, headers } = s3.objects.get(`office/a+b/${row.file}`);

			assert.deepEqual(body, readFileSync(world.path(row)));
			assert.equal(row.sha256, sha256(world.path(row)));
			assert.equal(headers['content-type'], 'application/pkcs7-mime');
			assert.deepEqual(world.files(), [row.file]);
			assert.ok(!body.includes('RIFF'));

			// as docs/RECORDING.md says it
			execFileSync('openssl', ['cms', '-decrypt', '-binary', '-inform', 'DER',
				'-in', world.path(row), '-inkey', `${world.dir}/key.pem`,
				'-out', `${world.dir}/plain.wav`]);
			const plain = readFileSync(`${world.dir}/plain.wav`);

			assert.equal(plain.subarray(0, 4).toString(), 'RIFF');
			assert.ok(!world.hub.logText().includes('secret-s3-word'));
		});

		await t.test('while the server takes none, even an old one stays', async () => {
			s3.answer = () => 503;
			const old = world.raw(now(3));
			const row = await world.finished(old);

			await world.hub.waitStatus(/sink {4}s3 [^]*it answers 503 SlowDown/);
			await world.tell();
			assert.ok(existsSync(world.path(row)));

			// killed meanwhile: it knows what it has not uploaded
			await world.kill();
			s3.answer = () => 200;
			await world.hub.start();
			assert.equal(await removed(old), 'old enough');
			assert.ok(s3.objects.has(`office/a+b/${row.file}`));
			assert.ok(!existsSync(world.path(row)));
			assert.match(world.hub.logText(),
				new RegExp(`recording ${old} is removed \\(old enough\\)`));
		});

		await t.test('the disk is short: the oldest go', async () => {
			const [first] = world.hub.query('SELECT id FROM recordings WHERE'
				+ ' removed IS NULL');
			const id = world.raw({ ...now(-1), ms: 10000 }); // 320 KB

			await world.finished(id);
			assert.equal(await removed(first.id), 'the disk is short');
			assert.equal(await removed(id), 'the disk is short');
			assert.deepEqual(world.files(), []);
			assert.equal(s3.objects.size, 3);
		});
	} finally {
		await world.kill();
		execFileSync('umount', [disk]);
		await world.stop();
	}
	assert.ok(s3.puts.every(({ code }) => !code), JSON.stringify(s3.puts));
});
