// While the phone sends no video the app is shown a picture, or the phone's last
// frame, as a real stream.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

const CODEC = 'H264';
const AVATAR = 'blue-orange-red-cyan';
const AVATAR_NUMBER = 77;
const MODULES = ['opus', 'g722', 'g711', 'srtp', 'avcodec', 'vp8']
	.map((name) => `${name}.so`);

let rig;
let stream;
let video;
let avatar;

before(async () => {
	rig = await startRig();
	const phone = await startTestPhone(rig.sandbox, { video: {},
		accounts: [{ user: '1001', params: `;video_codecs=${CODEC}` }] });

	try {
		stream = await recordVideo(phone, { user: '1001', codec: 'H264-0' });
	} finally {
		await phone.stop();
	}
	video = await openVideoRtp();
	avatar = `${rig.sandbox.dir}/avatar.jpg`;
	writeFileSync(avatar, await rig.browser.draw(
		{ width: 320, height: 240, colours: AVATAR }, AVATAR_NUMBER));
});

after(async () => {
	video?.close();
	await rig?.stop();
});

afterEach(async () => {
	video.hush();
	await rig.reset();
});

/** Another bridge for the same extension. */
async function useBridge(name, keys) {
	await rig.bridge.stop();
	rig.bridge = await startRawBridge(rig.sandbox, { name,
		users: userLine(rig.sandbox.sip, {
			more: `;call=101;dial=sip:5551234@127.0.0.1:${rig.ua.port}` }),
		keys: { module: MODULES, ...keys } });
	await rig.bridge.waitRegistered();
	await rig.bridge.waitCloud('online');
}

const lines = () => videoSdp({ port: video.port, codec: CODEC,
	feedback: ['nack pli'] });

function appCalls(answer) {
	rig.ua.video = answer;
	return rig.appCallsPhone({ video: true });
}

async function change(call, now) {
	rig.ua.video = now;
	assert.equal((await call.reinvite()).code, 200);
}

/** What the app sees is as wanted, soon. */
const appSees = (what, check) => until(`the app sees ${what}`, async () => {
	const { frames } = await rig.app.watch(700);

	return frames.length > 0 && check(frames);
});

const seesPhone = () => appSees('the phone', (frames) =>
	frames.at(-1).colours === PHONE_PICTURE
	&& new Set(frames.map(({ number }) => number)).size > 3);

const seesAvatar = () => appSees('the picture', (frames) => frames.every(
	({ colours, number }) => colours === AVATAR && number === AVATAR_NUMBER));

async function assertStill(wanted) {
	const { calls: [{ app, text }] } = await rig.bridge.status();

	assert.equal(app.video.still, wanted, text);
}

test('a picture for a phone without video', async () => {
	await useBridge('avatar', { connectycube_video_avatar: avatar,
		connectycube_video_offer: 'always' });
	const call = await appCalls(VIDEO_OFF);

	await seesAvatar();
	await assertStill(true);
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});

test('a picture while the phone sends no video', async () => {
	const call = await appCalls(lines());

	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await seesPhone();
	await assertStill(false);

	video.hush();
	await change(call, VIDEO_OFF);
	await seesAvatar();
	await assertStill(true);

	await change(call, lines());
	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await seesPhone();
	await rig.appHangsUp(call);
});

test('a phone without video calls: the app is offered some', async () => {
	rig.ua.video = [];
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri);
	const { video: offered } = await rig.app.waitIncoming();

	assert.equal(offered, true);
	await rig.app.accept();
	await call.wait('200');
	rig.call = call;
	rig.ua.rtp.play(1000, call.remoteRtp);
	await rig.app.waitConnected();
	await seesAvatar();
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});

test('the last frame of a phone that drops its video', async () => {
	await useBridge('freeze', { connectycube_video_freeze: 'yes' });
	const call = await appCalls(lines());

	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await seesPhone();
	video.hush();
	await change(call, VIDEO_OFF);

	let number;

	await appSees('one frame', (frames) => {
		({ number } = frames.at(-1));
		return number >= 0 && frames.length > 1 && frames.every((frame) =>
			frame.colours === PHONE_PICTURE && frame.number === number);
	});
	await assertStill(true);
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});
