// Records of calls, field by field, as those who took part have seen them: who
// called whom and who took it, when, what was heard, how it ended.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { openHub } from './lib/fakehub.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { UNREPORTED, appOf, assertIs, atLeast, between, dialogOf, expectAudio,
	expectLeg, expectMedia, expectRecord, expectSent, phoneOf }
	from './lib/witness.mjs';

const dir = mkdtempSync(`${tmpdir()}/parties-`);

let hub;
let rig;
let line; // of the users file, as it was

const keys = {
	module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_link_socket: `${dir}/hub.sock`,
	connectycube_link_spool: `${dir}/spool`, connectycube_department: 'Sales',
	connectycube_flight_dir: `${dir}/flight`,
};

before(async () => {
	hub = await openHub(`${dir}/hub.sock`);
	rig = await startRig({ bridge: { keys } });
	line = rig.bridge.users();
});

after(async () => {
	await rig?.stop();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

let planned = false;

/** The users file with another plan; where the sandbox's journal is then. */
async function plan(call) {
	planned = true;
	await rig.bridge.reload(line.replace('call=101', `call=${call}`));
	return rig.sandbox.mark('signals');
}

afterEach(async () => {
	await rig.reset();
	if (planned) await rig.bridge.reload(line);
	planned = false;
});

const recordOf = (call) => hub.waitRecord(({ call_id: id }) => id === call.id);

const extension = () => `sip:1000@${rig.sandbox.sip}`;
const addr = () => `127.0.0.1:${rig.ua.port}`;
const jid = (user) => new RegExp(`^${user}-5476@[^/]+/.+`);
const audioTo = ({ rtp }) => rtp.packets.filter(({ type }) => type === 0).length;

/** So many packets of 20 ms, of what lies between two times. */
const packetsOf = (from, to) => between(0.7 * (to - from) / 20 - 10,
	(to - from) / 20 + 25);

/** The app's media, a browser that reports. */
const browserMedia = (from, to) => expectMedia({
	rx: expectAudio('opus/48000/2', packetsOf(from, to)),
	tx: expectSent('opus/48000/2', packetsOf(from, to), {
		mos: (v) => v === null || v > 3, mos_avg: (v) => v === null || v > 3,
		mos_min: (v) => v === null || v > 1, lost: (v) => v === null || v < 9,
		jitter_ms: (v) => v === null || v >= 0,
		jitter_avg_ms: (v) => v === null || v >= 0,
		jitter_max_ms: (v) => v === null || v >= 0 }),
	rtt_ms: (v) => v === null || v > 0, rtt_avg_ms: (v) => v === null || v > 0,
	rtt_max_ms: (v) => v === null || v > 0, first_rtp: between(from, to),
	srtp: /^AE(AD_AES|S_CM)/, ice_local: 'host', ice_remote: /^(host|prflx)$/,
});

/** The media of a phone that plays from when it was answered. */
const phoneMedia = (from, to, more = {}) => expectMedia({
	rx: expectAudio('PCMU/8000', packetsOf(from, to)),
	tx: expectSent('PCMU/8000', packetsOf(from, to), UNREPORTED),
	first_rtp: between(from, to), ...more,
});

/** A call that its app answers; what was seen of it until both are heard. */
async function phoneCalls(options) {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, options);
	const ringing = await call.wait('180');
	const { id: session } = await rig.app.waitIncoming();
	const accepted = Date.now();

	await rig.app.accept();
	const ok = await call.wait('200');

	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	return { call, session, began: call.sentMs, ringing, accepted, ok,
		heard: Date.now(), ends: dialogOf(call) };
}

/** The same of one that the app makes. */
async function appCalls({ app = rig.app, extra, ...options } = {}) {
	await app.forget();
	const began = Date.now();
	const session = await app.call(rig.id, options);
	const call = await rig.ua.waitInvite();

	call.ring();
	call.answer({ extra });
	const ok = await call.wait('ACK');

	rig.play(call);
	await app.waitConnected();
	if (app === rig.app) await rig.waitTones();
	return { call, session, began, invite: call.messages[0], ok,
		heard: Date.now(), ends: dialogOf(call) };
}

const phoneLeg = (seen, over, more) => expectLeg({ side: 'phone',
	remote: /^sip:5551234@127/, ...seen.ends,
	media: phoneMedia(seen.ok.ms, over), ...more });

const appLeg = (seen, over, more) => expectLeg({ side: 'app',
	session: seen.session, media: browserMedia(seen.ok.ms, over),
	...more });

/** A call of a phone's that was answered, and ended now. */
const expectPhoneCall = (seen, over, more) => expectRecord({
	extension: extension(), ...seen.ends, session: seen.session,
	direction: 'sip-to-app', from: phoneOf(rig.ua), to: appOf('101'),
	dialled: '1000', agent: null, addr: addr(), platform: 'web',
	users: ['101'], t_start: between(seen.began, seen.ringing.ms),
	t_ring: between(seen.began, seen.ringing.ms),
	t_answer: between(seen.accepted, seen.ok.ms),
	t_media: between(seen.accepted, seen.heard),
	t_end: between(seen.heard, over),
	legs: [phoneLeg(seen, over), appLeg(seen, over, { remote: jid(101),
		t_new: between(seen.began, seen.ringing.ms),
		t_answer: between(seen.accepted, seen.ok.ms) })],
	...more });

/** The same of one that the app made. */
const expectAppCall = (seen, over, more) => expectRecord({
	extension: extension(), ...seen.ends, session: seen.session,
	direction: 'app-to-sip', from: appOf('101'), to: phoneOf(rig.ua),
	dialled: null, agent: null, addr: addr(), platform: 'web', users: ['101'],
	t_start: between(seen.began, seen.invite.ms),
	t_ring: between(seen.invite.ms, seen.ok.ms),
	t_answer: between(seen.invite.ms, seen.ok.ms),
	t_media: between(seen.invite.ms, seen.heard),
	t_end: between(seen.heard, over), hung_up_by: 'app',
	legs: [appLeg(seen, over, { remote: '101' }),
		phoneLeg(seen, over, {
			t_new: between(seen.began, seen.invite.ms),
			t_answer: between(seen.invite.ms, seen.ok.ms) })],
	...more });

test('a phone calls, the app answers, the phone hangs up', async () => {
	const seen = await phoneCalls({ extra: ['User-Agent: Snom/9.1'],
		from: '"Ann B" <sip:5551234@127.0.0.1>' });

	await rig.phoneHangsUp(seen.call);
	const record = await recordOf(seen.call);

	assertIs(record, expectPhoneCall(seen, Date.now(), {
		from: phoneOf(rig.ua, { name: 'Ann B' }), agent: 'Snom/9.1' }));
});

test('an app calls, the phone answers, the app hangs up', async () => {
	const seen = await appCalls({ extra: ['Server: Desk/1.0'] });

	await rig.appHangsUp(seen.call);
	const record = await recordOf(seen.call);

	assertIs(record, expectAppCall(seen, Date.now(), { agent: 'Desk/1.0' }));
});

const [one, two] = ['104', '105'].map((user) => () =>
	fakeApp(rig.sandbox, user));

test('groups, one after the other: all who were rung, and who took it',
	async () => {
		const since = await plan('104:1,105+101:30');
		const seen = await phoneCalls();
		const { session } = await one().waitCall({ since });

		await rig.phoneHangsUp(seen.call);
		const record = await recordOf(seen.call);
		const over = Date.now();
		const rung = between(seen.began, seen.accepted);
		const [phone, , last] = expectPhoneCall(seen, over).legs.toSpliced(1, 0,
			null);

		assertIs(record, expectPhoneCall(seen, over, {
			users: ['104', '105', '101'],
			legs: [phone, expectLeg({ side: 'app', remote: '104', session,
				t_new: rung, t_end: rung, sip_code: 480 }),
			{ ...last, t_new: rung }] }));
		});

/** Of a call that nobody took. */
const expectUnanswered = (call, over, more) => expectRecord({
	extension: extension(), ...dialogOf(call), session: (v) => v !== undefined,
	direction: 'sip-to-app', from: phoneOf(rig.ua), to: appOf('101'),
	dialled: '1000', agent: null, addr: addr(), platform: null,
	users: ['101'], t_start: between(call.sentMs, over),
	t_ring: between(call.sentMs, over), t_end: between(call.sentMs, over),
	class: 'client', hung_up_by: 'app', verdict: null,
	legs: [expectLeg({ side: 'phone', remote: /^sip:5551234@127/,
		...dialogOf(call) }),
	expectLeg({ side: 'app', remote: more.to?.user ?? '101',
		session: (v, { session }) => v && v === session,
		t_new: between(call.sentMs, over) })],
	...more });

/** A phone's call that rings the app; then what is done about it, and the
 * record. */
async function unanswered(act, options) {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, options);

	await call.wait('180');
	await act(call);
	const { code } = await call.wait('final');
	const record = await recordOf(call);

	await rig.bridge.waitIdle();
	return { call, code, record, over: Date.now() };
}

