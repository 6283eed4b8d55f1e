// Files as a browser plays them.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

import { dominant } from './tone.mjs';

/* In the page: play all of it, look at it at some times [s] on the way. */
async function playThere({ base64, type, looks }) {
	const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
	const media = document.createElement('video');
	const canvas = document.createElement('canvas');
	const happens = (name) => new Promise((resolve, reject) => {
		media.addEventListener(name, resolve, { once: true });
		media.addEventListener('error', () =>
			reject(new Error(`${name}: ${media.error?.message}`)), { once: true });
	});
	const look = () => {
		const pen = canvas.getContext('2d', { willReadFrequently: true });
		const { videoWidth: width, videoHeight: height } = media;

		if (!width) return null;
		[canvas.width, canvas.height] = [width, height];
		pen.drawImage(media, 0, 0);
		return { width, height, colours: [0.25, 0.75].map((x) =>
			[...pen.getImageData(width * x, height / 2, 1, 1).data.slice(0, 3)]) };
	};

	document.body.append(media);
	media.muted = true;
	media.src = URL.createObjectURL(new Blob([bytes], { type }));
	await happens('loadedmetadata');
	const seen = [];

	for (const at of looks) {
		const there = happens('seeked');

		media.currentTime = at;
		await there;
		seen.push(look());
	}
	media.currentTime = 0;
	media.playbackRate = 8;
	const ended = happens('ended');

	await media.play();
	await ended;
	const result = { duration: media.duration, at: media.currentTime, seen,
		last: look() };

	media.remove();
	return result;
}

/* In the page: { duration, hz: [left, right], rms }, of a piece [s] of it. */
async function hearThere({ base64, from, to }) {
	const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
	const context = new OfflineAudioContext(2, 8000, 8000);
	const audio = await context.decodeAudioData(bytes.buffer);
	const sides = [0, 1].map((n) => audio.getChannelData(n)
		.slice(from * audio.sampleRate, to * audio.sampleRate));

	return {
		duration: audio.duration,
		channels: audio.numberOfChannels,
		hz: sides.map((side) => window.dominantHz(side, audio.sampleRate)),
		rms: sides.map((side) => Math.sqrt(side.reduce((sum, x) =>
			sum + x * x, 0) / side.length)),
	};
}

/** A browser that plays files. */
export async function startPlayer() {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu',
			'--autoplay-policy=no-user-gesture-required'],
	});
	const page = await browser.newPage();
	const load = (path) => readFileSync(path).toString('base64');

	await page.addScriptTag({ content: `window.dominantHz = ${dominant};` });

	return {
		/** { duration, at, seen, last } */
		play: (path, type, looks = []) => page.evaluate(playThere,
			{ base64: load(path), type, looks }),

		/** { duration, channels, hz, rms } of from..to [s] */
		hear: (path, from, to) => page.evaluate(hearThere,
			{ base64: load(path), from, to }),

		close: () => browser.close(),
	};
}
