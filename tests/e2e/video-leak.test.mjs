// Video calls through one bridge, from both sides, answered with video, or
// with video that comes and goes: nothing is lost.

import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { assertNoGrowth, assertNothingLost } from './lib/leak.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { startRig } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

const ROUNDS = 8; // of as many calls as there are kinds
const VALGRIND_ROUNDS = 4;

let rig;
let video;
let stream; // a phone's video

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

/** The phone's video goes both ways until it is enough. */
async function watch(call) {
	video.forget();
	video.play(stream, videoPort(call), { type: videoType(call, 'H264') });
	await rig.app.firstPicture();
	await until('pictures of the app', () => video.packets.length > 20);
	video.askPli();
	video.hush();
}

const videoLines = () => videoSdp({ port: video.port, codec: 'H264',
	feedback: ['nack', 'nack pli'] });

const KINDS = {
	async 'from a video phone'() {
		rig.ua.video = videoLines();
		const call = await rig.phoneCallsApp();

		rig.ua.video = [];
		await watch(call);
		await rig.phoneHangsUp();
	},
	async 'from a video app, the phone adds and drops video'() {
		rig.ua.video = VIDEO_OFF;
		const call = await rig.appCallsPhone({ video: true });

		rig.ua.video = videoLines();
		await call.reinvite();
		await watch(call);
		rig.ua.video = VIDEO_OFF;
		await call.reinvite();
		rig.ua.video = [];
		await rig.appHangsUp();
	},
};

test('video calls: no fd stays open, the memory does not grow', (t) =>
	assertNoGrowth(t, rig, KINDS, ROUNDS));

test('video calls under valgrind: nothing is lost', (t) =>
	assertNothingLost(t, rig, KINDS, VALGRIND_ROUNDS));
