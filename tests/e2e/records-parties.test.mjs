// Records of calls, field by field, as those who took part have seen them: who
// called whom and who took it, when, what was heard, how it ended.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { startRecordCalls } from './lib/recordcalls.mjs';
import { waitHears } from './lib/rig.mjs';
import { appOf, assertIs, atLeast, between, dialogOf, expectLeg, expectRecord, phoneOf }
	from './lib/witness.mjs';

let calls;
let rig;

before(async () => {
	calls = await startRecordCalls({ keys: {
		connectycube_early_media: 'accept' } });
	({ rig } = calls);
});

after(() => calls?.stop());
afterEach(() => calls.reset());

test('a phone calls, the app answers, the phone hangs up', async () => {
	const seen = await calls.phoneCalls({ extra: ['User-Agent: Snom/9.1'],
		from: '"Ann B" <sip:5551234@127.0.0.1>' });

	await rig.phoneHangsUp(seen.call);
	const record = await calls.recordOf(seen.call);

	assertIs(record, calls.expectPhoneCall(seen, Date.now(), {
		from: phoneOf(rig.ua, { name: 'Ann B' }), agent: 'Snom/9.1' }));
});

test('an app calls, the phone answers, the app hangs up', async () => {
	const seen = await calls.appCalls({ extra: ['Server: Desk/1.0'] });

	await rig.appHangsUp(seen.call);
	const record = await calls.recordOf(seen.call);

	assertIs(record, calls.expectAppCall(seen, Date.now(), { agent: 'Desk/1.0' }));
});

const [one, two] = ['104', '105'].map((user) => () =>
	fakeApp(rig.sandbox, user));

test('groups, one after the other: all who were rung, and who took it',
	async () => {
		const since = await calls.plan('104:1,105+101:30');
		const seen = await calls.phoneCalls();
		const { session } = await one().waitCall({ since });

		await rig.phoneHangsUp(seen.call);
		const record = await calls.recordOf(seen.call);
		const over = Date.now();
		const rung = between(seen.began, seen.accepted);
		const [phone, , last] = calls.expectPhoneCall(seen, over).legs.toSpliced(1, 0,
			null);

		assertIs(record, calls.expectPhoneCall(seen, over, {
			users: ['104', '105', '101'],
			legs: [phone, expectLeg({ side: 'app', remote: '104', session,
				t_new: rung, t_end: rung, sip_code: 480 }),
			{ ...last, t_new: rung }] }));
		});

/** Of a call that nobody took. */
const expectUnanswered = (call, over, more) => expectRecord({
	extension: calls.extension, ...dialogOf(call), session: (v) => v !== undefined,
	direction: 'sip-to-app', from: phoneOf(rig.ua), to: appOf('101'),
	dialled: '1000', agent: null, addr: calls.addr, platform: null,
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
	const record = await calls.recordOf(call);

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
	['is rung in vain: another phone of the group has it', async (call) => {
		await rig.app.waitIncoming();
		call.cancel({ extra: ['Reason: SIP;cause=200'
			+ ';text="Call completed elsewhere"'] });
	}, 487, { disposition: 'NO_ANSWER', reason: 'answered_elsewhere', q850: 26,
		hung_up_by: 'phone' }],
])
	test(`a phone calls, the app ${name}`, async () => {
		const { call, code: got, record, over } = await unanswered(act);

		assert.equal(got, code);
		assertIs(record, expectUnanswered(call, over, more));
	});

