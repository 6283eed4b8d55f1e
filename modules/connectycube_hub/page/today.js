// Today's numbers. The day is the reader's: it began at midnight where they are.

import { get } from './api.js';
import { byId, el, setAttr, setHidden, setText } from './dom.js';
import { duration, millis, percent, whole } from './format.js';
import { t, word } from './texts.js';

const OFTEN = 30000; // [ms]
const SOON = 2000; // [ms] after a call its record is there

const GROUPS = [
	['answered', ['ANSWERED']],
	['missed', ['NO_ANSWER', 'CANCELED']],
	['busy', ['BUSY', 'REJECTED']],
	['failed', ['FAILED', 'CONGESTION']],
];

let live;
let timer = null;
let runs = false;

function midnight() {
	const day = new Date();

	day.setHours(0, 0, 0, 0);
	return day.getTime();
}

function showBar(dispositions, calls) {
	const bar = byId('today-bar');
	const counts = GROUPS.map(([name, list]) => [name, list.reduce((sum, one) =>
		sum + (dispositions[one] ?? 0), 0)]);

	bar.replaceChildren(...counts.filter(([, n]) => n).map(([name, n]) => {
		const one = el('i', { data: { kind: name } });

		one.style.flexGrow = n;
		return one;
	}));
	bar.setAttribute('aria-label', counts.map(([name, n]) =>
		`${word('today', name)}: ${n}`).join(', '));
	setHidden(bar, !calls);
	for (const [name, n] of counts) setText(byId(`today-${name}`), whole(n));
}

/* When there is much to do: a bar for each hour of the day, as it went */
function showHours(hours) {
	const box = byId('today-hours');
	const day = Array.from({ length: 24 }, (_, i) => hours?.find(({ from }) =>
		new Date(from).getHours() === i) ?? { calls: 0, answered: 0 });
	const most = Math.max(1, ...day.map(({ calls }) => calls));
	const texts = day.map(({ calls, answered }, i) => t('today.hour',
		{ hour: `${i}:00`, calls: whole(calls), answered: whole(answered) }));

	box.replaceChildren(...day.map(({ calls, answered }, i) => {
		const taken = el('b');
		const bar = el('i', { title: texts[i] }, taken);

		bar.style.height = `${100 * calls / most}%`;
		taken.style.height = `${100 * answered / Math.max(1, calls)}%`;
		return bar;
	}));
	setAttr(box, 'aria-label', [t('today.hours'), ...texts.filter((_, i) =>
		day[i].calls)].join(' '));
	setHidden(box, !hours?.length);
}

function show(sums) {
	setText(byId('today-calls'), whole(sums.calls));
	setText(byId('today-asr'), percent(sums.asr));
	setText(byId('today-talk'), duration(sums.bill_avg_ms));
	setText(byId('today-sum'), t('today.sum', { time: duration(sums.bill_ms) }));
	setText(byId('today-pdd'), sums.pdd_avg_ms === null ? '–'
		: millis(sums.pdd_avg_ms));
	showBar(sums.dispositions, sums.calls);
	showHours(sums.hours);
}

async function read() {
	clearTimeout(timer);
	timer = null;
	if (!runs) return;
	try {
		show(await get('today', { from: midnight(), to: Date.now() + 60000 }));
	} catch { /* the link says so */ }
	soon(OFTEN);
}

function soon(wait) {
	if (!runs) return;
	clearTimeout(timer);
	timer = setTimeout(read, wait);
}

function showNow() {
	const all = [...live.calls.values()];
	const talking = all.filter(({ state }) => state === 'up').length;

	setText(byId('now-calls'), whole(talking));
	setText(byId('now-ringing'), t('now.ringing', { n: all.length - talking }));
}

export function startToday() {
	runs = true;
	showNow();
	read();
}

export function stopToday() {
	runs = false;
	clearTimeout(timer);
}

export function showToday(live_) {
	let after = null;

	live = live_;
	live.addEventListener('change', ({ detail }) => {
		if (detail.calls.size) showNow();
	});
	live.addEventListener('ended', () => {
		after ??= setTimeout(() => {
			after = null;
			read();
		}, SOON);
	});
}
