// What anybody in the network may send to the bridge's SIP port: it is answered
// once and kept nowhere, from the first moment on, and takes nothing from callers.
// The port listens before the accounts are there.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { useLone } from './lib/lone.mjs';
import { freePort } from './lib/ports.mjs';
import { openRegistrar } from './lib/registrar.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { parse } from './lib/sipua.mjs';

const STRANGER = '127.0.0.2'; // the registrar is at 127.0.0.1

const lone = useLone();
const { opened } = lone;

/** A bridge, registered unless it has no registrar. */
async function start({ registrar, ...options } = {}) {
	const sip = `127.0.0.1:${registrar?.port ?? 9}`;
	const bridge = await startRawBridge({ ...lone.sandbox, sip },
		{ users: userLine(sip, { more: ';call=101' }), ...options });

	opened.push(bridge);
	return bridge;
}

/** Somebody who sends a datagram and never sends it again: { ask, answers }. */
async function openStranger(port, host = STRANGER) {
	const socket = createSocket('udp4');
	const answers = [];
	let n = 0;

	socket.bind(0, host);
	await once(socket, 'listening');
	socket.on('message', (data) => answers.push(parse(data, 0)));
	opened.push({ close: () => socket.close() });
	return {
		answers,
		/** Send one; its Call-ID is returned. */
		ask(method, { user = '1000', tag = '', extra = [] } = {}) {
			const id = `${host}-${++n}`;

			socket.send([`${method} sip:${user}@127.0.0.1:${port} SIP/2.0`,
				`Via: SIP/2.0/UDP ${host}:${socket.address().port}`
					+ `;branch=z9hG4bK${id}`,
				'Max-Forwards: 70', `From: <sip:5@${host}>;tag=1`,
				`To: <sip:${user}@127.0.0.1>${tag}`, `Call-ID: ${id}`,
				`CSeq: 1 ${method}`,
				`Contact: <sip:5@${host}:${socket.address().port}>`,
				...extra, 'Content-Length: 0', '', ''].join('\r\n'),
			port, '127.0.0.1');
			return id;
		},
		of: (id) => answers.filter(({ header }) => header('Call-ID') === id),
	};
}

test('whoever calls while the bridge starts is told to call again', async () => {
	const port = await freePort();
	const callers = [];

	for (const host of [STRANGER, '127.0.0.1'])
		callers.push(await openStranger(port, host));
	const timer = setInterval(() => callers.forEach(({ ask }) => ask('INVITE')),
		5);

	try {
		const bridge = await start({ port, account: { params: ';regint=0' } });

		await until('strangers are told so', () => callers[0].answers.some(
			({ code }) => code === 403), { child: bridge.child });
	} finally {
		clearInterval(timer);
	}
	const early = callers[0].answers.find(({ code }) => code === 503);

	assert.match(early?.header('Retry-After') ?? 'no 503', /^[1-9]$/);
	assert.deepEqual([...new Set(callers[0].answers.map(({ code }) => code))],
		[503, 403]);
	// there is no cloud: 503 at first, and later
	assert.deepEqual(callers[1].answers.filter(({ code }) =>
		![100, 403, 503].includes(code)).map(({ first }) => first), []);
});

test('what strangers send is answered once, and nothing is kept of it',
	async () => {
		const registrar = await openRegistrar();

		opened.push(registrar);
		const bridge = await start({ registrar,
			keys: { module: ['g711.so', 'debug_cmd.so'] } });

		await bridge.waitRegistered();
		const stranger = await openStranger(bridge.port);
		const server = await openStranger(bridge.port, '127.0.0.1');
		const tag = ';tag=none';

		for (const [who, method, options, code] of [
			[stranger, 'INVITE', {}, 403],
			[stranger, 'INVITE', { tag }, 481],
			[stranger, 'INVITE', { tag, user: 'nobody' }, 481],
			[stranger, 'INVITE', { user: 'nobody' }, 404],
			[stranger, 'OPTIONS', {}, 403],
			[stranger, 'OPTIONS', { tag }, 481],
			[stranger, 'OPTIONS', { user: 'nobody' }, 404],
			[stranger, 'MESSAGE', {}, 403],
			[stranger, 'MESSAGE', { user: 'nobody' }, 404],
			[stranger, 'SUBSCRIBE', { user: 'nobody',
				extra: ['Event: presence'] }, 404],
			[stranger, 'SUBSCRIBE', { tag, extra: ['Event: presence'] }, 481],
			[stranger, 'REFER', { tag, extra: ['Refer-To: <sip:9@x>'] }, 481],
			[stranger, 'NOTIFY', { tag, extra: ['Event: presence',
				'Subscription-State: active'] }, 481],
			[stranger, 'INFO', { tag }, 481],
			[stranger, 'BYE', { tag }, 481],
			[stranger, 'CANCEL', {}, 481],
			[stranger, 'UPDATE', { tag }, 481],
			[stranger, 'JUMP', { user: 'nobody' }, 404],
			[server, 'OPTIONS', {}, 200],
			[server, 'INVITE', { tag }, 481],
			[server, 'INVITE', { user: 'nobody' }, 404],
		]) {
			const id = who.ask(method, options);
			const what = `${method} ${JSON.stringify(options)}`;

			await until(`${what} is answered`, () => who.of(id).length,
				{ child: bridge.child });
			assert.equal(who.of(id)[0].code, code, what);
			// what is to be sent again stands there
			assert.doesNotMatch(await bridge.command('sipstat'),
				new RegExp(`z9hG4bK${id}\\b`), what);
		}
	});

