// libav, and the hundred libraries that it needs, are only loaded by a bridge that
// has a use for them; one that should have them and has not goes on without.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { linkModules } from '../../contrib/sandbox/lib/modules.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const MODULES = ['opus.so', 'g711.so'];
const CODECS = [...MODULES, 'avcodec.so', 'vp8.so', 'vp9.so'];
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4'
	+ '2mNoAAAAggCBd81ytgAAAABJRU5ErkJggg==', 'base64');

let sandbox;
let ua;
let bridge;
let number = 0;
let picture;

before(async () => {
	sandbox = await startTestSandbox();
	ua = await openSipUa();
	picture = `${sandbox.dir}/picture.png`;
	writeFileSync(picture, PNG);
});

afterEach(() => bridge?.stop());

after(async () => {
	ua?.close();
	await sandbox?.stop();
});

async function startBridge(keys) {
	bridge = await startRawBridge(sandbox, { name: `bridge-${++number}`,
		keys, users: userLine(sandbox.sip, { more: ';call=101' }) });
	await bridge.waitCloud('online');
}

/** A folder with connectycube_av.so as changed by spoil(). */
function modulesWith(spoil) {
	const dir = `${sandbox.dir}/modules-${number}`;

	linkModules(dir);
	assert.ok(readdirSync(dir).includes('connectycube_av.so'));
	rmSync(`${dir}/connectycube_av.so`);
	spoil(`${dir}/connectycube_av.so`);
	return dir;
}

/** What of libav the bridge has mapped. */
function libav() {
	// env has become baresip: the same process
	const maps = readFileSync(`/proc/${bridge.child.pid}/maps`, 'utf8');

	assert.match(maps, /\/connectycube\.so$/m);
	return [...new Set(maps.match(
		/(libav(codec|format|util)|libsw\w+|connectycube_av)\.so.*$/gm))];
}

/** A phone's call rings at the app's, as ever. */
async function assertCalls() {
	const call = await ua.invite(bridge.uri);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
}

test('the profile as it comes loads no libav', async () => {
	await startBridge({});
	assert.deepEqual(libav(), []);
});

for (const [what, keys] of [
	['one codec alone has nothing to transcode', {
		module: [...MODULES, 'vp8.so'] }],
	['no video', { connectycube_video: 'no', connectycube_video_freeze: 'yes',
		module: [...MODULES, 'vp8.so', 'vp9.so'] }],
	['no transcoding', { connectycube_video_transcode: 'no',
		module: [...MODULES, 'vp8.so', 'vp9.so'] }],
	['nothing to freeze', { connectycube_video_freeze: 'yes' }],
])
	test(`${what}: no libav`, async () => {
		await startBridge(keys);
		assert.deepEqual(libav(), []);
	});

for (const [what, keys] of [
	['codecs to transcode', () => ({ module: CODECS })],
	['an avatar', () => ({ connectycube_video_avatar: picture })],
	['freezing', () => ({ connectycube_video_transcode: 'no',
		connectycube_video_freeze: 'yes', module: [...MODULES, 'vp8.so'] })],
	['hardware', () => ({ connectycube_video_hwdec: 'software' })],
])
	test(`loaded at the start for ${what}`, async () => {
		await startBridge(keys());
		assert.ok(libav().includes('connectycube_av.so'), libav());
		assert.doesNotMatch(bridge.log(), /connectycube: video: /);
		assert.doesNotMatch(bridge.log(), /connectycube: config: /);
		await assertCalls();
	});

for (const [what, spoil, why] of [
	['is missing', () => {}, 'cannot open shared object file'],
	['is damaged', (path) => writeFileSync(path, 'no module'),
		'file too short'],
])
	test(`the module ${what}: said once, and calls go on`, async () => {
		await startBridge({ module_path: modulesWith(spoil),
			module: [...MODULES, 'vp8.so', 'vp9.so'],
			connectycube_video_avatar: picture,
			connectycube_video_freeze: 'yes',
			connectycube_video_hwenc: 'libx264',
			connectycube_video_hwdec: 'vaapi' });

		const lines = bridge.log().split('\n').filter((line) =>
			/connectycube: (video|config): /.test(line));

		assert.equal(lines.length, 1, lines.join('\n'));
		assert.match(lines[0], new RegExp(`connectycube_av\\.so: ${why}`));
		assert.match(lines[0], /no avatar, no hardware codecs/);
		assert.match(lines[0], /needs libavcodec, .*libswscale/);
		await assertCalls();
	});
