// The dashboard's page, which the hub has in it, as who leads a call centre has it before
// them: an office that is told of by hand, so that all there may be is to be seen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openDashboard, shows as showsIn } from './lib/dashboard.mjs';
import { ask } from './lib/http.mjs';
import { SMALL, assertAccessible, focused } from './lib/look.mjs';
import { openOffice, pastRecord } from './lib/office.mjs';

let board;
let office;
let timer;
let page;

const text = (selector, from = page) => from.locator(selector).innerText();
const shows = (selector, pattern, from = page) => showsIn(from, selector, pattern);
const rowOf = (name) => page.locator('.call', { hasText: name });

before(async () => {
	board = await openDashboard();
	office = await openOffice(board.hub, { bridges: 6, calls: 2 });
	office.bridges[0].calls.get(1).bad = 'app';
	office.bridges[0].calls.get(2).recorded = 'recording';
	office.bridges[2].calls.get(1).held = 'app';
	for (let i = 0; i < 10; i += 1)
		await office.bridges[0].bridge.keep(pastRecord(i));
	office.tell();
	timer = setInterval(() => office.tell(), 1000);
	page = await board.open({ role: 'operator' });
});

after(async () => {
	clearInterval(timer);
	office?.close();
	await board?.stop();
});

test('its files are the hub\'s: nothing of others, kept by browsers as long as they are so',
	async () => {
		const door = { port: board.port };
		const index = await ask(door, 'GET', '/');

		assert.equal(index.status, 200);
		assert.match(index.headers['content-type'], /^text\/html; charset=utf-8$/);
		assert.equal(index.headers['cache-control'], 'no-cache');
		assert.match(index.headers['content-security-policy'],
			/^default-src 'self';.* frame-ancestors 'none';/);
		assert.doesNotMatch(index.headers['content-security-policy'], /unsafe|http|\*/);
		assert.doesNotMatch(index.body, /(?:src|href)="(?:https?:|\/)|<style|<script>|style=| on\w+=/);

		const files = [...index.body.matchAll(/(?:src|href)="(page\/[^"]+)"/g)]
			.map(([, path]) => `/${path}`);

		assert.ok(files.length >= 3);
		for (const path of ['/', ...files]) {
			const { status, headers: { etag } } = await ask(door, 'GET', path);
			const again = (headers) => ask(door, 'GET', path, { headers });

			assert.equal(status, 200, path);
			assert.match(etag, /^"[0-9a-f]{32}"$/);
			for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
				const kept = await again({ 'If-None-Match': value });

				assert.deepEqual([kept.status, kept.body, kept.headers.etag,
					kept.headers['content-length']],
				[304, '', etag, undefined], value);
			}
			assert.equal((await again({ 'If-None-Match': '"other"' })).status, 200);
		}
		for (const path of ['/page/', '/page/none.js', '/page/../tokens', '/page/a/b'])
			assert.ok([400, 404].includes((await ask(door, 'GET', path)).status), path);
	});

test('who has no token is told how to get one, and a wrong one is refused', async () => {
	const stranger = await board.open({ role: null });

	await shows('#login', /\/hub_token add/, stranger);
	assert.equal(await focused(stranger), 'token');
	await assertAccessible(stranger, 'login');
	await stranger.keyboard.type('cube_wrong');
	await stranger.keyboard.press('Enter');
	await shows('#login-error', /no token of this hub/, stranger);
	await stranger.fill('#token', board.tokens.readonly);
	await stranger.keyboard.press('Enter');
	await shows('#who', /readonly · may look/, stranger);
	await stranger.waitForSelector('.call');

	// it is logged in still when it is read again, and out when it wants to
	await stranger.reload();
	await stranger.waitForSelector('.call .who');
	await stranger.locator('.call .who').first().click();
	await stranger.waitForSelector('.party-card');
	await stranger.locator('.tile-open').first().click();
	await stranger.waitForSelector('.tile-more');
	// operators' buttons are not there
	assert.equal(await stranger.locator('.actions button:visible, #calls-new:visible')
		.count(), 0);
	await stranger.click('#logout');
	await stranger.waitForSelector('#login:visible');
	assert.equal(await stranger.locator('.call').count(), 0);
	await stranger.reload();
	await stranger.waitForSelector('#login:visible');
	await stranger.context().close();
});

