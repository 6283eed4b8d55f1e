// Tones: made, coded as PCMU, recognised by their frequency.

const MULAW_BIAS = 33;
const BLOCK_MS = 10; // silence is judged in blocks of this
const SILENT_RMS = 0.01;

/**
 * The strongest frequency: a coarse search, then a fine one around it. Pages are
 * given it as text (browser.mjs): it stands alone.
 */
export function dominant(samples, rate) {
	const n = samples.length;
	const windowed = Float64Array.from(samples, (sample, i) =>
		sample * (1 - Math.cos(2 * Math.PI * i / n)));
	let best = { hz: 0, power: 0 };

	// Goertzel's: no sine and cosine for each sample and frequency
	const power = (hz) => {
		const turn = 2 * Math.cos(2 * Math.PI * hz / rate);
		let last = 0;
		let older = 0;

		for (let i = 0; i < n; i++) {
			const now = windowed[i] + turn * last - older;

			older = last;
			last = now;
		}
		return last * last + older * older - turn * last * older;
	};

	const search = (from, to, step) => {
		for (let hz = from; hz <= to; hz += step) {
			const found = power(hz);

			if (found > best.power) best = { hz, power: found };
		}
	};

	search(50, Math.min(4000, rate / 2), 5);
	search(best.hz - 5, best.hz + 5, 0.5);
	return best.hz;
}

const rms = (samples) => Math.sqrt(
	samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

/** What samples (-1 to 1) sound like: { hz, rms, silentMs }. */
export function measure(samples, rate) {
	const block = rate * BLOCK_MS / 1000;
	let silent = 0;

	for (let i = 0; i + block <= samples.length; i += block)
		if (rms(samples.subarray(i, i + block)) < SILENT_RMS) silent++;

	return {
		hz: dominant(samples.subarray(-rate * 0.4), rate),
		rms: Math.round(rms(samples) * 1000) / 1000,
		silentMs: silent * BLOCK_MS,
	};
}

/** ITU-T G.711 µ-law of one sample, -1 to 1. */
export function toMulaw(sample) {
	const sign = sample < 0 ? 0x80 : 0;
	const value = Math.min(8158, Math.round(Math.abs(sample) * 8159))
		+ MULAW_BIAS;
	const exponent = Math.max(0, 31 - Math.clz32(value) - 5);
	const mantissa = (value >> (exponent + 1)) & 0x0f;

	return ~(sign | exponent << 4 | mantissa) & 0xff;
}

export function fromMulaw(byte) {
	const code = ~byte & 0xff;
	const exponent = (code >> 4) & 7;
	const value = (((code & 0x0f) << 1) + MULAW_BIAS << exponent) - MULAW_BIAS;

	return (code & 0x80 ? -value : value) / 8159;
}
