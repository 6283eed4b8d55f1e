// Requests on the wire. The phone is a pair of sockets that send a recorded
// stream; who wants a keyframe asks for it in the way the other side understands:
// PLI or FIR if the phone's SDP says so, SIP INFO otherwise. Who misses a packet
// asks for it again (NACK) if the other side knows that.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_PICTURE } from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { recordVideo } from './lib/recording.mjs';
import { startRig } from './lib/rig.mjs';
import { videoPort, videoSdp, videoType } from './lib/sdp.mjs';
import { nalTypes, openVideoRtp, singleNals } from './lib/videortp.mjs';

const INFO = 'application/media_control+xml';
const FAST_UPDATE = '<?xml version="1.0" encoding="utf-8" ?>\r\n'
	+ '<media_control><vc_primitive><to_encoder><picture_fast_update/>'
	+ '</to_encoder></vc_primitive></media_control>\r\n';

/** How phones ask, and are asked. */
const ROADS = {
	PLI: { feedback: ['nack pli'], profile: 'AVPF',
		ask: (call, video) => video.askPli(),
		asked: (call, video) => video.count('pli') },
	FIR: { feedback: ['ccm fir'], profile: 'AVPF',
		ask: (call, video) => video.askFir(),
		asked: (call, video) => video.count('fir') },
	INFO: { feedback: [], profile: 'AVP',
		ask: (call) => call.info(INFO, FAST_UPDATE),
		asked: (call) => infos(call).length },
};
const IDR = 5;
const FLOOD = 40;
const MOST = 10; // requests in the first seconds of a call

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
});

after(async () => {
	video?.close();
	await rig?.stop();
});

afterEach(async () => {
	video?.close();
	video = null;
	await rig.reset();
});

const infos = (call) => call.messages.filter(({ method, body }) =>
	method === 'INFO' && body.includes('picture_fast_update'));

const keyframes = () => video.packets.filter(({ payload }) =>
	nalTypes([payload]).includes(IDR));

/** The phone calls, its stream begins at frame `first`. */
async function videoCall({ feedback, profile }, { codec = 'H264',
	frames = stream, ...playing } = {}) {
	video = await openVideoRtp();
	rig.ua.video = videoSdp({ port: video.port, codec, feedback, profile });
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.accept();
	await call.wait('200');
	rig.call = call;
	rig.ua.rtp.play(1000, call.remoteRtp);
	video.play(frames, videoPort(call),
		{ type: videoType(call, codec), ...playing });
	await rig.app.waitConnected();
	return call;
}

for (const [name, road] of Object.entries(ROADS)) {
	test(`the app wants one, the phone is asked by ${name}`, async (t) => {
		const call = await videoCall(road, { first: 5 });
		const others = Object.values(ROADS).filter((one) => one !== road);

		// what RTCP asks for comes by itself
		const answer = name === 'INFO' && until('INFO', () =>
			infos(call).length).then(() => video.keyframe());

		await rig.app.firstPicture();
		await answer;
		const count = road.asked(call, video);

		t.diagnostic(`asked ${count} times`);
		assert.ok(count >= 1 && count <= MOST, `asked ${count} times`);
		for (const other of others)
			assert.equal(other.asked(call, video), 0);
		assert.equal((await rig.app.see(1000)).colours, PHONE_PICTURE);
		await rig.phoneHangsUp(call);
	});

	test(`the phone wants one by ${name}, the app is asked`, async (t) => {
		const call = await videoCall(road);

		await until('keyframes of the app', () => keyframes().length);
		await rig.app.see(1000); // requests of the beginning are over
		const { tx: before } = await rig.app.videoStats();

		video.forget();
		const asked = Date.now();

		await Promise.all(Array.from({ length: FLOOD }, () =>
			road.ask(call, video)));
		await until('another keyframe', () => keyframes().length);
		const ms = keyframes()[0].ms - asked;

		await rig.app.see(1000); // the flood is over
		const { tx: now } = await rig.app.videoStats();
		const count = now.pliCount - before.pliCount
			+ (now.firCount ?? 0) - (before.firCount ?? 0);

		t.diagnostic(`a keyframe after ${ms} ms; ${FLOOD} requests became`
			+ ` ${count}`);
		assert.ok(ms < 1000, `${ms} ms`);
		assert.ok(count >= 1 && count <= 4, `${count} requests`);
		await rig.phoneHangsUp(call);
	});
}

const NACK = { feedback: ['nack', 'nack pli'], profile: 'AVPF' };

test('the phone misses a packet: it is sent again', async (t) => {
	const call = await videoCall(NACK);

	await until('packets of the app', () => video.packets.length > 20);
	const { sequence, payload } = video.packets.at(-3);
	const same = () => video.packets.filter((packet) =>
		packet.sequence === sequence);

	assert.equal(same().length, 1);
	const asked = Date.now();

	video.askAgain(sequence);
	await until('the packet once more', () => same().length > 1);
	t.diagnostic(`sent again after ${same()[1].ms - asked} ms`);
	assert.deepEqual(same()[1].payload, payload);
	await rig.phoneHangsUp(call);
});

test('a packet of the phone is missing: it is asked again', async () => {
	const call = await videoCall(NACK, { lose: (number) => number % 50 === 20 });

	await rig.app.firstPicture();
	await until('NACK', () => video.count('nack') > 0);
	await rig.phoneHangsUp(call);
});

test('a phone that cannot send again is not asked', async () => {
	const call = await videoCall(ROADS.PLI,
		{ lose: (number) => number % 50 === 20 });

	await rig.app.firstPicture();
	await until('PLI', () => video.count('pli') > 1);
	assert.equal(video.count('nack'), 0);
	await rig.phoneHangsUp(call);
});

test('packetization-mode 0: single NAL units both ways', async () => {
	await rig.app.prepare({ camera: { noise: true },
		codecs: { video: ['H264;packetization-mode=1'] } });
	const call = await videoCall(ROADS.PLI, { codec: 'H264-0',
		frames: singleNals(stream) });

	await rig.app.firstPicture();
	await until('keyframes of the app', () => keyframes().length);
	assert.equal((await rig.app.see(1500)).colours, PHONE_PICTURE);

	const payloads = video.packets.map(({ payload }) => payload);
	const types = [...new Set(payloads.map(([head]) => head & 31))];
	const sequences = video.packets.map(({ sequence }) => sequence);

	assert.deepEqual(types.filter((type) => type < 1 || type > 23), [],
		`types ${types}`);
	for (const type of [1, 5, 7, 8])
		assert.ok(types.includes(type), `no ${type} among ${types}`);
	assert.ok(payloads.some(({ length }) => length > 1200),
		'no NAL unit was too long: nothing tried');
	assert.ok(sequences.slice(1).every((sequence, i) =>
		sequence === (sequences[i] + 1 & 0xffff)), 'a gap');
	await rig.phoneHangsUp(call);
});
