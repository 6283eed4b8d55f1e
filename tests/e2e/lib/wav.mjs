// Reads recordings while they are being written: 16-bit WAV, whose header does
// not know its length yet. Writes tones.

import { readFileSync, writeFileSync } from 'node:fs';

const RATE = 44100; // one that no codec has

/** { rate, samples, all }: the first channel, -1 to 1, and each */
export function readWav(path) {
	const file = readFileSync(path);
	let channels = 1;
	let rate = 8000;

	for (let pos = 12; pos + 8 <= file.length;) {
		const name = file.toString('latin1', pos, pos + 4);
		const length = file.readUInt32LE(pos + 4);

		pos += 8;
		if (name === 'fmt ') {
			channels = file.readUInt16LE(pos + 2);
			rate = file.readUInt32LE(pos + 4);
		} else if (name === 'data') {
			const count = Math.floor((file.length - pos) / 2 / channels);
			const all = Array.from({ length: channels }, (_, channel) =>
				Float32Array.from({ length: count }, (__, i) => file.readInt16LE(
					pos + 2 * (channels * i + channel)) / 32768));

			return { rate, samples: all[0], all };
		}
		pos += length + length % 2;
	}
	return { rate, samples: new Float32Array(0) };
}

/** A tone as a file, 16 bits. */
export function toneWav(hz, { rate = 8000, seconds, channels = 1 }) {
	const size = 2 * channels;
	const count = rate * seconds;
	const head = Buffer.alloc(44);
	const data = Buffer.alloc(size * count);

	for (let i = 0; i < count; i++)
		for (let at = 0; at < size; at += 2)
			data.writeInt16LE(10000 * Math.sin(2 * Math.PI * hz * i / rate),
				size * i + at);
	head.write('RIFF    WAVEfmt ', 'latin1');
	head.writeUInt32LE(36 + data.length, 4);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(channels, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * size, 28);
	head.writeUInt16LE(size, 32);
	head.writeUInt16LE(16, 34);
	head.write('data', 36, 'latin1');
	head.writeUInt32LE(data.length, 40);
	return Buffer.concat([head, data]);
}

/** Half a second of a tone, in stereo. */
export function writeTone(path, hz) {
	writeFileSync(path, toneWav(hz, { rate: RATE, seconds: 0.5, channels: 2 }));
}
