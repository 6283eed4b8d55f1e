// Pauses in speech: Opus DTX of a browser, comfort noise (RFC 3389) of a phone.
// Silence does not sound dead on either side, and what is said after it is heard.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { PHONE_HZ, startRig } from './lib/rig.mjs';

const NOISE = 13; // payload type (RFC 3551)
const WITH_NOISE = '0 13 101';
const WITHOUT = '0 101';

let rig;
let rtp;

before(async () => {
	rig = await startRig({ ua: { maps: ['a=rtpmap:101 telephone-event/8000'] } });
	({ rtp } = rig.ua);
	await rig.app.page.evaluate(askForDtx);
});

after(() => rig?.stop());
afterEach(() => rig.reset());

/** In the page: pauses are wanted both ways, as an app may ask for. */
function askForDtx() {
	const proto = RTCPeerConnection.prototype;
	const { setRemoteDescription, createAnswer } = proto;
	const munge = ({ type, sdp }) => ({ type, sdp: sdp
		.replace(/;usedtx=\d/g, '')
		.replace(/useinbandfec=1/g, '$&;usedtx=1') });

	proto.setRemoteDescription = function (remote) {
		return setRemoteDescription.call(this, munge(remote));
	};
	proto.createAnswer = async function (...args) {
		return munge(await createAnswer.apply(this, args));
	};
}

/** In the page: the microphone has nothing but the noise of a quiet room. */
async function roomOnly() {
	const audio = new AudioContext({ sampleRate: 48000 });
	const buffer = audio.createBuffer(1, 48000, 48000);
	const source = new AudioBufferSourceNode(audio, { buffer, loop: true });
	const sink = new MediaStreamAudioDestinationNode(audio);
	const samples = buffer.getChannelData(0);

	for (let i = 0; i < samples.length; i++)
		samples[i] = 0.003 * (2 * Math.random() - 1); // -55 dBFS
	source.connect(sink);
	source.start();
	const sender = window.phone.connection.getSenders()
		.find(({ track }) => track?.kind === 'audio');

	window.speech = sender.track;
	await sender.replaceTrack(sink.stream.getAudioTracks()[0]);
}

/** In the page: speech again. */
const speak = () => window.phone.connection.getSenders()
	.find(({ track }) => track?.kind === 'audio').replaceTrack(window.speech);

/** Packets of a payload type that come to the phone within ms. */
async function count(type, ms) {
	const end = Date.now() + ms;
	const from = rtp.packets.length;

	await until('packets for a while', () => Date.now() >= end);
	return rtp.packets.slice(from).filter((one) => one.type === type).length;
}

/** A call with a phone that knows comfort noise, or does not. */
async function call(formats) {
	rig.ua.formats = formats;
	rtp.packets.length = 0;
	await rig.phoneCallsApp();
	await rig.waitTones();
	return rig.call;
}

test('the app pauses: a phone that knows comfort noise gets it', async () => {
	await call(WITH_NOISE);
	await rig.app.page.evaluate(roomOnly);

	const noise = await until('comfort noise comes', () =>
		rtp.packets.find(({ type }) => type === NOISE), { timeout: 20000 });

	assert.ok(noise.data[12] > 40 && noise.data[12] < 80,
		`noise of -${noise.data[12]} dBov`);
	assert.ok(await count(0, 2000) < 50, 'audio goes on in the pause');

	await rig.app.page.evaluate(speak);
	await rig.waitTones('after the pause');
	await rig.phoneHangsUp();
});

test('the app pauses: another phone goes on hearing the room', async () => {
	await call(WITHOUT);
	const cloud = async () => (await rig.bridge.status()).calls[0].app.rx.packets;

	await rig.app.page.evaluate(roomOnly);
	await until('the app pauses', async () => {
		const before = await cloud();

		await count(0, 1000);
		return await cloud() - before < 25;
	}, { timeout: 20000 });

	assert.ok(await count(0, 2000) > 80, 'a hole in the stream');
	const { rms } = await rtp.hear(1000);

	assert.ok(rms > 0.0003 && rms < 0.01, `the room is at ${rms}`);
	assert.equal(rtp.packets.filter(({ type }) => type === NOISE).length, 0);

	await rig.app.page.evaluate(speak);
	await rig.waitTones('after the pause');
	await rig.phoneHangsUp();
});

test('the phone pauses: the app hears noise of its level', async () => {
	const { remoteRtp } = await call(WITH_NOISE);

	rtp.pause(30, remoteRtp); // an rms of 0.032
	await until('the app hears the noise', async () => {
		const { rms } = await rig.app.hear(400);

		return rms > 0.015 && rms < 0.065;
	});
	const { longestSilenceMs } = await rig.app.hear(2000);

	assert.ok(longestSilenceMs < 200, `${longestSilenceMs} ms of silence`);

	rtp.play(PHONE_HZ, remoteRtp);
	await rig.waitTones('after the pause');
	await rig.phoneHangsUp();
});

test('the phone is silent: the app that asked for it gets a pause', async () => {
	const { remoteRtp } = await call(WITHOUT);
	const received = async () => (await rig.app.audioStats()).packets;

	rtp.play(0, remoteRtp);
	await until('the bridge pauses', async () => {
		const before = await received();

		await count(0, 1000);
		return await received() - before < 15;
	});

	rtp.play(PHONE_HZ, remoteRtp);
	await rig.waitTones('after the pause');
	assert.equal((await rig.app.audioStats()).lost, 0);
	await rig.phoneHangsUp();
});
