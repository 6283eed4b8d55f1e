// Recordings are finished: raw files, made without a call, become files that a
// browser plays, in each format; tones are in their channel, colours at their time.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { startPlayer } from './lib/player.mjs';
import { RawRecording, mulawFrame, talk } from './lib/rawrecording.mjs';
import { film, show } from './lib/rawvideo.mjs';

const PROGRAM = `${REPO}/build/connectycube-recording`;
const dir = mkdtempSync(`${tmpdir()}/finish-`);
const TYPES = { ogg: 'audio/ogg', wav: 'audio/wav', m4a: 'audio/mp4',
	mp4: 'video/mp4', webm: 'video/webm' };
const RED = [254, 0, 0];
const BLUE = [0, 0, 254];
const GREEN = [0, 128, 0];

let player;

before(async () => {
	player = await startPlayer();
});

after(async () => {
	await player?.close();
	rmSync(dir, { recursive: true, force: true });
});

const finish = (...args) => spawnSync(PROGRAM, ['finish', ...args],
	{ encoding: 'utf8' });

/** What it says of it. */
function finished(...args) {
	const { status, stdout, stderr } = finish(...args);

	assert.equal(status, 0, stderr);
	return JSON.parse(stdout);
}

const seconds = (path) => Number(execFileSync('ffprobe', ['-v', 'error',
	'-show_entries', 'format=duration', '-of', 'csv=p=0', path],
{ encoding: 'utf8' }));

/** What video tracks a file has: [['h264', 320, 240], ...] */
const tracks = (path) => JSON.parse(execFileSync('ffprobe', ['-v', 'error',
	'-select_streams', 'v', '-show_entries', 'stream=codec_name,width,height',
	'-of', 'json', path], { encoding: 'utf8' })).streams
	.map(({ codec_name: codec, width, height }) => [codec, width, height]);

/** Five seconds in which both talk, paused for the third one or not. */
function twoTones({ paused = true } = {}) {
	const raw = new RawRecording({ id: 'tones' });

	raw.format(1, { codec: 'PCMU', pt: 0 });
	raw.format(2, { codec: 'PCMU', pt: 0, app: true });
	for (const [leg, hz] of [[1, 440], [2, 1000]])
		talk(raw, leg, { pt: 0, from: 0, to: 4960,
			frame: (n) => paused && n >= 100 && n < 150 ? null
				: mulawFrame(hz, n),
			way: (n) => n % 40 === 7 ? null : 20 + n * 31 % 40 });
	if (paused) {
		raw.pause(2000);
		raw.resume(3000);
	}
	return raw;
}

const path = (name) => `${dir}/${name}`;

for (const format of Object.keys(TYPES))
	test(`${format}: phone left, app right, as long as it was`, async () => {
		const raw = twoTones().end(5000).write(path(`${format}.rec`));
		const said = finished('--format', format, raw);
		const file = path(`${format}.${format}`);

		assert.equal(said.file, file);
		assert.equal(said.duration_ms, 5000);
		assert.equal(said.paused_ms, 1000);
		assert.equal(said.state, 'complete');
		assert.ok(said.lost_packets > 4 && said.lost_ms === said.lost_packets * 20,
			JSON.stringify(said));
		assert.equal(said.sha256, createHash('sha256')
			.update(readFileSync(file)).digest('hex'));
		assert.equal(said.bytes, statSync(file).size);
		assert.equal(statSync(file).mode & 0o777, 0o640);
		assert.ok(Math.abs(seconds(file) - 5) < 0.015, `${seconds(file)} s`);

		const { hz, rms, channels, duration } = await player.hear(file, 0.2, 1.9);

		assert.equal(channels, 2);
		assert.ok(Math.abs(duration - 5) < 0.05, `${duration} s`);
		assert.ok(Math.abs(hz[0] - 440) < 3 && Math.abs(hz[1] - 1000) < 3,
			`${hz}`);
		assert.ok(Math.min(...rms) > 0.15, `${rms}`);
		const pause = await player.hear(file, 2.05, 2.95);

		assert.ok(Math.max(...pause.rms) < 0.01, `${pause.rms}`);
		const played = await player.play(file, TYPES[format]);

		assert.ok(Math.abs(played.at - 5) < 0.05, `${played.at} s`);
	});

test('one that was killed as it began is a file that plays, too', () => {
	for (const format of ['ogg', 'wav', 'm4a']) {
		const raw = new RawRecording({ id: 'none' })
			.write(path(`none-${format}.rec`));
		const said = finished('--format', format, raw);
		const length = seconds(said.file);

		assert.deepEqual([said.duration_ms, said.state], [0, 'degraded']);
		assert.ok(length > 0.01 && length < 0.06, `${format}: ${length} s`);
	}
});

/** Both are seen: from 500 ms on one colour, from 2500 ms on a larger one. */
function twoFilms(codecs, { way } = {}) {
	const raw = twoTones({ paused: false });

	for (const [leg, app, codec, first, second] of [
		[2, true, codecs.app, 'red', 'blue'],
		[1, false, codecs.phone, 'green', 'green']]) {
		if (!codec) continue;
		raw.format(leg, { codec, pt: 97, clock: 90000, app, video: true });
		const next = show(raw, leg, { codec, pt: 97, from: 500, way,
			frames: film(codec, { colour: first, seconds: 2 }) });

		show(raw, leg, { codec, pt: 97, from: 2500, way, ...next,
			frames: film(codec, { colour: second, seconds: 2, width: 640,
				height: 360 }) });
	}
	return raw.end(5000);
}

function assertColour(got, want) {
	assert.ok(got.every((one, i) => Math.abs(one - want[i]) < 40),
		`${got} is not ${want}`);
}

