// The video of a phone whose signalling is sipua.mjs: RTP and RTCP sockets that
// keep what comes, send a recorded stream, and ask for keyframes and are asked.
//
//	const video = await openVideoRtp();
//	video.play(stream, remotePort);     // a stream of record()
//	video.askPli(); video.count('pli');

import { once } from 'node:events';
import { createSocket } from 'node:dgram';

import { freePort } from './ports.mjs';

const HEADER = 12;
const CLOCK = 90; // [1/ms]
const RR = 201;
const RTPFB = 205;
const PSFB = 206;
const STAP_A = 24; // H264 (RFC 6184)
const FU_A = 28;
const FIR_2032 = 192; // the old FIR of RFC 2032, which baresip sends

/** Kinds of feedback by packet type and format (RFC 4585, RFC 5104). */
const KINDS = { '205/1': 'nack', '205/3': 'tmmbr', '205/15': 'twcc',
	'206/1': 'pli', '206/4': 'fir', '206/15': 'remb' };

/** The packets of a compound: [{ type, kind, data }]. */
function parseRtcp(data) {
	const packets = [];

	for (let at = 0; at + 4 <= data.length;) {
		const end = at + 4 * (data.readUInt16BE(at + 2) + 1);
		const type = data[at + 1];
		const kind = type === FIR_2032 ? 'fir'
			: KINDS[`${type}/${data[at] & 31}`];

		packets.push({ type, kind, data: data.subarray(at, end) });
		at = end;
	}
	return packets;
}

/** Frames of RTP packets: [{ timestamp, ms, packets: [payload] }]. */
export function frames(packets) {
	const list = [];

	for (const { ms, data } of packets) {
		const timestamp = data.readUInt32BE(4);

		if (list.at(-1)?.timestamp !== timestamp)
			list.push({ timestamp, ms, packets: [] });
		list.at(-1).packets.push(data.subarray(HEADER));
	}
	return list;
}

/** H264 as packetization-mode 0 has it: each NAL unit a packet (FU-A undone). */
export function singleNals(stream) {
	return stream.map((frame) => ({ ...frame, packets: frame.packets.reduce(
		(nals, data) => {
			if ((data[0] & 31) !== FU_A) return [...nals, data];
			const head = data[0] & 0xe0 | data[1] & 31;

			if (data[1] & 0x80)
				return [...nals, Buffer.concat([Buffer.of(head),
					data.subarray(2)])];
			return [...nals.slice(0, -1), Buffer.concat([nals.at(-1),
				data.subarray(2)])];
		}, []) }));
}

/** Types of the H264 NAL units that payloads hold, or hold the begin of. */
export const nalTypes = (payloads) => payloads.flatMap((data) => {
	const type = data[0] & 31;
	const types = [];

	if (type === FU_A) return data[1] & 0x80 ? [data[1] & 31] : [];
	if (type !== STAP_A) return [type];
	for (let at = 1; at + 2 < data.length; at += 2 + data.readUInt16BE(at))
		types.push(data[at + 2] & 31);
	return types;
});

class VideoRtp {
	#rtp;
	#rtcp;
	#timer = null;
	#ssrc = Math.floor(Math.random() * 2 ** 32);
	#sequence = Math.floor(Math.random() * 65536);
	#firs = 0;
	#to = 0;
	#source = 0; // SSRC of what came last

	packets = []; // { ms, data, type, sequence, ssrc, payload }
	feedback = []; // { ms, type, kind, data }
	restart = true; // begin again with a keyframe when asked for one

	constructor(rtp, rtcp) {
		this.#rtp = rtp;
		this.#rtcp = rtcp;
		rtp.on('message', (data) => {
			this.#source = data.readUInt32BE(8);
			this.packets.push({ ms: Date.now(), data, type: data[1] & 0x7f,
				sequence: data.readUInt16BE(2), ssrc: this.#source,
				payload: data.subarray(HEADER) });
		});
		rtcp.on('message', (data) => {
			for (const one of parseRtcp(data))
				this.#handle({ ms: Date.now(), ...one });
		});
	}

