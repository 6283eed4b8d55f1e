// The extensions: each a tile with how SIP and the cloud stand. What is wrong goes first.

import { arrange, byId, el, setAttr, setData, setHidden, setText } from './dom.js';
import { ago, numberOf } from './format.js';
import { filterCalls } from './calls.js';
import { extDetails } from './ext.js';
import { pbxOf } from './pbx.js';
import { isolate, t, word } from './texts.js';

const tiles = new Map(); // key: tile
let live;
let may;
let only = 'all';

const here = ({ bridge }) => bridge.here;
const sipIsWell = ({ sip }) => sip.registered || !sip.registers;
const isBad = (ext) => !here(ext) || !sipIsWell(ext) || !ext.cloud.online;

/** 0: something is wrong, 1: it has calls, 2: it has none. */
const rank = (ext) => (isBad(ext) ? 0 : ext.calls ? 1 : 2);

const inOrder = (a, b) => rank(a) - rank(b)
	|| numberOf(a.extension).localeCompare(numberOf(b.extension), undefined,
		{ numeric: true });

const WANTED = {
	all: () => true,
	trouble: isBad,
	busy: ({ calls }) => calls > 0,
};

function toggle(tile) {
	const open = !tile.details;

	setAttr(tile.open, 'aria-expanded', String(open));
	if (open) {
		tile.details = extDetails(tile.ext, may);
		tile.box.append(tile.details.box);
	} else {
		tile.details.box.remove();
		tile.details = null;
	}
}

function makeTile() {
	const tile = {
		number: el('b'), name: el('span', { class: 'muted' }),
		calls: el('span', { class: 'count' }),
		sip: el('span', { class: 'lamp' }), cloud: el('span', { class: 'lamp' }),
		pbx: el('span', { class: 'lamp' }), channels: pbxOf(may),
		why: el('p', { class: 'why' }),
		dnd: el('span', { class: 'mark', data: { kind: 'dnd' } }),
	};

	tile.button = el('button', { type: 'button', class: 'tile-head',
		on: { click: () => filterCalls(tile.ext.extension) } },
	tile.number, tile.name, tile.calls, el('span', { class: 'hear' },
		t('ext.calls')));
	tile.details = null;
	tile.open = el('button', { type: 'button', class: 'tile-open small quiet',
		aria: { expanded: 'false' }, on: { click: () => toggle(tile) } });
	tile.box = el('li', { class: 'tile' },
		el('div', { class: 'tile-top' }, tile.button, tile.open),
		el('p', { class: 'lamps' }, tile.sip, tile.cloud, tile.pbx, tile.dnd), tile.why,
		tile.channels.box);
	return tile;
}

function sipText(ext) {
	if (!here(ext)) return 'away';
	if (!ext.sip.registers) return 'unneeded';
	return ext.sip.registered ? 'up' : 'down';
}

function cloudText(ext) {
	const { online, state } = ext.cloud;

	if (!here(ext)) return 'away';
	if (online) return 'online';
	return state === 'session' ? 'connecting' : state ?? 'offline';
}

function showTile(tile, ext) {
	const bad = isBad(ext);
	const [sip, cloud] = [sipText(ext), cloudText(ext)];

	tile.ext = ext;
	setText(tile.number, numberOf(ext.extension));
	setText(tile.open, t('ext.more'));
	setAttr(tile.open, 'aria-label', `${t('ext.more')}: ${numberOf(ext.extension)}`);
	tile.details?.show(ext);
	setText(tile.name, ext.name ?? '');
	setText(tile.calls, ext.calls ? String(ext.calls) : '');
	setData(tile.box, 'rank', String(rank(ext)));
	setText(tile.sip, `SIP ${word('sip', sip)}`);
	setData(tile.sip, 'is', here(ext) && sipIsWell(ext) ? 'good' : 'bad');
	setText(tile.cloud, `${t('cloud')} ${word('cloud', cloud)}`);
	setData(tile.cloud, 'is', here(ext) && ext.cloud.online ? 'good'
		: cloud === 'connecting' ? 'fair' : 'bad');
	setText(tile.pbx, `${t('pbx.link')} ${t(ext.pbx?.ready ? 'pbx.ready' : 'pbx.away')}`);
	setData(tile.pbx, 'is', ext.pbx?.ready ? 'good' : 'bad');
	setHidden(tile.pbx, !ext.pbx);
	tile.channels.show(ext);
	setText(tile.dnd, ext.draining ? t('ext.draining') : t('ext.dnd'));
	setHidden(tile.dnd, !ext.dnd && !ext.draining);
	const since = !here(ext) ? ext.bridge.since : !sipIsWell(ext) ? ext.sip.since
		: ext.cloud.since;
	const why = !here(ext) ? t('ext.away') : !sipIsWell(ext) ? ext.sip.error
		: ext.cloud.error;

	setText(tile.why, bad ? [isolate(why), since ? t('since', { ago: ago(since) }) : '']
		.filter(Boolean).join(' · ') : '');
	setHidden(tile.why, !bad);
}

function order() {
	const all = [...tiles.entries()].map(([key, { ext }]) => [key, ext])
		.sort(([, a], [, b]) => inOrder(a, b));
	const counts = Object.fromEntries(Object.entries(WANTED).map(([name, fits]) =>
		[name, all.filter(([, ext]) => fits(ext)).length]));

	arrange(byId('ext-list'), all.map(([key]) => tiles.get(key).box));
	for (const [key, ext] of all)
		setHidden(tiles.get(key).box, !WANTED[only](ext));
	for (const [name, count] of Object.entries(counts))
		setText(byId(`exts-${name}-count`), String(count));
	setText(byId('exts-count'), String(all.length));
	setHidden(byId('exts-none'), counts[only] > 0);
}

function change({ exts }) {
	if (!exts.size) return;
	for (const key of exts) {
		const ext = live.exts.get(key);

		if (!ext) {
			tiles.delete(key);
			continue;
		}
		if (!tiles.has(key)) tiles.set(key, makeTile());
		showTile(tiles.get(key), ext);
	}
	order();
}

export function forgetExts() {
	tiles.clear();
	order();
}

export function showExts(live_, may_) {
	live = live_;
	may = may_;
	live.addEventListener('change', ({ detail }) => change(detail));
	byId('exts-only').addEventListener('change', ({ target }) => {
		only = target.value;
		order();
	});
	setInterval(() => {
		for (const tile of tiles.values())
			if (isBad(tile.ext) || tile.ext.pbx?.channels.length)
				showTile(tile, tile.ext);
	}, 10000);
}
