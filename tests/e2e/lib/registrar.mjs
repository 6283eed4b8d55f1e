// A SIP registrar that answers as a test wants it, over UDP, TCP and TLS: what
// real ones do that our own Kamailio does not.
//
//	const registrar = await openRegistrar({ answer: (request) => ({ code: 200,
//		headers: [`Contact: ${request.header('Contact')}`] }) });
//	await registrar.wait('a second REGISTER', ({ length }) => length > 1);

import { readFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { randomBytes } from 'node:crypto';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { now, parse } from './sipua.mjs';

const HOST = '127.0.0.1';

/** A request is of the bridge's own registration client, not of baresip's. */
export const isOurs = (header) =>
	/^connectycube-bridge\/\d/.test(header('User-Agent'));

/** Messages out of a stream; what is left over stays in `rest`. */
class Framer {
	#rest = '';

	/** Pings (RFC 5626, 4.4.1) are messages without text. */
	push(data) {
		const messages = [];

		this.#rest += data.toString('latin1');
		for (;;) {
			if (this.#rest.startsWith('\r\n')) {
				const ping = this.#rest.startsWith('\r\n\r\n') ? 4 : 2;

				messages.push('');
				this.#rest = this.#rest.slice(ping);
				continue;
			}
			const end = this.#rest.indexOf('\r\n\r\n');
			const [, length = 0] = /^content-length *: *(\d+)/mi
				.exec(this.#rest.slice(0, end)) ?? [];
			const size = end + 4 + Number(length);

			if (end < 0 || this.#rest.length < size) return messages;
			messages.push(this.#rest.slice(0, size));
			this.#rest = this.#rest.slice(size);
		}
	}
}

class Registrar {
	#servers = [];
	#connections = new Set();

	/** Every request, in order: parsed, and where it came from. */
	requests = [];

	/** Final responses to what a test has sent, parsed. */
	responses = [];

	/** Keep-alives: { ms, from }. */
	pings = [];

	/** Handshakes of TLS that failed, as errors. */
	refused = [];

	constructor(answer) {
		this.answer = answer;
	}

	/** REGISTERs of the bridge's own client: baresip sends one before that is
	 * there, and takes it back. */
	get registers() {
		return this.requests.filter(({ method, header }) =>
			method === 'REGISTER' && isOurs(header));
	}

	async listen({ port, tls, host }) {
		const udp = createSocket('udp4');

		udp.on('message', (data, { address, port: from }) => this.#receive(
			data.toString('latin1').replace(/^(\r\n)+$/, ''),
			{ transport: 'udp', address, port: from,
				send: (text) => udp.send(text, from, address) }));
		udp.bind(port, host);
		await once(udp, 'listening');
		this.port = udp.address().port;
		this.#servers.push(udp);

		const tcp = tls ? createTlsServer({
			cert: readFileSync(`${tls}.pem`), key: readFileSync(`${tls}.key`),
		}, (socket) => this.#connected(socket, 'tls'))
			: createServer((socket) => this.#connected(socket, 'tcp'));

		tcp.on('tlsClientError', (error) => this.refused.push(error));
		tcp.listen(this.port, host);
		await once(tcp, 'listening');
		this.#servers.push(tcp);
	}

	#connected(socket, transport) {
		const framer = new Framer();

		this.#connections.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.#connections.delete(socket));
		socket.on('data', (data) => {
			for (const text of framer.push(data))
				this.#receive(text, { transport, address: socket.remoteAddress,
					port: socket.remotePort, servername: socket.servername,
					send: (answer) => socket.write(answer) });
		});
	}

	#receive(text, from) {
		if (!text) {
			this.pings.push({ ms: now(), from });
			return;
		}
		const request = Object.assign(parse(Buffer.from(text, 'latin1'), now()),
			{ from });

		if (request.code) {
			this.responses.push(request);
			return;
		}
		const again = this.requests.find((one) => one.header('Via')
			=== request.header('Via') && one.method === request.method);

		if (!again) this.requests.push(request);
		if (request.method === 'ACK') return;

		const response = again?.response ?? this.answer(request, this);

		(again ?? request).response = response;
		if (response) this.#respond(request, response);
	}

	#respond(request, { code, reason = 'Whatever', headers = [],
		received = '', tag = randomBytes(4).toString('hex') }) {
		const to = request.header('To');
		const via = request.all('Via').map((one) => `Via: ${one.replace(
			/;rport(?!=)/, `;rport=${request.from.port}`)}${received}`);

		request.from.send([`SIP/2.0 ${code} ${reason}`, ...via,
			`From: ${request.header('From')}`,
			`To: ${/;tag=/.test(to) ? to : `${to};tag=${tag}`}`,
			`Call-ID: ${request.header('Call-ID')}`,
			`CSeq: ${request.header('CSeq')}`, ...headers,
			'Content-Length: 0', '', ''].join('\r\n'));
	}

	/** Until the REGISTERs that came are as wanted; returns them. */
	wait(what, check, { timeout = 20000, child } = {}) {
		return until(what, () => check(this.registers) && this.registers,
			{ timeout, child });
	}

	/** Cut all connections, as a server that restarts does. */
	cut() {
		for (const socket of this.#connections) socket.destroy();
	}

	async close() {
		this.cut();
		await Promise.all(this.#servers.map((server) =>
			new Promise((resolve) => { server.close(resolve); })));
	}
}

/** A 200 that lists what was registered. */
export const accept = (request, headers = []) => ({ code: 200, reason: 'OK',
	headers: [`Contact: ${request.header('Contact')}`, ...headers] });

/** port: 0 is any; tls: path of a certificate and key, without .pem and .key;
 * host: where it is, 127.0.0.0/8. */
export async function openRegistrar({
	answer = (request) => accept(request), port = 0, tls, host = HOST } = {}) {
	const registrar = new Registrar(answer);

	await registrar.listen({ port, tls, host });
	return registrar;
}
