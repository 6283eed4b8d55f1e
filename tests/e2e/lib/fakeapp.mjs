// An app that is none: its signals are put before the bridge as the cloud would
// deliver them, and what it is sent is read from the sandbox's journal. For users
// who only ring, reject or ask; who is to be heard needs a browser.
//
//	const app = fakeApp(sandbox, '104');
//	const { session } = await app.waitCall({ since });
//	await app.reject(session, { busy: 'true' });

const APPLICATION = 5476;

/** What an app's `call` or `accept` may hold: audio, and nobody behind it. */
export const SDP = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
	'a=group:BUNDLE 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0',
	'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuv',
	'a=ice-options:trickle', `a=fingerprint:sha-256 ${Array(32).fill('0A')
		.join(':')}`, 'a=setup:actpass', 'a=mid:0', 'a=sendrecv', 'a=rtcp-mux',
	'a=rtpmap:111 opus/48000/2', ''].join('&#13;\n');

const elements = (values) => Object.entries(values).map(([name, value]) =>
	`<${name}>${value}</${name}>`).join('');

let number = 0;

class FakeApp {
	constructor(sandbox, user, { extension = '200', device = 'fake' } = {}) {
		this.sandbox = sandbox;
		this.user = user;
		this.extension = extension;
		this.jid = `${user}-${APPLICATION}@localhost/${device}`;
	}

	#message(content) {
		return this.sandbox.inject(Number(this.extension), {
			xml: `<message xmlns="jabber:client" type="headline"
			id="fake${++number}" from="${this.jid}"><extraParams>${content}
			</extraParams></message>` });
	}

	signal(type, session, { sdp = '', info = {}, caller = this.extension } = {}) {
		const called = caller === this.user ? this.extension : this.user;

		return this.#message(`${elements({ sessionID: session, callType: 2,
			callerID: caller })}<opponentsIDs><opponentID>${called}
			</opponentID></opponentsIDs>${sdp && `<sdp>${sdp}</sdp>`}
			<userInfo>${elements(info)}</userInfo>
			<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
			<signalType>${type}</signalType><platform>web</platform>`);
	}

	call(session, info = {}) {
		return this.signal('call', session, { sdp: SDP, caller: this.user,
			info });
	}

	/** It ends a call that it has begun. */
	hangUp(session) {
		return this.signal('hangUp', session, { caller: this.user });
	}

	accept(session) {
		return this.signal('accept', session,
			{ sdp: SDP.replace('actpass', 'active') });
	}

	reject(session, info = {}) {
		return this.signal('reject', session, { info });
	}

	/** A system message; the answer is waitSystem()'s. */
	ask(action, values = {}) {
		return this.#message(elements({
			moduleIdentifier: 'SystemNotifications', bridge: 1, action,
			...values }));
	}

	#waitTo(match, options) {
		return this.sandbox.waitSignal({
			to: (to) => to.startsWith(`${this.user}-`), ...match }, options);
	}

	/** A signal that it is sent, after `since`. */
	waitSignal(type, { session, ...options }) {
		return this.#waitTo({ type, ...(session && { session }) }, options);
	}

	waitCall(options) {
		return this.waitSignal('call', options);
	}

	/** A system message that it is sent. */
	async waitSystem(event, options) {
		const { system } = await this.#waitTo({ type: 'system',
			system: (values) => values.event === event }, options);

		return system;
	}
}

export const fakeApp = (sandbox, user, options) =>
	new FakeApp(sandbox, user, options);
