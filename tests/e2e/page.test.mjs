// The sandbox's page, used as a person does: Alice has the page, with mouse,
// keyboard and screen reader, Bob is at the other end.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { launch } from './lib/browser.mjs';
import { SMALL, assertAccessible, assertFits, focused } from './lib/look.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

const TIMEOUT = 40000; // [ms]
const CAMERA = { width: 160, height: 120, fps: 5 }; // that there is one is enough

let sandbox;
let browser;
let alice;
let bob;
let page; // Alice's

/** In the page: note every tone that is started and every key that is sent. */
function watchSounds() {
	const { start } = OscillatorNode.prototype;
	const phone = Object.getPrototypeOf(window.phone);
	const { ask } = phone;

	window.tones = 0;
	window.sentKeys = '';
	OscillatorNode.prototype.start = function count(...a) {
		window.tones++;
		return start.apply(this, a);
	};
	phone.ask = function note(action, values, ...a) {
		if (action === 'dtmf') window.sentKeys += values.keys;
		return ask.call(this, action, values, ...a);
	};
}

before(async () => {
	sandbox = await startTestSandbox();
	browser = await launch();
	alice = await browser.newPage(sandbox.page, { toneHz: 440,
		camera: CAMERA, reader: { viewport: SMALL, locale: 'en-GB' } });
	bob = await browser.newUser(sandbox.page, 'bob', 'bob-pass-2',
		{ toneHz: 1000, camera: CAMERA });
	page = alice.page;
	page.setDefaultTimeout(TIMEOUT);
	await page.evaluate(watchSounds);
});

after(async () => {
	await browser?.close();
	await sandbox?.stop();
});

afterEach(async () => {
	await Promise.all([alice.reset(), bob.reset()]);
	await page.waitForFunction(() => !window.phone.call);
});

const textOf = (selector) => page.locator(selector).innerText();
const waitText = (selector, pattern) => page.waitForFunction(
	([where, source]) => new RegExp(source)
		.test(document.querySelector(where).innerText),
	[selector, pattern.source]);
async function bobCalls(options) {
	const ringing = alice.waitEvent('call-ringing');

	await bob.call(alice.id, { userInfo: { name: 'Bob Test' }, ...options });
	await ringing;
}

async function aliceCallsBob(button = 'audio') {
	await page.selectOption('#dial select', { label: 'Bob Test' });
	await page.click(`#dial button[name="${button}"]`);
	await bob.waitIncoming();
}

test('it logs in by the keyboard and says what to do, with names', async () => {
	assert.match(await textOf('#hint'), /Log in/);
	await assertAccessible(page, 'login');
	await page.fill('#login input[name="login"]', 'alice');
	await page.fill('#login input[name="password"]', 'wrong');
	await page.keyboard.press('Enter');
	await waitText('#error', /Wrong login or password/);
	await page.fill('#login input[name="password"]', 'alice-pass-1');
	await page.keyboard.press('Enter');
	await waitText('#status', /Online as Alice Test/);
	alice.id = await page.evaluate(() => window.phone.user.id);
	assert.match(await textOf('#hint'), /Choose whom to call/);

	const people = await page.locator('#dial option').allInnerTexts();

	assert.equal(people[0], 'Sales (desk phone)');
	for (const name of ['Bob Test', 'Carol Test', 'Support'])
		assert.ok(people.includes(name), people.join(', '));
	assert.ok(!people.includes('Alice Test'));
	assert.equal(await focused(page), 'audio');
	assert.equal(await page.locator('#number').isVisible(), true);
	await page.selectOption('#dial select', { label: 'Bob Test' });
	assert.equal(await page.locator('#number').isVisible(), false);
	await assertAccessible(page, 'dial');
});

test('a call by the keyboard: ring-back, focus, digits, Esc', async () => {
	await page.selectOption('#dial select', { label: 'Bob Test' });
	await page.evaluate(() => { window.tones = 0; window.sentKeys = ''; });
	await page.focus('#dial button[name="audio"]');
	await page.keyboard.press('Enter');
	const { info } = await bob.waitIncoming();

	assert.equal(info.name, 'Alice Test');
	await page.waitForFunction(() => window.tones > 0);
	assert.equal(await textOf('#peer'), 'Bob Test');
	assert.equal(await focused(page), 'hangup');
	await bob.accept();
	await alice.waitEvent('call-connected');
	await waitText('#time', /^0:0\d$/);
	await waitText('#quality', /^Good: opus, 0\.0 % lost, \d+ ms$/);
	for (const meter of ['#level-in', '#level-out'])
		await page.waitForFunction((id) =>
			document.querySelector(id).value > 0.5, meter);
	for (const key of ['5', '#', 'x']) await page.keyboard.press(key);
	assert.equal(await page.evaluate(() => window.sentKeys), '5#');
	assert.match(await page.title(), /^Bob Test: 0:\d\d$/);
	await page.keyboard.press('Escape');
	await bob.waitClosed();
	await waitText('#last', /You hung up/);
	assert.equal(await focused(page), 'audio');
	assert.equal(await page.title(), 'ConnectyCube bridge sandbox');
});

test('focus stays where it is needed when a call comes', async () => {
	await page.focus('summary');
	await bobCalls();
	assert.equal(await page.evaluate(() => document.activeElement.tagName),
		'SUMMARY');
	await bob.hangup();
	await waitText('#last', /You missed a call/);
	await page.focus('#dial select');
	await bobCalls();
	assert.equal(await focused(page), 'accept');
});

