// Records of calls that go elsewhere: the phone sends one on, or another phone
// picks it up, or somebody transfers it, blind or attended. Each is of the call as
// it was placed, those of calls that were joined belong together, and all who took
// part are in them.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { phoneMedia, startRecordCalls } from './lib/recordcalls.mjs';
import { APP_HZ, PHONE_HZ, waitHears } from './lib/rig.mjs';
import { refer, referToCall, replaces, uriOf, waitProgress, waitTold }
	from './lib/transfer.mjs';
import { BOB_HZ, DESK_HZ, openDesk, transferUsers } from './lib/transferrig.mjs';
import { appOf, assertIs, atLeast, between, dialogOf, expectLeg, phoneOf }
	from './lib/witness.mjs';

let calls;
let rig;
let desk; // whom the PBX knows as 1002
let bob; // another app

before(async () => {
	calls = await startRecordCalls({ users: transferUsers });
	({ rig } = calls);
	desk = await openDesk(rig.sandbox);
	bob = await rig.browser.newUser(rig.sandbox.page, 'bob', 'bob-pass-2',
		{ toneHz: BOB_HZ });
});

after(async () => {
	desk?.close();
	await calls?.stop();
});

afterEach(async () => {
	rig.ua.guard = () => null;
	desk.rtp.hush();
	desk.forget();
	await bob.reset();
	await calls.reset();
});

/** The desk answers a call of the bridge's, and is heard. */
async function deskAnswers() {
	const call = await desk.waitInvite();

	call.answer({ extra: ['Server: Desk/2'] });
	const { ms } = await call.wait('ACK');

	desk.rtp.play(DESK_HZ, call.remoteRtp);
	return { call, ms, began: call.messages[0].ms, ends: dialogOf(call) };
}

const transfer = (more) => ({ time: between(0, Infinity), state: 'done',
	sip_code: 200, ...more });

/** The desk in a record, since it was rung. */
const deskLeg = (seen, at, over, more) => expectLeg({ side: 'phone',
	...at.ends, t_new: between(seen.heard, at.ms),
	t_answer: between(at.began, at.ms), media: phoneMedia(at.ms, over), ...more });

test('blind, by the phone: the call is the one that was placed', async () => {
	const seen = await calls.appCalls({ extra: ['Server: Snom'] });

	await refer(seen.call, `<${uriOf(desk)}>`);
	const at = await deskAnswers();

	await seen.call.wait('BYE');
	const left = Date.now();

	rig.ua.rtp.hush();
	await waitHears(rig.app, DESK_HZ, 'the app');
	await at.call.bye();
	await rig.app.waitClosed();
	const record = await calls.recordOf(seen.call);
	const over = Date.now();
	const [app, phone] = calls.expectAppCall(seen, over).legs;

	assertIs(record, calls.expectAppCall(seen, over, {
		agent: 'Snom', hung_up_by: 'phone', t_end: between(left, over),
		transfers: [transfer({ target: uriOf(desk) })],
		legs: [app, { ...phone, media: calls.phoneLeg(seen, left).media,
			t_end: between(at.ms - 500, left) },
		deskLeg(seen, at, over, { remote: uriOf(desk),
			number: '2000' })] }));
});

test('blind, by the app, to another user; another one refuses before', async () => {
	const seen = await calls.appCalls();

	await rig.app.ask('transfer', { target: '1002' });
	const first = await desk.waitInvite();

	first.reject(486, 'Busy Here');
	await waitProgress(rig.app, 'failed');
	await bob.forget();
	await rig.app.ask('transfer', { target: '102' });
	const { id: session } = await bob.waitIncoming();
	const rung = Date.now();

	await bob.accept();
	await rig.app.waitClosed();
	const left = Date.now();

	await waitHears(rig.ua.rtp, BOB_HZ, 'the phone');
	await bob.hangup();
	await seen.call.wait('BYE');
	const record = await calls.recordOf(seen.call);
	const over = Date.now();
	const [app, phone] = calls.expectAppCall(seen, over).legs;

	assertIs(record, calls.expectAppCall(seen, over, {
		transfers: [transfer({ target: '1002', state: 'failed', sip_code: 486 }),
			transfer({ target: '102' })],
		legs: [{ ...app, t_end: between(rung, left),
			media: calls.appLeg(seen, left).media }, phone,
		expectLeg({ side: 'phone', remote: /^sip:1002@/, ...dialogOf(first),
			tag_remote: null, t_new: between(seen.heard, rung),
			t_end: between(seen.heard, rung), sip_code: 486 }),
		{ ...calls.appLeg({ ...seen, session, ok: { ms: rung } }, over,
			{ remote: /^102-5476@/, number: '102',
				t_new: between(seen.heard, rung),
				t_answer: between(rung, left) }) }] }));
});

