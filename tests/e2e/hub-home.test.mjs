// A home office: the hub is a module in the bridge's own process, which comes to its
// socket as any bridge does.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { assertRecord } from './lib/fakehub.mjs';
import { FINISHER } from './lib/hubrec.mjs';
import { APP_HZ, PHONE_HZ, assertTone, runRawBridge, startRig }
	from './lib/rig.mjs';
import { measure } from './lib/tone.mjs';
import { readWav } from './lib/wav.mjs';
import { Metrics, assertPromtool, assertTruth } from './lib/metrics.mjs';

const dir = mkdtempSync(`${tmpdir()}/home-`);
const jsonl = `${dir}/records.jsonl`;
const keys = {
	module_app: ['connectycube.so', 'connectycube_record.so',
		'connectycube_hub.so', 'account.so', 'ctrl_tcp.so'],
	connectycube_link_socket: `${dir}/run/hub.sock`,
	connectycube_link_spool: `${dir}/spool`,
	connectycube_link_name: 'home',
	connectycube_hub_db: `${dir}/records.db`,
	connectycube_hub_jsonl: jsonl,
	connectycube_record_spool: `${dir}/raw`,
	connectycube_record_calls: 'always',
	connectycube_hub_recordings: `${dir}/recordings`,
	connectycube_hub_recording_program: FINISHER,
	connectycube_hub_recording_format: 'wav',
};

let rig;

before(async () => {
	rig = await startRig({ bridge: { keys } });
});

after(async () => {
	await rig?.stop();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

const records = () => (existsSync(jsonl) ? readFileSync(jsonl, 'utf8') : '')
	.split('\n').slice(0, -1).map((line) => JSON.parse(line));

/** What the hub answers its own user. */
const get = (path) => new Promise((resolve, reject) => {
	http.get({ socketPath: `${dir}/run/api.sock`, path: `/api/v1/${path}` },
		(res) => res.setEncoding('utf8').toArray().then((parts) =>
			resolve(JSON.parse(parts.join(''))), reject)).on('error', reject);
});

const waitRecord = (check) => until('its record', () => records().find(check),
	{ timeout: 30000 });

/** What Prometheus is told, once it is as it should be. */
const waitMetrics = (what, check) => until(what, async () => {
	const all = new Metrics(await rig.bridge.command('hub_metrics'));

	return check(all) && all;
}, { timeout: 60000 });

test('a call: its record is in the file', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const now = await waitMetrics('the call, with its codecs', (all) =>
		all.get('connectycube_transcoded_active') === 1);

	assert.deepEqual(['extension_up', 'cloud_connected', 'cloud_refused', 'draining',
		'calls_active'].map((name) => now.get(`connectycube_${name}`)),
	[1, 1, 0, 0, 1]);
	assert.equal(now.get('connectycube_calls_active', { dir: 'sip-to-app' }), 1);
	assert.equal(now.get('connectycube_bridge_spool_records'), 0);
	assert.match(await rig.bridge.command('hub_extensions'),
		/^sip:\S+ +sip=registered \d+s cloud=online \d+s calls=1 bridge=home$/m);
	const shown = await until('the call, as it is heard', async () => {
		const text = await rig.bridge.command('hub_calls');

		return /mos=4.* level=-\d/.test(text) && text;
	});

	const { calls: [live] } = await get('calls');

	assert.deepEqual([live.call, live.bridge, live.linked_id, live.state, live.from.uri.slice(0, 11), live.to.user,
		live.recording, live.legs.length],
	[1, 'home', live.id, 'up', 'sip:5551234', '101', 'recording', 2]);
	assert.equal((await get(`calls/${live.id}`)).call_id, call.id);
	const { legs } = await get(`calls/${live.id}/stats`);

	assert.ok(legs.every(({ samples }) => samples.some(({ mos, level_dbov: level }) =>
		mos > 3.5 && level < 0)), JSON.stringify(legs));
	const { extensions: [extension] } = await get('extensions');

	assert.equal((await get(`extensions/${extension.extension}`)).sip.registered, true);
	const { sip, bridge: { version, recorder } } = extension;

	assert.match(sip.server, /^sip:127\.0\.0\.1:\d+/);
	assert.match(version, /[0-9a-f]{4}/);
	assert.deepEqual([recorder.failed, recorder.disk_works], [0, true]);
	assert.ok(recorder.started >= 1);
	assert.deepEqual((await get('alarms')).alarms, []);
	assert.equal((await get('calls/1')).status, 404);
	assert.match(shown, new RegExp('^1@home +up \\d+s sip:\\S+ sip-to-app rec=recording'
		+ ` id=${live.id}$`, 'm'));
	assert.match(shown, /^ {4}phone sip:5551234@\S+ .*PCM[AU]\/8000 mos=4\.\d\d lost=0 /m);
	assert.match(shown, /^ {4}app {3}101 .*opus\/48000\/2 mos=4\.\d\d lost=0 /m);
	await rig.phoneHangsUp(call);
	const record = await waitRecord(({ call_id: id }) => id === call.id);

	assert.equal(record.id, live.id);

	assert.equal(record.disposition, 'ANSWERED');
	assert.equal(await rig.bridge.command('hub_calls'), 'no calls\n');
	const query = `from=${record.t_start}&to=${record.t_start + 1}&number=5551234`;

	assert.deepEqual(await get(`cdr?${query}`), { records: [record], next: null });
	const { calls, asr, dispositions } = await get(`today?${query}`);

	assert.deepEqual([calls, asr, dispositions], [1, 1, { ANSWERED: 1 }]);
	assert.match((await get('cdr?from=yesterday')).detail, /^from: is no time/);
	await waitMetrics('it is over', (all) =>
		all.get('connectycube_calls_active') === 0);
	await until('it is told of', async () =>
		/^records stored=1 [^]*\nsink +jsonl done=1 [^]*\nbridge +home version=\d+ /m
			.test(await rig.bridge.command('hub_status')));
	assert.match(await rig.bridge.command('hub_records'),
		new RegExp(`^\\S+ ${record.id} sip:1000@.* -> 101 ANSWERED`));
});

test('and recorded: what phone and app said is in a file, each on its side', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	await rig.phoneHangsUp(call);
	const path = `${dir}/recordings.jsonl`;
	const all = () => (existsSync(path) ? readFileSync(path, 'utf8') : '')
		.split('\n').slice(0, -1).map((line) => JSON.parse(line));
	const told = await until('it is finished', () => all().find((one) =>
		one.call_id === call.id), { timeout: 60000 });

	assert.deepEqual([told.state, told.by, told.mode, told.channels],
		['complete', 'always', 'audio', 2]);
	assert.ok(Math.abs(told.duration_ms - (told.t_end - told.t_start)) <= 50,
		JSON.stringify(told));
	const { rate, all: sides } = readWav(`${dir}/recordings/${told.file}`);

	// once both were there
	for (const [i, hz] of [PHONE_HZ, APP_HZ].entries())
		assertTone(measure(sides[i].slice(-rate), rate), hz, `channel ${i}`);
	const record = await waitRecord(({ call_id: id }) => id === call.id);

	assert.equal(record.recordings[0].id, told.id);
	assert.deepEqual([told.record_id, told.linked_id],
		[record.id, record.linked_id]);
	// as it is documented, with what is known since
	const [{ json }] = JSON.parse(execFileSync('sqlite3', ['-json', '-readonly',
		keys.connectycube_hub_db,
		`SELECT json FROM records WHERE id='${record.id}'`]));
	const kept = JSON.parse(json);

	assertRecord(kept);
	assert.deepEqual(kept.recordings, [{ ...record.recordings[0], file: told.file,
		format: 'wav', sha256: told.sha256, duration_ms: told.duration_ms }]);
	assert.match(told.file, new RegExp(`-${told.id}\\.wav$`));
});