test('an incoming call rings, is declined by Esc, or missed', async () => {
	await page.evaluate(() => { window.tones = 0; });
	await bobCalls();
	await page.waitForFunction(() => window.tones > 0);
	assert.match(await page.title(), /Bob Test is calling/);
	assert.equal(await textOf('#peer'), 'Bob Test');
	await page.keyboard.press('Escape');
	const { info } = await bob.waitEvent('reject');

	assert.equal(info.busy, 'true');
	await waitText('#last', /You declined/);

	const before_ = await page.locator('#missed li').count();

	await bobCalls();
	await bob.hangup();
	await waitText('#last', /You missed a call/);
	assert.equal(await page.locator('#missed li').count(), before_ + 1);
	assert.match(await textOf('#missed'), /Bob Test/);
	await assertAccessible(page, 'missed calls');

	await bobCalls();
	await bob.hangup({ reason: 'answered_elsewhere' });
	await waitText('#last', /Somebody else/);
	assert.equal(await page.locator('#missed li').count(), before_ + 1);
});

/** Bob is a bridge, and says something of the call. */
const bobSays = (event, more) => bob.page.evaluate(([said, rest]) => {
	const { call } = window.phone;

	ConnectyCube.chat.sendSystemMessage(call.peer, { extension: {
		bridge: '1', session_id: call.id, event: said, ...rest } });
}, [event, more]);

test('an announcement is no answer; a call is passed on', async () => {
	await aliceCallsBob();
	await bobSays('early', { state: 'playing' });
	await bob.accept();
	await alice.waitEvent('call-connected');
	await waitText('#progress', /^Calling/);
	assert.equal(await textOf('#time'), '');
	await bobSays('early', { state: 'answered' });
	await waitText('#progress', /^Connected$/);
	await waitText('#time', /^0:0\d$/);
	await bobSays('transfer', { state: 'done' });
	await alice.waitEvent('told-transfer');
	await bob.hangup();
	await waitText('#last', /You passed the call on/);

	await aliceCallsBob();
	await bobSays('early', { state: 'playing' });
	await bob.accept();
	await alice.waitEvent('call-connected');
	await bob.hangup({ sip_code: '404', reason: 'Not Found' });
	await waitText('#last', /declined: there is no such number/);
});

test('what ended a call is told', async () => {
	await aliceCallsBob();
	await bob.reject({ busy: 'true' });
	await waitText('#last', /^Busy\.$/);
	await aliceCallsBob();
	await bob.reject({ sip_code: '404', reason: 'Not Found' });
	await waitText('#last', /declined: there is no such number/);
	await aliceCallsBob();
	await bob.reject({ sip_code: '499', reason: 'Out to lunch' });
	await waitText('#last', /declined: Out to lunch/);
	await aliceCallsBob();
	await bob.accept();
	await alice.waitEvent('call-connected');
	await bob.hangup();
	await waitText('#last', /The other side hung up/);
});

test('a video call fits a small screen, and camera and keys', async () => {
	await bobCalls({ video: true });
	assert.match(await textOf('#progress'), /video call/);
	await assertFits(page, 'ringing');
	await assertAccessible(page, 'ringing');
	await page.click('#accept-video');
	await alice.waitEvent('call-connected');
	await bob.waitEvent('remote-stream', { any: true });
	await page.waitForFunction(() =>
		document.querySelector('#remote').videoWidth > 0
		&& document.querySelector('#local').videoWidth > 0);
	await waitText('#quality', /opus/);
	await assertFits(page, 'a video call');
	await page.click('#keys');
	await assertFits(page, 'a video call with keys');
	await assertAccessible(page, 'a video call with keys');

	const enabled = () => page.evaluate(() =>
		window.phone.localStream.getVideoTracks()[0].enabled);

	assert.equal(await enabled(), true);
	await page.click('#camera');
	assert.equal(await enabled(), false);
	await page.click('#camera');
	assert.equal(await enabled(), true);
	await page.click('#hangup');
	await bob.waitClosed();
});

test('a video call answered without the camera', async () => {
	await bobCalls({ video: true });
	await page.click('#accept');
	await alice.waitEvent('call-connected');
	assert.equal(await page.evaluate(() =>
		window.phone.localStream.getVideoTracks().length), 0);
	assert.equal(await page.locator('#camera').isVisible(), false);
	await page.waitForFunction(() =>
		document.querySelector('#remote').videoWidth > 0);
	await page.waitForFunction(() =>
		document.querySelector('#level-in').value > 0.5);
});

test('what happened can be read, and looked into', async () => {
	await page.click('summary');
	await bobCalls();
	await bob.hangup();
	await waitText('#log', /Call from Bob Test/);
	assert.match(await textOf('#log'), /The call is over: You missed a call/);
	assert.doesNotMatch(await textOf('#log'), /[{}]/);
	await page.check('#technical');
	assert.match(await textOf('#log'), /incoming \{"id":/);
	await assertAccessible(page, 'what happened');
	await page.uncheck('#technical');
	await page.click('summary');
});

test('in Portuguese for who reads it', async () => {
	const maria = await browser.newPage(sandbox.page, {
		reader: { locale: 'pt-PT' } });

	assert.equal(await maria.page.getAttribute('html', 'lang'), 'pt-BR');
	assert.equal(await maria.page.title(), 'Sandbox da ponte ConnectyCube');
	assert.match(await maria.page.locator('#hint').innerText(), /Entre como/);
	await maria.close();

	const sources = readFileSync(
		`${REPO}/contrib/sandbox/page/texts.js`, 'utf8');
	const [en, pt] = sources.split('\'pt-BR\': {').map((half) =>
		[...half.matchAll(/^\t\t'?([\w-]+)'?: '/gm)].map(([, key]) => key));

	assert.deepEqual(pt, en, 'every text in both languages');
});
