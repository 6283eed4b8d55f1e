#!/usr/bin/env node
// pictures.mjs: docs/dashboard*.png anew, of the hub's real page with an office that is told of
// by hand. Build first; needs Chromium.

import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { REPO } from '../contrib/sandbox/lib/template.mjs';
import { openDashboard } from './e2e/lib/dashboard.mjs';
import { openOffice, pastRecord } from './e2e/lib/office.mjs';

const MOST = 200000; // [bytes]
const ROUNDS = 62; // of what is measured: the graphs are full

const board = await openDashboard();
const office = await openOffice(board.hub, { bridges: 8, calls: 2 });
const [sales, support, billing, front, returns] = office.bridges;

for (let i = 0; i < 60; i += 1) await sales.bridge.keep(pastRecord(i * 9));
for (const one of [support, front]) one.calls.clear();
support.registered = false;
support.since = Date.now() - 130000;
front.cloud = 'refused';
sales.calls.get(1).bad = 'app';
sales.calls.get(2).recorded = 'recording';
billing.calls.get(1).held = 'app';
const rings = returns.addCall(9, { up: false });

async function view(name, reader, look = async () => {}) {
	const page = await board.open({ role: 'operator', ...reader });

	return { name, page, look };
}

office.tell();
returns.event('call.new', rings);
returns.event('call.ringing', rings);
const desk = { viewport: { width: 1380, height: 720 } };
const views = [
	await view('dashboard', desk, async (page) => {
		await page.selectOption('#calls-sort', 'worst');
		await page.locator('.call .who').first().click();
		await page.mouse.move(0, 0);
	}),
	await view('dashboard-dark', { ...desk, locale: 'pt-BR', colorScheme: 'dark' }),
	await view('dashboard-phone', { viewport: { width: 375, height: 760 } },
		(page) => page.evaluate(() =>
			document.querySelector('#calls').scrollIntoView())),
];

for (let i = 0; i < ROUNDS; i += 1) {
	office.tell();
	await wait(1050); // a call is told anew once a second
}
for (const { name, page, look } of views) {
	const path = `${REPO}/docs/${name}.png`;

	await look(page);
	await wait(500);
	await page.screenshot({ path });
	const { size } = statSync(path);

	console.log(`${path}: ${size} bytes`);
	if (size > MOST) process.exitCode = 1;
}
office.close();
await board.stop();
process.exit();
