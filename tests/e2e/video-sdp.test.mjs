// Video in the SIP leg's offers and answers, as a phone with a mind of its own
// sees them: what is offered, what is taken, re-INVITEs, SIP INFO. Pictures are
// looked at elsewhere.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort } from './lib/sdp.mjs';
import { videoLines } from './lib/sipua.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

const CONTROL = 'application/media_control+xml';
const FAST_UPDATE = '<?xml version="1.0" encoding="utf-8" ?><media_control>'
	+ '<vc_primitive><to_encoder><picture_fast_update/></to_encoder>'
	+ '</vc_primitive></media_control>';
// what baresip has for itself must not get into our SDP
const MODULES = ['g711.so', 'menu.so', 'avcodec.so', 'vp8.so', 'vp9.so'];

// the begin of a keyframe, again and again
const VP8 = [0, 3000].map((timestamp) => ({ timestamp,
	packets: [Buffer.from('10100000009d012a40017800', 'hex')] }));

let rig;
let video;

before(async () => {
	rig = await startRig({ bridge: { keys: { module: MODULES,
		connectycube_video_offer: 'always' } } });
	video = await openVideoRtp();
});

after(() => {
	video?.close();
	return rig?.stop();
});

afterEach(() => {
	video.forget();
	rig.ua.video = [];
	return rig.reset();
});

/** A phone's video line with formats of several makers. */
const phone = (...more) => [
	`m=video ${video.port} RTP/AVP 34 99 120 121 122 123`,
	'a=rtpmap:99 H264/90000',
	'a=fmtp:99 profile-level-id=42801E; packetization-mode=0',
	'a=rtpmap:120 H264/90000',
	'a=fmtp:120 profile-level-id=42801e;packetization-mode=1;'
		+ 'level-asymmetry-allowed=1',
	'a=rtpmap:121 H265/90000', 'a=rtpmap:122 VP8/90000',
	'a=rtpmap:123 rtx/90000', 'a=fmtp:123 apt=122', ...more];

const videoOf = ({ body }) => videoLines(body);

/** "120 H264" ...: the formats of a video line, in the order of m=. */
function formats(lines) {
	const maps = Object.fromEntries(lines.map((line) =>
		/^a=rtpmap:(\d+) ([^/]+)/.exec(line)?.slice(1)).filter(Boolean));

	return lines[0].split(' ').slice(3).map((type) => `${type} ${maps[type]}`);
}

const attributes = (lines, name) => lines.filter((line) =>
	line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3));

const direction = (lines) => lines.find((line) =>
	/^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line))?.slice(2);

/** The app's video reaches the phone, in one of these formats. */
async function assertComes(types) {
	video.forget();
	await until('the phone gets video', () => video.packets.length >= 5);
	for (const { type } of video.packets) assert.ok(types.includes(type), type);
}

/** What baresip would make of its own video line. */
function assertOurs(lines) {
	assert.deepEqual(attributes(lines, 'framerate'), []);
	assert.equal(attributes(lines, 'ssrc').length, 1);
	assert.ok(!lines.some((line) => /H263|MP4V|H265/.test(line)), lines);
}

test('an offer is answered with what both know', async () => {
	rig.ua.video = phone('b=AS:800', 'a=rtcp-fb:* nack pli',
		'a=rtcp-fb:122 ccm fir', 'a=rtcp-fb:* nack rpsi', 'a=rtcp-rsize');
	const call = await rig.phoneCallsApp();
	const lines = call.remoteVideo;

	assert.deepEqual(formats(lines).sort(),
		['120 H264', '122 VP8', '99 H264']);
	assertOurs(lines);
	assert.deepEqual(attributes(lines, 'rtcp-fb').sort(),
		['* ccm fir', '* nack pli']);
	assert.ok(lines.includes('a=rtcp-rsize'));
	assert.equal(direction(lines), 'sendrecv');

	const fmtp = Object.fromEntries(attributes(lines, 'fmtp').map((line) =>
		[line.split(' ')[0], line]));

	// the offer's profile; the level is ours only where that is allowed
	assert.match(fmtp[99], /profile-level-id=42801e/);
	assert.doesNotMatch(fmtp[99], /asymmetry|packetization-mode=1/);
	assert.match(fmtp[120], /profile-level-id=4280(1f|28)/);
	assert.match(fmtp[120], /level-asymmetry-allowed=1/);
	assert.match(fmtp[120], /packetization-mode=1/);

	await rig.waitTones();
	await assertComes([99, 120, 122]);
	await rig.phoneHangsUp();
});

