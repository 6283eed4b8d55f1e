// One call of a SIP user agent (sipua.mjs): its dialog, what was said in it, and
// what is sent again until it is answered.

import { randomBytes } from 'node:crypto';

import { audioLines, rtpPort, videoLines } from './sipmsg.mjs';

const TIMEOUT = 20000; // [ms]
const T1 = 500; // [ms] until the first retransmission; doubled each time
const T2 = 4000; // [ms] no longer than that, but for INVITE (RFC 3261, 17.1)

/** Wall clock [ms] with its fraction. */
export const now = () => performance.timeOrigin + performance.now();

/** What nobody else has made: a tag, a branch, a Call-ID. */
export const token = () => randomBytes(6).toString('hex');

export class Call {
	#ua;
	#waiters = new Set();
	#repeats = new Map(); // CSeq of a request, or 'final': what is sent again
	#reply = ''; // to the INVITE that made this call
	#peer; // where requests go: { uri, port }
	#local;
	#remote;
	#cseq = 1;
	#late = false; // our SDP goes into the ACK
	#branch = `z9hG4bK${token()}`;
	#invite; // the request that made this call
	#remoteCseq = 0; // of the last request within the call
	#routes; // the proxies that want to see what is sent within the call
	#rtp;

	messages = [];

	constructor(ua, { id, invite, uri, port, tag = id, rtp = ua.rtp }) {
		this.#ua = ua;
		this.#rtp = rtp;
		this.id = id;
		this.out = !invite;
		this.#invite = invite;
		this.#routes = invite?.all('Record-Route') ?? [];
		this.#peer = { uri, port };
		this.#local = this.out
			? `<sip:${ua.user}@${ua.host}:${ua.port}>;tag=${tag}`
			: `${invite.header('To')};tag=${tag}`;
		this.#remote = this.out ? `<${uri}>` : invite.header('From');
	}

	/** What names our end in From or To. */
	get local() {
		return this.#local;
	}

	/** What names the far end there. */
	get remote() {
		return this.#remote;
	}

	get rtp() {
		return this.#rtp;
	}

