// A phone made of the real ConnectyCube SDK: logs in, has one call at a time,
// and keeps a log of all that happened. It knows no page; app.js shows it, and
// tests use it as window.phone.
//
//    login() -> chat: offline, connecting, online
//    start(), incoming -> call.state: calling, ringing, connecting, connected,
//                                     interrupted; call is null when it is over
//    close -> ended: { why, code, reason } of the last call, missed: [...]

const { CallType, CallEvent, ChatEvent, CallSessionConnectionState: State }
	= ConnectyCube;

/** What ends a call, as `ended.why` says it. */
export const ENDS = ['here', 'there', 'rejectedHere', 'busy', 'rejected',
	'noAnswer', 'missed', 'elsewhere', 'transferred', 'lost', 'noMedia'];

export class Phone extends EventTarget {
	#config;
	#session = null;
	#closing = null; // the call that is over, until it is known why
	#asked = new Map(); // request id -> { peer, resolve, reject }

	chat = 'offline';
	user = null;
	call = null;
	remoteStream = null;
	ended = null; // { why, code?, reason? }; why is one of ENDS
	missed = []; // [{ ms, peer, info }]
	people = new Map(); // id -> { id, full_name } of who can be called
	events = [];

	/** @param config  what GET /sandbox/config answers, and ice_servers */
	constructor(config) {
		super();
		this.#config = config;
	}

	/** Note an event and tell who listens. */
	#emit(name, detail = {}) {
		const event = { seq: this.events.length + 1, ms: Date.now(), name,
			...detail };