test('nothing in common: port 0, and the call is one of audio', async () => {
	rig.ua.video = [`m=video ${video.port} RTP/AVP 34 96`,
		'a=rtpmap:96 H265/90000'];
	const call = await rig.phoneCallsApp();

	assert.equal(videoPort(call), 0);
	await rig.waitTones();
	await rig.phoneHangsUp();
});

test('an INVITE has each format once, and all feedback', async () => {
	rig.ua.video = phone('a=recvonly');
	await rig.app.forget();
	await rig.app.call(rig.id, { video: true });
	const call = await rig.ua.waitInvite();
	const lines = call.remoteVideo;
	const fmtps = attributes(lines, 'fmtp').map((line) =>
		line.replace(/^\d+ /, ''));

	assertOurs(lines);
	assert.deepEqual(attributes(lines, 'rtcp-fb'),
		['* nack', '* nack pli', '* ccm fir', '* ccm tmmbr']);
	assert.ok(lines.some((line) => /^b=TIAS:\d+$/.test(line)));
	assert.ok(lines.some((line) => /^b=AS:\d+$/.test(line)));
	for (const mode of [0, 1])
		assert.equal(fmtps.filter((line) =>
			line.includes(`packetization-mode=${mode}`)).length, 1, mode);

	const names = formats(lines).map((one) => one.split(' ')[1]);

	assert.deepEqual(names.sort(), ['H264', 'H264', 'VP8', 'VP9']);

	call.ring();
	call.answer();
	await call.wait('ACK');
	await assertComes([99, 120, 122]);
	await call.bye();
	await rig.bridge.waitIdle();
});

test('re-INVITEs hold video, resume it, drop it, add it again', async () => {
	rig.ua.video = phone();
	const call = await rig.phoneCallsApp();
	const types = [99, 120, 122];

	await assertComes(types);

	rig.ua.video = phone('a=sendonly');
	assert.equal(direction(videoOf(await call.reinvite())), 'recvonly');
	video.forget();
	await rig.waitTones();
	assert.equal(video.packets.length, 0);

	rig.ua.video = phone();
	assert.equal(direction(videoOf(await call.reinvite())), 'sendrecv');
	await assertComes(types);

	rig.ua.video = VIDEO_OFF;
	await call.reinvite();
	assert.equal(videoPort(call), 0);
	video.forget();
	await rig.waitTones();
	assert.equal(video.packets.length, 0);

	// with another profile than before
	rig.ua.video = phone('a=rtcp-fb:* ccm fir');
	rig.ua.video[0] = rig.ua.video[0].replace('AVP', 'AVPF');
	const lines = videoOf(await call.reinvite());

	assert.match(lines[0], /^m=video [1-9]\d* RTP\/AVPF /);
	assert.deepEqual(attributes(lines, 'rtcp-fb'), ['* ccm fir']);
	await assertComes(types);
	await rig.phoneHangsUp();
});

test('a late offer has video, the answer in the ACK takes it', async () => {
	await rig.app.forget();
	rig.ua.video = phone();
	const call = await rig.ua.invite(rig.bridge.uri, { late: true });

	await rig.app.waitIncoming();
	await rig.app.accept();
	const lines = videoOf(await call.wait('200'));

	assert.deepEqual(formats(lines).map((one) => one.split(' ')[1]).sort(),
		['H264', 'H264', 'VP8', 'VP9']);
	assertOurs(lines);
	await rig.app.waitConnected();
	await assertComes([99, 120, 122]);
	await call.bye();
	await rig.bridge.waitIdle();
});

