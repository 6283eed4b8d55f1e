// Talks to a baresip over its ctrl_tcp: JSON in netstrings ("LENGTH:JSON,"),
// answers and events mixed.
//
//	const phone = await connectCtrl(4455);
//	await phone.command('dial', 'sip:1000@127.0.0.1:5060');
//	await phone.waitEvent('CALL_ESTABLISHED');

import { once } from 'node:events';
import net from 'node:net';

const TIMEOUT = 20000; // [ms]

class Ctrl {
	#socket;
	#buffer = Buffer.alloc(0);
	#token = 0;
	#waiters = new Set();
	#next = 0; // index of the first event not waited for yet

	events = [];

	constructor(socket) {
		this.#socket = socket;
		socket.on('data', (data) => this.#receive(data));
		// its process was killed: who waits for an answer is told that none came
		socket.on('error', () => {});
	}

	#receive(data) {
		this.#buffer = Buffer.concat([this.#buffer, data]);
		for (;;) {
			const colon = this.#buffer.indexOf(':');
			const length = Number(this.#buffer.subarray(0, Math.max(0, colon)));
			const end = colon + 1 + length;

			if (colon < 1 || this.#buffer.length <= end) return;
			this.#handle(JSON.parse(this.#buffer.subarray(colon + 1, end)));
			this.#buffer = this.#buffer.subarray(end + 1);
		}
	}

	#handle(message) {
		if (message.event) this.events.push({ ms: Date.now(), ...message });
		for (const waiter of this.#waiters) waiter(message);
	}

	#wait(what, check, timeout) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiters.delete(waiter);
				reject(new Error(`no ${what} within ${timeout} ms; saw `
					+ this.events.map(({ type }) => type).join(', ')));
			}, timeout);
			const waiter = (message) => {
				const result = check(message);

				if (!result) return;
				clearTimeout(timer);
				this.#waiters.delete(waiter);
				resolve(result);
			};

			this.#waiters.add(waiter);
			waiter({});
		});
	}

	/** Run a console command; returns what it prints. */
	async command(command, params = '', timeout = TIMEOUT) {
		const token = String(++this.#token);
		const text = JSON.stringify({ command, params, token });
		const answer = this.#wait(`answer to ${command}`,
			(message) => message.token === token && message, timeout);

		this.#socket.write(`${Buffer.byteLength(text)}:${text},`);
		const { ok, data } = await answer;

		if (!ok) throw new Error(`${command} ${params}: ${data}`);
		return data;
	}

	/** The first event of a type after the last one waited for. */
	waitEvent(type, timeout = TIMEOUT) {
		return this.#wait(type, () => {
			const found = this.events.findIndex((event, i) =>
				i >= this.#next && event.type === type);

			if (found < 0) return null;
			this.#next = found + 1;
			return this.events[found];
		}, timeout);
	}

	/** Events up to now do not count for the next waitEvent(). */
	forget() {
		this.#next = this.events.length;
	}

	close() {
		this.#socket.destroy();
	}
}

export async function connectCtrl(port) {
	const socket = net.connect(port, '127.0.0.1');

	await once(socket, 'connect');
	return new Ctrl(socket);
}
