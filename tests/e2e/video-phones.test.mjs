// The rig itself: two video phones without the bridge, and two apps, recognise
// each other's picture. What fails here is no fault of the bridge.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { APP_PICTURE, PHONE_PICTURE, assertPicture, sumUp }
	from './lib/picture.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

const CODECS = ['H264', 'VP8', 'VP9'];

let sandbox;
let left;
let right;
let browser;
let alice;
let bob;

before(async () => {
	sandbox = await startTestSandbox();
	[left, right] = await Promise.all([
		startTestPhone(sandbox, { name: 'left', video: {},
			accounts: CODECS.map((codec, i) => ({ user: `100${i + 1}`,
				params: `;video_codecs=${codec}` })) }),
		startTestPhone(sandbox, { name: 'right',
			video: { colours: APP_PICTURE },
			accounts: [{ user: '1009' }] }),
	]);
	browser = await launch();
	alice = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1');
	bob = await browser.newUser(sandbox.page, 'bob', 'bob-pass-2',
		{ camera: { colours: PHONE_PICTURE } });
});

after(async () => {
	await browser?.close();
	await Promise.all([left?.stop(), right?.stop()]);
	await sandbox?.stop();
});

afterEach(() => Promise.all([left.quiet(), right.quiet(), alice.reset(),
	bob.reset()]));

for (const [i, codec] of CODECS.entries())
	test(`${codec} from phone to phone`, async () => {
		await left.dial(`100${i + 1}`, '1009');
		await right.waitIncoming();
		await right.accept();
		const [atLeft, atRight] = await Promise.all([left, right].map(
			async (phone) => {
				await phone.waitEvent('CALL_ESTABLISHED');
				await phone.see(500); // until there is a keyframe
				return phone.see(1500);
			}));

		assertPicture(atLeft, APP_PICTURE);
		assertPicture(atRight, PHONE_PICTURE);
	});

for (const codec of CODECS)
	test(`${codec} from app to app`, async () => {
		await alice.prepare({ codecs: { video: [codec] } });
		await alice.call(bob.id, { video: true });
		await bob.waitIncoming();
		await bob.accept();
		const [atAlice, atBob] = await Promise.all([alice, bob].map(
			async (app) => {
				await app.waitConnected();
				await app.see(500);
				return app.see(1500);
			}));

		assertPicture(atAlice, PHONE_PICTURE);
		assertPicture(atBob, APP_PICTURE);
	});

test('what is no moving picture of the far end is not taken for one', () => {
	const frames = Array.from({ length: 20 }, (_, i) => ({ ms: 50 * i,
		number: i, bar: i, colours: APP_PICTURE, width: 320, height: 240 }));
	const see = (change = (frame) => frame) => sumUp({ since: 0, now: 1000,
		frames: frames.map(change) });

	assertPicture(see(), APP_PICTURE);
	for (const [what, seen] of Object.entries({
		nothing: sumUp({ since: 0, now: 1000, frames: [] }),
		foreign: see((frame) => ({ ...frame, colours: PHONE_PICTURE })),
		frozen: see((frame) => ({ ...frame, number: 7, bar: 7 })),
		backwards: see((frame, i) => ({ ...frame, number: 100 - i })),
		torn: see((frame, i) => ({ ...frame, number: i % 2 ? i : -1 })),
		slow: sumUp({ since: 0, now: 5000, frames }),
	}))
		assert.throws(() => assertPicture(seen, APP_PICTURE),
			assert.AssertionError, what);
});