for (const [name, act, code, more] of [
	['rejects', async () => {
		await rig.app.waitIncoming();
		await rig.app.reject();
	}, 486, { disposition: 'REJECTED', reason: 'rejected', q850: 21,
		sip_code: 486 }],
	['is busy', async () => {
		await rig.app.waitIncoming();
		await rig.app.reject({ busy: 'true' });
	}, 486, { disposition: 'BUSY', reason: 'busy', q850: 17, sip_code: 486 }],
	['is rung in vain: the phone gives up', async (call) => {
		await rig.app.waitIncoming();
		call.cancel();
	}, 487, { disposition: 'CANCELED', reason: 'canceled', hung_up_by: 'phone' }],
])
	test(`a phone calls, the app ${name}`, async () => {
		const { call, code: got, record, over } = await unanswered(act);

		assert.equal(got, code);
		assertIs(record, expectUnanswered(call, over, more));
	});

test('a phone calls, nobody answers', async () => {
	await plan('101:1');
	const { call, code, record, over } = await unanswered(() => {});

	assert.equal(code, 480);
	assertIs(record, expectUnanswered(call, over, { disposition: 'NO_ANSWER',
		reason: 'no_answer', q850: 19, sip_code: 480, hung_up_by: 'bridge' }));
});

for (const [name, number, act, more] of [
	['busy', '104:30;forward_busy=2000', async (since) => {
		const { session } = await one().waitCall({ since });

		await one().reject(session, { busy: 'true' });
	}, {}],
	['no answer', '104:1;forward_no_answer=2000', () => {},
		{ hung_up_by: 'bridge' }],
])
	test(`a phone's call is sent on: ${name}`, async () => {
		const since = await plan(number);
		const { call, code, record, over } = await unanswered(() => act(since));

		assert.equal(code, 302);
		assertIs(record, expectUnanswered(call, over, { to: appOf('104'),
			users: ['104'], disposition: 'NO_ANSWER', reason: 'forwarded',
			q850: 23, sip_code: 302, ...more }));
		});

