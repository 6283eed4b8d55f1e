// What `make run` starts, and how it stops: who is registered leaves first, so
// that nobody waits in vain for an answer and has to be killed.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { launch } from './lib/browser.mjs';

const run = promisify(execFile);
const DEMO = `${REPO}/contrib/sandbox/demo`;
const TIMEOUT = 60000; // [ms]

let dir;
let demo;
let said = '';

before(async () => {
	dir = mkdtempSync(`${tmpdir()}/demo-`);
	demo = spawn(DEMO, [dir], { stdio: ['ignore', 'pipe', 'inherit'] });
	demo.stdout.on('data', (data) => { said += data; });
	await until('the URL', () => /Open {2}\S+/.test(said),
		{ timeout: TIMEOUT });
});

after(async () => {
	if (demo.exitCode === null && demo.signalCode === null) {
		demo.kill('SIGTERM');
		await once(demo, 'exit');
	}
	rmSync(dir, { recursive: true, force: true });
});

test('a second one says where the first one is, login and password too',
	async () => {
		const [, url] = /Open {2}(\S+)/.exec(said);

		await assert.rejects(run(DEMO, [dir]), ({ stderr }) => {
			assert.match(stderr, /it runs already \(process \d+\): /);
			assert.ok(stderr.includes(url), stderr);
			return true;
		});
		assert.match(url, /login=alice&password=/);
	});

test('the phone says what it hears, also when it was on hold', async () => {
	const [, url] = /Open {2}(\S+)/.exec(said);
	const browser = await launch();

	try {
		const user = await browser.newPage(url, { toneHz: 440 });
		const shown = (what, pattern) => user.page.waitForFunction(
			([where, source]) => new RegExp(source)
				.test(document.querySelector(where).innerText),
			[what, pattern.source]);
		const echo = () => until('the echo', async () =>
			Math.abs((await user.hear(500)).hz - 440) <= 6);

		await user.page.click('#dial button[name="audio"]');
		await user.waitConnected();
		await echo();
		await user.page.click('#hold');
		await shown('#progress', /^On hold/);
		await until('silence', async () => (await user.hear(500)).rms < 0.01);
		assert.equal(await user.page.innerText('#quality'), '');
		await user.page.click('#hold');
		await shown('#progress', /^Connected/);
		await echo();
		await shown('#quality', /^(Good|Fair|Poor)/);
		await user.page.click('#hangup');
		await user.waitClosed();
	} finally {
		await browser.close();
	}
});

test('the dashboard is logged in to, and shows the call of the page', async () => {
	const [, url] = /Open {2}(\S+)/.exec(said);
	const [, dashboard] = /See {3}(\S+)/.exec(said);
	const browser = await launch();

	try {
		const watcher = await (await browser.context()).newPage();

		await watcher.goto(dashboard);
		await watcher.locator('.tile', { hasText: /1000[^]*online/ }).waitFor();
		assert.ok(!watcher.url().includes('token'), 'nobody reads it from the screen');
		const user = await browser.newPage(url, { toneHz: 440 });

		await user.page.click('#dial button[name="audio"]');
		await user.waitConnected();
		await watcher.locator('.call[data-state="up"] .leg[data-grade="good"]').first()
			.waitFor();
		await watcher.click('.call .who');
		await watcher.click('[data-action="hangup"]');
		await watcher.click('#ask-yes');
		await user.waitClosed();
		await watcher.locator('#calls-none:visible').waitFor();
	} finally {
		await browser.close();
	}
});

test('Ctrl-C: bridge and phone unregister, then the servers end', async () => {
	const exit = once(demo, 'exit');

	demo.kill('SIGINT');
	assert.deepEqual(await exit, [0, null]);
	assert.equal(said.match(/stopping/g)?.length, 1);
	assert.doesNotMatch(said, /killed/);
	assert.equal(existsSync(`${dir}/sandbox.pid`), false);
});
