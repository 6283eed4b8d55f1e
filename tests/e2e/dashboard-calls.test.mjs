// The dashboard steers real calls: a bridge, a phone and an app, and somebody before the
// hub's page who sees what goes on, and presses its buttons.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { dashboardOf, shows as showsIn } from './lib/dashboard.mjs';
import { startApi } from './lib/hubapi.mjs';
import { assertAccessible } from './lib/look.mjs';
import { PHONE_HZ, waitHears } from './lib/rig.mjs';
import { uriOf } from './lib/transfer.mjs';
import { DESK_HZ, openDesk, transferUsers } from './lib/transferrig.mjs';

let api;
let board;
let desk; // whom the PBX knows as 1002
let page;
let rig;

const shows = (selector, pattern) => showsIn(page, selector, pattern);
const press = (name) => page.locator('.actions button:visible',
	{ hasText: name }).first().click();

before(async () => {
	api = await startApi({ users: transferUsers });
	({ rig } = api);
	desk = await openDesk(rig.sandbox, { formats: '0 8' });
	board = await dashboardOf(api);
	page = await board.open({ role: 'operator' });
});

after(async () => {
	await board?.stop();
	desk?.close();
	await api?.stop();
});

test('a real call is seen as it rings, talks, is held, recorded, and hung up', async () => {
	await shows('#ext-list', /1000[^]*SIP registered[^]*Cloud online/);
	await shows('#calls-none', /Nobody is in a call/);
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await shows('.call .state', /ringing/);
	await rig.app.accept();
	await call.wait('200');
	rig.play(call);
	await rig.app.waitConnected();
	await shows('.call .leg[data-side="phone"][data-grade="good"]', /4\.\d[^]*G\.711/);
	await shows('.call .leg[data-side="app"]', /Opus/);
	await shows('#now-calls', /^1$/);
	await page.click('.call .who');
	await shows('.party-card:first-child', /Phone[^]*Level\s+-\d+ dBov/);
	await assertAccessible(page, 'a call');

	await press('Keys…');
	await page.fill('#ask-input', '47x');
	await page.keyboard.press('Enter');
	assert.equal(await page.locator('#ask-input:invalid').count(), 1);
	assert.equal(await page.getAttribute('#ask-input', 'title'), '0–9 * # A–D');
	await page.fill('#ask-input', '4711d#');
	await page.keyboard.press('Enter');
	await shows('#said p:last-child', /keys were pressed/);
	await api.audited(({ path, body }) => path.endsWith('/dtmf') && body.keys === 6);
	assert.equal(await page.inputValue('#ask-input'), '');

	await press('Hold');
	await shows('.mark[data-kind="held"]', /on hold: App/);
	await press('Resume');
	await page.waitForSelector('.mark[data-kind="held"]', { state: 'detached' });
	await press('Record');
	await shows('.mark[data-kind="rec"]', /recorded/);
	await press('Pause recording');
	await shows('.mark[data-kind="rec"]', /pauses/);
	await press('Stop recording');
	await page.waitForSelector('.mark[data-kind="rec"]', { state: 'detached' });

	await press('Hang up');
	await page.waitForSelector('#ask[open]');
	await page.keyboard.press('Escape');
	await page.waitForSelector('#ask:not([open])', { state: 'hidden' });
	await press('Hang up');
	await shows('#ask-text', /cut off/);
	await page.click('#ask-yes');
	await call.wait('BYE');
	await rig.app.waitClosed();
	await shows('#calls-none', /Nobody is in a call/);
	await shows('#today-calls', /^1$/);
	const [line] = await until('its audit line', () => {
		const found = api.audit().filter(({ path }) => path.endsWith('/hangup'));

		return found.length && found;
	});

	assert.deepEqual([line.who, line.status], ['operator', 200]);
});

