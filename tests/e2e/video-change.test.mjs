// Video that comes and goes in a running call: the phone adds and drops it by
// re-INVITE, either side holds the call, or has none; the app keeps its stream.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { startRig } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

// what the bridge prefers: an app is asked for it while the phone's is unknown
const CODEC = 'H264';

let rig;
let stream;
let video;

before(async () => {
	rig = await startRig();
	const phone = await startTestPhone(rig.sandbox, { video: {},
		accounts: [{ user: '1001', params: ';video_codecs=H264' }] });

	try {
		stream = await recordVideo(phone, { user: '1001', codec: 'H264-0' });
	} finally {
		await phone.stop();
	}
	video = await openVideoRtp();
});

after(async () => {
	video?.close();
	await rig?.stop();
});

afterEach(async () => {
	video.hush();
	video.forget();
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
	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
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
	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
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
	await until('the app sees nothing new', async () =>
		(await rig.app.see(300)).forward === 0);
	video.forget();
	await rig.app.see(500);
	assert.ok(video.packets.length < 3, 'it gets video still');

	const begin = Date.now();

	assert.equal((await rig.app.ask('resume')).event, 'done');
	await until('the app sees the phone', async () =>
		(await rig.app.see(200)).forward > 0);
	t.diagnostic(`the picture is back after ${Date.now() - begin} ms`);
	assert.ok(video.count('pli') + video.count('fir') > 0,
		'no keyframe was asked for');
	await until('the phone gets pictures', () => video.packets.length > 30);
}

test('hold, and back', async (t) => {
	const call = await appCalls(lines());

	await assertVideo(call);
	video.hush();
	await change(call, lines('inactive'));
	video.forget();
	await rig.app.see(500);
	assert.ok(video.packets.length < 3, 'it gets video still');
	await change(call, lines());
	await assertVideo(call);
	await rig.waitTones();
	await appHolds(call, t);
	await rig.appHangsUp(call);
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

	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await rig.app.firstPicture();
	assert.equal((await rig.app.see()).colours, PHONE_PICTURE);
	await rig.waitTones();
	await rig.appHangsUp(call);
});
