// Numbers, times and names as people read them.

import { language, t } from './texts.js';

const number = (options) => new Intl.NumberFormat(language, options);
const INTEGER = number({ maximumFractionDigits: 0 });
const TENTH = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const PERCENT = number({ style: 'percent', maximumFractionDigits: 1 });
const time = (options) => new Intl.DateTimeFormat(language, options);
const TIME_OF_DAY = { hour: '2-digit', minute: '2-digit', second: '2-digit',
	hourCycle: 'h23' };
const TIME = time(TIME_OF_DAY);
const DAY_TIME = time({ day: '2-digit', month: 'short', ...TIME_OF_DAY });

export const NONE = '–';

export const whole = (value) => (value === null || value === undefined ? NONE
	: INTEGER.format(value));
export const tenth = (value) => (value === null || value === undefined ? NONE
	: TENTH.format(value));
export const percent = (value) => (value === null || value === undefined ? NONE
	: PERCENT.format(value));

/** 0.4 ms, 12 ms, 1.1 s */
export function millis(value) {
	if (value === null || value === undefined) return NONE;
	if (value >= 1000) return `${TENTH.format(value / 1000)} s`;
	return `${value < 10 ? TENTH.format(value) : INTEGER.format(value)} ms`;
}

/** 3:07, 1:02:03 */
export function duration(ms) {
	if (ms === null || ms === undefined) return NONE;
	const all = Math.max(0, Math.floor(ms / 1000));
	const two = (value) => String(value).padStart(2, '0');
	const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];

	return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Of a time: of today without the day. */
export function clock(ms) {
	if (!ms) return NONE;
	const then = new Date(ms);

	return (then.toDateString() === new Date().toDateString() ? TIME : DAY_TIME)
		.format(then);
}

/** For how long it is so already, in one unit. */
export function ago(ms, now = Date.now()) {
	if (!ms) return NONE;
	const s = Math.max(0, Math.round((now - ms) / 1000));

	if (s < 60) return t('ago.s', { n: s });
	if (s < 3600) return t('ago.m', { n: Math.floor(s / 60) });
	if (s < 86400) return t('ago.h', { n: Math.floor(s / 3600) });
	return t('ago.d', { n: Math.floor(s / 86400) });
}

/** sip:+4930123@pbx.example: +4930123 */
export function numberOf(uri) {
	if (!uri) return '';
	const bare = uri.replace(/^sips?:/, '').replace(/[;?>].*$/, '');

	return bare.includes('@') ? bare.slice(0, bare.lastIndexOf('@')) : bare;
}

/** Who somebody is: { name, number }; at least one of both is there. */
export function person(party) {
	const number_ = party?.uri ? numberOf(party.uri)
		: party?.number && !party.user ? party.number : party?.user ? t('user', { id: party.user }) : '';

	return { name: party?.name || number_ || t('unknown'),
		number: party?.name ? number_ : '' };
}

const CODECS = { PCMU: 'G.711µ', PCMA: 'G.711A', opus: 'Opus' };

/** opus/48000/2: Opus */
export function codec(name) {
	if (!name) return '';
	const [first] = name.split('/');

	return CODECS[first] ?? first;
}

/** AEAD_AES_128_GCM: AES-128-GCM */
export const cipher = (name) => name?.replace(/^AEAD_/, '')
	.replace(/_HMAC_.*$/, '').replaceAll('_', '-');

/** good, fair, poor: of MOS (ITU-T G.107: 4.03, 3.6 are "satisfied", "some
 * dissatisfied") */
export function grade(mos) {
	if (!mos) return '';
	return mos >= 4 ? 'good' : mos >= 3.6 ? 'fair' : 'poor';
}