/**
 * Connections by TCP: { sockets, closed() }. Each sends a request and has its
 * answer before the next ones begin, or says nothing: the bridge's queue is short.
 */
async function connectMany(port, hosts, ask = true) {
	const sockets = [];
	let closed = 0;

	opened.push({ close: () => sockets.forEach((one) => one.destroy()) });
	for (const [i, localAddress] of hosts.entries()) {
		const socket = connect({ port, host: '127.0.0.1', localAddress });

		socket.text = '';
		socket.on('error', () => {});
		socket.on('data', (data) => { socket.text += data; });
		socket.on('close', () => { ++closed; });
		sockets.push(socket);
		await once(socket, 'connect');
		if (!ask) continue;
		askOn(socket, `${localAddress}-${i}`);
		await new Promise((resolve) => {
			for (const what of ['data', 'close']) socket.once(what, resolve);
		});
	}
	return { sockets, closed: () => closed };
}

const askOn = (socket, id) => socket.write([
	'OPTIONS sip:1000@127.0.0.1 SIP/2.0',
	`Via: SIP/2.0/TCP 127.0.0.9:5;branch=z9hG4bK${id}`, 'Max-Forwards: 70',
	'From: <sip:5@127.0.0.9>;tag=1', 'To: <sip:1000@127.0.0.1>',
	`Call-ID: ${id}`, 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', '']
	.join('\r\n'));

test('connections of strangers take no descriptors from calls', async () => {
	const registrar = await openRegistrar();

	opened.push(registrar);
	const bridge = await start({ registrar });
	const { child } = bridge;
	const descriptors = () => readdirSync(`/proc/${child.pid}/fd`).length;

	await bridge.waitRegistered();
	const { sockets: [server], closed: left } = await connectMany(bridge.port,
		['127.0.0.1']);

	await until('the server is answered', () => /^SIP\/2\.0 200 /
		.test(server.text), { child });
	const before = descriptors();
	let most = 0;
	const watch = setInterval(() => { most = Math.max(most, descriptors()); },
		10);

	try {
		// one stranger, which asks; then many, which say nothing
		const many = await connectMany(bridge.port, Array(300).fill(STRANGER));

		await until('a stranger is refused', () => many.sockets.some(
			({ text }) => /^SIP\/2\.0 403 /.test(text)), { child });
		await until('its connections are closed', () =>
			many.closed() === 300, { child });
		assert.ok(most < before + 20, `${most} descriptors, ${before} before`);
		await bridge.waitLog(/connection from somebody at 127\.0\.0\.2 .*too many/);

		const silent = await connectMany(bridge.port, Array.from({ length: 120 },
			(_, i) => `127.0.1.${i + 1}`), false);

		await until('they are closed, too', () => silent.closed() === 120,
			{ child, timeout: 30000 });
		assert.ok(most < before + 80, `${most} descriptors, ${before} before`);
	} finally {
		clearInterval(watch);
	}
	assert.equal(left(), 0, 'the server is still connected');
	server.text = '';
	askOn(server, 'again');
	await until('the server is answered', () => /^SIP\/2\.0 200 /
		.test(server.text), { child });
	await until('no descriptor is left', () => descriptors() <= before,
		{ child });
});
