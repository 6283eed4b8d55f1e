// Calls of which records are made: a rig with a hub, calls, what was seen of them,
// and what their records are to be; witness.mjs says what that is.
//
//	const calls = await startRecordCalls();
//	const seen = await calls.phoneCalls();
//	await rig.phoneHangsUp(seen.call);
//	assertIs(await calls.recordOf(seen.call),
//		calls.expectPhoneCall(seen, Date.now()));

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { openHub } from './fakehub.mjs';
import { startRig } from './rig.mjs';
import { UNREPORTED, appOf, between, dialogOf, expectAudio, expectLeg,
	expectMedia, expectRecord, expectSent, phoneOf } from './witness.mjs';

export const jid = (user) => new RegExp(`^${user}-5476@[^/]+/.+`);

/** So many packets of 20 ms, of what lies between two times: it may begin late. */
export const packetsOf = (from, to) => between(0.7 * (to - from) / 20 - 30,
	(to - from) / 20 + 25);

/** What a browser reports, or not yet. */
const maybe = (check) => (value) => value === null || check(value);

/** The media of an app that is a browser. */
export const browserMedia = (from, to, more = {}) => expectMedia({
	rx: expectAudio('opus/48000/2', packetsOf(from, to)),
	tx: expectSent('opus/48000/2', packetsOf(from, to), {
		lost: maybe((n) => n < 9), ...Object.fromEntries(['jitter_ms',
			'jitter_avg_ms', 'jitter_max_ms', 'mos', 'mos_avg', 'mos_min']
			.map((name) => [name, maybe((n) => n >= 0)])) }),
	...Object.fromEntries(['rtt_ms', 'rtt_avg_ms', 'rtt_max_ms'].map((name) =>
		[name, maybe((n) => n > 0)])),
	first_rtp: between(from, to), srtp: /^AE(AD_AES|S_CM)/, ice_local: 'host',
	ice_remote: /^(host|prflx)$/, ...more,
});

/** The media of a phone that plays from when it was answered. */
export const phoneMedia = (from, to, more = {}) => expectMedia({
	rx: expectAudio('PCMU/8000', packetsOf(from, to)),
	tx: expectSent('PCMU/8000', packetsOf(from, to), UNREPORTED),
	first_rtp: between(from, to), ...more,
});

class RecordCalls {
	constructor(parts) {
		Object.assign(this, parts);
	}

	/** A call that its app answers; what was seen of it until both are heard. */
	async phoneCalls(options) {
		await this.rig.app.forget();
		const call = await this.rig.ua.invite(this.rig.bridge.uri, options);
		const ringing = await call.wait('180');
		const { id: session } = await this.rig.app.waitIncoming();
		const accepted = Date.now();

		await this.rig.app.accept();
		const ok = await call.wait('200');

		this.rig.play(call);
		await this.rig.app.waitConnected();
		await this.rig.waitTones();
		return { call, session, began: call.sentMs, ringing, accepted, ok,
			heard: Date.now(), ends: dialogOf(call) };
	}

	/** The same of one that the app makes. */
	async appCalls({ app = this.rig.app, extra, ...options } = {}) {
		await app.forget();
		const began = Date.now();
		const session = await app.call(this.rig.id, options);
		const call = await this.rig.ua.waitInvite();

		call.ring();
		call.answer({ extra });
		const ok = await call.wait('ACK');

		this.rig.play(call);
		await app.waitConnected();
		if (app === this.rig.app) await this.rig.waitTones();
		return { call, session, began, invite: call.messages[0], ok,
			heard: Date.now(), ends: dialogOf(call) };
	}

	phoneLeg(seen, over, more) {
		return expectLeg({ side: 'phone', remote: /^sip:5551234@127/,
			...seen.ends, media: phoneMedia(seen.ok.ms, over), ...more });
	}

	appLeg(seen, over, more) {
		// before we know of the answer, perhaps
		const first = between(seen.accepted ?? seen.invite?.ms ?? seen.ok.ms,
			over);

		return expectLeg({ side: 'app', session: seen.session, media:
			browserMedia(seen.ok.ms, over, { first_rtp: first }), ...more });
	}

	/** A call of a phone's that was answered, and ended now. */
	expectPhoneCall(seen, over, more) {
		const rang = between(seen.began, seen.ringing.ms);
		const answered = between(seen.accepted, seen.heard);

		return expectRecord({
			extension: this.extension, ...seen.ends, session: seen.session,
			direction: 'sip-to-app', from: phoneOf(this.rig.ua),
			to: appOf('101'), dialled: '1000', agent: null, addr: this.addr,
			platform: 'web', users: ['101'], t_start: rang, t_ring: rang,
			t_answer: answered, t_media: between(seen.accepted, seen.heard),
			t_end: between(seen.heard, over),
			legs: [this.phoneLeg(seen, over), this.appLeg(seen, over, {
				remote: jid(101), t_new: rang, t_answer: answered })],
			...more });
	}

	/** The same of one that the app made. */
	expectAppCall(seen, over, more) {
		const began = between(seen.began, seen.invite.ms);
		const answered = between(seen.invite.ms,
			Math.max(seen.ok.ms, seen.heard));

		return expectRecord({
			extension: this.extension, ...seen.ends, session: seen.session,
			direction: 'app-to-sip', from: appOf('101'),
			to: phoneOf(this.rig.ua), dialled: null, agent: null,
			addr: this.addr, platform: 'web', users: ['101'], t_start: began,
			t_ring: answered, t_answer: answered,
			t_media: between(seen.invite.ms, seen.heard),
			t_end: between(seen.heard, over), hung_up_by: 'app',
			legs: [this.appLeg(seen, over, { remote: '101' }),
				this.phoneLeg(seen, over, { t_new: began,
					t_answer: answered })],
			...more });
	}

	get extension() {
		return `sip:1000@${this.rig.sandbox.sip}`;
	}

	/** Where the phone is. */
	get addr() {
		return `127.0.0.1:${this.rig.ua.port}`;
	}

	recordOf({ id }, more = () => true) {
		return this.hub.waitRecord((one) => one.call_id === id && more(one));
	}

	/** The users file with another plan; where the sandbox's journal is then. */
	async plan(call) {
		this.planned = true;
		await this.rig.bridge.reload(this.line.replace(/;call=[^;]*/,
			`;call=${call}`));
		return this.rig.sandbox.mark('signals');
	}

	async reset() {
		await this.rig.reset();
		if (this.planned) await this.rig.bridge.reload(this.line);
		this.planned = false;
	}

	async stop() {
		await this.rig?.stop();
		await this.hub?.close();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** keys: more of the bridge's; users: of the parts so far, its line; the rest as
 * startRig() has it. */
export async function startRecordCalls({ keys: more = {}, users, ...options } = {}) {
	const dir = mkdtempSync(`${tmpdir()}/records-`);
	const calls = new RecordCalls({ dir, keys: {
		module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
			'ctrl_tcp.so'],
		connectycube_link_socket: `${dir}/hub.sock`,
		connectycube_link_spool: `${dir}/spool`,
		connectycube_department: 'Sales',
		connectycube_flight_dir: `${dir}/flight`, ...more } });

	try {
		calls.hub = await openHub(`${dir}/hub.sock`);
		calls.rig = await startRig({ ...options, bridge: (parts) => ({
			keys: calls.keys, ...(users && { users: users(parts) }) }) });
		calls.line = calls.rig.bridge.users();
		return calls;
	} catch (error) {
		await calls.stop();
		throw error;
	}
}