async function seesFilm(file, format) {
	const { at, seen: [first], last } = await player.play(file, TYPES[format],
		[1.5]);

	assert.ok(Math.abs(at - 5) < 0.05, `${at} s`);
	assert.deepEqual([first.width, first.height], [320, 240]);
	assertColour(first.colours[0], RED);
	assert.deepEqual([last.width, last.height], [640, 360]);
	assertColour(last.colours[1], BLUE);
}

test('H.264 is in an MP4 as it came; packets that come late do not matter',
	async () => {
		const raw = twoFilms({ app: 'H264' }, { way: (n) => 20 + n * 7 % 50 })
			.write(path('h264.rec'));
		const said = finished(raw);

		assert.equal(said.format, 'mp4');
		assert.deepEqual(said.video, [{ side: 'app', codec: 'H264', width: 320,
			height: 240, frames: 60, lost_frames: 0, transcoded: false }]);
		assert.ok(Math.abs(seconds(said.file) - 5) < 0.015);
		await seesFilm(said.file, 'mp4');
		assert.ok((await player.hear(said.file, 0.2, 1.9)).hz[1] > 990);
	});

for (const codec of ['VP8', 'VP9'])
	test(`${codec} of both is in a WebM, the app's first`, async () => {
		const raw = twoFilms({ app: codec, phone: codec })
			.write(path(`${codec}.rec`));
		const said = finished(raw);

		assert.equal(said.format, 'webm');
		assert.deepEqual(said.video.map(({ side, transcoded }) =>
			[side, transcoded]), [['app', false], ['phone', false]]);
		assert.deepEqual(tracks(said.file), Array(2).fill(
			[codec.toLowerCase(), 320, 240]));
		await seesFilm(said.file, 'webm');
	});

for (const format of ['mp4', 'webm'])
	test(`side by side in ${format}: phone left, app right`, async () => {
		const raw = twoFilms({ app: 'VP8', phone: 'H264' })
			.write(path(`beside-${format}.rec`));
		const said = finished('--side-by-side', '--format', format, raw);
		const { seen: [first], last } = await player.play(said.file,
			TYPES[format], [1.5]);

		assert.deepEqual([first.width, first.height], [1280, 480]);
		assertColour(first.colours[0], GREEN);
		assertColour(first.colours[1], RED);
		assertColour(last.colours[1], BLUE);
	});

test('what is lost is a picture that stays, until there is a keyframe', async () => {
	const raw = twoFilms({ app: 'VP8' }, { way: (n) => n === 20 ? null : 20 })
		.write(path('lossy.rec'));
	const said = finished(raw);

	assert.ok(said.video[0].lost_frames > 5, JSON.stringify(said.video));
	await seesFilm(said.file, 'webm');
});

test('a bridge that was killed: up to what was written last', async () => {
	const whole = twoTones().end(5000).bytes();

	writeFileSync(path('killed.rec'), whole.subarray(0, whole.length * 0.8));
	const said = finished(path('killed.rec'));

	assert.equal(said.state, 'degraded');
	assert.equal(said.reason, 'crash');
	assert.ok(said.duration_ms > 3500 && said.duration_ms < 4900);
	assert.ok(Math.abs(seconds(said.file) - said.duration_ms / 1000) < 0.015);
	await player.play(said.file, TYPES.ogg);
});

test('what cannot be decoded is silence, and said', () => {
	const raw = twoTones();

	raw.format(3, { codec: 'EVS', pt: 100, clock: 16000 });
	talk(raw, 3, { pt: 100, clock: 16000, from: 0, to: 500,
		frame: () => Buffer.alloc(33, 7) });
	const said = finished(raw.end(5000).write(path('evs.rec')));

	assert.deepEqual(said.undecoded, [{ codec: 'EVS', side: 'phone',
		packets: 25 }]);
});

test('what is wrong is said, and nothing is left behind', async () => {
	const raw = twoTones().end(5000).write(path('wrong.rec'));
	const bad = (status, pattern, ...args) => {
		const done = finish(...args);

		assert.equal(done.status, status, done.stderr);
		assert.match(done.stderr, pattern);
		assert.equal(done.stdout, '');
	};

	bad(64, /--format mp3: must be/, '--format', 'mp3', raw);
	bad(64, /which file/);
	bad(66, /nothing\.rec: cannot be opened/, path('nothing.rec'));
	writeFileSync(path('junk.rec'), 'junk'.repeat(100));
	bad(65, /junk\.rec: is no raw recording/, path('junk.rec'));
	bad(73, /No such file/, '--out', path('no/where.ogg'), raw);
	writeFileSync(path('there.ogg'), 'mine');
	bad(73, /is there already/, '--out', path('there.ogg'), raw);
	assert.equal(readFileSync(path('there.ogg'), 'utf8'), 'mine');

	const writer = spawn('flock', ['-x', raw, 'sh', '-c', 'echo; cat'],
		{ stdio: ['pipe', 'pipe', 'inherit'] });

	await once(writer.stdout, 'data');
	bad(75, /is still being written/, raw);
	writer.stdin.end();
	await once(writer, 'exit');
	finished('--out', path('after.ogg'), raw);
	assert.equal(existsSync(path('after.ogg')), true);
	assert.deepEqual(readdirSync(dir).filter((name) => name.endsWith('.part')),
		[]);
});

test('info says what is in it', () => {
	const raw = twoTones().end(5000).write(path('info.rec'));
	const said = execFileSync(PROGRAM, ['info', raw], { encoding: 'utf8' });

	assert.match(said, /^recording id=tones seconds=5\.000 state=complete/);
	assert.match(said, /^format leg=2 side=app audio PCMU\/8000\/1 pt=0 packets=\d+$/m);
	assert.match(said, /^pause from=2\.000 to=3\.000$/m);
});
