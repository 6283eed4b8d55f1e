// Raw recordings as bridges write them (recfile.h), made without a call: legs
// that send tones over a network that delays, loses and doubles packets.
//
//	const raw = new RawRecording({ id: 'x' });
//	raw.format(1, { codec: 'PCMU', pt: 0 });
//	raw.rtp(1, 20, { pt: 0, seq: 1, ts: 160, ssrc: 7, payload });
//	raw.end(1000).write(path);

import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { toMulaw } from './tone.mjs';

const START = 1;
const FORMAT = 2;
const RTP = 3;
const PAUSE = 4;
const RESUME = 5;
const ALIVE = 6;
const END = 7;
const ZERO = 123456789; // the monotonic time of its beginning [us]

export class RawRecording {
	#chunks = [];

	constructor(start = {}) {
		const head = Buffer.from('CubeRec\n\0\0\0\x01\0\0\0\0', 'latin1');

		this.#chunks.push({ ms: -1, data: head });
		this.#put(START, 0, 0, Buffer.from(JSON.stringify({ v: 1, mode: 'audio',
			by: 'always', t_start: 1790000000000, ...start })));
	}

	#put(type, leg, ms, content) {
		const chunk = Buffer.alloc(16 + content.length + 4);

		chunk[0] = type;
		chunk[1] = leg;
		chunk.writeUInt32BE(content.length, 4);
		chunk.writeBigUInt64BE(BigInt(Math.round(ZERO + ms * 1000)), 8);
		content.copy(chunk, 16);
		chunk.writeUInt32BE(crc32(chunk.subarray(0, 16 + content.length)),
			16 + content.length);
		this.#chunks.push({ ms, data: chunk });
	}

	format(leg, { codec, pt, clock = 8000, channels = 1, app = false,
		video = false, fmtp = '' }, ms = 0) {
		const fixed = Buffer.from([video, app, pt, channels, 0, 0, 0, 0]);

		fixed.writeUInt32BE(clock, 4);
		this.#put(FORMAT, leg, ms, Buffer.concat([fixed,
			Buffer.from(`${codec}\0${fmtp}\0`)]));
	}

	rtp(leg, ms, { pt, seq, ts, ssrc, marker = false, payload }) {
		const head = Buffer.alloc(12);

		head[0] = 0x80;
		head[1] = pt | (marker ? 0x80 : 0);
		head.writeUInt16BE(seq & 0xffff, 2);
		head.writeUInt32BE(ts >>> 0, 4);
		head.writeUInt32BE(ssrc >>> 0, 8);
		this.#put(RTP, leg, ms, Buffer.concat([head, payload]));
	}

	pause(ms) { this.#put(PAUSE, 0, ms, Buffer.alloc(0)); }

	resume(ms) { this.#put(RESUME, 0, ms, Buffer.alloc(0)); }

	alive(ms) { this.#put(ALIVE, 0, ms, Buffer.alloc(0)); }

	end(ms, how = { state: 'complete' }) {
		this.#put(END, 0, ms, Buffer.from(JSON.stringify(how)));
		return this;
	}

	/** What came is written in the order it came. */
	bytes() {
		return Buffer.concat(this.#chunks.toSorted((a, b) => a.ms - b.ms)
			.map(({ data }) => data));
	}

	write(path) {
		writeFileSync(path, this.bytes());
		return path;
	}
}

/** 20 ms of a tone as PCMU, number n of them. */
export function mulawFrame(hz, n, { rate = 8000, amplitude = 0.4 } = {}) {
	const size = rate / 50;

	return Buffer.from(Array.from({ length: size }, (_, i) => toMulaw(
		amplitude * Math.sin(2 * Math.PI * hz * (n * size + i) / rate))));
}

/**
 * A leg that talks: frames of 20 ms from..to [ms], each sent when it is over.
 *
 * frame(n)  payload number n; null: nothing is sent
 * way(n)    how long it takes [ms]; null: lost; an array: more than once
 * drift     how much faster the sender's clock runs than ours [ppm]
 */
export function talk(raw, leg, { pt, clock = 8000, ssrc = leg, from, to, frame,
	seq = 1000, ts = 5000, way = () => 30, drift = 0 }) {
	const real = 20 / (1 + drift / 1e6); // [ms] of ours for a frame

	for (let n = 0; from + (n + 1) * real <= to; n++) {
		const payload = frame(n);
		const ways = payload ? [way(n)].flat() : [];

		for (const late of ways)
			if (late !== null)
				raw.rtp(leg, from + n * real + late, { pt, ssrc,
					seq: seq + n, ts: ts + n * clock / 50, payload });
	}
}
