// What the dashboard costs, and how soon it shows something: so many extensions, each with
// some calls that are measured every two seconds, and a browser that has the page open. One
// JSON object: how long until a new call is seen, CPU and memory of the hub, how long the
// page was busy at once.
//
//	node tests/bench/dashboard.mjs [EXTENSIONS [CALLS-EACH [SECONDS]]]

import { setTimeout as wait } from 'node:timers/promises';

import { openDashboard } from '../e2e/lib/dashboard.mjs';
import { openOffice } from '../e2e/lib/office.mjs';
import { cpuTime, memory } from './proc.mjs';

const [BRIDGES = 50, CALLS = 6, SECONDS = 20] = process.argv.slice(2).map(Number);
const EVERY = 2000; // [ms]

const board = await openDashboard();
const office = await openOffice(board.hub, { bridges: BRIDGES, calls: CALLS });
const { pid } = board.hub.child;

/* Each in its turn, as bridges of their own do */
let turn = 0;
const timer = setInterval(() => {
	office.bridges[turn % BRIDGES].stats();
	if (turn % (BRIDGES * 5) < BRIDGES) office.bridges[turn % BRIDGES].state();
	turn += 1;
}, EVERY / BRIDGES);

office.tell();
const page = await board.open({ role: 'operator',
	viewport: { width: 1440, height: 900 } });

await page.waitForFunction((all) =>
	document.querySelectorAll('.call').length === all, BRIDGES * CALLS);
await wait(3000);
await page.evaluate(() => {
	window.busy = [];
	new PerformanceObserver((list) => {
		window.busy.push(...list.getEntries().map(({ duration }) => duration));
	}).observe({ type: 'longtask' });
});

/** How long until a call that begins is seen [ms]. */
async function seen(n) {
	const bridge = office.bridges[n % BRIDGES];
	const name = `Newcomer ${n}`;
	const call = bridge.addCall(1000 + n, { caller: name, up: false });
	const shown = page.evaluate((wanted) => new Promise((resolve) => {
		const list = document.querySelector('#call-list');
		const observer = new MutationObserver(() => {
			if (!list.textContent.includes(wanted)) return;
			observer.disconnect();
			requestAnimationFrame(() => resolve(Date.now()));
		});

		observer.observe(list, { childList: true });
	}), name);

	await wait(50); // it looks
	const begun = Date.now();

	bridge.event('call.new', call);
	bridge.event('call.ringing', call);
	const ms = await shown - begun;

	bridge.end(1000 + n);
	return ms;
}

const [cpu, begun] = [cpuTime(pid), Date.now()];
const delays = [];

for (let n = 0; Date.now() - begun < SECONDS * 1000; n += 1) {
	delays.push(await seen(n));
	await wait(500);
}
const percent = (cpuTime(pid) - cpu) / (Date.now() - begun) * 100;
const busy = await page.evaluate(() => window.busy);

clearInterval(timer);
delays.sort((a, b) => a - b);
console.log(JSON.stringify({ what: 'dashboard', extensions: BRIDGES,
	calls: BRIDGES * CALLS, shown_ms: { median: delays[delays.length >> 1],
		max: delays.at(-1), n: delays.length }, hub_cpu_percent: percent,
	hub_memory: memory(pid), page_longtasks: busy.length,
	page_longest_ms: Math.max(0, ...busy) }));
office.close();
await board.stop();
process.exit(0);
