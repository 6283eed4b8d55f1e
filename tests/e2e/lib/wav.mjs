// Reads recordings while they are being written: 16-bit WAV, whose header does
// not know its length yet.

import { readFileSync } from 'node:fs';

/** { rate, samples }: the first channel, -1 to 1 */
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

			return {
				rate,
				samples: Float32Array.from({ length: count }, (_, i) =>
					file.readInt16LE(pos + 2 * channels * i) / 32768),
			};
		}
		pos += length + length % 2;
	}
	return { rate, samples: new Float32Array(0) };
}
