// G.729 at the phone (Linphone, whose codec is its own), Opus at the app: both
// hear each other, whoever calls; pauses are not sent, and end.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';
import { launch } from './lib/browser.mjs';
import { haveLinphone, startLinphone } from './lib/linphone.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { APP_HZ, PHONE_HZ, assertTone } from './lib/world.mjs';

const skip = !existsSync(`${REPO}/modules/g729/g729.so`)
	? 'built without G.729' : !haveLinphone() && 'no linphonec';
const PAUSE = 2000; // [ms]

let sandbox;
let phone;
let bridge;
let browser;
let app;

before(async () => {
	if (skip) return;
	sandbox = await startTestSandbox({});
	phone = await startLinphone(`${sandbox.dir}/linphone`,
		{ codec: 'G729', toneHz: PHONE_HZ });
	bridge = await startRawBridge(sandbox, {
		users: userLine(sandbox.sip, { more: `;call=101;dial=${phone.uri}` }),
		keys: { module: ['opus.so', 'g722.so', 'g711.so', 'g729.so',
			'srtp.so'] },
	});
	await bridge.waitRegistered();
	await bridge.waitCloud('online');
	browser = await launch();
	app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
		{ toneHz: APP_HZ });
});

after(async () => {
	await browser?.close();
	await bridge?.stop();
	await phone?.stop();
	await sandbox?.stop();
});

afterEach(async () => {
	if (skip) return;
	await bridge.command('cube_hangup', 'all');
	await app.reset();
	await bridge.waitIdle();
});

async function phoneCallsApp() {
	await app.forget();
	phone.call(bridge.uri);
	await app.waitIncoming();
	await app.accept();
	await Promise.all([app.waitConnected(), phone.waitConnected()]);
}

async function appCallsPhone() {
	await app.forget();
	const ringing = phone.waitIncoming();

	await app.call(200);
	await ringing;
	phone.accept();
	await Promise.all([app.waitConnected(), phone.waitConnected()]);
}

async function assertTones() {
	const [atApp, atPhone] = await Promise.all([app.hear(1000),
		phone.hear(1000)]);

	assertTone(atApp, PHONE_HZ);
	assertTone(atPhone, APP_HZ);
}

/** G.729 there, Opus here. */
async function call() {
	const { calls: [{ sip, app: leg, text }] } = await bridge.status();

	assert.deepEqual([sip.rx, sip.tx].map(({ codec }) => codec),
		['G729/8000', 'G729/8000'], text);
	assert.deepEqual([leg.rx, leg.tx].map(({ codec }) => codec),
		['opus/48000/2', 'opus/48000/2'], text);
	return { sip, app: leg, text };
}

test('a phone with G.729 calls', { skip }, async () => {
	await phoneCallsApp();
	await assertTones();
	await call();
	phone.hangup();
	await app.waitClosed();
	await bridge.waitIdle();
});

test('a phone with G.729 is called', { skip }, async () => {
	await appCallsPhone();
	await assertTones();
	await call();
	await app.hangup();
	await phone.waitClosed();
	await bridge.waitIdle();
});

test('an app that is silent costs next to nothing', { skip }, async () => {
	await phoneCallsApp();
	await assertTones();
	await app.mute();

	const before = await until('the pause begins', async () => {
		const [one, two] = [await call(), await delay(300).then(call)];

		return two.sip.tx.packets - one.sip.tx.packets < 5 && two;
	});
	const silent = await phone.hear(PAUSE);
	const { sip } = await call();

	assert.ok(sip.tx.packets - before.sip.tx.packets < PAUSE / 20 / 4,
		`${sip.tx.packets - before.sip.tx.packets} packets of silence`);
	assert.ok(silent.rms < 0.01, JSON.stringify(silent));

	await app.mute(false);
	await until('the app is heard again', async () =>
		Math.abs((await phone.hear(500)).hz - APP_HZ) < 6);
	await assertTones();
	phone.hangup();
	await app.waitClosed();
});

/** RTP that is sent by hand: 300 Hz, as recorded; or noise frames. */
class Sender {
	#frames = recorded();
	#sequence = 0;
	#timestamp = 0;

	constructor(ua, call) {
		this.send = (packet) => ua.rtp.send(packet, call.remoteRtp);
	}

	#packet(payload) {
		const header = Buffer.alloc(12);

		header[0] = 0x80;
		header[1] = 18;
		header.writeUInt16BE(this.#sequence++, 2);
		header.writeUInt32BE(this.#timestamp, 4);
		header.writeUInt32BE(0x5eed, 8);
		return Buffer.concat([header, payload]);
	}

	async #run(ms, every, next) {
		for (let i = 0; i < ms / every; i++) {
			await this.send(this.#packet(next(i)));
			this.#timestamp += 8 * every;
			await delay(every);
		}
	}

	tone(ms) {
		return this.#run(ms, 20, (i) => this.#frames[i % this.#frames.length]);
	}

	noise(ms) {
		return this.#run(ms, 100, () => Buffer.from([0x12, 0x04]));
	}
}

/** The packets of 20 ms among the fuzzer's seeds: each with its length. */
function recorded() {
	const seed = readFileSync(`${REPO}/tests/fuzz/corpus/g729/speech-20ms`);
	const packets = [];

	for (let at = 0; at < seed.length; at += 1 + seed[at])
		packets.push(seed.subarray(at + 1, at + 1 + seed[at]));
	return packets;
}

test('a phone that sends noise frames in its pauses', { skip }, async () => {
	const ua = await openSipUa({ formats: '18', maps: ['a=fmtp:18 annexb=yes'] });

	try {
		await app.forget();
		const line = await ua.invite(bridge.uri);

		await app.waitIncoming();
		await app.accept();
		await line.wait('200');
		await app.waitConnected();

		const sender = new Sender(ua, line);
		const heard = async (ms) => (await Promise.all([
			(async () => {
				await delay(ms / 2);
				return app.hear(ms / 4);
			})(), sender.tone(ms)]))[0];

		assert.ok(Math.abs((await heard(1600)).hz - 300) <= 6);
		await sender.noise(1500);
		const { sip, app: leg, text } = await call();

		assert.ok(sip.rx.packets >= 90 && sip.rx.lost === 0, text);
		assert.ok(leg.tx.packets >= 90, text);
		assert.match(text, /rx +G729.* dropped=0 mos=/m);
		assert.ok(Math.abs((await heard(1600)).hz - 300) <= 6);
		await line.bye();
		await app.waitClosed();
	} finally {
		ua.close();
	}
});
