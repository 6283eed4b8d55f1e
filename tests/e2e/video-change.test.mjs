// Video that comes and goes in a running call: the phone adds and drops it by
// re-INVITE, either side holds the call, or has none, or is replaced by another
// one; the app keeps its stream.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_PICTURE, PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { VIDEO_OFF, videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { refer, referToCall, uriOf } from './lib/transfer.mjs';
import { frames, nalTypes, openVideoRtp } from './lib/videortp.mjs';

// what the bridge prefers: an app is asked for it while the phone's is unknown
const CODEC = 'H264';
const BOB_PICTURE = 'blue-orange-red-cyan';
const IDR = 5; // types of H264 NAL units
const SPS = 7;
const SOON = 1000; // [ms] until there is a picture again

let rig;
let stream;
let video;
let desk; // another phone, with video of its own
let bob; // another app

before(async () => {
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		users: userLine(sandbox.sip, { more: ';call=101,102'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}` }) }) });
	const phone = await startTestPhone(rig.sandbox, { video: {},
		accounts: [{ user: '1001', params: ';video_codecs=H264' }] });

	try {
		stream = await recordVideo(phone, { user: '1001', codec: 'H264-0' });
	} finally {
		await phone.stop();
	}
	video = await openVideoRtp();
	desk = await openSipUa({ user: '2000' });
	desk.camera = await openVideoRtp();
	desk.video = videoSdp({ port: desk.camera.port, codec: CODEC,
		feedback: ['nack pli'] });
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

/** How long this process, or a page, has slept at a time since this began [ms]:
 * on a busy machine what happens soon is seen late. */
async function watchSleep(page) {
	const watch = () => {
		let last = Date.now();
		let worst = 0;
		const timer = setInterval(() => {
			worst = Math.max(worst, Date.now() - last);
			last = Date.now();
		}, 5);

		return () => {
			clearInterval(timer);
			return worst;
		};
	};
	const end = watch();

	await page.evaluate((source) => {
		window.awake = (0, eval)(source)();
	}, `(${watch})`);
	return async () => end() + await page.evaluate(() => window.awake());
}

/** The app has a new picture, of these colours, so soon after some action. */
async function assertPictureSoon(app, colours, action, t) {
	const slept = await watchSleep(app.page);
	const since = Date.now();
	let first;

	await action();
	await until('a new picture', async () => {
		first = (await app.frames(since)).find(({ number }) => number >= 0);
		return first;
	});
	const ms = first.ms - since;
	const late = await slept();

	t.diagnostic(`a picture after ${ms} ms, of which ${late} ms slept`);
	assert.equal(first.colours, colours);
	assert.ok(ms < SOON + late, `no picture for ${ms} ms`);
}

/** Nothing comes any more. */
const seesNothing = (app) => until('the app sees nothing new', async () =>
	!(await app.watch(300)).frames.length);

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
		assert.equal((await rig.app.ask('resume')).event, 'done'), t);
	assert.ok(video.count('pli') + video.count('fir') > 0,
		'no keyframe was asked for');
	await until('the phone gets pictures', () => video.packets.length > 30);
	assertBegins(video);
}

/** A phone can show what comes from the first frame on. */
function assertBegins(camera) {
	const [first] = frames(camera.packets);
	const types = nalTypes(first.packets);

	assert.ok(types.includes(SPS) && types.includes(IDR), `first: ${types}`);
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

/** An app sees a picture that moves, soon. */
const sees = (app, colours) => until(`an app sees ${colours}`, async () => {
	const seen = await app.see(300);

	return seen.colours === colours && seen.forward > 2;
});

/** Another phone answers, sends its picture and gets the app's. Not from a
 * keyframe on: the bridge has to ask for one. */
async function deskAnswers(invite) {
	assert.match(invite.remoteVideo.join(), /H264/);
	invite.answer();
	await invite.wait('ACK');
	desk.camera.play(stream, videoPort(invite),
		{ first: 5, type: videoType(invite, CODEC) });
}

test('transferred by the phone: the app and the new phone see each other',
	async (t) => {
		const call = await appCalls(lines());

		await assertVideo(call);
		video.hush();
		await seesNothing(rig.app);
		await refer(call, `<${uriOf(desk)}>`);
		const invite = await desk.waitInvite();

		await assertPictureSoon(rig.app, PHONE_PICTURE, () =>
			deskAnswers(invite), t);
		assert.ok(desk.camera.count('pli') > 0, 'no keyframe was asked for');
		await call.wait('BYE');
		await until('the new phone gets pictures', () =>
			frames(desk.camera.packets).length > 10);
		assertBegins(desk.camera);
		await invite.bye();
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

test('transferred by the app to another one: it and the phone see each other',
	async () => {
		const call = await appCalls(lines());

		await assertVideo(call);
		await bob.forget();
		const before = video.packets.length;

		assert.equal((await rig.app.ask('transfer', { target: '102' })).event,
			'done');
		const incoming = await bob.waitIncoming();

		assert.equal(incoming.video, true);
		await bob.accept();
		await rig.app.waitClosed();
		await sees(bob, PHONE_PICTURE);
		await until('the phone gets its picture', () =>
			frames(video.packets.slice(before)).length > 30);
		assert.equal(new Set(video.packets.map(({ ssrc }) => ssrc)).size, 1);
		await call.bye();
		await bob.waitClosed();
		await rig.bridge.waitIdle();
	});

test('attended, by the phone: two apps see each other', async () => {
	const call = await appCalls(lines());

	await bob.forget();
	await bob.call(rig.id, { video: true });
	const second = await rig.ua.waitInvite();

	second.answer();
	await second.wait('ACK');
	await bob.waitConnected();
	await rig.bridge.waitStatus('both are up', ({ calls }) =>
		calls.filter(({ state }) => state === 'ESTABLISHED').length === 2);
	await referToCall(call, second, rig.bridge.uri);
	await Promise.all([call.wait('BYE'), second.wait('BYE')]);
	await sees(rig.app, BOB_PICTURE);
	await sees(bob, APP_PICTURE);
	await bob.hangup();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});
