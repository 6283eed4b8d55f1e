// What nobody chooses, and can be had again: E2E_SEED=HEX, which is printed.

import { randomBytes } from 'node:crypto';

/** A function that gives 0 to 1, the same for a seed (mulberry32). */
export function seeded() {
	const seed = process.env.E2E_SEED ?? randomBytes(4).toString('hex');
	let state = parseInt(seed, 16) >>> 0;

	console.log(`# E2E_SEED=${seed}`);
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);

		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
