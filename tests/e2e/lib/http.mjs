// HTTP by hand: bytes as a test writes them, and what comes back.
//
//	const reply = await ask({ port }, 'GET', '/healthz', { headers });
//	const replies = await raw({ path }, 'GET / HTTP/1.1\r\n...');

import net from 'node:net';

const TIMEOUT = 30000; // [ms]

/**
 * Replies in what was received; a body without length is up to the end. binary: bodies
 * are bytes; head: they have none.
 */
export function parse(bytes, { binary = false, head = false } = {}) {
	const replies = [];
	let text = bytes.toString('latin1');

	while (text) {
		const end = text.indexOf('\r\n\r\n');

		if (end < 0) throw new Error(`no head: ${text}`);
		const [first, ...lines] = text.slice(0, end).split('\r\n');
		const match = /^HTTP\/1\.1 (\d{3}) /.exec(first);

		if (!match) throw new Error(`no status: ${first}`);
		const headers = Object.fromEntries(lines.map((line) => {
			const at = line.indexOf(': ');

			return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
		}));
		const status = Number(match[1]);
		const length = head || status === 100 || status === 204 ? 0
			: Number(headers['content-length'] ?? Infinity);
		const content = Buffer.from(text.slice(end + 4, end + 4 + length), 'latin1');
		const body = binary ? content : content.toString();

		replies.push({ status, headers, body,
			json: /json/.test(headers['content-type']) && body
				? JSON.parse(body.toString()) : null });
		text = text.slice(end + 4 + length);
	}
	return replies;
}

/** Open a connection; it has what was received. */
export async function dial(door, connect = net.connect) {
	const socket = connect({ ...door, host: door.port ? '127.0.0.1' : undefined });
	const conn = { socket, bytes: Buffer.alloc(0), ended: false };
	const wake = new Set();
	const tell = () => {
		for (const one of wake) one();
	};

	socket.on('data', (data) => {
		conn.bytes = Buffer.concat([conn.bytes, data]);
		tell();
	});
	socket.on('error', (error) => {
		conn.error = error;
	});
	socket.on('close', () => {
		conn.ended = true;
		tell();
	});
	conn.write = (text) => socket.write(text);
	conn.wait = (what, check) => new Promise((resolve, reject) => {
		const done = (settle, value) => {
			clearTimeout(timer);
			wake.delete(look);
			settle(value);
		};
		const timer = setTimeout(() => done(reject, new Error(
			`no ${what}; got ${conn.bytes.toString().slice(-400)}`)), TIMEOUT);
		const look = () => {
			const result = check(conn);

			if (result) done(resolve, result);
		};

		wake.add(look);
		look();
	});
	await new Promise((resolve, reject) => {
		socket.once(connect === net.connect ? 'connect' : 'secureConnect', resolve);
		socket.once('error', reject);
	});
	return conn;
}

/** Write bytes; all replies until the hub closes. how: of parse(). */
export async function raw(door, text, connect, how) {
	const conn = await dial(door, connect);

	conn.write(text);
	await conn.wait('end', ({ ended }) => ended);
	const replies = parse(conn.bytes, how);

	// an error after the answer is none of ours
	if (!replies.length && conn.error) throw conn.error;
	return replies;
}

/** One request, and its reply. */
export async function ask(door, method, path, { headers = {}, body, connect,
	binary } = {}) {
	const text = body === undefined || typeof body === 'string' ? body
		: JSON.stringify(body);
	const all = { Host: 'localhost', Connection: 'close',
		...text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text),
			'Content-Type': 'application/json' },
		...headers };
	const lines = Object.entries(all).filter(([, value]) => value !== null)
		.map(([name, value]) => `${name}: ${value}\r\n`);
	const replies = await raw(door,
		`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text ?? ''}`, connect,
		{ binary, head: method === 'HEAD' });

	if (replies.length !== 1)
		throw new Error(`${replies.length} replies`);
	return replies[0];
}
