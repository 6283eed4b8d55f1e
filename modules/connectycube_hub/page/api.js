// Requests to the hub: JSON there and back; what is wrong is a Problem.

export const BASE = 'api/v1/';

/** What the hub says is wrong (RFC 9457); status 0: it is not reached. */
export class Problem extends Error {
	constructor(status, text, code = '') {
		super(text);
		this.status = status;
		this.code = code; // a word, of what a bridge could not do
	}
}

/** A part of a path, whatever is in it. */
export const part = encodeURIComponent;

/* What turns the direction of the text behind it: in a name it would have us say what we
   do not */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const TURNS_ALL = new RegExp(TURNS.source, 'g');
const MAY_TURN = new RegExp(`${TURNS.source}|\\\\u(?:061c|20[0-9a-f]{2})`, 'i');

/** Read JSON of the hub: callers choose what is in its texts. */
export const read = (text) => (MAY_TURN.test(text)
	? JSON.parse(text, (_, value) => (typeof value === 'string'
		? value.replace(TURNS_ALL, '\ufffd') : value))
	: JSON.parse(text));

async function ask(method, path, body) {
	const headers = { Accept: 'application/json' };

	if (method !== 'GET' && method !== 'HEAD') headers['X-ConnectyCube'] = '1';
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	if (method === 'POST' && globalThis.crypto?.randomUUID)
		headers['Idempotency-Key'] = crypto.randomUUID();

	let reply;

	try {
		reply = await fetch(BASE + path, { method, headers,
			body: body === undefined ? undefined : JSON.stringify(body) });
	} catch {
		throw new Problem(0, '');
	}

	const text = await reply.text().catch(() => '');
	let json = null;

	try {
		json = text ? read(text) : null;
	} catch { /* it is none: the status says enough */ }
	if (!reply.ok)
		throw new Problem(reply.status, json?.detail ?? json?.title
			?? reply.statusText, json?.code);
	return json;
}

/** query: names and values; those without a value are left away. */
export function get(path, query = {}) {
	const pairs = Object.entries(query).filter(([, value]) =>
		value !== undefined && value !== null && value !== '');

	return ask('GET', pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path);
}

/** Whether there is something: a Problem if not. */
export const look = (path) => ask('HEAD', path);

export const post = (path, body = {}) => ask('POST', path, body);
export const remove = (path) => ask('DELETE', path);
