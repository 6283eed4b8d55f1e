// Each video codec that phone and app share, in both call directions: the bridge
// forwards it, and both sides recognise the other's moving picture and tone.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startWorld } from './lib/world.mjs';

// H264 alone is packetization-mode 0 in baresip's account; who has everything
// has both modes, and takes H264 as the bridge prefers it
const PHONES = { H264: '1001', VP8: '1002', VP9: '1003', all: '1009' };

let world;
let alice;
const firsts = []; // first pictures' times { app, phone } [ms]

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '10??' }] }],
		phone: { video: {}, accounts: Object.entries(PHONES).map(
			([codec, user]) => ({ user, params: codec === 'all' ? ''
				: `;video_codecs=${codec}` })) },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

async function assertForwarded(name) {
	const codec = name === 'all' ? 'H264' : name;
	const { calls: [{ sip, app, text }] } = await world.bridge.status();
	const { rx, tx } = await alice.videoStats();

	assert.deepEqual([sip, app].flatMap(({ video }) =>
		[video.rx.codec, video.tx.codec]),
	[codec, codec, codec, codec], text);
	assert.ok(sip.video.forwarded && app.video.forwarded, text);
	for (const { video } of [sip, app]) {
		assert.equal(video.size, '320x240', text);
		assert.ok(video.rx.keyframes >= 1 && video.rx.frames >= 20
			&& video.tx.frames >= 20 && video.rx.lost === 0, text);
	}
	assert.deepEqual([rx.codec, tx.codec], [codec, codec]);

	// what is no keyframe is not taken for one, whatever the phone says
	assert.ok(rx.keyFramesDecoded < rx.framesDecoded / 2,
		`${rx.keyFramesDecoded} keyframes of ${rx.framesDecoded}`);
}

for (const [codec, user] of Object.entries(PHONES)) {
	test(`${codec}: the phone calls`, async (t) => {
		const { video } = await world.phoneCallsApp(alice, { from: user });

		assert.equal(video, true);
		firsts.push(await world.assertPictures(alice, t));
		await world.assertTones(alice);
		await assertForwarded(codec);
		await world.end(world.phone, alice);
	});

	test(`${codec}: the app calls`, async (t) => {
		await world.appCallsPhone(alice, { video: true,
			userInfo: { dial: user } });
		firsts.push(await world.assertPictures(alice, t));
		await world.assertTones(alice);
		await assertForwarded(codec);
		await world.end(alice, alice);
	});
}

// a single one may be late on a busy machine, above all a browser's first call
test('the first picture comes within a second of the answer', (t) => {
	assert.ok(firsts.length > 0);
	for (const side of ['app', 'phone']) {
		const sorted = firsts.map((times) => times[side])
			.sort((a, b) => a - b);
		const median = sorted[sorted.length >> 1];

		t.diagnostic(`at the ${side}: ${sorted.join(', ')} ms`);
		assert.ok(median < 1000, `at the ${side}: ${median} ms`);
	}
});
