// While the phone sends no video the app is shown a picture, or the phone's last
// frame, as a real stream.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { VIDEO_MODULES, startRawBridge, startRig, userLine }
	from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { assertPictureSoon, seesNothing } from './lib/soon.mjs';
import { openVideoRtp } from './lib/videortp.mjs';

const CODEC = 'H264';
const AVATAR = 'blue-orange-red-cyan';
const AVATAR_NUMBER = 77;

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
		keys: { module: VIDEO_MODULES, ...keys } });
	await rig.bridge.waitRegistered();
	await rig.bridge.waitCloud('online');
}

const lines = (direction) => videoSdp({ port: video.port, codec: CODEC,
	feedback: ['nack pli'], direction });

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

/** The phone's last one, again and again. */
const seesFrozen = () => appSees('one frame', (frames) => frames.length > 1
	&& frames[0].number >= 0 && frames.every(({ colours, number }) =>
		colours === PHONE_PICTURE && number === frames[0].number));

/** The phone has video again, and does not begin with a keyframe: the bridge has
 * to ask for one. */
async function comesBack(call) {
	await change(call, lines());
	video.play(stream, videoPort(call),
		{ first: 5, type: videoType(call, CODEC) });
}

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

test('a picture while the phone sends no video', async (t) => {
	const call = await appCalls(lines());

	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await seesPhone();
	await assertStill(false);

	video.hush();
	await change(call, VIDEO_OFF);
	await seesAvatar();
	await assertStill(true);

	await assertPictureSoon(rig.app, PHONE_PICTURE, () => comesBack(call), t);

	// and on hold, by either direction that phones say
	for (const direction of ['inactive', 'sendonly']) {
		video.hush();
		rig.ua.maps = [`a=${direction}`];
		await change(call, lines(direction));
		await seesAvatar();
		await assertStill(true);
		rig.ua.maps = [];
		await comesBack(call);
		await seesPhone();
	}
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

test('the last frame of a phone that drops its video, or holds', async (t) => {
	await useBridge('freeze', { connectycube_video_freeze: 'yes' });
	const call = await appCalls(lines());

	video.play(stream, videoPort(call), { type: videoType(call, CODEC) });
	await seesPhone();
	video.hush();
	await change(call, VIDEO_OFF);
	await seesFrozen();
	await assertStill(true);
	await rig.waitTones();
	await assertPictureSoon(rig.app, PHONE_PICTURE, () => comesBack(call), t);

	video.hush();
	rig.ua.maps = ['a=sendonly'];
	await change(call, videoSdp({ port: video.port, codec: CODEC,
		feedback: ['nack pli'], direction: 'sendonly' }));
	await seesFrozen();
	rig.ua.maps = [];
	await assertPictureSoon(rig.app, PHONE_PICTURE, () => comesBack(call), t,
		{ camera: video, codec: CODEC });

	// who holds sees nothing
	await rig.app.ask('hold');
	await seesNothing(rig.app);
	await assertPictureSoon(rig.app, PHONE_PICTURE, async () =>
		assert.equal((await rig.app.ask('resume')).event, 'done'), t);
	await rig.phoneHangsUp(call);
});
