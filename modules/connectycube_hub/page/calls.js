// The calls there are: one row each, of which only what is not as it was is touched.

import { detailsOf } from './call.js';
import { arrange, byId, el, setAttr, setData, setHidden, setText } from './dom.js';
import { codec, duration, grade, millis, numberOf, percent, person, tenth }
	from './format.js';
import { draw, makeCanvas } from './graph.js';
import { t, word } from './texts.js';

const ROOM = 60; // samples in a graph
const MUCH = 0.02; // of packets that are lost: it is heard

const rows = new Map(); // id: row
let live;
let may;
let sort = 'newest';
let wanted = ''; // a part of what rows are to have
let shown = []; // ids, as they stand

/** The party of a side that is shown in the row: who came last. */
const legOf = (call, side) => call.legs.findLast((leg) => leg.side === side);

/** The worse of both sides' quality now; who is not measured is not bad. */
const worst = (call) => Math.min(...call.legs.map(({ rx }) => rx?.mos_now ?? 5));

const began = (call) => call.t_answer ?? call.t_start ?? 0;

const ORDERS = {
	newest: (a, b) => (b.t_start ?? 0) - (a.t_start ?? 0),
	longest: (a, b) => (a.t_start ?? 0) - (b.t_start ?? 0),
	worst: (a, b) => worst(a) - worst(b) || (b.t_start ?? 0) - (a.t_start ?? 0),
};

/* What was measured before the page looked is asked for once a call is seen, one after the
   other: a list of hundreds asks for what stands on the screen */
const toLearn = [];
let learns = false;

async function learnSeen() {
	if (learns) return;
	learns = true;
	while (toLearn.length) {
		const { id } = toLearn.shift();

		if (rows.has(id)) await live.learn(id).catch(() => {});
	}
	learns = false;
}

const observer = new IntersectionObserver((entries) => {
	for (const { target, isIntersecting } of entries) {
		if (!isIntersecting) continue;
		observer.unobserve(target);
		toLearn.push({ id: target.dataset.call });
	}
	learnSeen();
});

function makeLeg(side) {
	const parts = {
		codec: el('span', { class: 'codec' }),
		mos: el('span', { class: 'mos' }),
		loss: el('span', { class: 'loss' }),
		canvas: makeCanvas(t(`graph.${side}`)),
	};

	return { ...parts, box: el('div', { class: 'leg', data: { side } },
		el('span', { class: 'side' }, t(`side.${side}`)), parts.mos, parts.canvas,
		el('span', { class: 'more' }, parts.codec, parts.loss)) };
}

function toggle(row, open = row.details === null) {
	setAttr(row.button, 'aria-expanded', String(open));
	if (open && !row.details) {
		row.details = detailsOf(row.call, live, may);
		row.box.append(row.details.box);
	} else if (!open && row.details) {
		row.details.box.remove();
		row.details = null;
	}
}

function makeRow(id) {
	const row = { id, details: null, legs: { phone: makeLeg('phone'),
		app: makeLeg('app') } };

	row.way = el('span', { class: 'way', aria: { hidden: 'true' } });
	for (const name of ['from', 'to', 'ext']) {
		row[name] = el('b');
		row[`${name}More`] = el('span', { class: 'muted' });
	}
	row.button = el('button', { class: 'who', type: 'button',
		aria: { expanded: 'false' }, on: { click: () => toggle(row) } },
	row.way, el('span', { class: 'party' }, row.from, ' ', row.fromMore),
	el('span', { class: 'arrow', aria: { hidden: 'true' } }, '→'),
	el('span', { class: 'hear' }, t('calls.to')),
	el('span', { class: 'party' }, row.to, ' ', row.toMore));
	row.state = el('span', { class: 'state' });
	row.time = el('span', { class: 'time' });
	row.latency = el('span', { class: 'latency', title: t('call.latency') });
	row.marks = el('span', { class: 'marks' });
	row.box = el('li', { class: 'call', data: { call: id } }, el('div', { class: 'line' }, row.button,
		el('span', { class: 'ext party' }, row.ext, ' ', row.extMore),
		el('span', { class: 'when' }, row.state, row.time, row.marks),
		row.legs.phone.box, row.legs.app.box, row.latency));
	observer.observe(row.box);
	return row;
}

function showLeg(parts, leg, trace) {
	const rx = leg?.rx;

	setData(parts.box, 'grade', grade(rx?.mos_now));
	setData(parts.box, 'heard', leg?.one_way || leg?.path_lost ? 'no' : '');
	setText(parts.mos, rx?.mos_now ? tenth(rx.mos_now) : '–');
	setText(parts.codec, codec(rx?.codec));
	const { samples = [] } = trace ?? {};
	const [lost, all] = samples.slice(-5).reduce(([a, b], one) =>
		[a + one.lost, b + one.lost + (one.packets ?? 100)], [0, 0]);

	setText(parts.loss, rx && all ? percent(lost / all) : '');
	setData(parts.loss, 'bad', all && lost / all >= MUCH ? 'yes' : '');
	setAttr(parts.canvas, 'title', rx ? t('graph.tip', {
		mos: tenth(rx.mos_now), lost: rx.lost, jitter: millis(rx.jitter_ms) }) : '');
	draw(parts.canvas, { samples, room: ROOM });
}

