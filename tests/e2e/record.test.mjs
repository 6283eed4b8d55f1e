// Calls are recorded as their packets come: what is in the raw file, what is not,
// and what is left of it when the process is killed, or the disk is full.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { readRaw } from './lib/recfile.mjs';
import { PHONE_HZ, assertTone, runRawBridge, startRig, userLine, waitHears }
	from './lib/rig.mjs';
import { videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { fromMulaw, measure } from './lib/tone.mjs';
import { refer, uriOf } from './lib/transfer.mjs';
import { DESK_HZ, openDesk } from './lib/transferrig.mjs';
import { frames, nalTypes, openVideoRtp } from './lib/videortp.mjs';

const SECOND = 1e6; // [us]
const ROOM = 1500; // [ms] in which what was said is on the disk, with load
const VIDEO = { feedback: ['nack pli'], profile: 'AVPF' };

const dir = mkdtempSync(`${tmpdir()}/record-`);
const spool = `${dir}/spool`;
const MODULES = ['connectycube.so', 'connectycube_record.so', 'account.so',
	'ctrl_tcp.so'];
const keys = { module_app: MODULES, connectycube_record_spool: spool,
	connectycube_record_calls: 'on_demand' };

let rig;
let desk; // whom the PBX knows as 1002
let video;
let mounted = false;

before(async () => {
	mkdirSync(spool);
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', spool]);
	mounted = true;
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({ keys,
		users: userLine(sandbox.sip, { more: ';call=101'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port};dialable=100?` }) }) });
	desk = await openDesk(rig.sandbox);
});

after(async () => {
	desk?.close();
	await rig?.stop();
	if (mounted) execFileSync('umount', [spool]);
	rmSync(dir, { recursive: true });
});

afterEach(async () => {
	video?.close();
	video = null;
	desk.rtp.hush();
	desk.forget();
	Object.assign(rig.ua, { formats: '0', maps: [], video: [] });
	rig.ua.rtp.packets.length = 0;
	await rig.reset();
});

const order = (text) => rig.bridge.command('cube_record', text);

/** What the events tell of recordings: [{ state, target, text }]. */
const told = async () => (await rig.bridge.command('cube_events', 'json 128'))
	.split('\n').filter((line) => line.includes('"record"'))
	.map((line) => JSON.parse(line)).filter(({ type }) => type === 'record');

const files = () => readdirSync(spool).filter((name) => name.endsWith('.rec'));

/** Begin to record: { path, raw(), waitEnd() }. */
async function record(mode = 'audio') {
	const had = files();

	assert.match(await order(`start ${mode}`), /: to be recorded/);
	await until('it is recorded', async () =>
		/: recording/.test(await order('show')));
	const path = `${spool}/${files().find((name) => !had.includes(name))}`;
	const raw = () => readRaw(path);

	return { path, raw, waitEnd: () => until('it is whole', () =>
		raw().end && raw()) };
}

const ofLeg = (raw, leg) => raw.packets.filter((one) => one.leg === leg);

/** A leg of PCMU, as it sounds. */
const hear = (packets) => measure(Float32Array.from(Buffer.concat(
	packets.map(({ payload }) => payload)), fromMulaw), 8000);

/** No packet is of anything but a tone. */
const assertOnly = (packets, hz) => assert.deepEqual(packets.map((one) =>
	hear([one])).filter((one) => one.rms > 0.1 && Math.abs(one.hz - hz) > 60),
[]);

/** The phone presses a key that is a tone; when that is over [us]. */
async function pressTone({ remoteRtp }) {
	const keys = async () => (await rig.bridge.command('cube_events', 'json 128'))
		.split('\n').filter((line) => line.includes('"type":"keys"')).length;
	const had = await keys();

	rig.ua.rtp.play([770, 1336], remoteRtp);
	await delay(200);
	rig.ua.rtp.play(PHONE_HZ, remoteRtp);
	await until('it was a key', async () => await keys() > had);
	return uptime();
}

/** So many packets came from a leg since a time, on the disk. */
const waitPackets = ({ raw }, leg, since, count = 25) => until(
	`${count} packets of leg ${leg}`, () => ofLeg(raw(), leg).filter(({ us }) =>
		us > since).length >= count);

const lastOf = (raw, type) => raw.chunks.findLast((one) => one.type === type);

/** As chunks have it [us]. */
const uptime = () => Math.round(SECOND
	* Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));

test('transcoded, both parties; pause, a key, hold, transfer', async () => {
	Object.assign(rig.ua, { formats: '0 101',
		maps: ['a=rtpmap:101 telephone-event/8000'] });
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const { calls: [{ id }] } = await rig.bridge.status();
	const rec = await record();

	assert.match(await order('start'), /: recording/);
	await waitPackets(rec, 1, 0);
	await waitPackets(rec, 2, 0);

	// pause: the phone says something else
	assert.match(await order(`pause ${id}`), /: paused/);
	rig.ua.rtp.play(2000, call.remoteRtp);
	await waitHears(rig.app, 2000, 'in the pause');
	rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);
	// what is on its way is of the pause, too
	await waitHears(rig.app, PHONE_HZ, 'still in the pause');
	assert.match(await order('resume'), /: recording/);
	await until('it goes on', () => lastOf(rec.raw(), 'RESUME'));
	await waitPackets(rec, 1, lastOf(rec.raw(), 'RESUME').us);

	// keys
	rig.ua.rtp.hush();
	await rig.ua.rtp.press('7', call.remoteRtp);
	rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);

	// hold, by the phone, which sends its music
	const mark = uptime();

	await waitPackets(rec, 1, mark);
	rig.ua.maps.push('a=sendonly');
	assert.equal((await call.reinvite()).code, 200);
	rig.ua.rtp.play(1800, call.remoteRtp);
	await waitHears(rig.app, 1800, 'on hold');
	rig.ua.rtp.play(PHONE_HZ, call.remoteRtp);
	await waitHears(rig.app, PHONE_HZ, 'still on hold');
	rig.ua.maps.pop();
	const back = uptime();

	assert.equal((await call.reinvite()).code, 200);
	await waitPackets(rec, 1, back);

	// the desk takes the phone's place
	await refer(call, `<${uriOf(desk)}>`);
	const invite = await desk.waitInvite();

	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	await waitPackets(rec, 3, 0);
	assert.match(await order('stop'), /: not recorded/);
	const raw = await rec.waitEnd();

	assert.equal(statSync(rec.path).mode & 0o777, 0o640);
	assert.deepEqual([raw.start.call, raw.start.by, raw.start.mode,
		raw.start.direction, raw.start.call_id, raw.start.extension,
		raw.start.to.user, raw.start.from.number],
	[id, 'console', 'audio', 'sip-to-app', call.id,
		`sip:1000@${rig.sandbox.sip}`, '101', '5551234']);
	assert.ok(rec.path.endsWith(`/${raw.start.id}.rec`));
	assert.deepEqual([raw.end.state, raw.end.reason, raw.end.dropped],
		['complete', 'stopped by console', 0]);
	assert.ok(Math.abs((raw.chunks.at(-1).us - raw.chunks[0].us) / 1000
		- (raw.end.t_end - raw.start.t_start)) < 50);

	// who is who, and what they sent
	assert.deepEqual(raw.formats.filter(({ codec }) => codec !== 'CN')
		.map(({ leg, app, codec, video: v }) => [leg, app, codec, v])
		.filter((one, i, all) => all.findIndex((other) =>
			`${other}` === `${one}`) === i).toSorted(),
	[[1, false, 'PCMU', false], [2, true, 'opus', false],
		[3, false, 'PCMU', false]]);
	assertTone(hear(ofLeg(raw, 1)), PHONE_HZ, 'the phone');
	assertTone(hear(ofLeg(raw, 3)), DESK_HZ, 'the desk');
	assert.ok(raw.packets.every(({ leg, format }) => leg === format.leg));
	// sent once, and each in full
	assert.equal(new Set(ofLeg(raw, 1).map(({ sequence }) => sequence)).size,
		ofLeg(raw, 1).length);

	// nothing of the pause, and of hold; no key
	const [pause, resume] = ['PAUSE', 'RESUME'].map((type) => lastOf(raw, type));
	const inside = (from, to) => raw.packets.filter(({ us }) =>
		us > from && us < to).length;

	assert.equal(inside(pause.us, resume.us), 0);
	assertOnly(ofLeg(raw, 1), PHONE_HZ);
	assert.ok(raw.packets.every(({ format }) =>
		format.codec !== 'telephone-event'));

	// all of it was told
	assert.deepEqual((await told()).map(({ state }) => state),
		['started', 'paused', 'resumed', 'ended']);
	for (const { target, call: number } of await told())
		assert.deepEqual([`${spool}/${target}`, number], [rec.path, id]);
	await rig.bridge.command('cube_hangup', 'all');
	await rig.app.waitClosed();
});

test('Opus that is forwarded: the very packets, until the call ends', async () => {
	Object.assign(rig.ua, { formats: '111',
		maps: ['a=rtpmap:111 opus/48000/2'] });
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.accept();
	await call.wait('200');
	rig.ua.rtp.playOpus(call.remoteRtp);
	await rig.app.waitConnected();
	await until('the phone hears it', () => rig.ua.rtp.packets.length > 10);
	const { calls: [{ sip }] } = await rig.bridge.status();

	assert.ok(sip.forwarded);
	const rec = await record();

	await waitPackets(rec, 1, 0);
	await waitPackets(rec, 2, 0);
	await rig.phoneHangsUp(call);
	const raw = await rec.waitEnd();

	assert.match(raw.end.reason, /call has ended/);
	assert.ok(raw.formats.every(({ codec, clock, channels }) =>
		codec === 'opus' && clock === 48000 && channels === 2));
	assert.ok(ofLeg(raw, 1).every(({ payload }) =>
		payload.equals(Buffer.from([0xf8, 0xff, 0xfe]))));

	// what the app sent is what the phone got
	const got = new Set(rig.ua.rtp.packets.map(({ data }) =>
		data.subarray(12).toString('hex')));
	const same = ofLeg(raw, 2).filter(({ payload }) =>
		got.has(payload.toString('hex')));

	assert.ok(same.length >= 25, `${same.length} of ${got.size}`);
});

const KEYFRAME = {
	VP8: (payload) => (payload[0] & 0x10) && !(payload[
		payload[0] & 0x80 ? 2 + (payload[1] & 0x80 ? payload[2] >> 7 ? 2 : 1 : 0)
			+ (payload[1] & 0x40 ? 1 : 0) + (payload[1] & 0x30 ? 1 : 0) : 1] & 1),
	H264: (payload) => nalTypes([payload]).includes(5),
};

for (const codec of ['VP8', 'H264'])
	test(`video, ${codec}: both parties, each from a keyframe on`, async () => {
		video = await openVideoRtp();
		rig.ua.video = videoSdp({ port: video.port, codec, ...VIDEO });
		const call = await rig.ua.invite(rig.bridge.uri);

		await rig.app.waitIncoming();
		await rig.app.accept();
		await call.wait('200');
		rig.play(call);
		await rig.app.waitConnected();

		// the phone shows what it sees
		await until('a picture of the app', () => {
			const all = frames(video.packets);
			const key = all.findIndex(({ packets }) =>
				packets.some(KEYFRAME[codec]));

			return key >= 0 && all.length > key + 15;
		});
		const seen = frames(video.packets).slice(0, -1);

		video.play(seen.slice(seen.findIndex(({ packets }) =>
			packets.some(KEYFRAME[codec]))), videoPort(call),
		{ type: videoType(call, codec) });
		await rig.app.firstPicture();
		const rec = await record('video');
		const pictures = (leg) => rec.raw().packets.filter((one) =>
			one.leg === leg && one.format.video);

		await until('pictures of both', () => [1, 2].every((leg) =>
			pictures(leg).length > 20 && pictures(leg).some(({ payload }) =>
				KEYFRAME[codec](payload))));
		await rig.phoneHangsUp(call);
		const raw = await rec.waitEnd();

		assert.equal(raw.start.mode, 'video');
		assert.deepEqual([...new Set(raw.formats.map((one) =>
			`${one.leg} ${one.app} ${one.video} ${one.codec}`))].toSorted(), [
			'1 false false PCMU', `1 false true ${codec}`,
			'2 true false opus', `2 true true ${codec}`]);
		assert.ok(raw.formats.filter((one) => one.video)
			.every(({ clock }) => clock === 90000));
	});

test('the disk is full: the call goes on, what is missing is said', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const rec = await record();

	await waitPackets(rec, 1, 0);
	const since = rig.bridge.log().length;

	assert.throws(() => writeFileSync(`${spool}/fill`, Buffer.alloc(16 << 20)),
		/ENOSPC/);
	await rig.bridge.waitLog(/\.rec cannot be written: No space/, { since });
	await until('it is told', async () => (await told()).some(({ state }) =>
		state === 'degraded'));
	await rig.assertTones('full');
	rmSync(`${spool}/fill`);
	await rig.bridge.waitLog(/\.rec is written again/, { since });
	await order('stop');
	const raw = await rec.waitEnd();

	assert.equal(raw.torn, false);
	assert.equal(raw.end.state, 'degraded');
	const sent = ofLeg(raw, 1);
	const missing = sent.slice(1).reduce((sum, { sequence }, i) => sum
		+ sequence - sent[i].sequence - 1, 0);

	assert.ok(missing > 0 && missing <= raw.end.dropped,
		`${missing} of ${raw.end.dropped}`);
	assert.equal(rig.bridge.log().slice(since).match(/cannot be written/g).length,
		1);
	assert.match(await order('show'), /packets lost: [1-9]/);
	await rig.phoneHangsUp();
});

test('killed: what was said is there, until the last second, but for a key that'
	+ ' was a tone', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const rec = await record();

	await waitPackets(rec, 1, 0);
	await waitPackets(rec, 1, await pressTone(call), 60);
	const now = uptime();

	process.kill(rig.bridge.child.pid, 'SIGKILL');
	await rig.bridge.child.exited;
	rig.ua.rtp.hush();
	const raw = rec.raw();

	assert.equal(raw.end, undefined);
	assert.ok(now - raw.packets.at(-1).us < ROOM * 1000,
		`${(now - raw.packets.at(-1).us) / 1000} ms are missing`);
	assertTone(hear(ofLeg(raw, 1)), PHONE_HZ, 'the phone');
	assertOnly(ofLeg(raw, 1), PHONE_HZ);
	// nobody holds it: it may be finished
	execFileSync('flock', ['-n', rec.path, 'true']);
});

test('what is wrong in its configuration is said, and ends the start', async () => {
	const run = (name, more) => runRawBridge(rig.sandbox, { name,
		keys: { ...keys, ...more } });
	const range = await run('range', { connectycube_record_queue: 0 });

	assert.equal(range.code, 78);
	assert.match(range.log, /record_queue: '0' is not a number from 1 to/);
	const unknown = await run('unknown', { connectycube_record_spol: '/x' });

	assert.equal(unknown.code, 78);
	assert.match(unknown.log, /is connectycube_record_spool meant/);
	const nowhere = await run('nowhere',
		{ connectycube_record_spool: '/proc/nowhere' });

	assert.equal(nowhere.code, 73);
	assert.match(nowhere.log, /connectycube_record_spool \/proc\/nowhere: /);
});
