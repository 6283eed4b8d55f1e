// Recordings of both sides' pictures go to an S3 over https, whose bucket is in its name,
// encrypted to a key of a curve, and are not kept here. It is not who it says, refuses,
// leads elsewhere, hangs, breaks in the middle of a large one.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { after, before, test } from 'node:test';

import { makeCertificates } from '../../contrib/sandbox/lib/certs.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startRecordings } from './lib/hubrec.mjs';
import { film, show } from './lib/rawvideo.mjs';
import { openS3 } from './lib/s3.mjs';

const SLOW = 90000; // [ms]
const SECRET = 's3/secret+word';
const hash = (data) => createHash('sha256').update(data).digest('hex');

let rig;
let s3;
let elsewhere; // where a redirect would lead
let ca;        // who is believed
let hub;

before(async () => {
	elsewhere = await openS3({ key: 'KEYID', secret: SECRET });
	rig = await startRecordings({
		connectycube_hub_recording_name: '{to}/{id}',
		connectycube_hub_recording_time: 80, // pictures are drawn and coded
		connectycube_hub_recording_side_by_side: 'yes',
		connectycube_hub_recording_format: 'wav',
		connectycube_hub_recording_encrypt: (dir) => `${dir}/cert.pem`,
		connectycube_hub_s3_url: () => s3.url,
		connectycube_hub_s3_bucket: 'office',
		connectycube_hub_s3_key: 'KEYID',
		connectycube_hub_s3_secret_file: (dir) => `${dir}/secret`,
		connectycube_hub_s3_style: 'host',
		connectycube_hub_s3_ca_file: (dir) => `${dir}/ca.pem`,
		connectycube_hub_s3_remove: 'yes',
		connectycube_hub_s3_part: 5,
	}, { clock: 'libraries', before: async ({ dir }) => {
		ca = `${dir}/ca.pem`;
		writeFileSync(`${dir}/secret`, `${SECRET}\n`, { mode: 0o600 });
		mkdirSync(`${dir}/tls`);
		await makeCertificates(`${dir}/tls`, 'office.localhost');
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
			'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj',
			'/CN=recordings', '-keyout', `${dir}/key.pem`,
			'-out', `${dir}/cert.pem`], { stdio: 'ignore' });
		s3 = await openS3({ key: 'KEYID', secret: SECRET, host: 'localhost',
			tls: { key: readFileSync(`${dir}/tls/server.key`),
				cert: readFileSync(`${dir}/tls/server.pem`) } });
		s3.elsewhere = elsewhere.url;
		copyFileSync(`${dir}/tls/unknown-ca.pem`, ca);
	} });
	hub = rig.hub;
	s3.now = () => Date.now() + hub.ahead;
});

after(async () => {
	await rig?.stop();
	await s3?.close();
	await elsewhere?.close();
});

const uploaded = async (id) => {
	await until(`${id} is uploaded`, () => rig.row(id)?.uploaded, { timeout: SLOW });
	await rig.tell();
	await until(`${id} is removed`, () => rig.row(id).removed_why === 'uploaded',
		{ timeout: SLOW });
	const row = rig.row(id);

	assert.equal(row.object, `s3://office/${row.file}`);
	assert.ok(!existsSync(rig.path(row)));
	const object = s3.objects.get(`office/${row.file}`);

	assert.equal(hash(object.body), row.sha256);
	return { row, ...object };
};

/** Tried again, now. */
const retry = () => hub.ctrl.command('hub_retry', 's3');

/** As docs/RECORDING.md says it. */
function decrypt(body) {
	const path = `${rig.dir}/plain`;

	writeFileSync(`${path}.cms`, body);
	execFileSync('openssl', ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in',
		`${path}.cms`, '-inkey', `${rig.dir}/key.pem`, '-out', path]);
	return path;
}

const pictures = (path) => JSON.parse(execFileSync('ffprobe', ['-v', 'error',
	'-select_streams', 'v', '-show_entries', 'stream=codec_name,width,height',
	'-of', 'json', path], { encoding: 'utf8' })).streams
	.map(({ codec_name: codec, width, height }) => [codec, width, height]);

