// Linphone as a video phone: its picture is recognised at the app, the app's
// picture in snapshots that it takes.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { launch } from './lib/browser.mjs';
import { haveLinphone, startLinphone } from './lib/linphone.mjs';
import { APP_PICTURE, PHONE_PICTURE } from './lib/picture.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { APP_HZ, PHONE_HZ, assertTone } from './lib/world.mjs';

const skip = !haveLinphone() && 'no linphonec';
const CODECS = ['H264', 'VP8'];
const EXTENSIONS = { H264: { user: '1000', login: 'ext1000', id: 200 },
	VP8: { user: '1010', login: 'ext1010', id: 201 } };
const CAMERA = { width: 320, height: 240, colours: PHONE_PICTURE };

let sandbox;
let browser;
let app;
const phones = {};
const bridges = {};

before(async () => {
	if (skip) return;
	sandbox = await startTestSandbox({});
	browser = await launch();
	app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
		{ toneHz: APP_HZ });
	await Promise.all(CODECS.map(async (codec) => {
		const { user, login } = EXTENSIONS[codec];

		phones[codec] = await startLinphone(`${sandbox.dir}/linphone-${codec}`,
			{ codec: 'PCMU', video: codec, toneHz: PHONE_HZ });
		bridges[codec] = await startRawBridge(sandbox, { name: `bridge-${codec}`,
			account: { user }, users: userLine(sandbox.sip, { user, login,
				more: `;call=101;dial=${phones[codec].uri}` }) });
		await bridges[codec].waitRegistered();
		await bridges[codec].waitCloud('online');
	}));
});

after(async () => {
	await browser?.close();
	await Promise.all([...Object.values(phones), ...Object.values(bridges)]
		.map((one) => one.stop()));
	await sandbox?.stop();
});

afterEach(async () => {
	if (skip) return;
	for (const bridge of Object.values(bridges)) {
		await bridge.command('cube_hangup', 'all');
		await bridge.waitIdle();
	}
	await app.reset();
});

async function assertTones(phone) {
	const [atApp, atPhone] = await Promise.all([app.hear(1000),
		phone.hear(1000)]);

	assertTone(atApp, PHONE_HZ);
	assertTone(atPhone, APP_HZ);
}

/** The app sees each picture that Linphone is given, Linphone moving ones. */
async function assertPictures(phone) {
	for (const number of [1, 2]) {
		phone.show(await browser.draw(CAMERA, number * 100));
		await until(`the app sees picture ${number}`, async () => {
			const { frames } = await app.watch(500);
			const last = frames.at(-1);

			return last?.number === number * 100
				&& last.colours === PHONE_PICTURE;
		});
	}

	const seen = [];

	for (let i = 0; i < 3; i++)
		seen.push(await browser.look(await phone.snapshot()));
	assert.deepEqual(seen.map(({ colours }) => colours),
		[APP_PICTURE, APP_PICTURE, APP_PICTURE], JSON.stringify(seen));
	assert.ok(seen.every(({ number }) => number >= 0)
		&& new Set(seen.map(({ number }) => number)).size === seen.length,
	JSON.stringify(seen));
}

for (const codec of CODECS) {
	test(`${codec}: Linphone calls`, { skip }, async () => {
		const [phone, bridge] = [phones[codec], bridges[codec]];

		await app.forget();
		phone.show(await browser.draw(CAMERA, 50));
		phone.call(bridge.uri.replace('1000', EXTENSIONS[codec].user));
		const { video } = await app.waitIncoming();

		assert.equal(video, true);
		await app.accept();
		await Promise.all([app.waitConnected(), phone.waitConnected()]);
		await assertPictures(phone);
		await assertTones(phone);
		assert.equal((await app.videoStats()).rx.codec, codec);
		phone.hangup();
		await app.waitClosed();
		await bridge.waitIdle();
	});

	test(`${codec}: the app calls`, { skip }, async () => {
		const [phone, bridge] = [phones[codec], bridges[codec]];

		await app.forget();
		phone.show(await browser.draw(CAMERA, 50));
		const ringing = phone.waitIncoming();

		await app.call(EXTENSIONS[codec].id, { video: true });
		await ringing;
		phone.accept();
		await Promise.all([app.waitConnected(), phone.waitConnected()]);
		await assertPictures(phone);
		await assertTones(phone);
		assert.equal((await app.videoStats()).rx.codec, codec);
		await app.hangup();
		await phone.waitClosed();
		await bridge.waitIdle();
	});
}
