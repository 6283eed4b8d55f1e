// Pictures for raw recordings: coded by ffmpeg, in packets as senders make them.

import { execFileSync } from 'node:child_process';

const MTU = 1100;
const CLOCK = 90000;
const ENCODERS = {
	H264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
		'-profile:v', 'baseline', '-bf', '0', '-f', 'h264'],
	VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8',
		'-lag-in-frames', '0', '-f', 'ivf'],
	VP9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8',
		'-lag-in-frames', '0', '-f', 'ivf'],
};

/** NAL units of a stream with start codes. */
function nals(stream) {
	const starts = [];

	for (let i = 0; i + 3 <= stream.length; i++)
		if (!stream[i] && !stream[i + 1] && stream[i + 2] === 1)
			starts.push(i + 3);
	return starts.map((from, i) => {
		let to = i + 1 < starts.length ? starts[i + 1] - 3 : stream.length;

		while (to > from && !stream[to - 1]) to--;
		return stream.subarray(from, to);
	});
}

/** Frames of an IVF file. */
function ivf(file) {
	const found = [];

	for (let at = 32; at + 12 <= file.length;) {
		const size = file.readUInt32LE(at);

		found.push(file.subarray(at + 12, at + 12 + size));
		at += 12 + size;
	}
	return found;
}

const films = new Map();

/** Frames of one colour, each a list of NAL units or a buffer. */
export function film(codec, how) {
	const name = JSON.stringify([codec, how]);

	if (!films.has(name)) films.set(name, make(codec, how));
	return films.get(name);
}

function make(codec, { colour, width = 320, height = 240, seconds, fps = 15,
	key = 30 }) {
	const out = execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i',
		`color=c=${colour}:s=${width}x${height}:r=${fps}:d=${seconds}`,
		'-pix_fmt', 'yuv420p', '-g', `${key}`, '-threads', '1',
		...ENCODERS[codec], '-'], { maxBuffer: 1 << 28 });

	if (codec !== 'H264') return ivf(out);

	const frames = [];
	let next = [];

	for (const nal of nals(out)) {
		next.push(nal);
		if ((nal[0] & 0x1f) <= 5) {
			frames.push(next);
			next = [];
		}
	}
	return frames;
}

/** FU-As where a NAL unit is too long, the small ones together in a STAP-A. */
function h264Payloads(units) {
	const small = units.filter(({ length }) => length < 200);
	const stap = small.length > 1 && small.length < units.length + 1
		? [Buffer.concat([Buffer.from([24]), ...small.flatMap((nal) =>
			[Buffer.from([nal.length >> 8, nal.length & 0xff]), nal])])] : small;

	return [...stap, ...units.filter((nal) => nal.length >= 200)
		.flatMap((nal) => {
			if (nal.length <= MTU) return [nal];
			const parts = [];

			for (let at = 1; at < nal.length; at += MTU)
				parts.push(Buffer.concat([Buffer.from([
					(nal[0] & 0x60) | 28, (nal[0] & 0x1f) | (at === 1 ? 0x80 : 0)
						| (at + MTU >= nal.length ? 0x40 : 0)]),
				nal.subarray(at, at + MTU)]));
			return parts;
		})];
}

/** RFC 7741, with the shortest descriptor. */
function vp8Payloads(frame) {
	const parts = [];

	for (let at = 0; at < frame.length; at += MTU)
		parts.push(Buffer.concat([Buffer.from([at ? 0 : 0x10]),
			frame.subarray(at, at + MTU)]));
	return parts;
}

/** RFC 9628; P is not set, as some senders have it. */
function vp9Payloads(frame) {
	const parts = [];

	for (let at = 0; at < frame.length; at += MTU)
		parts.push(Buffer.concat([Buffer.from([(at ? 0 : 8)
			| (at + MTU >= frame.length ? 4 : 0)]),
		frame.subarray(at, at + MTU)]));
	return parts;
}

const PAYLOADS = { H264: h264Payloads, VP8: vp8Payloads, VP9: vp9Payloads };

/**
 * A leg that is seen: frames from a time on [ms].
 *
 * way(n)  how long packet n takes [ms]; null: lost
 */
export function show(raw, leg, { codec, pt, frames, from, fps = 15, ssrc = 500,
	seq = 100, ts = 7000, way = () => 30 }) {
	let n = 0;

	for (const [i, frame] of frames.entries()) {
		const payloads = PAYLOADS[codec](frame);

		for (const [k, payload] of payloads.entries()) {
			const late = way(n);

			if (late !== null)
				raw.rtp(leg, from + i * 1000 / fps + late, { pt, ssrc,
					seq: seq + n, ts: ts + Math.round(i * CLOCK / fps),
					marker: k + 1 === payloads.length, payload });
			n++;
		}
	}
	return { seq: seq + n, ts: ts + Math.round(frames.length * CLOCK / fps) };
}