test('a call of audio takes video when the phone adds it', async () => {
	const call = await rig.phoneCallsApp();

	assert.deepEqual(call.remoteVideo, []);
	await rig.waitTones();

	rig.ua.video = phone();
	await call.reinvite();
	assert.ok(videoPort(call) > 0);
	await assertComes([99, 120, 122]);

	// the phone wants to hear what we have
	const { body } = await call.reinvite({ late: true });

	assert.deepEqual(formats(videoLines(body)).sort(),
		['120 H264', '122 VP8', '99 H264']);
	await assertComes([99, 120, 122]);
	await rig.waitTones();

	// and sends by the numbers of that offer, which are its own
	video.play(VP8, videoPort(call), { type: 122 });
	await until('the phone\'s video is taken', async () =>
		/video rx {2}VP8 +packets=[1-9]/.test(
			await rig.bridge.command('cube_status')));
	assert.match(await rig.bridge.command('cube_status'), new RegExp(
		`video port ${videoPort(call)} <-> 127\\.0\\.0\\.1:${video.port} `
		+ 'refused=0\n'));
	video.hush();
	await rig.phoneHangsUp();
});

test('SIP INFO: a request for a keyframe, and what is none', async () => {
	rig.ua.video = phone();
	const call = await rig.phoneCallsApp();

	await assertComes([99, 120, 122]);
	assert.equal(await call.info(CONTROL, FAST_UPDATE), 200);
	assert.equal(await call.info(CONTROL, '<media_control>'), 400);
	assert.equal(await call.info(CONTROL, '<!DOCTYPE media_control [<!ENTITY '
		+ `a "b">]>${FAST_UPDATE.replace(/^.*\?>/, '')}`), 400);
	assert.equal(await call.info(CONTROL,
		'<media_control><general_error>x</general_error></media_control>'),
	200);
	await assertComes([99, 120, 122]);
	await rig.waitTones();
	await rig.phoneHangsUp();
});

test('baresip sends nothing of its own, and starts nothing', async () => {
	rig.ua.video = phone();
	const before = rig.bridge.log().length;

	await rig.phoneCallsApp();
	await assertComes([99, 120, 122]);
	await rig.phoneHangsUp();

	const log = rig.bridge.log().slice(before);

	assert.doesNotMatch(log, /Set video (en|de)coder|video [tr]x pipeline/);
	assert.equal(video.feedback.filter(({ type }) => type === 192).length, 0);
});

test('without video in the config there is none', async (t) => {
	const bridge = await startRawBridge(rig.sandbox, { name: 'audio',
		users: userLine(rig.sandbox.sip, { user: '1010', login: 'ext1010',
			more: `;call=101;dial=sip:5551234@127.0.0.1:${rig.ua.port}` }),
		account: { user: '1010' },
		keys: { module: [...MODULES, 'fakevideo.so'],
			connectycube_video: 'no' },
	});

	t.after(() => bridge.stop());
	await bridge.waitCloud('online');
	rig.ua.video = phone();
	await rig.app.forget();

	const out = await rig.ua.invite(`sip:1010@127.0.0.1:${bridge.port}`);

	await rig.app.waitIncoming();
	await rig.app.accept();
	await out.wait('200');
	assert.equal(videoPort(out), 0);
	await rig.app.waitConnected();
	await out.bye();
	await rig.app.waitClosed();

	await rig.app.call(201, { video: true });
	const incoming = await rig.ua.waitInvite();

	assert.deepEqual(incoming.remoteVideo, []);
	incoming.reject(486, 'Busy Here');
	await rig.app.waitClosed();
});
