// Calls that are over as a file for a spreadsheet.

import { get } from './api.js';
import { numberOf } from './format.js';
import { language, t, word } from './texts.js';

const PAGE = 200; // records of a request, at most
const MOST = 20000; // records of a file
const COMMA = language === 'pt-BR' ? ';' : ','; // as spreadsheets there have it

const two = (n) => String(n).padStart(2, '0');

/** 2026-11-30 14:02:11, where the reader is. */
function moment(ms) {
	if (!ms) return '';
	const day = new Date(ms);

	return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${
		two(day.getHours())}:${two(day.getMinutes())}:${two(day.getSeconds())}`;
}

const seconds = (ms) => (ms ? Math.round(ms / 1000) : '');
const who = (party) => numberOf(party?.uri) || party?.user || party?.number || '';

const COLUMNS = [
	['csv.began', ({ t_start: ms }) => moment(ms)],
	['csv.caller', ({ from }) => who(from)],
	['csv.caller_name', ({ from }) => from?.name],
	['csv.called', ({ to }) => who(to)],
	['csv.called_name', ({ to }) => to?.name],
	['head.ext', ({ extension }) => numberOf(extension)],
	['past.result', ({ disposition }) => word('result', disposition)],
	['csv.reason', ({ reason }) => word('reason', reason)],
	['csv.rang', ({ ring_ms: ms }) => seconds(ms)],
	['csv.talked', ({ bill_ms: ms }) => seconds(ms)],
	['csv.id', ({ id }) => id],
];

/* A name that callers choose is no formula: a spreadsheet would compute it */
function cell(value) {
	const text = String(value ?? '');
	const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+$/.test(text) ? `'${text}` : text;

	return `"${safe.replaceAll('"', '""')}"`;
}

const line = (values) => `${values.map(cell).join(COMMA)}\r\n`;

/** All records that a query has, as CSV; those that a file has no room for are left away. */
export async function makeCsv(query) {
	const lines = [line(COLUMNS.map(([key]) => t(key)))];
	let cursor;

	do {
		const { records, next } = await get('cdr', { ...query, limit: PAGE, cursor });

		lines.push(...records.map((one) => line(COLUMNS.map(([, read]) => read(one)))));
		cursor = next;
	} while (cursor && lines.length < MOST);
	return `\ufeff${lines.join('')}`;
}

/** The browser saves it. */
export function saveCsv(text, name) {
	const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	const link = document.createElement('a');

	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}
