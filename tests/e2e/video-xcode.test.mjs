// Phone and app share no video codec: the bridge transcodes, and both sides
// recognise the other's moving picture and tone.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startWorld } from './lib/world.mjs';

const PHONES = { H264: '1001', VP8: '1002' };

let world;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '10??' }],
		modules: ['avcodec', 'vp8'] }],
		phone: { video: {}, accounts: Object.entries(PHONES).map(
			([codec, user]) => ({ user, params: `;video_codecs=${codec}` })) },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

async function assertTranscoded(atPhone, atApp) {
	const { calls: [{ sip, app, text }] } = await world.bridge.status();
	const { rx, tx } = await alice.videoStats();

	assert.deepEqual([sip, app].flatMap(({ video }) =>
		[video.rx.codec, video.tx.codec]),
	[atPhone, atPhone, atApp, atApp], text);
	assert.ok(!sip.video.forwarded && !app.video.forwarded, text);
	assert.deepEqual([rx.codec, tx.codec], [atApp, atApp]);
}

for (const { phone, app } of [{ phone: 'H264', app: 'VP8' },
	{ phone: 'VP8', app: 'H264' }]) {
	test(`${phone} at the phone, which calls, ${app} at the app`, async (t) => {
		await alice.prepare({ codecs: { video: [app] } });
		await world.phoneCallsApp(alice, { from: PHONES[phone] });
		await world.assertPictures(alice, t);
		await world.assertTones(alice);
		await assertTranscoded(phone, app);
		await world.end(world.phone, alice);
	});

	test(`${app} at the app, which calls, ${phone} at the phone`, async (t) => {
		await alice.prepare({ codecs: { video: [app] } });
		await world.appCallsPhone(alice, { video: true,
			userInfo: { dial: PHONES[phone] } });
		await world.assertPictures(alice, t);
		await world.assertTones(alice);
		await assertTranscoded(phone, app);
		await world.end(alice, alice);
	});
}
