// The media of a phone whose signalling is SIPp: sends a PCMU tone from a UDP
// socket of its own and listens to what comes back.

import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { fromMulaw, measure, toMulaw } from './tone.mjs';

const RATE = 8000;
const FRAME = 160; // 20 ms
const HEADER = 12;
const KEYS = '0123456789*#ABCD'; // by event code (RFC 4733)
const OPUS_SILENCE = [0xf8, 0xff, 0xfe]; // 20 ms

class RtpPeer {
	#socket;
	#timer = null;
	#heard = []; // one Float32Array for each packet
	#sequence = Math.floor(Math.random() * 32768); // no roll-over
	#timestamp = 0;
	#ssrc = Math.floor(Math.random() * 2 ** 32);
	#mirror = null; // { type, port }: what is sent back, and whereto

	packets = []; // { ms, address, port, type, data, ssrc, sequence }
	unreadable = []; // what unprotect() gave back as null

	/** SRTP, see srtp.mjs: of play(), and of all that comes. */
	protect = (data) => data;
	unprotect = (data) => data;

	/** A bad network for play(): of packet n, how late each copy is [ms]. */
	fate = () => [0];

	constructor(socket) {
		this.#socket = socket;
		socket.on('message', (raw, { address, port }) => {
			const data = this.unprotect(raw);

			if (!data) {
				this.unreadable.push(raw);
				return;
			}
			const type = data[1] & 0x7f;

			this.packets.push({ ms: Date.now(), address, port, type, data,
				sequence: data.readUInt16BE(2), ssrc: data.readUInt32BE(8) });
			if (type === 0)
				this.#heard.push(Float32Array.from(data.subarray(HEADER),
					fromMulaw));
			if (type === this.#mirror?.type) this.#reflect(data);
		});
	}

	get port() {
		return this.#socket.address().port;
	}

	/** A packet without its payload. */
	#header(type, payload) {
		const data = Buffer.alloc(HEADER + payload);

		data[0] = 0x80;
		data[1] = type;
		data.writeUInt16BE(this.#sequence++ & 0xffff, 2);
		data.writeUInt32BE(this.#timestamp, 4);
		data.writeUInt32BE(this.#ssrc, 8);
		return data;
	}

	/** One packet with the next 20 ms of a tone, or of several at once. */
	#packet(hz) {
		const data = this.#header(0, FRAME);
		const tones = [hz].flat();

		for (let i = 0; i < FRAME; i++)
			data[HEADER + i] = toMulaw(tones.reduce((sum, tone) => sum
				+ 0.5 / tones.length * Math.sin(2 * Math.PI * tone
					* (this.#timestamp + i) / RATE), 0));
		this.#timestamp += FRAME;
		return data;
	}

	/** Do send(number) every 20 ms; a phone's clock does not slip: what is late
	 * is caught up. */
	#stream(send) {
		const begin = Date.now();
		let sent = 0;

		this.hush();
		this.#timer = setInterval(() => {
			for (; sent * 20 <= Date.now() - begin; sent++) send(sent);
		}, 10);
	}

	/** Number of the next packet of play(). */
	get sent() {
		return this.#sequence;
	}

	/** Send a tone to a port on loopback, in real time. */
	play(hz, port) {
		this.#stream((number) => {
			const data = this.protect(this.#packet(hz));

			for (const late of this.fate(number)) {
				if (late) this.#later(data, port, late);
				else this.#socket.send(data, port, '127.0.0.1');
			}
		});
	}

	async #later(data, port, ms) {
		await setTimeout(ms);
		this.#socket.send(data, port, '127.0.0.1');
	}

	/** Pause: comfort noise (RFC 3389) of a level [-dBov], in real time. */
	pause(level, port) {
		const step = 100; // [ms]

		this.hush();
		this.#timer = setInterval(() => {
			const data = this.#header(13, 1);

			data[HEADER] = level;
			this.#timestamp += RATE * step / 1000;
			this.#socket.send(data, port, '127.0.0.1');
		}, step);
	}

	/** Send Opus that codes silence, in real time. */
	playOpus(port, type = 111) {
		this.#stream(() => {
			const data = this.#header(type, OPUS_SILENCE.length);

			data.set(OPUS_SILENCE, HEADER);
			this.#timestamp += FRAME * 48000 / RATE;
			this.#socket.send(data, port, '127.0.0.1');
		});
	}

	/** A packet of some payload type, in sequence: a keep-alive. */
	other(type, port) {
		const data = Buffer.alloc(HEADER + 1);

		data[0] = 0x80;
		data[1] = type;
		data.writeUInt16BE(this.#sequence++ & 0xffff, 2);
		data.writeUInt32BE(this.#timestamp, 4);
		data.writeUInt32BE(this.#ssrc, 8);
		return this.send(data, port);
	}

	/** Press a key: telephone-events (RFC 4733) of a clock [Hz] instead of
	 * the tone. */
	async press(key, port, { ms = 200, type = 101, clock = RATE } = {}) {
		const event = KEYS.indexOf(key);
		const steps = ms / 20;
		const step = clock / 50;
		const begin = Date.now();

		this.hush();
		for (let i = 1; i < steps + 3; i++) {
			const data = this.#header(type | (i === 1 ? 0x80 : 0), 4);

			data[HEADER] = event;
			data[HEADER + 1] = 10 | (i >= steps ? 0x80 : 0);
			data.writeUInt16BE(step * Math.min(i, steps), HEADER + 2);
			await this.send(this.protect(data), port);
			// as in #stream()
			if (i < steps)
				await setTimeout(Math.max(0, begin + i * 20 - Date.now()));
		}
		this.#timestamp += step * steps;
	}

	/** The keys that came as telephone-events: [{ key, ms, ends }]. */
	keys(type = 101, clock = RATE) {
		const keys = new Map(); // by timestamp

		for (const { data } of this.packets.filter((packet) =>
			packet.type === type)) {
			const timestamp = data.readUInt32BE(4);
			const found = keys.get(timestamp) ?? { ends: 0 };

			keys.set(timestamp, {
				key: KEYS[data[HEADER]],
				ms: data.readUInt16BE(HEADER + 2) * 1000 / clock,
				ends: found.ends + (data[HEADER + 1] >> 7),
			});
		}
		return [...keys.values()];
	}

	/** Send back what comes with a payload type, whatever its codec. */
	echo(type, port) {
		this.hush();
		this.#mirror = { type, port };
	}

	#reflect(data) {
		this.#timestamp = data.readUInt32BE(4);
		const packet = this.#header(this.#mirror.type, data.length - HEADER);

		packet.set(data.subarray(HEADER), HEADER);
		this.#socket.send(this.protect(packet), this.#mirror.port,
			'127.0.0.1');
	}

	hush() {
		clearInterval(this.#timer);
		this.#mirror = null;
	}

	/** Send something that is no RTP, or not this call's. */
	send(data, port) {
		return new Promise((resolve) => {
			this.#socket.send(data, port, '127.0.0.1', resolve);
		});
	}

	/** Listen to the next ms: { hz, rms, silentMs }. */
	async hear(ms = 1000) {
		const begin = this.#heard.length;
		const count = Math.ceil(ms / 20);

		await until(`${count} RTP packets at port ${this.port}`, () =>
			this.#heard.length - begin >= count);

		const frames = this.#heard.slice(-count);
		const samples = new Float32Array(frames.reduce((sum, frame) =>
			sum + frame.length, 0));
		let filled = 0;

		for (const frame of frames) {
			samples.set(frame, filled);
			filled += frame.length;
		}
		return measure(samples, RATE);
	}

	close() {
		this.hush();
		this.#socket.close();
	}
}

export async function openRtp(port = 0, host = '127.0.0.1') {
	const socket = createSocket('udp4');

	socket.bind(port, host);
	await once(socket, 'listening');
	return new RtpPeer(socket);
}
