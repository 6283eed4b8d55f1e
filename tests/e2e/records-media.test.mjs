// Records of calls whose media change: hold by both sides, re-INVITEs with other
// ports and codecs, video that comes and goes, a push, a bridge that dies. What was
// counted before counts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { browserMedia, jid, packetsOf, phoneMedia, startRecordCalls }
	from './lib/recordcalls.mjs';
import { VIDEO_MODULES, waitHears } from './lib/rig.mjs';
import { openRtp } from './lib/rtp.mjs';
import { VIDEO_OFF, videoSdp } from './lib/sdp.mjs';
import { openVideoRtp } from './lib/videortp.mjs';
import { appOf, assertIs, atLeast, between, dialogOf, expectAudio }
	from './lib/witness.mjs';

let calls;
let rig;

before(async () => {
	calls = await startRecordCalls({ keys: { module: VIDEO_MODULES } });
	({ rig } = calls);
});

after(() => calls?.stop());

afterEach(async () => {
	Object.assign(rig.ua, { formats: '0', maps: [], video: [],
		edit: (sdp) => sdp });
	await calls.reset();
});

/** Do it, and say when: { from, to }. */
async function timed(act) {
	const from = Date.now();

	await act();
	return { from, to: Date.now() };
}

/** Time between two things, each done within these. */
const since = (first, then) => between(then.from - first.to,
	then.to - first.from);

const reinvite = async (call, maps) => {
	rig.ua.maps = maps;
	assert.equal((await call.reinvite()).code, 200);
};

const ask = (action) => async () =>
	assert.equal((await rig.app.ask(action)).event, 'done');

const held = (count, ms) => ({ hold_count: count, hold_ms: ms });

test('both sides hold; the phone hangs up while it holds again', async () => {
	const seen = await calls.phoneCalls();
	const { call } = seen;

	// the phone, and within that the app, once more
	const phone = await timed(() => reinvite(call, ['a=sendonly']));
	const app = await timed(ask('hold'));

	await rig.bridge.waitStatus('the app has been told', ({ calls: [one] }) =>
		one.state === 'ESTABLISHED');
	const appBack = await timed(ask('resume'));
	const phoneBack = await timed(() => reinvite(call, []));

	await rig.waitTones('afterwards');
	const again = await timed(() => reinvite(call, ['a=inactive']));

	await rig.phoneHangsUp(call);
	const record = await calls.recordOf(call);
	const end = { from: again.to, to: Date.now() };
	const of = (...spans) => (value) => {
		const [low, high] = [0, 1].map((i) => spans.reduce((sum, [a, b]) => sum
			+ (i ? b.to - a.from : b.from - a.to), 0));

		return value >= low - 20 && value <= high + 20;
	};
	const phones = of([phone, phoneBack], [again, end]);
	const all = of([phone, phoneBack], [again, end], [app, appBack]);
	const [one, two] = calls.expectPhoneCall(seen, end.to).legs;

	assertIs(record, calls.expectPhoneCall(seen, end.to, {
		...held(3, all),
		legs: [{ ...one, ...held(2, phones), media: phoneMedia(seen.ok.ms, end.to,
			{ rx: expectAudio('PCMU/8000', atLeast(20)), silent_ms: atLeast(0),
				tx: one.media.tx }) },
		{ ...two, ...held(1, since(app, appBack)) }] }));
});

test('the phone has another port and codec, and is silent then', async () => {
	const seen = await calls.phoneCalls();
	const { call } = seen;
	const { rtp } = rig.ua;
	const moved = await openRtp();

	try {
		rig.ua.edit = (sdp) => sdp.replace(`m=audio ${rtp.port}`,
			`m=audio ${moved.port}`);
		await reinvite(call, []);
		rtp.hush();
		moved.play(1000, call.remoteRtp);
		await waitHears(moved, 440, 'the phone');
		moved.hush();

		// it takes nothing but A-law now, and says nothing
		rig.ua.formats = '8';
		await reinvite(call, []);
		await until('it gets A-law', () => moved.packets.some(({ type }) =>
			type === 8));
		await call.bye();
		await rig.app.waitClosed();
		const record = await calls.recordOf(call);
		const over = Date.now();
		const [one, two] = calls.expectPhoneCall(seen, over).legs;
		const sent = [rtp, moved].reduce((n, { packets }) => n
			+ packets.filter(({ ms, type }) => ms > seen.began
				&& (type === 0 || type === 8)).length, 0);

		assertIs(record, calls.expectPhoneCall(seen, over, {
			legs: [{ ...one, media: phoneMedia(seen.ok.ms, over, {
				rx: expectAudio('PCMU/8000', between(40,
					(over - seen.ok.ms) / 20 + 25)),
				tx: { ...one.media.tx, codec: 'PCMA/8000',
					packets: between(sent, sent + 5, 0) },
				silent_ms: atLeast(0), one_way: (v) => v !== undefined,
			}) }, two] }));
	} finally {
		moved.close();
	}
});

