// App users for end-to-end tests: the sandbox's page, with the real SDK, in
// headless Chromium. Each user has a browser context of their own and a tone
// for a microphone.
//
//	const browser = await launch();
//	const alice = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
//		{ toneHz: 440 });
//	const incoming = await alice.waitIncoming();
//	await alice.accept();
//	await alice.waitConnected();
//	assert.equal((await alice.hear(1000)).hz, 1000);

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { sumUp } from './picture.mjs';
import { dominant } from './tone.mjs';

const INJECT = ['testpicture.js', 'inject.js', 'inject-video.js'].map((name) =>
	fileURLToPath(new URL(name, import.meta.url)));
const TIMEOUT = 15000; // [ms] for an event to come

const ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--allow-loopback-in-peer-connection',
	'--autoplay-policy=no-user-gesture-required',
];

class User {
	#seen = 0; // number of the last event waited for
	#page;
	#context;

	constructor(context, page) {
		this.#context = context;
		this.#page = page;
		this.console = [];
		page.on('console', (message) => this.console.push(message.text()));
		page.on('pageerror', (error) => this.console.push(String(error)));
	}

	/** The playwright page, to use it as a person does. */
	get page() {
		return this.#page;
	}

	/** All that happened: [{ seq, ms, name, ... }]. */
	events() {
		return this.#page.evaluate(() => window.phone.events);
	}

	/** { chat, call } of this moment. */
	state() {
		return this.#page.evaluate(() =>
			({ chat: window.phone.chat, call: window.phone.call }));
	}

	/**
	 * Wait for an event that came after the last one waited for.
	 *
	 * match: details it must have; any: from the very first event on.
	 */
	async waitEvent(name, { match = {}, any = false, timeout = TIMEOUT } = {}) {
		const event = await this.#page.evaluate((a) =>
			window.harness.waitEvent(...a),
		[name, any ? 0 : this.#seen, match, timeout]);

		this.#seen = Math.max(this.#seen, event.seq);
		return event;
	}

	/** Events up to now do not count for the next waitEvent(). */
	async forget() {
		this.#seen = (await this.events()).length;
	}

	login(login, password) {
		return this.#page.evaluate(async (a) => {
			await window.phone.login(...a);
			return window.phone.user.id;
		}, [login, password]);
	}

	/** The same by the page's form, as a person does: then the page knows whom
	 * one can call. */
	async enter(login, password) {
		await this.#page.fill('#login input[name="login"]', login);
		await this.#page.fill('#login input[name="password"]', password);
		await this.#page.click('#login button');

		const { id, error } = await (await this.#page.waitForFunction(() => {
			const [option, said] = ['#dial option', '#error'].map((what) =>
				document.querySelector(what));

			return option ? { id: window.phone.user.id }
				: said.innerText && { error: said.innerText };
		}, null, { polling: 20 })).jsonValue();

		if (error) throw new Error(`${login} is refused: ${error}`);
		return id;
	}

	/** Online again after the link was lost, or at once when it was not. */
	async waitOnline(timeout = TIMEOUT) {
		if ((await this.state()).chat !== 'online')
			await this.waitEvent('chat-online', { timeout });
	}

	waitOffline(timeout) {
		return this.waitEvent('chat-offline', { timeout });
	}

	/** Returns the session id. */
	call(userId, { video = false, userInfo = {} } = {}) {
		return this.#page.evaluate(([id, options]) =>
			window.phone.start(id, options),
		[userId, { video, info: userInfo }]);
	}

	/** { id, user, video, info } */
	waitIncoming(timeout) {
		return this.waitEvent('incoming', { timeout });
	}

	accept(userInfo = {}) {
		return this.#page.evaluate((info) => window.phone.accept(info), userInfo);
	}

	reject(userInfo = {}) {
		return this.#page.evaluate((info) => window.phone.reject(info), userInfo);
	}

	hangup(userInfo = {}) {
		return this.#page.evaluate((info) => window.phone.hangup(info), userInfo);
	}

	mute(on = true) {
		return this.#page.evaluate((value) => window.phone.mute(value), on);
	}

	/** By system messages: { error } or what the bridge says. */
	ask(action, values, options) {
		return this.#page.evaluate(([name, more, how]) =>
			window.phone.ask(name, more, how)
				.catch(({ message }) => ({ error: message })),
		[action, values, options]);
	}

	dtmf(digits) {
		return this.#page.evaluate((value) => window.phone.dtmf(value), digits);
	}

	/** Connected, and the far end's stream is there. */
	async waitConnected(timeout) {
		await this.waitEvent('call-connected', { timeout });
		await this.waitEvent('remote-stream', { any: true, timeout });
	}

	/** The call is over, whoever ended it. */
	waitClosed(timeout) {
		return this.waitEvent('close', { timeout });
	}

	/** Listen to the far end: { hz, rms, silentMs, longestSilenceMs }. */
	hear(ms = 1000) {
		return this.#page.evaluate((value) => window.harness.hear(value), ms);
	}

	/** All frames of the next ms: { since, now, first, frames }. */
	watch(ms = 1000) {
		return this.#page.evaluate((value) => window.harness.watch(value), ms);
	}

	/** Frames that came since then (wall clock): [{ ms, number, colours, ... }] */
	frames(since) {
		return this.#page.evaluate((value) => window.harness.frames(value),
			since);
	}

	/**
	 * Look at the far end: { colours, width, height, frames, torn, fps, ... };
	 * picture.mjs says what it is.
	 */
	async see(ms) {
		return sumUp(await this.watch(ms));
	}

	/**
	 * Listen for keys that the far end presses in an action, and in the ms of
	 * audio after it: [{ key, ms }].
	 */
	async hearKeys(action, ms = 1500) {
		await this.#page.evaluate(() => window.harness.startHearingKeys());
		await action();
		return this.#page.evaluate((value) => window.harness.takeKeys(value), ms);
	}

	/**
	 * For the next call: microphone tone, codecs { audio: ['PCMU'] }, audioLines
	 * that its SDP shall state of audio, camera { width, height, fps, colours,
	 * noise }, of which a part is enough, or noCamera.
	 */
	prepare({ camera = {}, ...settings }) {
		return this.#page.evaluate(([some, all]) => {
			Object.assign(window.harness, all);
			Object.assign(window.harness.camera, some);
		}, [camera, settings]);
	}

	/** All of RTCPeerConnection.getStats(), as a list. */
	stats() {
		return this.#page.evaluate(async () =>
			[...(await window.phone.connection.getStats()).values()]);
	}

	/** What the far end says of itself: its SDP. */
	remoteSdp() {
		return this.#page.evaluate(() =>
			window.phone.connection.remoteDescription.sdp);
	}

	/** The audio received: { codec, packets, lost, jitter, concealed }. */
	async audioStats() {
		const stats = await this.stats();
		const inbound = stats.find(({ type, kind }) =>
			type === 'inbound-rtp' && kind === 'audio');
		const codec = stats.find(({ id }) => id === inbound?.codecId);

		return {
			codec: codec?.mimeType.replace('audio/', ''),
			packets: inbound?.packetsReceived ?? 0,
			lost: inbound?.packetsLost ?? 0,
			jitter: inbound?.jitter ?? 0, // [s]
			concealed: inbound?.concealedSamples ?? 0,
		};
	}

	/** What RTCPeerConnection counts of video: { rx, tx }, codec and fmtp too. */
	async videoStats() {
		const stats = await this.stats();
		const one = (type) => {
			const found = stats.find((entry) => entry.type === type
				&& entry.kind === 'video') ?? {};
			const codec = stats.find(({ id }) => id === found.codecId);

			return { ...found, codec: codec?.mimeType.replace('video/', ''),
				fmtp: codec?.sdpFmtpLine ?? '' };
		};

		return { rx: one('inbound-rtp'), tx: one('outbound-rtp') };
	}

	/** When the far end's first whole picture was there: wall clock [ms]. */
	firstPicture(timeout = TIMEOUT) {
		return this.#page.evaluate((value) =>
			window.harness.firstPicture(value), timeout);
	}

	/** Back to no call and no wishes, whatever a test left behind. */
	async reset() {
		await this.prepare({ codecs: {}, audioLines: [], noCamera: false,
			camera: { noise: false } });
		await this.hangup();
		await this.forget();
	}

	/** Leave without a word, as a closed laptop does. */
	close() {
		return this.#context.close();
	}
}

