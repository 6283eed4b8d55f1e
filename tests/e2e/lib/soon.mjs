// Pictures that are to be back within a second: at an app, and at a phone.

import assert from 'node:assert/strict';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { watchRunQueue } from './runqueue.mjs';
import { frames, nalTypes } from './videortp.mjs';

const SOON = 1000; // [ms] until there is a picture again, on a quiet machine
const STILL = 2000; // [ms] a still picture is sent more often than that
const IDR = 5; // types of H264 NAL units
const SPS = 7;

/** The first packet of a VP8 frame (RFC 7741) is of a keyframe. */
function isVp8Key(data) {
	const more = data[0] & 0x80 ? data[1] : 0;
	let at = data[0] & 0x80 ? 2 : 1;

	if (more & 0x80) at += data[at] & 0x80 ? 2 : 1;
	if (more & 0x40) at++;
	if (more & 0x30) at++;
	return (data[0] & 0x17) === 0x10 && !(data[at] & 1);
}

const isKey = (codec) => ({ packets }) => codec === 'H264'
	? nalTypes(packets).includes(IDR) : isVp8Key(packets[0]);

/** What a phone can show, sent since then. A frame of the source before may come
 * before it, if there was one. */
async function keyframe({ camera, codec, silent }, since) {
	const { ms, packets } = await until('a keyframe at the phone', () =>
		frames(camera.packets).filter((one) => one.ms >= since)
			.find(isKey(codec)));

	if (silent) assert.ok(isKey(codec)(frames(camera.packets)[0]),
		'frames before the keyframe');

	if (codec === 'H264')
		assert.ok(nalTypes(packets).includes(SPS), 'an IDR alone');
	await until('the phone gets more', () =>
		frames(camera.packets).length > 10);
	return ms - since;
}

/**
 * The app has a new picture, of these colours, so soon after some action, or
 * after the time that this returns.
 *
 * phone   { camera, codec, silent }: it has one so soon, too; silent: it got
 *         nothing before
 */
export async function assertPictureSoon(app, colours, action, t, phone = null) {
	const busy = watchRunQueue();
	const begun = Date.now();
	const last = (await app.frames(begun - STILL)).at(-1)?.number;
	const since = await action() ?? begun;

	// a frozen one comes again and again
	const first = await until('a new picture', async () =>
		(await app.frames(since)).find((one) => one.number >= 0
			&& one.number !== last && one.colours === colours));
	const ms = first.ms - since;
	const late = busy();

	t.diagnostic(`a picture after ${ms} ms; ${late} ms waited for a processor`);
	assert.ok(ms < SOON + late, `no picture for ${ms} ms`);
	if (!phone) return;

	const there = await keyframe(phone, since);

	t.diagnostic(`at the phone after ${there} ms`);
	assert.ok(there < SOON + late, `no keyframe for ${there} ms`);
}

/** Nothing comes any more. */
export const seesNothing = (app) => until('the app sees nothing new', async () =>
	!(await app.watch(300)).frames.length);