/** One direction of video. */
const someVideo = (codec, more = {}) => ({ codec, packets: atLeast(5),
	bytes: atLeast(1000), lost: between(0, 9), frames: atLeast(3), keyframes: atLeast(1),
	kbps: atLeast(0), ...more });

test('video is added by re-INVITE, and taken back', async () => {
	const camera = await openVideoRtp();

	try {
		rig.ua.video = VIDEO_OFF;
		const seen = await calls.appCalls({ video: true });
		const { call } = seen;

		rig.ua.video = videoSdp({ port: camera.port, codec: 'H264',
			feedback: ['nack pli'] });
		await reinvite(call, []);
		await until('the phone gets pictures', () =>
			camera.packets.length > 60);
		rig.ua.video = VIDEO_OFF;
		await reinvite(call, []);
		const got = camera.packets.length;

		await rig.waitTones('without video');
		await rig.appHangsUp(call);
		const record = await calls.recordOf(call);
		const over = Date.now();
		const [app, phone] = calls.expectAppCall(seen, over).legs;

		assertIs(record, calls.expectAppCall(seen, over, {
			legs: [{ ...app, media: browserMedia(seen.ok.ms, over, {
				first_rtp: app.media.first_rtp,
				video_rx: someVideo('H264', { freezes: atLeast(0) }),
				video_tx: (v) => v === null || v.codec === 'H264' }) },
			{ ...phone, number: '5551234', media: phoneMedia(seen.ok.ms, over, {
				video_tx: someVideo('H264', { lost: null,
					packets: between(got, got + 20) }) }) }] }));
	} finally {
		camera.close();
	}
});

test('the app is started by a push', async () => {
	const { sandbox } = rig;
	const { password } = sandbox.users.find(({ login }) => login === 'carol');
	const pushed = await sandbox.mark('pushes');
	const { id } = sandbox.users.find(({ login }) => login === 'carol');

	await calls.plan(`${id}`);
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri);
	const ringing = await call.wait('180');
	const push = await sandbox.waitEntry('pushes', {}, { since: pushed });
	const started = Date.now();
	const carol = await rig.browser.newUser(sandbox.page, 'carol', password,
		{ toneHz: 440 });
	const { id: session } = await carol.waitIncoming();
	const accepted = Date.now();

	await carol.accept();
	const ok = await call.wait('200');

	rig.play(call);
	await carol.waitConnected();
	await waitHears(carol, 1000, 'carol');
	const seen = { call, session, began: call.sentMs, ringing, accepted, ok,
		heard: Date.now(), ends: dialogOf(call) };

	await call.bye();
	await carol.waitClosed();
	const record = await calls.recordOf(call);
	const over = Date.now();
	const [one, two] = calls.expectPhoneCall(seen, over).legs;

	assert.ok(push.ms);
	assertIs(record, calls.expectPhoneCall(seen, over, {
		to: appOf(`${id}`), users: [`${id}`], pushes: 1,
		push_to_online_ms: between(started - ringing.ms,
			accepted - call.sentMs),
		legs: [one, { ...two, remote: jid(id) }] }));
	await carol.close();
});

test('the bridge dies: what there was until the journal was written', async () => {
	const seen = await calls.phoneCalls();
	const journal = () => {
		try {
			return readFileSync(`${calls.dir}/spool/open`, 'utf8');
		} catch {
			return '';
		}
	};

	await until('the journal has its media', () =>
		journal().includes('PCMU'), { timeout: 30000 });
	const { addr } = calls;

	process.kill(rig.bridge.child.pid, 'SIGKILL');
	await rig.bridge.child.exited;
	const died = Date.now();

	await rig.app.reset();
	await rig.renew({ bridge: { keys: calls.keys } });
	const record = await calls.recordOf(seen.call);
	const [one, two] = calls.expectPhoneCall(seen, died).legs;

	assertIs(record, calls.expectPhoneCall(seen, died, {
		addr, class: 'server', reason: 'crash', q850: 41, verdict: null,
		hung_up_by: 'bridge', t_end: between(seen.heard, died),
		legs: [one, two] }));
});