		this.events.push(event);
		this.dispatchEvent(new CustomEvent('change', { detail: event }));
	}

	#setChat(chat) {
		this.chat = chat;
		this.#emit(`chat-${chat}`);
	}

	#setCall(state) {
		this.call.state = state;
		if (state === 'connected' && !this.call.early)
			this.call.since ??= Date.now();
		this.#emit(`call-${state}`, { id: this.call.id });
	}

	/** Only the session that is ours counts; a leftover does not. */
	#mine(session) {
		return session && session === this.#session;
	}

	async login(login, password) {
		const { app_id, auth_key, chat_domain, ice_servers, lost_time }
			= this.#config;
		const { host, protocol, origin } = location;
		const ws = protocol === 'https:' ? 'wss' : 'ws';

		ConnectyCube.init({ appId: app_id, authKey: auth_key }, {
			endpoints: {
				api_url: origin,
				chat: chat_domain,
				chat_url: `${ws}://${host}/`,
			},
			videochat: { iceServers: ice_servers ?? [],
				...(lost_time && { disconnectTimeInterval: lost_time }) },
			debug: { mode: 0 },
		});
		this.#listen();
		this.#setChat('connecting');

		let where = 'rest';
		try {
			const session = await ConnectyCube.createSession({ login, password });

			where = 'chat';
			await ConnectyCube.chat.connect({ userId: session.user_id, password });
			this.user = session.user;
			await this.#meet();
			this.#setChat('online');
		} catch (error) {
			if (where === 'chat') ConnectyCube.chat.disconnect();
			this.#emit('login-failed', { where, code: error?.code,
				error: String(error?.message ?? JSON.stringify(error)) });
			this.#setChat('offline');
			throw Object.assign(new Error(`login refused: ${where}`),
				{ where, code: error?.code });
		}
	}

	/** Learn everybody's name; the page works without, with numbers. */
	async #meet() {
		const { items } = await ConnectyCube.users.getV2({ limit: 100 })
			.catch(() => ({ items: [] }));

		this.people = new Map(items.map((one) => [Number(one.id), one]));
	}

	/** A user's name, if it has one. */
	nameOf(id) {
		return this.people.get(Number(id))?.full_name ?? null;
	}

	async logout() {
		this.hangup();
		ConnectyCube.chat.disconnect();
		await ConnectyCube.destroySession();
		this.user = null;
		this.#setChat('offline');
	}

	#listen() {
		const { chat, videochat } = ConnectyCube;

		chat.addListener(ChatEvent.DISCONNECTED, () => {
			if (this.chat === 'online') this.#setChat('offline');
		});
		chat.addListener(ChatEvent.RECONNECTED, () => this.#setChat('online'));
		chat.addListener(ChatEvent.SYSTEM_MESSAGE, (message) =>
			this.#onSystem(message));

		videochat.addListener(CallEvent.CALL, (session, info) =>
			this.#onCall(session, info));
		videochat.addListener(CallEvent.ACCEPT, (session, user, info) => {
			this.#emit('accept', { id: session.ID, user, info });
			if (this.#mine(session) && this.call.state === 'calling')
				this.#setCall('connecting');
		});
		videochat.addListener(CallEvent.REJECT, (session, user, info) => {
			this.#end(session, info?.busy === 'true' ? 'busy' : 'rejected', info);
			this.#emit('reject', { id: session.ID, user, info });
		});
		videochat.addListener(CallEvent.STOP, (session, user, info) => {
			this.#end(session, this.#stopCause(session, info), info);
			this.#emit('stop', { id: session.ID, user, info });
		});
		videochat.addListener(CallEvent.NOT_ANSWER, (session, user) => {
			this.#end(session, this.#rings(session) ? 'missed' : 'noAnswer');
			this.#emit('not-answer', { id: session.ID, user });
		});
		videochat.addListener(CallEvent.REMOTE_STREAM,
			(session, user, stream) => {
				if (!this.#mine(session)) return;
				this.remoteStream = stream;
				this.#emit('remote-stream', { id: session.ID,
					tracks: stream.getTracks().map((t) => t.kind) });
			});
		videochat.addListener(CallEvent.CONNECTION_STATE,
			(session, user, state) => this.#onConnection(session, state));
		videochat.addListener(CallEvent.CLOSE, (session) =>
			this.#onClose(session));
	}

	/** Whether it is, or was until now, somebody who calls us. */
	#rings({ ID }) {
		return [this.call, this.#closing].some((call) => call?.id === ID
			&& call.state === 'ringing');
	}

	/** What a hangUp means; of a call that was not answered it says more. */
	#stopCause(session, { reason, sip_code: code, busy } = {}) {
		if (this.#rings(session))
			return reason === 'answered_elsewhere' ? 'elsewhere' : 'missed';
		if (code) return busy === 'true' ? 'busy' : 'rejected';
		return 'there';
	}

	#onCall(session, info) {
		this.#emit('incoming', { id: session.ID, info,
			user: session.initiatorID,
			video: session.callType === CallType.VIDEO });
		if (this.#session) {
			// The SDK knows whom to tell only after this handler.
			queueMicrotask(() => session.reject({ busy: 'true' }));
			return;
		}
		this.#take(session, 'incoming', session.initiatorID, info);
		this.#setCall('ringing');
	}

	/** The bridge says what no signal does. */
	#onSystem({ userId, extension = {} }) {
		const { bridge, event, session_id: id, request_id: request } = extension;

		if (bridge !== '1' || !event) return;

		const asked = this.#asked.get(request);

		if (asked && Number(userId) === asked.peer) {
			this.#asked.delete(request);
			if (event === 'error') asked.reject(new Error(extension.reason));
			else asked.resolve(extension);
		}
		// about no call of this chat's
		if (!id) {
			this.#emit(`told-${event}`, { told: extension });
			return;
		}
		if (this.call?.id !== id || Number(userId) !== this.call.peer) return;
		if (event === 'held' || event === 'resumed')
			this.call.held = event === 'held';
		// an announcement is no answer
		if (event === 'early') {
			this.call.early = extension.state === 'playing';
			if (!this.call.early && this.call.state === 'connected')
				this.call.since ??= Date.now();
		}
		if (event === 'transfer') this.call.transfer = extension.state;
		if (this.call.transfer === 'done')
			this.call.ended ??= { why: 'transferred' };
		this.#emit(`told-${event}`, { id, told: extension });
		// another device of ours has it
		if (event === 'answered' && this.call.state === 'ringing') {
			this.#emit('answered-elsewhere', { id });
			this.#end(this.#session, 'elsewhere');
			this.#session.reject();
		}
	}

	/**
	 * Ask the bridge for something in this call, or about none if it is said whose
	 * bridge (`peer`), by a system message. Resolves with what it says when it is
	 * done, rejects if it is refused, or if nobody answers.
	 */
	ask(action, values = {}, { timeout = 10000, ...ids } = {}) {
		const { id, peer } = ids.peer ? ids : this.call ?? {};
		const request = ids.request ?? crypto.randomUUID();

		return new Promise((resolve, reject) => {
			this.#asked.set(request, { peer, resolve, reject });
			setTimeout(() => {
				if (this.#asked.delete(request))
					reject(new Error(`${action}: no answer`));
			}, timeout);
			ConnectyCube.chat.sendSystemMessage(peer, { extension: {
				bridge: '1', action, request_id: request,
				...(id && { session_id: id }),
				...values } });
		});
	}

	#onConnection(session, state) {
		const name = Object.keys(State).find((key) => State[key] === state);

		this.#emit('connection', { id: session.ID, state: name.toLowerCase() });
		if (!this.#mine(session)) return;
		if (state === State.CONNECTED || state === State.COMPLETED)
			this.#setCall('connected');
		else if (state === State.DISCONNECTED || state === State.FAILED)
			this.#setCall('interrupted');
	}

	/** Why our call ends; the first cause is the true one. */
	#end(session, why, info = {}) {
		const call = this.#mine(session) ? this.call
			: session.ID === this.#closing?.id ? this.#closing : null;

		if (call)
			call.ended ??= { why, code: info?.sip_code, reason: info?.reason };
	}

	/** The SDK closes a session before it tells, in the same turn, why. */
	#onClose(session) {
		const { ID: id } = session;

		ConnectyCube.videochat.clearSession(id);
		if (!this.#mine(session)) {
			this.#emit('close', { id });
			return;
		}

		const call = this.call;

		this.#closing = call;
		this.#session = null;
		this.call = null;
		this.remoteStream = null;
		queueMicrotask(() => {
			call.ended ??= { why: call.state === 'ringing' ? 'missed' : 'lost' };
			this.#closing = null;
			this.ended = call.ended;
			if (this.ended.why === 'missed')
				this.missed.push({ ms: Date.now(), peer: call.peer,
					info: call.info });
			this.#emit('close', { id, ...this.ended });
		});
	}

	#take(session, direction, peer, info) {
		this.#session = session;
		this.remoteStream = null;
		this.ended = null;
		this.call = { id: session.ID, direction, peer, info, state: null,
			video: session.callType === CallType.VIDEO, since: null,
			camera: false, ended: null, held: false, holds: false,
			early: false, transfer: null };
	}

	/**
	 * A video call without a camera, or with camera: false: seen by nobody, it
	 * can still see.
	 */
	async #openMedia(session, camera = true) {
		const video = camera && session.callType === CallType.VIDEO;

		try {
			await session.getUserMedia({ audio: true, video }).catch((error) => {
				if (!video) throw error;
				this.#emit('no-camera', { error: String(error) });
				return session.getUserMedia({ audio: true });
			});
		} catch (error) {
			this.#emit('no-media', { error: String(error) });
			this.#end(session, 'noMedia');
			throw error;
		}
		if (this.#mine(session))
			this.call.camera = session.localStream.getVideoTracks().length > 0;
	}

	/** Call a user; info goes along as userInfo. */
	async start(userId, { video = false, info = {} } = {}) {
		if (this.#session) throw new Error('already in a call');

		const session = ConnectyCube.videochat.createNewSession(
			[Number(userId)], video ? CallType.VIDEO : CallType.AUDIO);

		this.#take(session, 'outgoing', Number(userId), info);
		try {
			await this.#openMedia(session);
		} catch (error) {
			this.#onClose(session);
			throw error;
		}
		this.#setCall('calling');
		session.call(info);
		return session.ID;
	}

	/** camera: false answers a video call with sound alone. */
	async accept(info = {}, { camera = true } = {}) {
		const session = this.#session;

		try {
			await this.#openMedia(session, camera);
		} catch (error) {
			session.reject({ reason: 'no microphone' });
			throw error;
		}
		if (!this.#mine(session)) return;
		this.#setCall('connecting');
		session.accept(info);
	}

	reject(info = {}) {
		if (this.#session) this.#end(this.#session, 'rejectedHere');
		this.#session?.reject(info);
	}

	hangup(info = {}) {
		if (this.#session) this.#end(this.#session, 'here');
		this.#session?.stop(info);
	}

	mute(on) {
		if (on) this.#session?.mute('audio');
		else this.#session?.unmute('audio');
	}

	/** Show nothing for a while, or again. */
	hideCamera(on) {
		if (on) this.#session?.mute('video');
		else this.#session?.unmute('video');
	}

	/** Put the phone behind the bridge on hold, or be back. */
	async hold(on) {
		const { call } = this;

		await this.ask(on ? 'hold' : 'resume');
		call.holds = on;
		this.#emit(on ? 'holds' : 'back', { id: call.id });
	}

	/** Keys for whatever the bridge calls for us. */
	sendKeys(keys) {
		return this.ask('dtmf', { keys });
	}

	/** The same as events in the audio, where they keep their lengths. */
	dtmf(digits) {
		const sender = this.connection?.getSenders()
			.find(({ track }) => track?.kind === 'audio');

		sender?.dtmf?.insertDTMF(digits, 160, 80);
	}

	get localStream() {
		return this.#session?.localStream ?? null;
	}

	/** The RTCPeerConnection of the call. */
	get connection() {
		const [peer] = Object.values(this.#session?.peerConnections ?? {});

		return peer?.original ?? null;
	}

	/** The SDK's session of the call. */
	get session() {
		return this.#session;
	}
}