/** The phone has a call with each of both apps: what was seen of them. */
async function twoCalls() {
	const first = await calls.appCalls();
	const second = await calls.appCalls({ app: bob });

	await waitHears(bob, PHONE_HZ, 'the other app');
	second.heard = Date.now();
	await rig.bridge.waitStatus('both are up', ({ calls: all }) =>
		all.filter(({ state }) => state === 'ESTABLISHED').length === 2);
	return [first, second];
}

/** The phone has one voice for both of its calls. */
const someOf = (dir) => ({ ...dir, packets: atLeast(5) });

test('attended, by the phone: the records of both calls are one another\'s',
	async () => {
		const [first, second] = await twoCalls();
		const asked = Date.now();

		await referToCall(first.call, second.call, rig.bridge.uri);
		await waitTold(first.call, '200 terminated');
		rig.ua.rtp.hush();
		await Promise.all([first, second].map(({ call }) => call.wait('BYE')));
		const left = Date.now();

		await waitHears(rig.app, BOB_HZ, 'one app');
		await waitHears(bob, APP_HZ, 'the other app');
		await bob.hangup();
		await rig.app.waitClosed();
		const [one, two] = [await calls.recordOf(first.call),
			await calls.recordOf(second.call)];
		const over = Date.now();
		const gone = between(asked, left);
		const [app, phone] = calls.expectAppCall(first, over).legs;
		const { media } = calls.phoneLeg(first, left);

		assertIs(one, calls.expectAppCall(first, over, {
			t_end: between(left, over),
			transfers: [transfer({ target: (v) => v.includes('Replaces')
				|| v.startsWith('sip:') })],
			legs: [{ ...app, media: { ...app.media,
				tx: someOf(app.media.tx) } },
			{ ...phone, t_end: gone, media: { ...media,
				rx: someOf(media.rx) } },
			calls.appLeg(second, over, { remote: '102', number: '102',
				t_new: gone })] }));
		assertIs(two, calls.expectAppCall(second, left, {
			linked_id: one.id, from: appOf('102'), users: ['102'],
			reason: 'transferred', class: 'success', hung_up_by: 'bridge',
			sip_code: 487, t_end: gone,
			legs: [calls.appLeg(second, left, { remote: '102', t_end: gone }),
				{ ...calls.phoneLeg(second, left), t_new: between(second.began,
					second.invite.ms), t_answer: between(second.invite.ms,
					second.heard) }] }));
	});

test('attended, by the app: both phones that it talks to', async () => {
	const first = await calls.appCalls();
	const device = await rig.browser.newUser(rig.sandbox.page, 'alice',
		'alice-pass-1', { toneHz: APP_HZ });
	const began = Date.now();
	const session = await device.call(rig.id, { userInfo: { dial: '1002' } });
	const at = await deskAnswers();

	await device.waitConnected();
	await waitHears(device, DESK_HZ, 'its other device');
	const second = { ...at, session, began, invite: at.call.messages[0],
		ok: { ms: at.ms }, heard: Date.now() };

	assert.equal((await rig.app.ask('transfer', { target_session: session }))
		.event, 'done');
	await Promise.all([rig.app.waitClosed(), device.waitClosed()]);
	const left = Date.now();

	await waitHears(rig.ua.rtp, DESK_HZ, 'the phone');
	rig.ua.rtp.hush();
	await first.call.bye();
	await at.call.wait('BYE');
	const [one, two] = [await calls.recordOf(first.call),
		await calls.recordOf(at.call)];
	const over = Date.now();
	const gone = between(second.heard, left);
	const [app, phone] = calls.expectAppCall(first, over).legs;
	const remote = /^sip:1002@/;
	const more = { number: '1002', uri: remote };

	assertIs(one, calls.expectAppCall(first, over, {
		hung_up_by: 'phone', t_end: between(left, over),
		transfers: [transfer({ target: session })],
		legs: [{ ...app, t_end: gone, media: calls.appLeg(first, left).media },
			phone, expectLeg({ side: 'phone', remote, number: '1002', ...at.ends,
				t_new: gone, media: phoneMedia(at.ms, over) })] }));
	assertIs(two, calls.expectAppCall(second, left, {
		linked_id: one.id, to: phoneOf(desk, more), agent: 'Desk/2',
		addr: (v) => v !== null, reason: 'transferred', hung_up_by: 'bridge',
		sip_code: 487, t_ring: null, t_end: gone,
		legs: [calls.appLeg(second, left, { remote: '101' }),
			{ ...calls.phoneLeg(second, left), remote, t_end: gone,
				t_new: between(second.began, second.invite.ms),
				t_answer: between(second.invite.ms, second.heard) }] }));
	await device.close();
});

