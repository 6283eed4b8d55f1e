// What was seen of a test picture, in numbers, and whether it is what the far
// end's camera shows.
//
//	assertPicture(await alice.see(1000), PHONE_PICTURE);

import assert from 'node:assert/strict';

/** The colours of the cameras' pictures. */
export const APP_PICTURE = 'red-green-blue-yellow';
export const PHONE_PICTURE = 'cyan-magenta-orange-green';

const WRAP = 4096; // numbers of frames
const MIN_FPS = 5; // cameras make 20; a busy machine drops some
const MAX_TORN = 0.1;

/**
 * Sum up frames: [{ ms, number, bar, colours, width, height }], those whose
 * number could not be read have -1.
 */
export function sumUp({ since, now, frames, first }) {
	const whole = frames.filter(({ number }) => number >= 0);
	const last = frames.at(-1);
	const times = [since, ...whole.map(({ ms }) => ms), now];
	const steps = whole.slice(1).map(({ number }, i) =>
		(number - whole[i].number + WRAP) % WRAP);

	return {
		colours: last?.colours ?? 'none',
		width: last?.width ?? 0,
		height: last?.height ?? 0,
		frames: frames.length,
		torn: frames.length - whole.length,
		fps: Math.round(whole.length * 10000 / (now - since)) / 10,
		bars: new Set(whole.map(({ bar }) => bar).filter((bar) => bar >= 0))
			.size,
		forward: steps.filter((step) => step > 0 && step < WRAP / 2).length,
		backward: steps.filter((step) => step >= WRAP / 2).length,
		gapMs: Math.max(...times.slice(1).map((ms, i) => ms - times[i])),
		firstMs: first, // wall clock, or undefined
	};
}

/** Somebody's picture, moving, in order and whole. */
export function assertPicture(seen, colours, { minFps = MIN_FPS } = {}) {
	const said = JSON.stringify(seen);

	assert.equal(seen.colours, colours, said);
	assert.ok(seen.fps >= minFps, `slow: ${said}`);
	assert.ok(seen.bars >= Math.min(4, minFps), `does not move: ${said}`);
	assert.ok(seen.forward > seen.frames * 0.7, `stands still: ${said}`);
	assert.equal(seen.backward, 0, `out of order: ${said}`);
	assert.ok(seen.torn <= seen.frames * MAX_TORN, `torn: ${said}`);
}
