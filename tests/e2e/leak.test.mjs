// A hundred calls through one bridge, from both sides, answered, rejected, given up,
// challenged and refused, held, passed on, and rung one after another; texts, and
// lamps that see all of it: under valgrind nothing is lost and nothing wrong is read
// or written; in a plain run no fd stays open and the memory does not grow.

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { challenged, digest } from './lib/digest.mjs';
import { assertNoGrowth, assertNothingLost } from './lib/leak.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const ROUNDS = 6; // of as many calls as there are kinds
const VALGRIND_ROUNDS = 3; // it is slow, and loses what it loses in the first

const ACCOUNT = { user: '1000', password: 'sip-1000' };

let rig;
let desk; // whom calls are passed on to

before(async () => {
	rig = await startRig();
	desk = await openSipUa({ user: '5552345' });
});

after(async () => {
	desk?.close();
	await rig?.stop();
});

/** 1010 rings a user who is not there, by push, then the app. */
const bridge = () => {
	const { sip } = rig.sandbox;
	const dial = `;dial=sip:5551234@127.0.0.1:${rig.ua.port}`;

	return {
		keys: { connectycube_caller_rate: 0, connectycube_presence_sip: 'publish',
			connectycube_presence_cloud: 'yes' },
		users: [userLine(sip, { more: `;call=101;dialable=1099${dial}` }),
			userLine(sip, { user: '1010', login: 'ext1010',
				more: `;call=102:1,101${dial}` })],
		prepare: (dir) => appendFileSync(`${dir}/accounts`,
			`<sip:1010@${sip};transport=udp>;auth_user=1010`
			+ ';auth_pass=sip-1010;regint=300\n'),
	};
};

async function ended() {
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
}

/** No server and no network in between. */
function calm() {
	rig.ua.guard = () => null;
	rig.ua.network = () => null;
}

/** A call of every kind. */
const KINDS = {
	async 'from the phone, which hangs up'() {
		await rig.phoneCallsApp();
		await rig.phoneHangsUp();
	},
	async 'from the phone, the app hangs up'() {
		await rig.phoneCallsApp();
		await rig.appHangsUp();
	},
	async 'from the app, the phone hangs up'() {
		await rig.appCallsPhone();
		await rig.phoneHangsUp();
	},
	async 'from the app, challenged; it hangs up'() {
		const asked = challenged(rig.ua, ACCOUNT, ['INVITE', 'BYE'], (nonce) =>
			({ code: 401, headers: [digest('SHA-256', '', { nonce })] }));

		await rig.appCallsPhone();
		await rig.appHangsUp();
		assert.equal(asked.length, 4);
		calm();
	},
	async 'from the app, challenged in vain'() {
		rig.ua.guard = ({ method }) => method === 'INVITE' && { code: 401,
			headers: [digest('SHA-256', ', stale=true')] };
		await rig.app.call(rig.id);
		await rig.app.waitEvent('reject');
		await ended();
		calm();
	},
	async 'from the phone, given up'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await call.wait('180');
		await rig.app.waitIncoming();
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
		await ended();
	},
	async 'from the phone, rejected'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await rig.app.waitIncoming();
		await rig.app.reject();
		assert.equal((await call.wait('final')).code, 486);
		await ended();
	},
	async 'from the phone, busy'() {
		const call = await rig.ua.invite(rig.bridge.uri);

		await rig.app.waitIncoming();
		await rig.app.reject({ busy: 'true' });
		assert.equal((await call.wait('final')).code, 486);
		await ended();
	},
	async 'from the app, busy'() {
		await rig.app.call(rig.id);
		const call = await rig.ua.waitInvite();

		call.reject(486, 'Busy Here');
		await rig.app.waitEvent('reject');
		await ended();
	},
	async 'from the app, given up'() {
		await rig.app.call(rig.id);
		const call = await rig.ua.waitInvite();

		call.ring();
		await rig.app.hangup();
		await call.wait('CANCEL');
		await ended();
	},
	async 'from the app, to where it may not'() {
		await rig.app.call(rig.id, { userInfo: { dial: '4711' } });
		await rig.app.waitEvent('reject');
		await ended();
	},
	async 'held by the phone, and by the app'() {
		const call = await rig.phoneCallsApp();

		rig.ua.edit = (sdp) => `${sdp}a=sendonly\r\n`;
		assert.equal((await call.reinvite()).code, 200);
		await rig.app.waitEvent('told-held');
		rig.ua.edit = (sdp) => sdp;
		assert.equal((await rig.app.ask('hold')).event, 'done');
		assert.equal((await call.reinvite()).code, 200);
		await rig.app.waitEvent('told-resumed');
		assert.equal((await rig.app.ask('resume')).event, 'done');
		await rig.phoneHangsUp();
	},
	async 'passed on by the phone, and taken by another one'() {
		const call = await rig.appCallsPhone();

		assert.equal((await call.ask('REFER', { extra: [
			`Refer-To: <sip:5552345@127.0.0.1:${desk.port}>`] })).code, 202);
		const invite = await desk.waitInvite();

		invite.ring();
		invite.answer();
		await call.wait('BYE');
		rig.ua.rtp.hush();
		const tag = (header) => /;tag=([^;]+)/.exec(header)[1];
		const taken = await rig.ua.invite(rig.bridge.uri, { extra: [
			`Replaces: ${invite.id};to-tag=`
			+ `${tag(invite.messages[0].header('From'))};from-tag=`
			+ tag(invite.local)] });

		await taken.wait('200');
		await invite.wait('BYE');
		await taken.bye();
		await ended();
	},
	async 'passed on by the app, to nobody'() {
		await rig.appCallsPhone();
		assert.ok((await rig.app.ask('transfer', { target: '4711' })).error);
		assert.equal((await rig.app.ask('transfer', { target: '1099' })).event,
			'done');
		await rig.app.waitEvent('told-transfer');
		await rig.appHangsUp();
	},
	async 'from the phone, for two, one after the other; a lamp sees it'() {
		const uri = rig.bridge.uri.replace('1000', '1010');
		const lamp = rig.ua.open(uri);
		const ask = (expires) => lamp.ask('SUBSCRIBE', { extra: [
			'Event: dialog', `Expires: ${expires}`] });
		const since = await rig.sandbox.mark('pushes');

		assert.equal((await ask(600)).code, 200);
		const call = await rig.ua.invite(uri);

		await rig.sandbox.waitEntry('pushes', {}, { since });
		await rig.app.waitIncoming();
		await rig.app.accept();
		await call.wait('200');
		await until('the lamp is lit', () => lamp.messages.some(({ body }) =>
			/<state>confirmed</.test(body)));
		await call.bye();
		await ended();
	},
	async 'texts, both ways'() {
		const text = { type: 'text/plain', body: 'hello' };

		rig.ua.guard = ({ method }) => method === 'MESSAGE' && { code: 200 };
		assert.equal((await rig.ua.query(rig.bridge.uri, 'MESSAGE', text)).code,
			200);
		await rig.app.page.evaluate(() => new Promise((resolve) => {
			const { chat } = ConnectyCube;

			chat.onDeliveredStatusListener = resolve;
			chat.send(200, { type: 'chat', body: 'hi', extension: {},
				markable: 1 });
		}));
		calm();
	},
};

const CALLS = ROUNDS * Object.keys(KINDS).length;

test(`${CALLS} calls: no fd stays open, the memory does not grow`, (t) =>
	assertNoGrowth(t, rig, KINDS, ROUNDS, bridge()));

test('fewer under valgrind: nothing is lost', (t) =>
	assertNothingLost(t, rig, KINDS, VALGRIND_ROUNDS, bridge()));
