// A call that is over, opened: how it went, how each party was heard, and its recordings.

import { BASE, get, look, part } from './api.js';
import { el } from './dom.js';
import { NONE, cipher, clock, codec, duration, grade, millis, numberOf, percent, tenth,
	whole } from './format.js';
import { draw, makeCanvas } from './graph.js';
import { askCall } from './newcall.js';
import { isolate, t, word } from './texts.js';

const PACKET = 20; // [ms] of audio, about
const STATS = 2000; // [ms] between two of what is measured

const fact = (key, value) => (value && value !== NONE ? el('div', {},
	el('dt', {}, t(`fact.${key}`)), el('dd', {}, value)) : null);

const share = (stream) => (stream && stream.lost !== null
	&& stream.lost + stream.packets ? percent(stream.lost
		/ (stream.lost + stream.packets)) : NONE);

function partyOf(leg) {
	const { media } = leg;
	const rx = media?.rx;
	const who = leg.name ?? (leg.number || numberOf(leg.remote));
	const box = el('section', { class: 'party-card', data: { grade: grade(rx?.mos) } },
		el('h3', {}, [word('side', leg.side), isolate(who)].filter(Boolean).join(' · ')));

	box.append(el('dl', {}, ...[
		fact('mos', rx?.mos ? `${tenth(rx.mos)}${rx.mos_min
			? ` (${t('past.worst', { mos: tenth(rx.mos_min) })})` : ''}` : NONE),
		fact('loss', share(rx)),
		fact('jitter', rx ? millis(rx.jitter_avg_ms) : NONE),
		fact('rtt', media ? millis(media.rtt_avg_ms) : NONE),
		fact('level', media?.level_dbov ? `${whole(media.level_dbov)} dBov` : NONE),
		fact('latency', media ? millis(media.latency_p50_ms) : NONE),
		fact('audio', codec(rx?.codec)),
		fact('srtp', cipher(media?.srtp ?? '')),
		fact('silent', media?.silent_ms ? duration(media.silent_ms) : ''),
		fact('hold', leg.hold_ms ? duration(leg.hold_ms) : ''),
		fact('code', leg.sip_code ? String(leg.sip_code) : ''),
	].filter(Boolean)));
	return box;
}

const NOT_HEARD = { 0: 'problem.gone', 401: 'past.may_not_hear', 403: 'past.may_not_hear',
	404: 'past.no_file', 410: 'past.removed' };

/* Browsers do not tell why something is not played: the hub does */
async function tellWhyNot(path, player, save) {
	const status = await look(path).then(() => 200, (problem) => problem.status);

	player.replaceWith(el('p', { class: 'muted' },
		t(NOT_HEARD[status] ?? 'past.cannot_play')));
	if (status !== 200) save.remove();
}

function playerOf(recording, may) {
	const box = el('div', { class: 'recording' });
	const title = [t('past.recording', { at: clock(recording.t_start) }),
		recording.duration_ms ? duration(recording.duration_ms) : '',
		recording.state === 'degraded' ? word('recording', 'degraded') : '',
		recording.reason ?? ''].filter(Boolean).join(' · ');

	box.append(el('p', {}, title));
	if (recording.state === 'failed' || !recording.file)
		box.append(el('p', { class: 'muted' }, t(recording.state === 'failed'
			? 'past.no_file' : 'past.unfinished')));
	else if (!may.steer)
		box.append(el('p', { class: 'muted' }, t('past.may_not_hear')));
	else {
		const path = `recordings/${part(recording.id)}`;
		const src = BASE + path;
		const player = el(/mp4|webm/.test(recording.format) ? 'video' : 'audio',
			{ controls: true, preload: 'none', src, aria: { label: title } });

		const save = el('a', { href: src, download: '', class: 'save' },
			t('past.save'));

		player.addEventListener('error', () => tellWhyNot(path, player, save));
		box.append(player, save);
	}
	return box;
}

/* What was measured of a party, each at its time */
function samplesOf(leg, times) {
	return times.map((time, i) => {
		const ms = i ? time - times[i - 1] : STATS;

		return { mos: leg.mos[i], level: leg.level_dbov[i], lost: leg.lost[i] ?? 0,
			share: (leg.lost[i] ?? 0) / Math.max(1, ms / PACKET) };
	});
}

/* The graphs of its parties, if the hub has them */
async function addTimeline(cards, record) {
	const { times, legs } = await get(`cdr/${part(record.id)}/timeline`);

	for (const leg of legs) {
		const card = cards.get(leg.leg_num);

		if (!card) continue;
		const canvas = makeCanvas(t('graph.past'));

		card.firstElementChild.after(canvas, el('p', { class: 'axis muted' },
			el('span', {}, clock(times[0])), el('span', {}, clock(times.at(-1)))));
		draw(canvas, { samples: samplesOf(leg, times),
			room: Math.max(2, times.length) });
	}
}

/* The other way round, or once more: by whoever of the app took part */
function callBack(record) {
	const parties = [record.from, record.to];
	const phone = parties.find(({ side }) => side === 'phone');
	const number = phone?.number || numberOf(phone?.uri);

	// who does not say who they are cannot be called
	return number && !/^(anonymous|unknown|unavailable)$/i.test(number) ? el('p', {}, el('button', { type: 'button', class: 'small quiet',
		on: { click: () => askCall({ extension: record.extension, number,
			user: parties.find(({ side }) => side === 'app')?.user ?? '' }) } },
	t('action.call_back'))) : null;
}

/** What an operator reads of it; buttons that may has. */
export function pastOf(record, may) {
	const cards = new Map(record.legs.map((leg) => [leg.num, partyOf(leg)]));
	const facts = [
		word('reason', record.reason),
		record.sip_code ? `SIP ${record.sip_code}` : '',
		record.hung_up_by ? t('past.by', { who: word('by', record.hung_up_by) }) : '',
		record.ring_ms ? t('past.rang', { time: duration(record.ring_ms) }) : '',
		record.pdd_ms === null ? '' : `${t('today.pdd')}: ${millis(record.pdd_ms)}`,
		record.hold_ms ? t('past.held', { time: duration(record.hold_ms) }) : '',
		record.dialled ? t('call.dialled', { number: record.dialled }) : '',
		...(record.transfers ?? []).map(({ target, state }) =>
			t(`past.transfer_${state}`, { to: numberOf(target) })),
	].filter(Boolean).join(' · ');
	const box = el('div', { class: 'details' }, el('p', {}, facts),
		may.steer ? callBack(record) : null,
		...(record.recordings ?? []).map((one) => playerOf(one, may)),
		cards.size ? el('div', { class: 'party-cards' }, ...cards.values()) : null,
		el('p', { class: 'muted facts' }, [record.id, record.call_id, record.trace]
			.filter(Boolean).map(isolate).join(' · ')));

	if (record.bill_ms) addTimeline(cards, record).catch(() => {});
	return box;
}
