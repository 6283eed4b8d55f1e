// What transcoding costs: 640x480 frames as fast as they come through, and the
// share of it that is the codecs'. Prints a JSON line for each figure.
//
// usage: transcode.mjs, after "make transcode"

import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';

import { transcode } from '../e2e/lib/transcode.mjs';

const FRAMES = 600;
const BITRATE = 800000; // [bit/s]
const RUNS = 3;

const dir = mkdtempSync(`${tmpdir()}/transcode-`);
const round = (x, places = 2) => Number(x.toFixed(places));

console.log(`# 640x480, ${BITRATE / 1000} kbit/s at 30 frames/s, a texture that`
	+ ' moves with noise in it; the median by CPU time of'
	+ ` ${RUNS} runs of ${FRAMES} frames; load average`
	+ ` ${loadavg().map((x) => x.toFixed(2)).join(' ')}`);
console.log('# fps: frames that one core decodes, scales and encodes in a second');

async function measure(from, to) {
	const runs = [];

	for (let i = 0; i < RUNS; i++)
		runs.push(await transcode(`${dir}/${from}-${to}-${i}`, { from, to,
			frames: FRAMES, bitrate: BITRATE, rough: 'yes' }));

	const { decoded, encoded, cpu, cpu_thread: all, good, seen }
		= runs.sort((a, b) => a.cpu_thread - b.cpu_thread)[RUNS >> 1];

	console.log(JSON.stringify({ bench: 'transcode-codec', peer: 'ours',
		from, to, fps: round(decoded / all * 1e6, 0),
		cpu_ms_per_frame: round(all / decoded / 1000),
		cpu_pct_per_stream: round(all / decoded * 30 / 1e4, 1),
		codec_share_pct: round(cpu / all * 100, 1),
		encoded_pct: round(encoded / decoded * 100, 1),
		good_pct: round(good / seen * 100, 1) }));
}

try {
	await measure('VP8', 'H264');
	await measure('H264', 'VP8');
	await measure('VP9', 'H264');
	await measure('H264', 'VP9');
} finally {
	rmSync(dir, { recursive: true, force: true });
}
