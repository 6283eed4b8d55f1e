// Calls that are over: looked for by day, name or number, extension and result.

import { get } from './api.js';
import { byId, el, setAttr, setHidden, setText } from './dom.js';
import { failed } from './ask.js';
import { extOptions } from './extoptions.js';
import { clock, duration, grade, numberOf, person, tenth } from './format.js';
import { makeCsv, saveCsv } from './csv.js';
import { pastOf } from './past.js';
import { t, word } from './texts.js';

const DAY = 86400000; // [ms]
const PAGE = 50;

let may;
let live;
let query = null; // of what is shown
let asked = 0; // number of the last question: an answer to an older one is late

/** The reader's day of a time, as <input type="date"> has it. */
function dayOf(ms) {
	const day = new Date(ms);
	const two = (n) => String(n).padStart(2, '0');

	return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** Midnight of it where the reader is. */
function midnight(day, after = 0) {
	const [y, m, d] = day.split('-').map(Number);

	return y ? new Date(y, m - 1, d + after).getTime() : undefined;
}

function read(form) {
	const { from, to, q, extension, disposition, kind } =
		Object.fromEntries(new FormData(form));

	return { from: midnight(from), to: to ? midnight(to, 1) : undefined,
		q: q.trim(), extension, disposition, kind, limit: PAGE };
}

function toggle(row, record) {
	const open = !row.details;

	setAttr(row.button, 'aria-expanded', String(open));
	if (open) {
		row.details = pastOf(record, may);
		row.box.append(row.details);
	} else {
		row.details.remove();
		row.details = null;
	}
}

/** As the worst heard party was heard, on average. */
function worstOf({ legs }) {
	const all = legs.map(({ media }) => media?.rx?.mos).filter(Boolean);

	return all.length ? Math.min(...all) : null;
}

function makeRow(record) {
	const [from, to] = [person(record.from), person(record.to)];
	const row = { details: null };
	const party = ({ name, number }) => el('span', { class: 'party' }, el('b', {}, name),
		' ', el('span', { class: 'muted' }, number));

	row.button = el('button', { class: 'who', type: 'button',
		aria: { expanded: 'false' }, on: { click: () => toggle(row, record) } },
	el('span', { class: 'way', aria: { hidden: 'true' } },
		/^(app-to-sip|phone-to-pbx)$/.test(record.direction) ? '↗' : '↙'),
	party(from), el('span', { class: 'arrow', aria: { hidden: 'true' } }, '→'),
	el('span', { class: 'hear' }, t('calls.to')), party(to));
	const mos = worstOf(record);
	const recorded = record.recordings?.some(({ file }) => file);

	row.box = el('li', { class: 'call past', data: { result: record.disposition } },
		el('div', { class: 'line', data: { grade: grade(mos) } }, row.button,
			el('span', { class: 'began' }, clock(record.t_start)),
			el('span', { class: 'ext' }, numberOf(record.extension)),
			el('span', { class: 'result' }, word('result', record.disposition)),
			el('span', { class: 'time' }, record.bill_ms ? duration(record.bill_ms)
				: ''),
			el('span', { class: 'mos', title: 'MOS' }, mos ? tenth(mos) : ''),
			record.kind === 'pbx' ? el('span', { class: 'mark' }, t('past.pbx'))
				: recorded ? el('span', { class: 'mark', data: { kind: 'rec' } },
				t('past.recorded')) : el('span')));
	return row.box;
}

async function ask(more = {}) {
	const mine = asked += 1;
	let found;

	setText(byId('past-none'), t('past.looks'));
	setHidden(byId('past-none'), false);
	try {
		found = await get('cdr', { ...query, ...more });
	} catch (problem) {
		if (mine === asked) {
			setText(byId('past-none'), t('past.failed'));
			failed(problem);
		}
		return;
	}
	if (mine !== asked) return;
	byId('past-list').append(...found.records.map(makeRow));
	const some = byId('past-list').childElementCount > 0;

	setHidden(byId('past-none'), some);
	setText(byId('past-none'), t('past.none'));
	setHidden(byId('past-more'), !found.next);
	setHidden(byId('past-csv'), !some);
	byId('past-more').dataset.cursor = found.next ?? '';
}

/** Look anew, for what the form says. */
function searchPast() {
	query = read(byId('past-form'));
	byId('past-list').replaceChildren();
	for (const id of ['past-more', 'past-csv']) setHidden(byId(id), true);
	return ask();
}

async function save() {
	const button = byId('past-csv');

	button.disabled = true;
	try {
		saveCsv(await makeCsv(query), `calls-${dayOf(query.from ?? Date.now())}.csv`);
	} catch (problem) {
		failed(problem);
	}
	button.disabled = false;
}

/** The extensions there are, to choose from. */
function offerExts() {
	const select = byId('past-ext');
	const chosen = select.value;

	select.replaceChildren(select.firstElementChild, ...extOptions(live));
	select.value = chosen;
	if (select.selectedIndex < 0) select.selectedIndex = 0;
}

export function openPast() {
	offerExts();
	if (!query) searchPast();
}

export function forgetPast() {
	query = null;
	asked += 1;
	byId('past-list').replaceChildren();
}

export function showPast(live_, may_) {
	live = live_;
	may = may_;
	byId('past-from').value = dayOf(Date.now() - 6 * DAY);
	byId('past-to').value = dayOf(Date.now());
	byId('past-form').addEventListener('submit', (event) => {
		event.preventDefault();
		searchPast();
	});
	byId('past-csv').addEventListener('click', save);
	byId('past-more').addEventListener('click', async () => {
		const last = byId('past-list').lastElementChild;

		await ask({ cursor: byId('past-more').dataset.cursor });
		last?.nextElementSibling?.querySelector('button')?.focus();
	});
}