test('calls: who, for how long, how good; more of the one that is opened', async () => {
	await shows('#calls-count', /^12$/);
	await shows('#link', /^Live$/);
	const bad = rowOf('Peter Böhm').filter({ hasText: '1001' });

	await until('it is bad at the app', async () =>
		await bad.locator('.leg[data-side="app"]').getAttribute('data-grade') === 'poor');
	assert.equal(await bad.locator('.leg[data-side="phone"]').getAttribute('data-grade'),
		'good');
	assert.match(await bad.innerText(), /\d:\d\d/);
	await page.selectOption('#calls-sort', 'worst');
	await until('it is first', async () =>
		/Peter/.test(await text('.call:first-child .who')));
	assert.equal(await page.locator('.mark[data-kind="rec"]').count(), 1);
	assert.match(await text('.mark[data-kind="held"]'), /on hold: App/);

	const who = bad.locator('.who');

	await who.focus();
	await page.keyboard.press('Enter');
	assert.equal(await who.getAttribute('aria-expanded'), 'true');
	assert.match(await bad.locator('.party-card').last().innerText(),
		/App · [^]*MOS[^]*Lost[^]*Jitter[^]*Opus[^]*AES-128-GCM/);
	assert.deepEqual(await bad.locator('.actions button:visible').allInnerTexts(),
		['Hold', 'Transfer…', 'Keys…', 'Record', 'Hang up']);
	const drawn = () => bad.locator('.party-card canvas').first().evaluate((one) =>
		new Set(one.getContext('2d').getImageData(0, 0, one.width, one.height).data)
			.size);

	await until('its graph', async () => await drawn() > 8);
	await assertAccessible(page, 'calls');

	// down to the next one, and up again, wherever that may be by now
	await who.focus();
	await page.keyboard.press('ArrowDown');
	assert.notEqual(await page.evaluate(() => document.activeElement
		.getAttribute('aria-expanded')), 'true');
	await until('up again', async () => {
		await page.keyboard.press('ArrowUp');
		return who.evaluate((one) => one === document.activeElement);
	});
	await page.keyboard.press('Enter');
	await until('it is closed', async () => !await bad.locator('.details').count());
});

test('who comes later sees what was measured before', async () => {
	await until('some was', () => office.bridges[0].round > 5);
	const late = await board.open({ role: 'readonly' });

	await late.waitForSelector('.call[data-state="up"]');
	await late.waitForFunction(() => {
		const { width, height } = document.querySelector('.call[data-state="up"] canvas');
		const pen = document.querySelector('.call[data-state="up"] canvas')
			.getContext('2d');
		const left = width - Math.round(width * 4 / 60);

		// more than what has come since
		return width && pen.getImageData(left - 3, 0, 1, height - 3).data.some(Boolean);
	});
	await late.context().close();
});

test('only rows that change are touched', async () => {
	await page.evaluate(() => {
		window.moved = 0;
		new MutationObserver((changes) => {
			window.moved += changes.filter(({ target }) =>
				target.id === 'call-list').length;
		}).observe(document.querySelector('#call-list'), { childList: true });
	});
	await page.selectOption('#calls-sort', 'longest');
	await page.evaluate(() => new Promise((resolve) => {
		requestAnimationFrame(() => requestAnimationFrame(resolve));
	}));
	const [first] = await page.evaluate(() => [window.moved, window.moved = 0]);

	assert.ok(first > 0, 'they are in another order');
	const { round } = office.bridges[0];

	await until('two rounds', () => office.bridges[0].round > round + 2);
	assert.equal(await page.evaluate(() => window.moved), 0);
	office.bridges[4].end(2);
	await shows('#calls-count', /^11$/);
	assert.equal(await page.evaluate(() => window.moved), 1);
});