test('who is not believed is told nothing, and what is for it stays', async () => {
	const id = rig.raw({ mode: 'video', more: (raw) => {
		for (const [leg, app, codec, colour] of [[1, false, 'H264', 'green'],
			[2, true, 'VP8', 'red']]) {
			raw.format(leg, { codec, pt: 97, clock: 90000, app, video: true });
			show(raw, leg, { codec, pt: 97, from: 200,
				frames: film(codec, { colour, seconds: 0.6 }) });
		}
	} });
	const row = await rig.finished(id);

	await hub.waitStatus(/sink {4}s3 [^]*failed \d+ times?: SSL certificate problem/);
	await rig.tell();
	assert.deepEqual([s3.connections, s3.puts.length], [0, 0]);
	assert.ok(existsSync(rig.path(row)));

	// nor of another name
	s3.server.setSecureContext({ cert: readFileSync(`${rig.dir}/tls/wrong-host.pem`),
		key: readFileSync(`${rig.dir}/tls/wrong-host.key`) });
	copyFileSync(`${rig.dir}/tls/ca.pem`, ca);
	await retry();
	await hub.waitStatus(/sink {4}s3 [^]*failed \d+ times?: SSL: no alternative/);
	assert.equal(s3.puts.length, 0);

	s3.server.setSecureContext({ cert: readFileSync(`${rig.dir}/tls/server.pem`),
		key: readFileSync(`${rig.dir}/tls/server.key`) });
	await retry();
	const { body, headers } = await uploaded(id);

	// both side by side, for whom it is
	assert.equal(row.file, `777/${id}.webm.cms`);
	assert.equal(headers['content-type'], 'application/pkcs7-mime');
	assert.equal(headers.host, `office.${s3.url.slice(8).toLowerCase()}`);
	assert.ok(!body.includes('webm'));
	assert.deepEqual(pictures(decrypt(body)), [['vp8', 1280, 480]]);
	assert.deepEqual(rig.files(), []);
});

test('what it refuses, or leads elsewhere, stays until it takes it', async () => {
	const answers = { 403: /403 AccessDenied/, 503: /503 SlowDown/,
		301: /301 PermanentRedirect/, 307: /307 SlowDown/ };
	let id;

	for (const [status, pattern] of Object.entries(answers)) {
		s3.answer = () => Number(status);
		id ??= rig.raw();
		await rig.finished(id);
		await retry();
		await hub.waitStatus(new RegExp(`sink {4}s3 [^]*it answers ${pattern.source}`));
		await rig.tell();
		assert.ok(existsSync(rig.path(rig.row(id))));
	}
	assert.equal(elsewhere.connections, 0);

	// one that is too large holds up no other
	const other = rig.raw();

	s3.answer = ({ name }) => (name.includes(id) ? 413 : 200);
	await rig.finished(other);
	await retry();
	await uploaded(other);
	s3.answer = () => 200;
	await retry();
	const { body } = await uploaded(id);

	assert.equal(readFileSync(decrypt(body)).subarray(0, 4).toString(), 'RIFF');
});

test('it hangs: tried again', async () => {
	s3.answer = () => 'hang';
	const id = rig.raw();

	const had = s3.puts.length;

	await rig.finished(id);
	await retry();
	await until('it is at it', () => s3.puts.length > had, { timeout: SLOW });
	await until('it has waited for a minute', async () => {
		await hub.pass(20000);
		return /too slow/.test(await hub.status());
	}, { timeout: SLOW });
	s3.answer = () => 200;
	await retry();
	await uploaded(id);
});

