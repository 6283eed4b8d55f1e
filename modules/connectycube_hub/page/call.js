// A call that was opened: all that is known of its parties, and what can be done with it.

import { arrange, el, setData, setHidden, setText } from './dom.js';
import { NONE, cipher, clock, codec, grade, millis, numberOf, percent, tenth, whole }
	from './format.js';
import { draw, makeCanvas } from './graph.js';
import { isolate, t, word } from './texts.js';
import { actionsOf } from './actions.js';

const ROOM = 60; // samples in a graph

/** Facts of a party: key, what it is of it. */
const FACTS = [
	['mos', ({ rx }) => (rx?.mos ? tenth(rx.mos) : NONE)],
	['loss', ({ rx }) => (rx && rx.lost + rx.packets
		? percent(rx.lost / (rx.lost + rx.packets)) : NONE)],
	['jitter', ({ rx }) => (rx ? millis(rx.jitter_ms) : NONE)],
	['rtt', ({ rtt_ms }) => millis(rtt_ms)],
	['level', ({ rx }) => (rx?.level_now_dbov
		? `${whole(rx.level_now_dbov)} dBov` : NONE)],
	['latency', ({ latency_p50_ms, latency_p99_ms }) => (latency_p50_ms
		? `${millis(latency_p50_ms)} / ${millis(latency_p99_ms)}` : NONE)],
	['audio', ({ rx, tx, transcoded }) => [[codec(rx?.codec), codec(tx?.codec)]
		.filter((one, i, all) => one && all.indexOf(one) === i).join(' / ') || NONE,
	transcoded ? t('call.transcoded') : ''].filter(Boolean).join(', ')],
	['srtp', ({ srtp }) => cipher(srtp) ?? t('call.plain')],
	['video', ({ video_rx: rx, width, height }) => (rx ? [codec(rx.codec),
		width ? `${width}×${height}` : '', rx.fps ? `${whole(rx.fps)} fps` : '',
		`${whole(rx.kbps)} kbit/s`].filter(Boolean).join(', ') : '')],
];

function makeParty() {
	const party = {
		title: el('h3'),
		warning: el('p', { class: 'warning' }),
		canvas: makeCanvas(t('graph.party')),
		facts: new Map(),
	};
	const list = el('dl');

	for (const [key] of FACTS) {
		const value = el('dd');
		const pair = el('div', {}, el('dt', {}, t(`fact.${key}`)), value);

		party.facts.set(key, { value, pair });
		list.append(pair);
	}
	party.box = el('section', { class: 'party-card' }, party.title, party.warning,
		party.canvas, list);
	return party;
}

function showParty(party, leg, trace) {
	const who = leg.name ?? (leg.uri ? numberOf(leg.uri)
		: leg.user ? t('user', { id: leg.user }) : '');

	setText(party.title, [word('side', leg.side), isolate(who)].filter(Boolean)
		.join(' · '));
	setData(party.box, 'grade', grade(leg.rx?.mos_now));
	const wrong = [leg.path_lost && t('call.path_lost'),
		leg.one_way && t('call.one_way'), leg.holds && t('call.holds')]
		.filter(Boolean).join(' · ');

	setText(party.warning, wrong);
	setHidden(party.warning, !wrong);
	for (const [key, read] of FACTS) {
		const { value, pair } = party.facts.get(key);
		const text = read(leg);

		setText(value, text);
		setHidden(pair, !text);
	}
	draw(party.canvas, { samples: trace?.samples ?? [], room: ROOM });
}

/** As in the row: phones, then apps; who came first is first. */
const phonesFirst = (a, b) => (b.side === 'phone') - (a.side === 'phone')
	|| a.leg_num - b.leg_num;

/** { box, show(call) } */
export function detailsOf(first, live, may) {
	const parties = new Map();
	const actions = actionsOf(first, may);
	const facts = el('p', { class: 'muted facts' });
	const cards = el('div', { class: 'party-cards' });
	const box = el('div', { class: 'details' }, actions.box, cards,
		el('p', { class: 'muted legend' }, t('graph.legend')), facts);

	function show(call) {
		const traces = live.traces.get(call.id);
		const nums = new Set(call.legs.map(({ leg_num }) => leg_num));

		for (const [num, party] of parties)
			if (!nums.has(num)) {
				party.box.remove();
				parties.delete(num);
			}
		for (const leg of call.legs) {
			if (!parties.has(leg.leg_num)) {
				const party = makeParty();

				parties.set(leg.leg_num, party);
			}
			showParty(parties.get(leg.leg_num), leg, traces?.get(leg.leg_num));
		}
		arrange(cards, [...call.legs].sort(phonesFirst).map(({ leg_num: num }) =>
			parties.get(num).box));
		setText(facts, [t('call.began', { at: clock(call.t_start) }),
			call.t_answer ? t('call.answered', { at: clock(call.t_answer) }) : '',
			call.dialled ? t('call.dialled', { number: call.dialled }) : '',
			call.channel ? t('call.channel', { name: call.channel }) : '',
			t('call.bridge', { name: call.bridge }), isolate(call.call_id)]
			.filter(Boolean).join(' · '));
		actions.show(call);
	}

	show(first);
	return { box, show };
}