test('a call that comes and goes; names and numbers are looked for', async () => {
	const call = office.bridges[5].addCall(7, { caller: 'Zoë <b>Bold</b>', up: false });

	office.bridges[5].event('call.new', call);
	office.bridges[5].event('call.ringing', call);
	await page.fill('#calls-filter', 'zoë');
	const row = rowOf('Zoë <b>Bold</b>'); // as text

	await row.locator('.state').filter({ hasText: 'ringing' }).waitFor();
	assert.equal(await page.locator('.call:visible').count(), 1);
	assert.match(await text('#now-ringing'), /^1 ringing$/);
	office.bridges[5].end(7);
	await shows('#calls-none', /No call has that/);
	await page.fill('#calls-filter', '');
	assert.equal(await page.locator('.call:visible').count(), 11);
});

test('names turn no text around but their own', async () => {
	const name = 'דני';
	const call = office.bridges[5].addCall(8, { caller: `\u202e${name}\u2069 evil`,
		up: true });

	office.bridges[5].event('call.new', call);
	const row = rowOf(name);

	await row.locator('.who').click();
	await row.locator('.actions [data-action="hangup"]').click();
	await shows('#ask-text', /are cut off/);
	const said = await page.locator('#ask-text').textContent();

	// isolated, and what would end that is not in it
	assert.ok(said.startsWith(`\u2068\ufffd${name}\ufffd evil\u2069 and `), said);
	await page.click('#ask-no');
	assert.match(await row.locator('.party-card h3').first().textContent(),
		/ · \u2068\ufffd[^\u2066-\u2069]+\u2069$/);
	for (const one of await row.locator('.party b').all())
		assert.match(await one.evaluate((b) => getComputedStyle(b).unicodeBidi),
			/isolate/);
	assert.doesNotMatch(await page.locator('body').textContent(),
		/[\u061c\u200e\u200f\u202a-\u202e]/);
	office.bridges[5].end(8);
	await until('it is over', async () => await row.count() === 0);
});

test('a link with a token makes nobody somebody else without being asked', async () => {
	const reader = await board.open({ role: 'readonly' });
	const link = (role) => reader.evaluate((token) => {
		location.hash = `#token=${token}`;
	}, board.tokens[role] ?? `cube_${'0'.repeat(64)}`);
	const role = () => text('#who', reader);

	await shows('#said', /Logged in by the link as readonly/, reader);
	await reader.waitForSelector('.call');
	await link('operator');
	await shows('#ask-text', /You are logged in as readonly/, reader);
	assert.doesNotMatch(reader.url(), /token/);
	await assertAccessible(reader, 'a link');
	await reader.click('#ask-no');
	assert.match(await role(), /^readonly/);

	// the page is loaded by the link
	await reader.goto('about:blank');
	await reader.goto(`http://127.0.0.1:${board.port}/#token=${board.tokens.operator}`);
	await shows('#ask-text', /You are logged in as readonly/, reader);
	await reader.waitForSelector('.call', { state: 'attached' });
	await reader.click('#ask-yes');
	await shows('#who', /^operator/, reader);
	await reader.waitForSelector('.call');
	await shows('#link', /^Live$/, reader);
	await link('nobody');
	await reader.click('#ask-yes');
	await shows('#said', /no token of this hub/, reader);
	assert.match(await role(), /^operator/);
	await reader.context().close();
});

