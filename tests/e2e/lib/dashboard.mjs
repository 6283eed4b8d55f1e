// The dashboard before somebody: a hub with its page, tokens of each role, and a browser.
//
//	const board = await openDashboard();
//	const page = await board.open({ role: 'operator', locale: 'pt-BR' });

import assert from 'node:assert/strict';

import { chromium } from 'playwright-core';

import { startHub } from './hub.mjs';
import { freePort } from './ports.mjs';

export const ROLES = ['readonly', 'operator', 'admin'];

/** For a page: something is to be seen, and is so. */
export const shows = (page, selector, pattern) => page.waitForFunction(
	([where, source]) => {
		const one = document.querySelector(where);

		return one?.checkVisibility() && new RegExp(source).test(one.innerText);
	}, [selector, pattern.source]);

class Dashboard {
	tokens = {};
	console = []; // what pages say there

	/** reader: { locale, viewport, colorScheme }; role: null: not logged in. */
	async open({ role = 'operator', locale = 'en-GB', path = '/', ...reader } = {}) {
		const context = await this.browser.newContext({ locale, ...reader });
		const page = await context.newPage();

		page.on('console', (message) => this.console.push(message.text()));
		page.on('pageerror', (error) => this.console.push(String(error.stack)));
		await page.goto(`http://127.0.0.1:${this.port}${path}${role
			? `#token=${this.tokens[role]}` : ''}`);
		return page;
	}

	async stop() {
		await this.browser?.close();
		await this.hub?.stop();
	}
}

async function openBrowser() {
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--no-first-run',
			'--disable-background-networking'] });
}

/** That of a hub that there is: { door: { port }, tokens }. */
export async function dashboardOf({ door, tokens }) {
	return Object.assign(new Dashboard(), { port: door.port, tokens,
		browser: await openBrowser() });
}

/** keys: of the hub's config */
export async function openDashboard(keys = {}) {
	const board = new Dashboard();

	try {
		board.port = await freePort();
		board.hub = await startHub({
			connectycube_hub_http: `127.0.0.1:${board.port}`, ...keys });
		for (const role of ROLES) {
			const said = await board.hub.ctrl.command('hub_token',
				`add ${role} ${role}`);

			board.tokens[role] = /^(cube_[0-9a-f]{64})\n/m.exec(said)?.[1]
				?? assert.fail(said);
		}
		board.browser = await openBrowser();
		return board;
	} catch (error) {
		await board.stop();
		throw error;
	}
}
