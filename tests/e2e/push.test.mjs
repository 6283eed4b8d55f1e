// Apps that are closed ring by a push notification: who is pushed to, what is in it,
// what becomes of the call while the app starts, and what ends it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './lib/browser.mjs';
import { APP_HZ, startRig, userLine } from './lib/rig.mjs';

const REPEAT = 5000; // [ms] between two `call` of a call

let rig;
let sandbox;
let rest;

before(async () => {
	rig = await startRig({ app: false, bridge: ({ sandbox: { sip } }) => ({
		users: userLine(sip, { more: ';call=101,102' }),
		keys: { connectycube_push_environment: 'development' },
	}) });
	({ sandbox } = rig);
	const base = new URL(sandbox.page).origin;

	rest = async (path, body, token) => (await fetch(`${base}/${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json',
			...(token && { 'CB-Token': token }) },
		body: JSON.stringify(body),
	})).json();
});

after(() => rig?.stop());
afterEach(() => rig.reset());

/** A push to a user, with its message decoded. */
async function waitPush(type, user, since) {
	const decode = ({ message }) =>
		JSON.parse(Buffer.from(message, 'base64').toString());
	const { event, ms } = await sandbox.waitEntry('pushes', { event: (one) =>
		one.user.ids[0] === user && decode(one).signal_type === type },
	{ since });

	assert.equal(event.environment, 'development');
	return { ...decode(event), ms };
}

/** What Flutter's SDK needs to end the ringing; the others would ring once more. */
function assertEnd({ ms, ...push }, { user, id }) {
	assert.ok(ms);
	assert.equal(JSON.parse(push.user_info).number, '5551234');
	delete push.user_info;
	assert.deepEqual(push, { message: 'Call ended', session_id: id,
		call_type: 2, caller_id: 200, caller_name: '5551234',
		call_opponents: String(user), signal_type: 'endCall',
		ios_voip: 1, expiration: 0, ios_push_type: 'voip' });
}

/** A REST session's token. */
const login = async (name, password) => (await rest('session.json', {
	application_id: sandbox.application.id,
	auth_key: sandbox.application.auth_key,
	user: { login: name, password } })).session.token;

const reject = (token, sessionID) => rest('calls/reject.json', { sessionID,
	recipientId: 200, platform: 'ios', userInfo: {} }, token);

async function invite() {
	const since = await sandbox.mark('pushes');
	const call = await rig.ua.invite(rig.bridge.uri);

	await call.wait('180');
	return { call, since };
}

test('nobody is there: pushed, and over when the phone gives up', async () => {
	await sandbox.restFault({ path: 'events.json', status: 429,
		retry_after: 1, times: 1 });
	const { call, since } = await invite();
	const [alice, bob] = await Promise.all([101, 102].map((user) =>
		waitPush('startCall', user, since)));
	const { message, session_id: id, call_opponents: opponents,
		user_info: info, ...types } = alice;

	// as each SDK wants it
	assert.match(message, /^Incoming call from 5551234$/);
	assert.match(id, /^[0-9a-f-]{36}$/);
	assert.equal(opponents, '101');
	assert.equal(bob.call_opponents, '102');
	assert.equal(JSON.parse(info).number, '5551234');
	assert.equal(JSON.parse(info).extension, 'Sales');
	assert.deepEqual([types.call_type, types.caller_id, types.caller_name,
		types.ios_voip, types.uuid, types.callType, types.sessionID],
	[2, 200, '5551234', 1, id, 'audio', id]);

	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
	for (const user of [101, 102])
		assertEnd(await waitPush('endCall', user, since), { user, id });
	await rig.bridge.waitIdle();
});

test('its time is over: told so, before the next one is rung', async () => {
	const line = (call) => rig.bridge.reload(userLine(sandbox.sip,
		{ more: `;call=${call}` }));

	await line('101:3,102:3');
	const { call, since } = await invite();
	const { session_id: id } = await waitPush('startCall', 101, since);

	assertEnd(await waitPush('endCall', 101, since), { user: 101, id });
	const { session_id: next } = await waitPush('startCall', 102, since);

	assert.notEqual(next, id);
	assert.equal((await call.wait('final')).code, 480);
	assertEnd(await waitPush('endCall', 102, since), { user: 102, id: next });
	await rig.bridge.waitIdle();
	await line('101,102');
});

test('it says no by HTTP, without a chat; and a cloud without pushes', async () => {
	const since = await sandbox.mark('signals');

	await sandbox.restFault({ path: 'events.json', status: 422, times: 2 });
	const { call } = await invite();
	const signal = await sandbox.waitSignal({ type: 'call' }, { since });

	for (const user of [101, 102])
		await rig.bridge.waitLog(new RegExp(
			`push to user ${user} failed: Sandbox fault`));
	const [alice, bob] = [await login('alice', 'alice-pass-1'),
		await login('bob', 'bob-pass-2')];
	const hangUps = async () => (await sandbox.entries('signals', since))
		.filter(({ type }) => type === 'hangUp').length;

	// once more, as an app does that has no answer: its user alone is told
	for (let n = 0; n < 3; n++) await reject(alice, signal.session);
	await sandbox.waitSignal({ type: 'hangUp' }, { since });
	await reject(bob, signal.session);
	assert.equal((await call.wait('final')).code, 486);
	assert.equal(call.messages.filter(({ code }) => code >= 200).length, 1);
	await rig.bridge.waitIdle();

	// too late: of a call that is over, or of none
	const told = await hangUps();

	for (const session of [signal.session, 'none', signal.session])
		await reject(bob, session);
	const { call: again, since: pushed } = await invite();

	await sandbox.waitSignal({ type: 'call', session: (id) =>
		id !== signal.session }, { since });
	assert.equal(await hangUps(), told);
	again.cancel();
	await again.wait('487');
	await rig.bridge.waitIdle();

	// and so that these are not taken for those of the next call
	for (const user of [101, 102]) await waitPush('endCall', user, pushed);
});

test('the app is started by it, is rung at once and answers', async () => {
	const { call, since } = await invite();
	const { session_id: id } = await waitPush('startCall', 101, since);

	await waitPush('startCall', 102, since);
	const before = await sandbox.mark('events');

	rig.browser = await launch();
	rig.app = await rig.browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
		{ toneHz: APP_HZ });
	const online = await sandbox.waitEntry('events',
		{ event: 'online', jid: (jid) => jid.startsWith('101-') },
		{ since: before });

	await rig.app.waitIncoming();
	const calls = (await sandbox.entries('signals')).filter((one) =>
		one.session === id && one.type === 'call' && /^101-/.test(one.to));
	const last = calls.findLast(({ ms }) => ms < online.ms);
	const first = calls.find(({ ms }) => ms >= online.ms);

	// unless its turn has come by itself just then
	assert.ok(first.ms < last.ms + REPEAT - 300
		|| last.ms + REPEAT - online.ms < 1000,
	`rung ${first.ms - online.ms} ms after it came`);

	await rig.app.accept();
	await call.wait('200');
	rig.play(call);
	await rig.waitTones();
	assert.equal((await waitPush('endCall', 102, since)).session_id, id);

	const { data = await rig.bridge.command('cube_status', 'json') } = {};
	const [{ calls: [{ app }] }] = JSON.parse(data).extensions;

	assert.equal(app.pushed, 2);
	assert.ok(app.push_to_online_ms > 0 && app.push_to_online_ms < 60000,
		app.push_to_online_ms);
	assert.match(await rig.bridge.command('cube_events', '20'), new RegExp(
		`push.online .*user 101 is there ${app.push_to_online_ms} ms after`));
	await rig.phoneHangsUp(call);

	// who has had the call is not told that it was not answered
	const pushes = (await sandbox.entries('pushes', since)).map(({ event }) =>
		event.user.ids[0]);

	assert.deepEqual(pushes.sort(), [101, 102, 102]);
	await rig.assertNoSecrets();
});

test('who is online needs no push', async () => {
	const { call, since } = await invite();

	await rig.app.waitIncoming();
	await waitPush('startCall', 102, since);
	await rig.app.accept();
	await call.wait('200');
	rig.play(call);
	const { session_id: id } = await waitPush('endCall', 102, since);

	// devices of both that have no chat say no when it is too late
	for (const [name, password] of [['alice', 'alice-pass-1'],
		['bob', 'bob-pass-2']])
		await reject(await login(name, password), id);
	await rig.waitTones();
	assert.equal((await rig.bridge.status()).calls.length, 1);
	await rig.phoneHangsUp(call);
	const pushes = (await sandbox.entries('pushes', since)).map(({ event }) =>
		event.user.ids[0]);

	assert.deepEqual(pushes, [102, 102]);
});