test('Prometheus is told what the records say', async () => {
	const all = await waitMetrics('both recordings are counted', (now) =>
		now.get('connectycube_recordings_total', { result: 'complete' }) === 2);

	assertTruth(all, records());
	assert.ok(all.get('connectycube_mos_count', { leg: 'phone', dir: 'rx' }) > 0);
	assert.ok(all.get('connectycube_rtp_packets_total') > 100);
	assert.equal(all.get('connectycube_call_recordings_total',
		{ result: 'complete' }), 2);
	assert.equal(assertPromtool(['check', 'metrics'],
		await rig.bridge.command('hub_metrics')), '');
});

test('SIGHUP is the bridge\'s; killed in a call, there is one record of it',
	async () => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		await until('the journal has it', () => existsSync(`${dir}/spool/open`));
		process.kill(rig.bridge.child.pid, 'SIGHUP');
		await rig.bridge.waitLog(/SIGHUP: \S+ has been read again/);
		process.kill(rig.bridge.child.pid, 'SIGKILL');
		await rig.bridge.child.exited;
		await rig.app.reset();
		await rig.renew({ bridge: { keys } });
		await waitRecord(({ reason }) => reason === 'crash');
		assert.equal(records().filter(({ call_id: id }) =>
			id === call.id).length, 1);
		assert.equal(records().length, 3);
	});

test('before the bridge it is told to stand behind it', async () => {
	const { code, log } = await runRawBridge(rig.sandbox, { name: 'first',
		keys: { ...keys, connectycube_link_spool: `${dir}/first`,
			connectycube_link_socket: `${dir}/first.sock`,
			connectycube_hub_db: `${dir}/first.db`,
			module_app: ['connectycube_hub.so', 'connectycube.so',
				'account.so'] } });

	assert.equal(code, 69);
	assert.match(log, /hub: .* is to stand before this module/);
});

test('beside connectycube_link.so it says that it has that in it', async () => {
	const { code, log } = await runRawBridge(rig.sandbox, { name: 'both',
		keys: { ...keys, connectycube_link_spool: `${dir}/both`,
			connectycube_link_socket: `${dir}/both.sock`,
			connectycube_hub_db: `${dir}/both.db`,
			module_app: ['connectycube.so', 'connectycube_link.so',
				'connectycube_hub.so', 'account.so'] } });

	assert.notEqual(code, 0);
	assert.match(log, /or connectycube_link\.so is loaded beside connectycube_hub\.so/);
});