/** Start Chromium, with more command line arguments if given. */
export async function launch(args = []) {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: [...ARGS, ...args],
	});

	/** reader: what kind of browser, { locale, viewport, colorScheme } */
	async function newPage(url, { reader = {}, iceServers, lostTime,
		...settings }) {
		// Without the microphone's permission Chromium offers no loopback
		// addresses, even though the microphone here is a tone.
		const context = await browser.newContext({ ignoreHTTPSErrors: true,
			permissions: ['microphone', 'camera'], ...reader });
		const page = await context.newPage();
		const user = new User(context, page);

		for (const path of INJECT) await page.addInitScript({ path });
		await page.addInitScript({ content: `window.dominantHz = ${dominant};` });
		if (iceServers || lostTime)
			await page.route('**/sandbox/config', async (route) => {
				const response = await route.fetch();

				await route.fulfill({ json: { ...await response.json(),
					ice_servers: iceServers, lost_time: lostTime } });
			});
		await page.goto(url);
		await page.waitForFunction(() => window.phone, null, { polling: 20 });
		await user.prepare(settings);
		return user;
	}

	/** A page for drawing and looking at pictures. */
	let studio = null;

	async function inStudio(work, argument) {
		if (!studio) {
			studio = await browser.newPage();
			await studio.addScriptTag({ path: INJECT[0] });
		}
		return studio.evaluate(work, argument);
	}

	return {
		/** A page nobody has logged in to yet. */
		newPage,

		/** Another person's, for pages of others. */
		context: (reader = {}) => browser.newContext(reader),

		/** Frame `number` of a camera { width, height, colours }, a JPEG. */
		async draw(camera, number) {
			return Buffer.from(await inStudio(async ([one, n]) => {
				const canvas = new OffscreenCanvas(one.width, one.height);

				window.testPicture.draw(canvas.getContext('2d'), one, n);
				const blob = await canvas.convertToBlob(
					{ type: 'image/jpeg', quality: 0.95 });

				return [...new Uint8Array(await blob.arrayBuffer())];
			}, [camera, number]));
		},

		/** What is in a JPEG: { colours, bar, number, width, height }. */
		look(jpeg) {
			return inStudio(async (data) => {
				const bitmap = await createImageBitmap(new Blob(
					[new Uint8Array(data)], { type: 'image/jpeg' }));
				const { width, height } = bitmap;
				const pen = new OffscreenCanvas(width, height)
					.getContext('2d');

				pen.drawImage(bitmap, 0, 0);
				const { data: pixels } = pen.getImageData(0, 0, width, height);

				return { width, height, ...window.testPicture.recognise(pixels,
					width, height) };
			}, [...jpeg]);
		},

		/** A user who is online. */
		async newUser(url, login, password, { toneHz = 440, codecs = {},
			camera = {}, iceServers, lostTime } = {}) {
			const user = await newPage(url, { toneHz, codecs, camera,
				iceServers, lostTime });

			user.id = await user.enter(login, password);
			return user;
		},

		close() {
			return browser.close();
		},
	};
}