test('a large one goes in parts, and on with the part that is missing', async () => {
	const tried = () => s3.puts.filter(({ query }) => query.startsWith('partNumber'))
		.map(({ query, status }) => [Number(/\d+/.exec(query)[0]), status]);
	const id = rig.raw();

	// the line breaks in the second part, the hub dies with the third
	s3.answer = ({ params }) => ({ 2: 'drop', 3: 'hang' })[params.get('partNumber')]
		?? 200;
	rig.let('big', id);
	await rig.finished(id);
	await until('the second one is tried', () => tried().length === 2,
		{ timeout: SLOW });
	s3.answer = ({ params }) => (params.get('partNumber') === '3' ? 'hang' : 200);
	await until('the third one is tried', async () => {
		await retry();
		return tried().some(([n]) => n === 3);
	}, { timeout: SLOW });
	await rig.kill();

	// it says 200 before it knows
	s3.answer = ({ params, method }) => (method === 'POST' && params.has('uploadId')
		? '  <?xml version="1.0"?><Error><Code>InternalError</Code></Error>' : 200);
	await hub.start();
	await hub.waitStatus(/sink {4}s3 [^]*it answers 200 InternalError/);
	assert.ok(existsSync(rig.path(rig.row(id))));
	s3.answer = () => 200;
	await retry();
	const { body, parts, headers } = await uploaded(id);

	assert.ok(body.length > 12000000);
	assert.equal(parts, 3);
	assert.equal(headers['content-type'], 'application/pkcs7-mime');
	assert.equal(tried().filter(([n]) => n === 1).length, 1);
	assert.equal(tried().filter(([, status]) => status === 200).length, 3);
	assert.equal(s3.puts.filter(({ query }) => query === 'uploads=').length, 1);
	assert.equal(s3.uploads.size, 0);
	assert.deepEqual(rig.files(), []);
});

test('in parts, and given up: it is ended there when that can be', async () => {
	const id = rig.raw();
	const ends = () => s3.puts.filter(({ method }) => method === 'DELETE').length;

	s3.answer = ({ params }) => (params.get('partNumber') === '2' ? 503 : 200);
	rig.let('big', id);
	await rig.finished(id);
	await hub.waitStatus(/sink {4}s3 .*failed=1 dead=0/);
	assert.equal(s3.uploads.size, 1);

	s3.answer = () => 503;
	await hub.pass(73 * 3600000);
	await hub.waitStatus(/sink {4}s3 .*failed=0 dead=1/);
	assert.equal(s3.uploads.size, 1);

	assert.ok(rig.files().some((name) => name.endsWith('.end')));
	await rig.kill();
	await hub.start();
	const had = ends();

	await until('it is tried to end it', async () => {
		await hub.pass(11 * 60000);
		return ends() > had;
	}, { timeout: SLOW });
	s3.answer = () => 200;
	await until('it is ended', async () => {
		await hub.pass(11 * 60000);
		return s3.uploads.size === 0;
	}, { timeout: SLOW });
	await until('nothing is left of it', () =>
		!rig.files().some((name) => name.startsWith('.upload')));
	await retry();
	await uploaded(id);
});

test('in parts, and never: it is ended, here and there', async () => {
	const id = rig.raw();

	s3.answer = ({ params }) => (params.get('partNumber') === '2' ? 413 : 200);
	rig.let('big', id);
	await rig.finished(id);
	await hub.waitStatus(/sink {4}s3 [^]*failed=1 dead=0/);
	assert.ok(s3.puts.some(({ method }) => method === 'DELETE'));
	assert.equal(s3.uploads.size, 0);
	assert.deepEqual(rig.files(), [rig.row(id).file]);

	// it has forgotten what it had: begun anew
	s3.answer = ({ params }) => (params.get('partNumber') === '2' ? 503 : 200);
	await retry();
	await hub.waitStatus(/sink {4}s3 [^]*it answers 503/);
	s3.uploads.clear();
	s3.answer = () => 200;
	await retry();
	await hub.waitStatus(/sink {4}s3 [^]*it answers 404 NoSuchUpload/);
	await retry();
	await uploaded(id);

	assert.deepEqual(s3.puts.filter(({ code }) => code), []);
	for (const text of [hub.logText(), await hub.status()])
		assert.ok(!text.includes(SECRET));
	rmSync(`${rig.dir}/plain`, { force: true });
});