/** The desk calls in the place of a phone. */
const deskTakes = (call, more = '') => desk.invite(rig.bridge.uri, { extra: [
	`Replaces: ${replaces(call)}${more}`, 'User-Agent: Desk/2'] });

const taken = (more) => transfer({ target: (v) => v.startsWith('sip:2000@'),
	...more });

test('another phone takes the place of one', async () => {
	const seen = await calls.appCalls();
	const other = await deskTakes(seen.call);
	const ok = await other.wait('200');

	desk.rtp.play(DESK_HZ, other.remoteRtp);
	await seen.call.wait('BYE');
	const left = Date.now();

	rig.ua.rtp.hush();
	await waitHears(rig.app, DESK_HZ, 'the app');
	await other.bye();
	await rig.app.waitClosed();
	const record = await calls.recordOf(seen.call);
	const over = Date.now();
	const came = between(other.sentMs, ok.ms + 500);
	const [app, phone] = calls.expectAppCall(seen, over).legs;

	assertIs(record, calls.expectAppCall(seen, over, {
		hung_up_by: 'phone', t_end: between(left, over), transfers: [taken()],
		legs: [app, { ...phone, media: calls.phoneLeg(seen, left).media,
			t_end: between(other.sentMs, left) },
		expectLeg({ side: 'phone', remote: /^sip:2000@/, number: '2000',
			...dialogOf(other), t_new: came,
			media: phoneMedia(ok.ms, over) })] }));
});

test('another phone picks up', async () => {
	await rig.app.forget();
	const began = Date.now();
	const session = await rig.app.call(rig.id);
	const call = await rig.ua.waitInvite();

	call.ring();
	await rig.bridge.waitRings();
	const other = await deskTakes(call, ';early-only');
	const ok = await other.wait('200');

	desk.rtp.play(DESK_HZ, other.remoteRtp);
	await call.wait('CANCEL');
	await rig.app.waitConnected();
	await waitHears(rig.app, DESK_HZ, 'the app');
	const seen = { call: other, session, began, invite: call.messages[0], ok,
		heard: Date.now(), ends: dialogOf(other) };

	await rig.app.hangup();
	await other.wait('BYE');
	const record = await calls.recordOf(other);
	const over = Date.now();

	assertIs(record, calls.expectAppCall(seen, over, {
		to: phoneOf(desk), agent: 'Desk/2', addr: `127.0.0.1:${desk.port}`,
		transfers: [taken()],
		legs: [calls.appLeg(seen, over, { remote: '101' }),
			expectLeg({ side: 'phone', remote: /^sip:5551234@127/,
				...dialogOf(call), tag_remote: (v) => v !== undefined,
				t_new: between(began, seen.invite.ms),
				t_end: between(seen.invite.ms, seen.heard) }),
			{ ...calls.phoneLeg(seen, over), remote: /^sip:2000@/,
				number: '2000', t_new: between(other.sentMs, ok.ms) }] }));
});

test('the phone sends the call on: who takes it is who was called', async () => {
	rig.ua.guard = ({ method, uri }) => method === 'INVITE'
		&& uri.includes('5551234') ? { code: 302, reason: 'Moved Temporarily',
			headers: [`Contact: <sip:701@127.0.0.1:${rig.ua.port}>`,
				'Server: Old'] } : null;
	const seen = await calls.appCalls({ extra: ['Server: Snom'] });

	await rig.appHangsUp(seen.call);
	const record = await calls.recordOf(seen.call);
	const over = Date.now();
	const [app, phone] = calls.expectAppCall(seen, over).legs;
	const uri = /^sip:701@127\.0\.0\.1/;

	assertIs(record, calls.expectAppCall(seen, over, {
		agent: 'Snom', to: phoneOf(rig.ua, { number: '701', uri }),
		legs: [app, { ...phone, remote: uri }] }));
});