test('a phone calls, nobody answers', async () => {
	await calls.plan('101:1');
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
		const since = await calls.plan(number);
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
	await rig.bridge.waitRings();
	if (code) call.reject(code, reason);
	else await rig.app.hangup();
	await rig.app.waitClosed();
	const record = await calls.recordOf(call);
	const over = Date.now();
	const ends = { ...dialogOf(call), tag_remote: null }; // no call of its

	await rig.bridge.waitIdle();
	assertIs(record, calls.expectAppCall({ call, session, began, ends,
		invite: call.messages[0], ok: { ms: over }, heard: began }, over, {
		t_answer: null, t_media: null, verdict: null, hung_up_by: 'phone',
		class: 'client', ...{
			486: { disposition: 'BUSY', reason: 'busy', q850: 17 },
			480: { disposition: 'NO_ANSWER', reason: 'no_answer', q850: 19 },
			603: { disposition: 'REJECTED', reason: 'rejected', q850: 21 },
			404: { disposition: 'FAILED', reason: 'not_found', q850: 1 },
			403: { disposition: 'REJECTED', reason: 'forbidden', q850: 21 },
			488: { disposition: 'FAILED', reason: 'no_codec', q850: 88,
				flight: atLeast('') },
			420: { disposition: 'FAILED', reason: 'failed', q850: 31,
				class: 'upstream', flight: atLeast('') },
			503: { disposition: 'FAILED', reason: 'upstream', q850: 41,
				class: 'upstream', flight: atLeast('') },
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
		[403, 'Forbidden'], [488, 'Not Acceptable Here'],
		[420, 'Bad Extension'], [503, 'Service Unavailable'], [0]])
		await refused(code, reason);
});

test('what a phone\'s network plays before the answer, and keys', async () => {
	Object.assign(rig.ua, { formats: '0 101',
		maps: ['a=rtpmap:101 telephone-event/8000'] });
	await rig.app.forget();
	const began = Date.now();
	const session = await rig.app.call(rig.id);
	const call = await rig.ua.waitInvite();
	const [invite] = call.messages;

	call.progress();
	rig.play(call);
	await rig.app.waitConnected();
	await waitHears(rig.app, 1000, 'the app, before the answer');
	const early = Date.now();

	call.answer();
	const ok = await call.wait('ACK');

	await rig.waitTones();
	const seen = { call, session, began, invite, ok, heard: Date.now(),
		ends: dialogOf(call) };

	rig.ua.rtp.hush();
	for (const key of '47') await rig.ua.rtp.press(key, call.remoteRtp);
	await rig.app.dtmf('123');
	const keys = () => calls.hub.of('event').filter(({ event }) =>
		event.type === 'keys').reduce((n, { event }) => n + event.sent, 0);

	await until('all keys have come', () => keys() >= 5);
	await rig.appHangsUp(call);
	const record = await calls.recordOf(call);
	const over = Date.now();
	const first = between(invite.ms, early);
	const [app, phone] = calls.expectAppCall(seen, over).legs;

	assertIs(record, calls.expectAppCall(seen, over, {
		t_ring: first, t_early: first, pdd_ms: between(0, early - began),
		ring_ms: between(ok.ms - early - 50,
			seen.heard - invite.ms),
		t_answer: between(early, seen.heard), keys: { phone: 2, app: 3 },
		legs: [app, { ...phone, t_answer: between(early, seen.heard),
			media: { ...phone.media, first_rtp: first, silent_ms: atLeast(0),
				rx: (v) => v.packets > 20 } }] }));
	Object.assign(rig.ua, { formats: '0', maps: [] });
});

/** A phone's call that is sent on before anybody rings; its record. */
async function sentOn() {
	const call = await rig.ua.invite(rig.bridge.uri);
	const { code } = await call.wait('final');
	const record = await calls.recordOf(call);
	const over = Date.now();

	assert.equal(code, 302);
	assert.ok(call.messages.every((message) => message.code !== 180));
	assertIs(record, expectUnanswered(call, over, { session: null, to: appOf(null),
		users: [], t_ring: null, pdd_ms: null, disposition: 'NO_ANSWER',
		reason: 'forwarded', q850: 23, sip_code: 302, hung_up_by: 'bridge',
		legs: [expectLeg({ side: 'phone', remote: /^sip:5551234@127/,
			...dialogOf(call) })] }));
}

test('a phone\'s call is always sent on: the user is not to be disturbed', async () => {
	await calls.plan('104:30;forward_busy=2000');
	await rig.bridge.command('cube_dnd', 'on');
	try {
		await sentOn();
	} finally {
		await rig.bridge.command('cube_dnd', 'off');
	}
});

test('a phone\'s call is always sent on: the cloud is away', async () => {
	await calls.plan('104:30;forward_offline=2000');
	await rig.sandbox.refuseChat(5);
	await rig.sandbox.drop({ user: 'ext1000' });
	await rig.bridge.waitStatus('it is not online', ({ cloud }) => cloud !== 'online');
	await sentOn();
	await rig.bridge.waitStatus('it is online', ({ cloud }) => cloud === 'online',
		{ timeout: 60000 });
});
