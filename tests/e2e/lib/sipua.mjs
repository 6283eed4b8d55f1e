// A SIP user agent of its own, on one UDP socket: many short calls one after
// another, each message stamped the moment the socket has it. For leak tests and
// measurements; phones that people would recognise are in phone.mjs.
//
//	const ua = await openSipUa();
//	const call = await ua.invite(`sip:1000@127.0.0.1:${port}`);
//	await call.wait('200');          // the ACK is sent by itself
//	await call.bye();
//
//	const incoming = await ua.waitInvite();
//	incoming.answer();
//
// It does as phones do on UDP: what it sends is sent again until it is answered,
// and what comes again is answered again. ua.network loses, repeats and reorders
// messages both ways; see sipnet.mjs.

import { once } from 'node:events';
import { createSocket } from 'node:dgram';

import { openRtp } from './rtp.mjs';
import { Call, now, token } from './sipcall.mjs';
import { audioLines, parse, videoLines } from './sipmsg.mjs';
import { Wire } from './sipnet.mjs';

export { audioLines, now, parse, videoLines };

const TIMEOUT = 20000; // [ms]
const HOST = '127.0.0.1';

class SipUa {
	#socket;
	#calls = new Map();
	#invites = [];
	#waiter = null;
	#closed = false;
	#guarded = new Map(); // Via and method of a request: what guard() said
	#wires = { in: new Wire(), out: new Wire() };

	/** What happens to a message on its way ('in' or 'out'): 'lost', 'twice',
	 * 'late' (overtaken by the next one), or it passes. */
	network = () => null;

	/** A server before the phone, which may answer a request itself: with
	 * { code, reason, headers }. Asked once for each; not for ACK. */
	guard = () => null;

	/** A phone that writes its SDP in its own way, and what it calls that. */
	edit = (sdp) => sdp;
	type = 'application/sdp';

	constructor(socket, rtp, { host, user, formats, maps, ptime, video }) {
		this.#socket = socket;
		this.host = host;
		this.rtp = rtp;
		this.user = user;
		this.formats = formats;
		this.maps = maps;
		this.ptime = ptime;
		this.video = video;
		this.port = socket.address().port;
		socket.on('message', (data, from) => {
			const message = parse(data, now());

			this.#wires.in.carry(this.network(message, 'in'), () =>
				this.#receive(message, from));
		});
	}

	/** True if the server has answered. */
	#stopped(request, { port }) {
		if (!request.method || request.method === 'ACK') return false;
		const key = `${request.header('Via')} ${request.method}`;

		if (!this.#guarded.has(key)) this.#guarded.set(key, this.guard(request));
		const answer = this.#guarded.get(key);

		if (!answer) return false;
		const { code, reason = 'Whatever', headers = [] } = answer;
		const to = request.header('To');

		this.send([`SIP/2.0 ${code} ${reason}`,
			...request.all('Via').map((via) => `Via: ${via}`),
			`From: ${request.header('From')}`,
			`To: ${/;tag=/.test(to) ? to : `${to};tag=${token()}`}`,
			...['Call-ID', 'CSeq'].map((name) =>
				`${name}: ${request.header(name)}`),
			...headers, 'Content-Length: 0', '', ''].join('\r\n'), port);
		return true;
	}

	#receive(message, from) {
		if (this.#stopped(message, from)) return;
		const id = message.header('Call-ID');
		const [tag = ''] = /;tag=[^;]*/.exec(message.header('To')) ?? [];
		let call = this.#calls.get(id + tag) ?? this.#calls.get(id);

		if (!call && message.method === 'INVITE') {
			const [, uri] = /<(.*?)>/.exec(message.header('Contact'));

			call = new Call(this, { id, invite: message, uri, port: from.port });
			this.#calls.set(id, call);
			call.handle(message);
			this.#invites.push(call);
			this.#waiter?.();
			return;
		}
		call?.handle(message);
	}

	/** A call beside another one, told from it by its tag. */
	fork(options) {
		const tag = token();
		const call = new Call(this, { ...options, tag });

		this.#calls.set(`${options.id};tag=${tag}`, call);
		return call;
	}

	send(text, port) {
		const data = Buffer.from(text, 'latin1');

		this.#wires.out.carry(this.network(parse(data, now()), 'out'), () =>
			this.#closed || this.#socket.send(data, port, HOST));
	}

	/** Call a URI with a port; resolves when the INVITE is on its way. id: of
	 * another phone's call, as if a proxy had sent one INVITE to both */
	async invite(uri, { id = token(), ...options } = {}) {
		const port = Number(/:(\d+)$/.exec(uri)[1]);
		const call = new Call(this, { id, uri, port });

		this.#calls.set(call.id, call);
		call.start(options);
		return call;
	}

	/** What a request to a URI is to begin: a subscription, or nothing. */
	open(uri) {
		const port = Number(/:(\d+)$/.exec(uri)[1]);
		const call = new Call(this, { id: token(), uri, port });

		this.#calls.set(call.id, call);
		return call;
	}

	/** A request outside any call; resolves with its final answer. */
	query(uri, method, options) {
		return this.open(uri).ask(method, options);
	}

	/** Calls that came so far are of no interest. */
	forget() {
		this.#invites.length = 0;
	}

	/** The next call that comes. */
	async waitInvite(timeout = TIMEOUT) {
		if (!this.#invites.length)
			await new Promise((resolve, reject) => {
				const timer = setTimeout(() => reject(
					new Error(`no INVITE within ${timeout} ms`)), timeout);

				this.#waiter = () => {
					clearTimeout(timer);
					this.#waiter = null;
					resolve();
				};
			});
		return this.#invites.shift();
	}

	close() {
		this.#closed = true;
		for (const call of this.#calls.values()) call.close();
		this.rtp.close();
		this.#socket.close();
	}
}

/** formats, maps and ptime [ms]: of its SDP's audio line; PCMU by default.
 * video: the lines behind it. host: where it is, 127.0.0.0/8. port: 0=any */
export async function openSipUa({ host = HOST, port = 0, user = '5551234', formats = '0',
	maps = [], ptime = 20, video = [] } = {}) {
	const socket = createSocket('udp4');

	socket.bind(port, host);
	await once(socket, 'listening');
	return new SipUa(socket, await openRtp(), { host, user, formats, maps,
		ptime, video });
}
