// Video that comes and goes in a running call: the phone adds and drops it by
// re-INVITE, either side holds the call, or has none, or is replaced by another
// one; the app keeps its stream.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { SMALL, assertAccessible, assertFits } from './lib/look.mjs';
import { APP_PICTURE, PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { VIDEO_MODULES, startRig, userLine } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { assertPictureSoon, seesNothing } from './lib/soon.mjs';
import { refer, referToCall, uriOf, waitTold } from './lib/transfer.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

// what the bridge prefers: an app is asked for it while the phone's is unknown
const CODEC = 'H264';
const BOB_PICTURE = 'blue-orange-red-cyan';

let rig;
const streams = {}; // of a phone's camera, by codec
let video;
let desk; // another phone, with video of its own
let bob; // another app

before(async () => {
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		keys: { module: VIDEO_MODULES },
		users: userLine(sandbox.sip, { more: ';call=101,102'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}` }) }) });
	const phone = await startTestPhone(rig.sandbox, { video: {},
		accounts: [{ user: '1001', params: ';video_codecs=H264' },
			{ user: '1002', params: ';video_codecs=VP8' }] });

	try {
		streams.H264 = await recordVideo(phone,
			{ user: '1001', codec: 'H264-0' });
		streams.VP8 = await recordVideo(phone, { user: '1002', codec: 'VP8' });
	} finally {
		await phone.stop();
	}
	video = await openVideoRtp();
	desk = await openSipUa({ user: '2000' });
	desk.camera = await openVideoRtp();
	bob = await rig.browser.newUser(rig.sandbox.page, 'bob', 'bob-pass-2',
		{ camera: { colours: BOB_PICTURE } });
});

after(async () => {
	desk?.camera?.close();
	desk?.close();
	video?.close();
	await rig?.stop();
});

afterEach(async () => {
	for (const one of [video, desk.camera]) {
		one.hush();
		one.forget();
	}
	await bob.reset();
	await rig.reset();
});

const lines = (direction) => videoSdp({ port: video.port, codec: CODEC,
	feedback: ['nack pli'], direction });

/** The app calls with video; the phone answers with these lines. */
function appCalls(answer) {
	rig.ua.video = answer;
	return rig.appCallsPhone({ video: true });
}

async function change(call, now) {
	rig.ua.video = now;
	const answer = await call.reinvite();

	assert.equal(answer.code, 200);
	return answer;
}

async function assertVideo(call) {
	video.forget();
	video.play(streams.H264, videoPort(call), { type: videoType(call, CODEC) });
	await until('the app sees the phone', async () => 
		(await rig.app.see(300)).colours === PHONE_PICTURE
		&& (await rig.app.see(300)).forward > 2);
	await until('the phone gets pictures', () => video.packets.length > 30);
}

test('an audio phone answers a video app: both hear', async () => {
	const call = await appCalls([]);
	const { tracks } = await rig.app.waitEvent('remote-stream', { any: true });

	assert.ok(tracks.includes('audio'), `tracks: ${tracks}`);
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});

test('video is added, dropped and added again', async () => {
	const call = await appCalls(VIDEO_OFF);

	await rig.waitTones();
	for (let i = 0; i < 2; i++) {
		await change(call, lines());
		assert.ok(videoPort(call) > 0, call.remoteVideo);
		await assertVideo(call);
		await rig.waitTones('with video');

		video.hush();
		await change(call, VIDEO_OFF);
		assert.equal(videoPort(call), 0, call.remoteVideo);
		await rig.waitTones('without video');
	}
	await rig.appHangsUp(call);
});

test('a phone that only receives, then only sends', async () => {
	const call = await appCalls(lines('recvonly'));

	await until('the phone gets pictures', () => video.packets.length > 30);
	await rig.waitTones();

	await change(call, lines('sendonly'));
	video.play(streams.H264, videoPort(call), { type: videoType(call, CODEC) });
	assert.equal((await rig.app.see(1500)).colours, PHONE_PICTURE);
	const count = video.packets.length;

	await rig.waitTones();
	assert.ok(video.packets.length - count < 3, 'it gets video still');
	await rig.phoneHangsUp(call);
});

/** The app holds, whatever the phone makes of it, and is back. */
async function appHolds(call, t) {
	assert.equal((await rig.app.ask('hold')).event, 'done');
	await until('the phone is told', () => call.remoteVideo.includes(
		'a=sendonly'));
	await seesNothing(rig.app);
	video.forget();
	await rig.app.see(500);
	assert.ok(video.packets.length < 3, 'it gets video still');

	await assertPictureSoon(rig.app, PHONE_PICTURE, async () =>
		assert.equal((await rig.app.ask('resume')).event, 'done'), t,
	{ camera: video, codec: CODEC, silent: true });
	assert.ok(video.count('pli') + video.count('fir') > 0,
		'no keyframe was asked for');
}

test('hold, and back', async (t) => {
	const call = await appCalls(lines());

	await assertVideo(call);
	video.hush();
	await change(call, lines('inactive'));
	await seesNothing(rig.app);
	video.forget();
	await rig.app.see(500);
	assert.ok(video.packets.length < 3, 'it gets video still');

	// not from a keyframe on: the bridge has to ask for one
	await assertPictureSoon(rig.app, PHONE_PICTURE, async () => {
		await change(call, lines());
		video.play(streams.H264, videoPort(call),
			{ first: 5, type: videoType(call, CODEC) });
	}, t, { camera: video, codec: CODEC });
	assert.ok(video.count('pli') > 0, 'no keyframe was asked for');
	await rig.waitTones();
	await appHolds(call, t);
	await rig.appHangsUp(call);
});

test('the page in a video call: hold and transfer beside the picture',
	async () => {
		const { page } = rig.app;

		await page.setViewportSize(SMALL);
		rig.ua.video = lines();
		await rig.app.forget();
		await page.click('#dial button[name="video"]');
		const call = await rig.ua.waitInvite();

		call.answer();
		await call.wait('ACK');
		await rig.app.waitConnected();
		await assertVideo(call);
		await assertFits(page, 'a video call');
		await page.click('#hold');
		await until('the phone is told', () => call.remoteVideo.includes(
			'a=sendonly'));
		await seesNothing(rig.app);
		await page.click('#keys');
		await assertFits(page, 'on hold, with keys');
		await page.click('#hold');
		await assertVideo(call);
		await page.click('#transfer');
		await assertFits(page, 'a transfer');
		await assertAccessible(page, 'a video call with transfer');
		await page.fill('#transfer-to input', '102');
		await bob.forget();
		await page.keyboard.press('Enter');
		await bob.waitIncoming();
		await bob.accept();
		await rig.app.waitClosed();
		await sees(bob, PHONE_PICTURE);
		await call.bye();
		await bob.waitClosed();
		await rig.bridge.waitIdle();
	});

test('an audio app: the phone is offered no video', async () => {
	rig.ua.video = []; // none can be answered where none is offered
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	assert.deepEqual(call.remoteVideo, []);
	await rig.phoneHangsUp(call);
});

test('a video phone, an app without a camera', async () => {
	await rig.app.prepare({ noCamera: true });
	rig.ua.video = lines();
	const call = await rig.phoneCallsApp();

	video.play(streams.H264, videoPort(call), { type: videoType(call, CODEC) });
	await rig.app.firstPicture();
	assert.equal((await rig.app.see()).colours, PHONE_PICTURE);
	await rig.waitTones();
	await rig.appHangsUp(call);
});

/** An app sees a picture that moves, soon. */
const sees = (app, colours) => until(`an app sees ${colours}`, async () => {
	const seen = await app.see(300);

	return seen.colours === colours && seen.forward > 2;
});

/** Another phone answers, sends its picture and gets the app's. Not from a
 * keyframe on: the bridge has to ask for one. */
async function deskAnswers(invite, codec) {
	assert.ok(videoType(invite, codec), invite.remoteVideo.join());
	invite.answer();
	await invite.wait('ACK');
	desk.camera.play(streams[codec], videoPort(invite),
		{ first: 5, type: videoType(invite, codec) });
}

/** It is busy at first; then the call goes to it. */
async function transferToDesk(call, codec, t) {
	desk.video = videoSdp({ port: desk.camera.port, codec,
		feedback: ['nack pli'] });
	await assertVideo(call);
	await refer(call, `<${uriOf(desk)}>`);
	(await desk.waitInvite()).reject(486, 'Busy Here');
	await waitTold(call, '486 terminated');
	await assertVideo(call);
	video.hush();
	await seesNothing(rig.app);
	await refer(call, `<${uriOf(desk)}>`);
	const invite = await desk.waitInvite();

	await assertPictureSoon(rig.app, PHONE_PICTURE, () =>
		deskAnswers(invite, codec), t, { camera: desk.camera, codec });
	assert.ok(desk.camera.count('pli') > 0, 'no keyframe was asked for');
	await call.wait('BYE');
	return invite;
}

for (const codec of ['H264', 'VP8'])
	test(`transferred by the phone to one with ${codec}: the app and that see`
		+ ' each other', async (t) => {
		const call = await appCalls(lines());
		const invite = await transferToDesk(call, codec, t);

		await invite.bye();
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

for (const codec of ['H264', 'VP8'])
	test(`transferred by the app to one with ${codec}: it and the phone see`
		+ ' each other', async (t) => {
		const call = await appCalls(lines());

		await bob.prepare({ codecs: { video: [codec] } });
		await assertVideo(call);
		await bob.forget();
		assert.equal((await rig.app.ask('transfer', { target: '102' })).event,
			'done');
		assert.equal((await bob.waitIncoming()).video, true);
		video.feedback.length = 0;
		await assertPictureSoon(bob, PHONE_PICTURE, async () => {
			await bob.accept();
			return (await bob.waitEvent('call-connected')).ms;
		}, t, { camera: video, codec: CODEC });
		assert.ok(video.count('pli') > 0, 'no keyframe was asked for');
		await rig.app.waitClosed();
		await sees(bob, PHONE_PICTURE);
		assert.equal(new Set(video.packets.map(({ ssrc }) => ssrc)).size, 1);
		await call.bye();
		await bob.waitClosed();
		await rig.bridge.waitIdle();
	});

test('attended, by the phone: two apps see each other', async (t) => {
	const call = await appCalls(lines());

	await bob.forget();
	await bob.call(rig.id, { video: true });
	const second = await rig.ua.waitInvite();

	second.answer();
	await second.wait('ACK');
	await bob.waitConnected();
	await rig.bridge.waitStatus('both are up', ({ calls }) =>
		calls.filter(({ state }) => state === 'ESTABLISHED').length === 2);
	await Promise.all([
		assertPictureSoon(bob, APP_PICTURE, async () => {
			await referToCall(call, second, rig.bridge.uri);
		}, t),
		assertPictureSoon(rig.app, BOB_PICTURE, () => {}, t),
		call.wait('BYE'), second.wait('BYE')]);
	await bob.hangup();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});