/** An app's call that the phone answers with this; its record. */
async function refused(code, reason) {
	await rig.app.forget();
	const began = Date.now();
	const session = await rig.app.call(rig.id);
	const call = await rig.ua.waitInvite();

	call.ring();
	if (code) call.reject(code, reason);
	else await rig.app.hangup();
	await rig.app.waitClosed();
	const record = await recordOf(call);
	const over = Date.now();
	const ends = { ...dialogOf(call), tag_remote: null }; // no call of its

	await rig.bridge.waitIdle();
	assertIs(record, expectAppCall({ call, session, began, ends,
		invite: call.messages[0], ok: { ms: over }, heard: began }, over, {
		t_answer: null, t_media: null, verdict: null, hung_up_by: 'phone',
		class: 'client', ...{
			486: { disposition: 'BUSY', reason: 'busy', q850: 17 },
			480: { disposition: 'NO_ANSWER', reason: 'no_answer', q850: 19 },
			603: { disposition: 'REJECTED', reason: 'rejected', q850: 21 },
			404: { disposition: 'FAILED', reason: 'not_found', q850: 1 },
			0: { disposition: 'CANCELED', reason: 'canceled',
				hung_up_by: 'app' },
		}[code], sip_code: code || null,
		legs: [expectLeg({ side: 'app', remote: '101', session }),
			expectLeg({ side: 'phone', remote: /^sip:5551234@127/,
				...ends, t_new: between(began, over) })] }));
}

test('an app calls, the phone does not take it', async () => {
	for (const [code, reason] of [[486, 'Busy Here'],
		[480, 'Temporarily Unavailable'], [603, 'Decline'], [404, 'Not Found'],
		[0]])
		await refused(code, reason);
});