test('what is over: its graph, and its recording is played', async () => {
	await page.click('#views [data-view="past"]');
	await until('its recording is finished', async () => {
		await page.click('#past-form button');
		await page.waitForSelector('#past-list .past');
		return await page.locator('.past .mark[data-kind="rec"]').count() === 1;
	}, { timeout: 60000 });
	await page.click('.past .who');
	await page.waitForSelector('.past .party-card canvas');
	await shows('.past .details', /ended by an operator/);
	const drawn = () => page.locator('.party-card canvas').first().evaluate((one) =>
		new Set(one.getContext('2d').getImageData(0, 0, one.width, one.height).data)
			.size);

	await until('its graph', async () => await drawn() > 8);
	const played = await page.evaluate(async () => {
		const audio = document.querySelector('.recording audio');

		audio.muted = true;
		await audio.play();
		await new Promise((resolve) => {
			audio.addEventListener('timeupdate', () => audio.currentTime > 0.2
				&& resolve());
		});
		return audio.duration;
	});

	assert.ok(played > 0.2, `it is ${played} s`);
	await assertAccessible(page, 'a recording');

	// who may not hear it is told so, also by whom it was taken away meanwhile
	const reader = await board.open({ role: 'readonly' });

	await reader.click('#views [data-view="past"]');
	await reader.click('.past .who');
	await showsIn(reader, '.recording', /Your token may not hear it/);
	assert.equal(await reader.locator('audio, .save').count(), 0);
	await reader.close();
	for (const [status, said] of [[403, /Your token may not hear it/],
		[410, /It is not kept any more/], [404, /There is no file of it/]]) {
		const other = await board.open({ role: 'operator' });

		await other.route('**/api/v1/recordings/*', (route) => route.fulfill({ status }));
		await other.click('#views [data-view="past"]');
		await other.click('.past .who');
		await other.waitForSelector('.recording audio');
		await other.evaluate(() => document.querySelector('.recording audio').play()
			.catch(() => {}));
		await showsIn(other, '.recording', said);
		assert.equal(await other.locator('audio, .save').count(), 0);
		await other.close();
	}
	await page.click('#views [data-view="now"]');
	await page.waitForSelector('#calls:visible');
});

test('an extension is looked into, not disturbed, checked', async () => {
	await page.click('.tile-open');
	await shows('.tile-more', /Cloud user\s+200[^]*Bridge\s+desk/);
	assert.deepEqual(await page.locator('.tile-more button:visible').allInnerTexts(),
		['Call…', 'Do not disturb', 'Check'], 'what an operator may');
	await page.click('.tile-more button:has-text("Do not disturb")');
	await shows('.tile .mark[data-kind="dnd"]', /do not disturb/);
	await page.click('.tile-more button:has-text("May be disturbed")');
	await page.waitForSelector('.tile .mark[data-kind="dnd"]', { state: 'hidden' });
	await page.click('.tile-more button:has-text("Check")');
	await page.waitForSelector('.checked li[data-ok="yes"]');
	assert.equal(await page.locator('.checked li[data-ok="no"]').count(), 0);
	await assertAccessible(page, 'an extension');
	await page.click('.tile-open');
});

test('an admin has its bridge read again, and take no more calls', async () => {
	const admin = await board.open({ role: 'admin' });
	const said = (pattern) => showsIn(admin, '#said p:last-child', pattern);

	await admin.click('.tile-open');
	await admin.click('.tile-more button:has-text("Read configuration again")');
	await said(/reads its configuration again/);
	await rig.bridge.waitLog(/users has been read again/);
	await admin.click('.tile-more button:has-text("Take no more calls")');
	await showsIn(admin, '#ask-text', /bridge desk take no more/);
	await admin.click('#ask-yes');
	await showsIn(admin, '.tile .mark', /takes no more calls/);
	await admin.click('.tile-more button:has-text("Take calls again")');
	await admin.waitForSelector('.tile .mark', { state: 'hidden' });
	await admin.context().close();
});

test('a call is begun: an app is rung, then a number; what is wrong is said', async () => {
	await rig.app.forget();
	await page.click('.tile-open');
	await page.click('.tile-more button:has-text("Call…")');
	await page.locator('#new-first input').last().check();
	await page.fill('#new-form [name="user"]', '101');
	await page.fill('#new-form [name="number"]', 'sip:1@elsewhere.example');
	await page.keyboard.press('Enter');
	await shows('#new-error', /may not be/);
	await assertAccessible(page, 'a new call');
	await page.fill('#new-form [name="number"]', '1002');
	await page.keyboard.press('Enter');
	await page.waitForSelector('#new', { state: 'hidden' });
	await shows('#said p:last-child', /user:101 is being rung/);
	await rig.app.waitIncoming();
	await rig.app.accept();
	const invite = await desk.waitInvite();

	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await waitHears(rig.app, DESK_HZ, 'the app');
	await shows('.call .who', /1002/);
	await rig.reset();
	desk.rtp.hush();
	desk.forget();
	await page.waitForSelector('#call-list .call', { state: 'detached' });
	await page.click('.tile-open');
});

test('a transfer by the keyboard; what cannot be is said', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	await page.waitForSelector('.call[data-state="up"] .who');
	await page.focus('.call .who');
	await page.keyboard.press('Enter');
	await press('Transfer');
	await page.keyboard.type('user:424242');
	await page.keyboard.press('Enter');
	await shows('#said', /could not be done/);
	await press('Transfer');
	await page.keyboard.type(uriOf(desk));
	await page.keyboard.press('Enter');
	await shows('#said p:last-child', /is being called/);
	const invite = await desk.waitInvite();

	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await waitHears(desk.rtp, PHONE_HZ, 'who has come');
	await waitHears(rig.ua.rtp, DESK_HZ, 'the phone');
	await rig.app.waitClosed();
	await rig.reset();
});