	get port() {
		return this.#rtp.address().port;
	}

	#handle(packet) {
		this.feedback.push(packet);
		if (['pli', 'fir'].includes(packet.kind) && this.restart)
			this.keyframe();
	}

	/** How many of a kind came: 'pli', 'fir', 'nack', 'remb', ... */
	count(kind) {
		return this.feedback.filter((one) => one.kind === kind).length;
	}

	/** What came so far is of no interest. */
	forget() {
		this.packets.length = 0;
		this.feedback.length = 0;
	}

	/**
	 * Send a stream to a port, over and over, in real time. Its timestamps are
	 * those of a source that begins anew, with the same ones each time.
	 *
	 * first     frame to begin with
	 * lose(n)   not the nth packet
	 */
	play(stream, port, { first = 0, lose = () => false, type = 97 } = {}) {
		const step = (stream.at(-1).timestamp - stream[0].timestamp >>> 0)
			/ (stream.length - 1);
		const begin = Date.now();
		let sent = 0;
		let number = 0;

		this.hush();
		this.#to = port;
		this.next = first; // frame of the stream
		this.#timer = setInterval(() => {
			for (; sent * step <= (Date.now() - begin) * CLOCK; sent++) {
				const { packets } = stream[this.next++ % stream.length];

				packets.forEach((payload, i) => {
					const data = this.#packet(payload,
						Math.round(sent * step), type,
						i === packets.length - 1);

					if (!lose(number++)) this.#rtp.send(data, port, '127.0.0.1');
				});
			}
		}, 5);
	}

	/** Begin again with the stream's first frame. */
	keyframe() {
		this.next = 0;
	}

	#packet(payload, timestamp, type, marker) {
		const header = Buffer.alloc(HEADER);

		header[0] = 0x80;
		header[1] = type | (marker ? 0x80 : 0);
		header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
		header.writeUInt32BE(timestamp >>> 0, 4);
		header.writeUInt32BE(this.#ssrc, 8);
		return Buffer.concat([header, payload]);
	}

	hush() {
		clearInterval(this.#timer);
	}

	/** Feedback behind an empty receiver report. */
	#sendFeedback(type, format, fci, media) {
		const data = Buffer.alloc(8 + 12 + fci.length);

		data[0] = 0x80;
		data[1] = RR;
		data.writeUInt16BE(1, 2);
		data.writeUInt32BE(this.#ssrc, 4);
		data[8] = 0x80 | format;
		data[9] = type;
		data.writeUInt16BE(2 + fci.length / 4, 10);
		data.writeUInt32BE(this.#ssrc, 12);
		data.writeUInt32BE(media, 16);
		fci.copy(data, 20);
		this.#rtcp.send(data, this.#to + 1, '127.0.0.1');
	}

	askPli() {
		this.#sendFeedback(PSFB, 1, Buffer.alloc(0), this.#source);
	}

	askFir() {
		const fci = Buffer.alloc(8);

		fci.writeUInt32BE(this.#source, 0);
		fci[4] = this.#firs++;
		this.#sendFeedback(PSFB, 4, fci, 0);
	}

	askAgain(sequence) {
		const fci = Buffer.alloc(4);

		fci.writeUInt16BE(sequence, 0);
		this.#sendFeedback(RTPFB, 1, fci, this.#source);
	}

	close() {
		this.hush();
		this.#rtp.close();
		this.#rtcp.close();
	}
}

export async function openVideoRtp() {
	const port = await freePort();
	const sockets = await Promise.all([port, port + 1].map(async (one) => {
		const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });

		socket.bind(one, '127.0.0.1');
		await once(socket, 'listening');
		return socket;
	}));

	return new VideoRtp(...sockets);
}