test('extensions and alarms: what is wrong goes first, and is over when it is right',
	async () => {
		const [, sip, , cloud] = office.bridges;

		await shows('#alarms-none', /All is well/);
		sip.registered = false;
		sip.since = Date.now() - 60000;
		cloud.cloud = 'refused';
		await shows('#alarm-list', /Not registered\s+1002\s+503 Service/);
		await shows('#alarm-list', /Cloud refuses the login\s+1004/);
		await shows('#ext-list', /^100[24]/);
		assert.match(await page.title(), /^\(2\) /);
		await page.check('[name="only"][value="trouble"]', { force: true });
		assert.equal(await page.locator('.tile:visible').count(), 2);
		await assertAccessible(page, 'alarms');
		sip.registered = true;
		cloud.cloud = 'online';
		await shows('#alarms-none', /All is well/);
		await shows('#exts-none', /none/);
		await page.check('[name="only"][value="all"]', { force: true });
		assert.equal(await page.locator('.tile:visible').count(), 6);
		const gone = office.bridges[5];
		const { extension } = gone;

		gone.extension = 'sip:1066@pbx.example';
		await shows('#ext-list', /1066/);
		assert.equal(await page.locator('.tile', { hasText: '1006' }).count(), 0);
		gone.extension = extension;
		await page.locator('.tile-head').first().click();
		assert.match(await page.inputValue('#calls-filter'), /^sip:100\d@/);
		await page.fill('#calls-filter', '');
	});

test('today\'s numbers are those of the records', async () => {
	await shows('#today-calls', /^\d+$/);
	const counted = await text('#today-calls');

	for (let i = 10; i < 13; i += 1)
		await office.bridges[0].bridge.keep(pastRecord(0));
	office.bridges[3].end(2);
	await page.waitForFunction((was) => Number(document.querySelector('#today-calls')
		.innerText) > was, Number(counted));
	assert.match(await text('#today-asr'), /^\d+(\.\d)?%$/);
	assert.match(await text('#today-answered'), /^\d+$/);
	const hours = await page.getAttribute('#today-hours', 'aria-label');

	assert.equal([...hours.matchAll(/\d+:00: (\d+), \d+ answered\./g)].reduce(
		(sum, [, n]) => sum + Number(n), 0), Number(await text('#today-calls')));
});

test('calls that are over are looked for, and opened', async () => {
	const { bridge } = office.bridges[0];
	const leg = { num: 1, side: 'phone', remote: 'sip:+4930777@pbx.example',
		number: null, name: 'Zoë Past', sip_code: null, hold_ms: 5000, hold_count: 1,
		media: { rx: { codec: 'PCMA/8000', packets: 990, lost: 10, mos: 3.2,
			mos_min: 2.1, jitter_avg_ms: 12.5 }, rtt_avg_ms: 44, srtp: null } };

	for (let i = 0; i < 60; i += 1) await bridge.keep(pastRecord(i, {
		dialled: '4711', ...i === 7 && { legs: [leg], reason: 'path_lost',
			from: { side: 'phone', user: null, number: null, name: 'Zoë Past',
				uri: 'sip:+4930777@pbx.example' } } }));
	await page.click('#views [data-view="past"]');
	await page.waitForSelector('#past-list .past');
	assert.equal(await page.isVisible('#calls'), false);
	await page.fill('#past-form [name="q"]', '4711');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		document.querySelectorAll('#past-list .past').length === 50);
	await page.click('#past-more');
	await page.waitForFunction(() =>
		document.querySelectorAll('#past-list .past').length === 60);
	assert.equal(await page.isVisible('#past-more'), false);

	await bridge.keep(pastRecord(3, { dialled: '4711', from: { side: 'phone', number: null,
		user: null, name: '=1+1;"x"', uri: 'sip:+4930778@pbx.example' } }));
	const [file] = await Promise.all([page.waitForEvent('download'),
		page.click('#past-csv')]);
	const csv = readFileSync(await file.path(), 'utf8');
	const lines = csv.split('\r\n').slice(0, -1);

	assert.match(file.suggestedFilename(), /^calls-\d{4}-\d\d-\d\d\.csv$/);
	assert.match(lines[0], /^\ufeff"Began","Caller","Name","Called","Name",/);
	assert.equal(lines.length, 62);
	assert.ok(csv.includes(`,"+4930778","'=1+1;""x""",`), csv);
	for (const one of lines) assert.match(one, /^\ufeff?("([^"]|"")*"(,|$)){11}$/);

	await page.selectOption('#past-form [name="disposition"]', 'BUSY');
	await page.keyboard.press('Enter');
	await page.click('#past-form button');
	await page.waitForFunction(() => {
		const all = [...document.querySelectorAll('.past .result')];

		return all.length === 6 && all.every((one) => one.innerText === 'busy');
	});
	await page.selectOption('#past-form [name="disposition"]', '');
	await page.fill('#past-form [name="q"]', 'zoë past');
	await page.click('#past-form button');
	await page.waitForFunction(() =>
		document.querySelectorAll('#past-list .past').length === 1);
	await page.focus('.past .who');
	await page.keyboard.press('Enter');
	await shows('.past .details', /media path lost/);
	await shows('.past .party-card',
		/Phone · Zoë Past[^]*3\.2 \(at worst 2\.1\)[^]*1%[^]*13 ms[^]*44 ms[^]*0:05/);
	assert.match(await text('.past .mos'), /^3\.2$/);
	await assertAccessible(page, 'a call that is over');
	await page.click('.past button:has-text("Call back")');
	assert.deepEqual(await page.evaluate(() => Object.fromEntries(new FormData(
		document.querySelector('#new-form')))), { extension: 'sip:1002@pbx.example',
		first: 'app', user: '3701', number: '+4930777' });
	await page.keyboard.press('Escape');
	await page.setViewportSize(SMALL);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth)
		<= SMALL.width);
	await page.setViewportSize({ width: 1280, height: 720 });

	await page.fill('#past-form [name="q"]', 'nobody has that');
	await page.click('#past-form button');
	await shows('#past-none', /No call is like that/);
	await page.goBack();
	await page.waitForSelector('#calls:visible');
});

