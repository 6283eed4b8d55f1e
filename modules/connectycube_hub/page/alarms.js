// What somebody should look at, on top of all.

import { byId, el, setData, setHidden, setText } from './dom.js';
import { ago, numberOf } from './format.js';
import { filterCalls } from './calls.js';
import { t, word } from './texts.js';

/** Nobody can call, or what happened is lost: these are red, others are not. */
const GRAVE = new Set(['bridge_gone', 'not_registered', 'cloud_offline',
	'cloud_refused', 'spool_disk', 'records_lost', 'disk_full', 'pbx_away']);

const lines = new Map(); // id: line
let live;

function makeLine() {
	const line = { what: el('b'), who: el('span'), text: el('span', { class: 'muted' }),
		since: el('span', { class: 'muted time' }) };

	line.look = el('button', { type: 'button', class: 'quiet small',
		on: { click: () => filterCalls(line.alarm.extension) } }, t('alarm.calls'));
	line.box = el('li', {}, line.what, line.who, line.text, line.since, line.look);
	return line;
}

function showLine(line, alarm) {
	line.alarm = alarm;
	setData(line.box, 'grave', GRAVE.has(alarm.alarm) ? 'yes' : 'no');
	setText(line.what, word('alarm', alarm.alarm));
	setText(line.who, alarm.extension ? numberOf(alarm.extension)
		: alarm.bridge ?? '');
	setText(line.text, alarm.text ?? '');
	setText(line.since, t('since', { ago: ago(alarm.since) }));
	setHidden(line.look, !alarm.call);
}

function change({ alarms }) {
	if (!alarms) return;
	const all = [...live.alarms.values()].sort((a, b) =>
		GRAVE.has(b.alarm) - GRAVE.has(a.alarm) || b.since - a.since);

	for (const id of lines.keys()) if (!live.alarms.has(id)) lines.delete(id);
	for (const alarm of all) {
		if (!lines.has(alarm.id)) lines.set(alarm.id, makeLine());
		showLine(lines.get(alarm.id), alarm);
	}
	byId('alarm-list').replaceChildren(...all.map(({ id }) => lines.get(id).box));
	setText(byId('alarms-count'), String(all.length));
	setHidden(byId('alarms'), !all.length);
	setHidden(byId('alarms-none'), all.length > 0);
	document.title = `${all.length ? `(${all.length}) ` : ''}${t('title')}`;
}

export function forgetAlarms() {
	lines.clear();
	change({ alarms: true });
}

export function showAlarms(live_) {
	live = live_;
	live.addEventListener('change', ({ detail }) => change(detail));
	setInterval(() => {
		for (const line of lines.values())
			setText(line.since, t('since', { ago: ago(line.alarm.since) }));
	}, 10000);
}
