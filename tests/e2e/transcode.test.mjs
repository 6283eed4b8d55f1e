// The transcoder with baresip's real codecs: a moving bar in one codec goes in,
// and the right picture comes out in another. See transcode/transcode.h.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';

import { transcode } from './lib/transcode.mjs';

const dir = process.env.E2E_DIR ?? `${tmpdir()}/transcode-${process.pid}`;
const PAYLOAD = 1180; // [bytes], as in chain.c
let runs = 0;

const run = (task) => transcode(`${dir}/${++runs}`, task);

const pairs = [['VP8', 'H264'], ['H264', 'VP8'], ['VP9', 'H264'],
	['H264', 'VP9'], ['VP8', 'VP9'], ['VP9', 'VP8']];

for (const [from, to] of pairs)
	test(`${from} becomes ${to}, picture by picture`, async () => {
		const result = await run({ from, to, frames: 60 });
		const text = JSON.stringify(result);

		assert.equal(result.out, 60, text);
		assert.ok(result.good >= 59, text);
		assert.equal(result.keyframes, 1, text);
		assert.equal(result.errors + result.enc_failed + result.late, 0, text);
		assert.ok(result.longest <= PAYLOAD, text);
	});

for (const to of ['H264', 'VP8', 'VP9'])
	test(`${to}: a keyframe when one is asked for, and only then`, async () => {
		const result = await run({ to, from: to === 'VP8' ? 'H264' : 'VP8',
			frames: 120, keyframe: 60 });

		assert.equal(result.keyframes, 2, JSON.stringify(result));
	});

for (const to of ['H264', 'VP8', 'VP9'])
	test(`${to} follows the bitrate, in smaller pictures`, async () => {
		const result = await run({ to, from: to === 'VP8' ? 'H264' : 'VP8',
			frames: 120, bitrate: 600000, lower: 60000 });
		const text = JSON.stringify(result);

		assert.equal(result.width, 320, text);
		assert.ok(result.bitrate < 90000, text);
		assert.ok(result.good >= result.seen - 2, text);
		assert.ok(result.seen > 60, text);
	});

for (const to of ['H264', 'VP8', 'VP9'])
	test(`${to} keeps its bitrate when there is much to see`, async () => {
		const result = await run({ to, from: to === 'VP8' ? 'H264' : 'VP8',
			frames: 120, bitrate: 1000000, rough: 'yes' });
		const text = JSON.stringify(result);

		assert.ok(result.bitrate > 400000 && result.bitrate < 1100000, text);
		assert.ok(result.seen > 75 && result.good === result.seen, text);
	});

test('H264 of packetization-mode 0 is whole NAL units', async () => {
	const result = await run({ from: 'VP8', to: 'H264', frames: 60, rough: 'yes',
		fmtp: 'profile-level-id=42e01e;packetization-mode=0' });
	const text = JSON.stringify(result);

	assert.equal(result.fragments, 0, text);
	assert.ok(result.good >= 59, text);
	assert.ok(result.longest <= PAYLOAD, text);
});

test('a phone of level 1.1 gets CIF', async () => {
	const result = await run({ from: 'VP8', to: 'H264', frames: 30,
		fmtp: 'profile-level-id=42e00b;packetization-mode=1' });
	const text = JSON.stringify(result);

	assert.ok(result.width > 300 && result.width <= 384, text);
	assert.ok(result.good === result.seen && result.seen > 0, text);
});

for (const from of ['H264', 'VP8', 'VP9'])
	test(`lost packets of ${from}: a keyframe heals the picture`, async () => {
		const result = await run({ from, to: from === 'VP8' ? 'H264' : 'VP8',
			frames: 120, lose: 41 });
		const text = JSON.stringify(result);

		assert.ok(result.lost >= 2, text);
		assert.ok(result.wanted >= 1, text);
		assert.ok(result.seen > 90, text);
		assert.ok(result.good > result.seen * 0.8, text);
		assert.ok(result.bad_last < 119, text);
	});

for (const from of ['H264', 'VP8', 'VP9'])
	test(`decoders of ${from} give back what they took`, async () => {
		const result = await run({ '': 'memory', from });
		const text = JSON.stringify(result);

		assert.equal(result.good, 120, text);
		assert.ok(result.grown_kb < 8000, text);
	});