test('on a small screen nothing is wider than it, in both languages, light and dark',
	async () => {
		for (const [locale, said] of [['en-GB', /Calls/], ['pt-BR', /Chamadas/],
			['pt-PT', /Chamadas/]]) {
			const small = await board.open({ role: 'operator', viewport: SMALL, locale });

			await small.waitForSelector('#now:visible');
			assert.match(await text('#calls-title', small), said);
			assert.equal(await small.evaluate(() => document.documentElement.lang),
				/^pt/.test(locale) ? 'pt-BR' : 'en');
			assert.ok(await small.evaluate(() =>
				document.documentElement.scrollWidth) <= SMALL.width, locale);
			await assertAccessible(small, locale);
			await small.click('#calls-new');
			await small.locator('#new-first input').last().check();
			await small.waitForSelector('#new-number-field:visible');
			const { width, height } = await small.locator('#new').boundingBox();

			assert.ok(width <= SMALL.width && height <= SMALL.height,
				`${width} x ${height}`);
			await assertAccessible(small, `${locale}, a new call`);
			await small.context().close();
		}
	});

test('the hub is started again: who looks logs in again, and goes on', async () => {
	const screen = await board.open({ role: 'readonly' }); // on a wall

	await shows('#link', /^Live$/, screen);
	await page.click('#calls-new');
	clearInterval(timer);
	await board.hub.again({});
	await page.waitForSelector('#login:visible');
	await page.fill('#token', board.tokens.operator);
	await page.keyboard.press('Enter');
	await shows('#link', /^Live$/);
	await shows('#calls-none', /Nobody is in a call/);
	// nobody sits at a screen who could
	await shows('#calls-none', /Nobody is in a call/, screen);
	await shows('#link', /^Live$/, screen);
	await shows('#who', /^readonly/, screen);
	await screen.click('#logout');
	await screen.waitForSelector('#login:visible');
	await screen.context().close();
	assert.deepEqual(board.console.filter((line) =>
		!/Failed to load resource|ERR_|Unauthorized|willReadFrequently/.test(line)), []);
});