/** What is to be seen at once: recorded, on hold, being passed on. */
function showMarks(row, call) {
	const marks = [
		call.recording && ['rec', word('recording', call.recording)],
		call.held_by.length && ['held', t('call.held', {
			who: call.held_by.map((side) => word('side', side)).join(', ') })],
		call.transfer && ['moved', t('call.transfer', {
			to: numberOf(call.transfer_target) })],
	].filter(Boolean);
	const text = marks.map((mark) => mark.join()).join();

	if (row.marksText === text) return;
	row.marksText = text;
	row.marks.replaceChildren(...marks.map(([kind, said]) =>
		el('span', { class: 'mark', data: { kind } }, said)));
}

function showTime(row, now) {
	const { call } = row;

	setText(row.time, duration(now - began(call)));
}

function showRow(row, call, now) {
	const [from, to] = [person(call.from), person(call.to)];

	row.call = call;
	setData(row.box, 'state', call.state);
	setText(row.way, call.direction === 'app-to-sip' ? '↗' : '↙');
	setText(row.from, from.name);
	setText(row.fromMore, from.number);
	setText(row.to, to.name);
	setText(row.toMore, to.number);
	const ext = live.exts.get(`${call.extension} ${call.bridge}`)?.name ?? '';

	setText(row.ext, numberOf(call.extension));
	setText(row.extMore, ext);
	setText(row.state, word('state', call.state));
	const traces = live.traces.get(call.id);
	let latency = null;

	for (const side of ['phone', 'app']) {
		const leg = legOf(call, side);

		showLeg(row.legs[side], leg, traces?.get(leg?.leg_num));
		if (leg?.latency_p50_ms !== undefined && leg?.latency_p50_ms !== null)
			latency = Math.max(latency ?? 0, leg.latency_p50_ms);
	}
	setText(row.latency, latency === null ? '' : millis(latency));
	showMarks(row, call);
	showTime(row, now);
	row.details?.show(call);
	row.text = [from.name, from.number, to.name, to.number, call.extension,
		ext, call.dialled].join(' ').toLowerCase();
}

const fits = (row) => !wanted || row.text.includes(wanted);

function order() {
	const ids = [...rows.values()].map(({ call }) => call).sort(ORDERS[sort])
		.map(({ id }) => id);

	for (const id of ids) setHidden(rows.get(id).box, !fits(rows.get(id)));
	if (ids.length === shown.length && ids.every((id, i) => id === shown[i])) return;
	shown = ids;
	arrange(byId('call-list'), ids.map((id) => rows.get(id).box));
}

function showHead() {
	const count = rows.size;
	const seen = wanted ? shown.filter((id) => fits(rows.get(id))).length : count;

	setText(byId('calls-count'), String(count));
	setHidden(byId('calls-none'), seen > 0);
	setText(byId('calls-none'), t(count ? 'calls.nothing' : 'calls.none'));
}

function change({ calls }) {
	const now = Date.now();

	for (const id of calls) {
		const call = live.calls.get(id);

		if (call) {
			if (!rows.has(id)) rows.set(id, makeRow(id));
			showRow(rows.get(id), call, now);
		} else {
			const row = rows.get(id);

			if (row?.box.contains(document.activeElement)) moveOn(row, 1);
			if (row) observer.unobserve(row.box);
			rows.delete(id);
		}
	}
	if (!calls.size) return;
	if (sort !== 'worst' || shown.length !== rows.size) order();
	showHead();
}

/** The focus goes on to the row before, or behind. */
function moveOn(row, by) {
	const all = shown.filter((id) => rows.has(id) && fits(rows.get(id)));
	const next = rows.get(all[all.indexOf(row.id) + by])
		?? rows.get(all[all.indexOf(row.id) - by]);

	(next?.button ?? byId('calls-filter')).focus();
}

function keys(event) {
	const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	const row = by && [...rows.values()].find(({ button }) =>
		button === document.activeElement);

	if (!row) return;
	event.preventDefault();
	moveOn(row, by);
}

/** Only calls that have this text, a number or a name. */
export function filterCalls(text) {
	byId('calls-filter').value = text;
	wanted = text.trim().toLowerCase();
	order();
	showHead();
}

export function forgetCalls() {
	rows.clear();
	order();
	showHead();
}

/** All graphs anew, in other colours. */
export function repaintCalls() {
	const now = Date.now();

	for (const row of rows.values()) showRow(row, row.call, now);
}

export function showCalls(live_, may_) {
	live = live_;
	may = may_;
	live.addEventListener('change', ({ detail }) => change(detail));
	byId('calls-filter').addEventListener('input', ({ target }) =>
		filterCalls(target.value));
	byId('calls-sort').addEventListener('change', ({ target }) => {
		sort = target.value;
		order();
	});
	byId('call-list').addEventListener('keydown', keys);
	setInterval(() => {
		const now = Date.now();

		for (const row of rows.values()) if (!row.box.hidden) showTime(row, now);
	}, 1000);
	setInterval(() => {
		if (sort === 'worst') order();
	}, 5000);
	showHead();
}