	/** What the far end said last. */
	get #remoteSdp() {
		return this.messages.findLast(({ body, header }) => body
			&& header('Content-Type') === 'application/sdp')?.body ?? '';
	}

	/** The far end's RTP port, once there was an SDP. */
	get remoteRtp() {
		return rtpPort(this.#remoteSdp);
	}

	/** The payload type that the far end takes a format with: 'opus/48000/2';
	 * undefined if it takes none. */
	remoteType(format) {
		const [, type] = new RegExp(`^a=rtpmap:(\\d+) ${format}\\r?$`, 'mi')
			.exec(this.#remoteSdp) ?? [];

		return type && Number(type);
	}

	/** What we offer and answer. */
	sdp() {
		return this.#ua.edit(this.#plainSdp());
	}

	#plainSdp() {
		return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1',
			't=0 0', `m=audio ${this.#rtp.port} RTP/AVP ${this.#ua.formats}`,
			...this.#ua.maps, `a=ptime:${this.#ua.ptime}`, ...this.#ua.video,
			'']
			.join('\r\n');
	}

	/** The far end's last description of its audio: its lines. */
	get remoteAudio() {
		return audioLines(this.#remoteSdp);
	}

	/** The far end's last description of its video: its lines. */
	get remoteVideo() {
		return videoLines(this.#remoteSdp);
	}

	#request(method, { branch = `z9hG4bK${token()}`, cseq = this.#cseq,
		body = '', type = this.#ua.type, extra = [],
		edit = (text) => text } = {}) {
		return edit([`${method} ${this.#peer.uri} SIP/2.0`,
			`Via: SIP/2.0/UDP ${this.#ua.host}:${this.#ua.port};branch=${branch}`,
			'Max-Forwards: 70',
			`From: ${this.#local}`,
			`To: ${method === 'CANCEL' ? this.#remote.replace(/;tag=.*/, '')
				: this.#remote}`,
			`Call-ID: ${this.id}`,
			`CSeq: ${cseq} ${method}`,
			`Contact: <sip:${this.#ua.user}@${this.#ua.host}:${this.#ua.port}>`,
			...this.#routes.map((route) => `Route: ${route}`),
			...extra,
			...(body ? [`Content-Type: ${type}`] : []),
			`Content-Length: ${body.length}`, '', body].join('\r\n'));
	}

	#response(request, code, reason, body = '', extra = []) {
		return [`SIP/2.0 ${code} ${reason}`,
			...['Via', 'Record-Route'].flatMap((name) =>
				request.all(name).map((one) => `${name}: ${one}`)),
			`From: ${request.header('From')}`,
			`To: ${request === this.#invite ? this.#local : request.header('To')}`,
			`Call-ID: ${this.id}`,
			`CSeq: ${request.header('CSeq')}`,
			`Contact: <sip:${this.#ua.user}@${this.#ua.host}:${this.#ua.port}>`,
			...extra,
			...(body ? [`Content-Type: ${this.#ua.type}`] : []),
			`Content-Length: ${body.length}`, '', body].join('\r\n');
	}

	#send(text) {
		this.#ua.send(text, this.#peer.port);
	}

	/** Send again until it is answered. key: CSeq of a request, or 'final' */
	#repeat(key, text, longest = T2) {
		let delay = T1;
		const again = () => {
			delay = Math.min(2 * delay, longest);
			this.#repeats.set(key, setTimeout(again, delay));
			this.#send(text);
		};

		this.#quiet(key);
		this.#repeats.set(key, setTimeout(again, delay));
		this.#send(text);
	}

	#quiet(key) {
		clearTimeout(this.#repeats.get(key));
		this.#repeats.delete(key);
	}

	/** The final answer to the INVITE, until it is acknowledged. */
	#final(code, reason, body, extra) {
		this.#reply = this.#response(this.#invite, code, reason, body, extra);
		this.#repeat('final', this.#reply);
	}

	/** from: another From than our own address, without a tag */
	start({ extra, edit, late = false, from }) {
		if (from) this.#local = `${from};tag=${this.id}`;
		this.sentMs = now();
		this.#late = late;
		this.#repeat('1 INVITE', this.#request('INVITE', {
			branch: this.#branch, body: late ? '' : this.sdp(), extra, edit }),
		Infinity);
	}

	/** INVITE within the call, with its SDP as it is now; resolves with the
	 * final answer. */
	async reinvite({ late = false, body = late ? '' : this.sdp(),
		...options } = {}) {
		this.#late = late;
		await this.request('INVITE', { ...options, body });
		return this.messages.findLast(({ code, header }) => code >= 200
			&& header('CSeq').endsWith('INVITE'));
	}

	/** The INVITE once more, as if a proxy had sent it by another way. */
	merge(options = {}) {
		this.#send(this.#request('INVITE', { ...options, cseq: 1,
			body: this.sdp() }));
	}

	#handleResponse(message) {
		const [cseq, method] = message.header('CSeq').split(' ');

		if (method !== 'INVITE') {
			if (message.code >= 200) this.#quiet(message.header('CSeq'));
			return;
		}
		this.#quiet(message.header('CSeq'));
		if (message.code < 200) return;
		const remote = this.#remote;

		this.#remote = message.header('To');
		if (message.code < 300) {
			if (this.out && cseq === '1')
				this.#routes = message.all('Record-Route').reverse();
			const [, uri] = /<(.*?)>/.exec(message.header('Contact'));

			this.#peer.uri = uri;
			this.#send(this.#request('ACK',
				{ cseq, body: this.#late ? this.sdp() : '' }));
		} else {
			const [, branch] = /branch=([^;]+)/.exec(message.header('Via'));

			this.#send(this.#request('ACK', { cseq, branch }));
			// of another way: not of our dialog
			if (branch !== this.#branch && cseq === '1') this.#remote = remote;
		}
	}

	/** The INVITE of this call, once more or for the first time, or another one
	 * within it. */
	#handleInvite(message) {
		if (message.header('CSeq') !== this.#invite?.header('CSeq'))
			return this.#handleRequest(message, this.sdp());
		if (this.messages.length) {
			this.#send(this.#reply);
			return false;
		}
		this.#remoteCseq = parseInt(message.header('CSeq'), 10);
		this.#reply = this.#response(message, 100, 'Trying');
		this.#send(this.#reply);
		return true;
	}

	/** Answer a request within the call. False if it is none for our user: sent
	 * again, or overtaken by a later one (RFC 3261, 12.2.2). */
	#handleRequest(message, body) {
		const cseq = parseInt(message.header('CSeq'), 10);
		const known = this.messages.some(({ method, header }) => method
			&& header('CSeq') === message.header('CSeq'));

		if (known || cseq > this.#remoteCseq) {
			this.#send(this.#response(message, 200, 'OK', body));
			this.#remoteCseq = Math.max(this.#remoteCseq, cseq);
		} else {
			this.#send(this.#response(message, 500, 'Server Internal Error'));
		}
		return !known && cseq === this.#remoteCseq;
	}

	handle(message) {
		if (message.code) {
			this.#handleResponse(message);
		} else if (message.method === 'ACK') {
			this.#quiet('final');
		} else if (message.method === 'INVITE') {
			if (!this.#handleInvite(message)) return;
		} else if (message.method === 'CANCEL') {
			this.#send(this.#response(message, 200, 'OK'));
			if (this.messages.some(({ method }) => method === 'CANCEL')) return;
			this.#final(487, 'Request Terminated');
		} else if (!this.#handleRequest(message)) {
			return;
		}
		this.messages.push(message);
		for (const waiter of this.#waiters) waiter(message);
	}

	/** The first message of a kind, or of several: '180', 'BYE', 'final'. */
	async wait(what, timeout = TIMEOUT) {
		const first = () => this.messages.find((message) => [what].flat().some(
			(one) => message.what === one || (one === 'final'
				&& message.code >= 200
				&& message.header('CSeq').endsWith('INVITE'))));

		await this.#until(first, `no ${what} within ${timeout} ms`, timeout);
		return first();
	}

	/** 1xx. body: its SDP; extra: header lines */
	provisional(code, reason, body = '', extra = []) {
		this.#reply = this.#response(this.#invite, code, reason, body, extra);
		this.#send(this.#reply);
	}

	/** Requests go to whoever has sent a provisional response: an early dialog. */
	adopt({ header }) {
		this.#remote = header('To');
		[, this.#peer.uri] = /<(.*?)>/.exec(header('Contact'));
	}

	ring({ extra } = {}) {
		this.provisional(180, 'Ringing', '', extra);
	}

	/** 183, with what answer() would say. */
	progress({ extra } = {}) {
		this.provisional(183, 'Session Progress', this.sdp(), extra);
	}

	/** body: instead of our SDP; extra: header lines */
	answer({ body = this.sdp(), extra } = {}) {
		this.sentMs = now();
		this.#final(200, 'OK', body, extra);
	}

	/** Another phone that the same INVITE rings, at the same address. rtp: of
	 * its own */
	fork({ rtp } = {}) {
		return this.#ua.fork({ id: this.id, invite: this.#invite, rtp,
			...this.#peer });
	}

	reject(code, reason) {
		this.#final(code, reason);
	}

	cancel(options = {}) {
		this.#repeat('1 CANCEL', this.#request('CANCEL',
			{ ...options, branch: this.#branch, cseq: 1 }));
	}

	/** The CSeq of the next request within the call. */
	#next() {
		if (!this.out)
			[, this.#peer.uri] = /<(.*?)>/.exec(this.#invite.header('Contact'));
		return ++this.#cseq;
	}

	/** Send a request; resolves with its final answer. edit: of its text */
	async ask(method, options) {
		const cseq = `${this.#next()} ${method}`;
		const answer = () => this.messages.find((message) => message.code >= 200
			&& message.header('CSeq') === cseq);

		this.#repeat(cseq, this.#request(method, options),
			method === 'INVITE' ? Infinity : T2);
		await this.#until(answer, `${method} is not answered`);
		return answer();
	}

	/** Send a request; resolves with the status code of its answer. */
	async request(method, options) {
		return (await this.ask(method, options)).code;
	}

	/** Send an INFO; resolves with the status code of its answer. */
	info(type, body) {
		return this.request('INFO', { type, body });
	}

	/** Hang up; resolves when that is confirmed. */
	async bye() {
		await this.ask('BYE');
	}

	#until(check, what, timeout = TIMEOUT) {
		if (check()) return Promise.resolve();
		return new Promise((resolve, reject) => {
			const waiter = () => {
				if (!check()) return;
				clearTimeout(timer);
				this.#waiters.delete(waiter);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#waiters.delete(waiter);
				reject(new Error(`${what}; saw `
					+ this.messages.map((message) => message.what).join(', ')));
			}, timeout);

			this.#waiters.add(waiter);
		});
	}

	close() {
		for (const key of [...this.#repeats.keys()]) this.#quiet(key);
	}
}
