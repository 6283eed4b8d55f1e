// A hundred calls through one bridge, from both sides, answered, rejected, given up,
// challenged and refused: under valgrind nothing is lost and nothing wrong is read or
// written; in a plain run no fd stays open and the memory does not grow.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { challenged, digest } from './lib/digest.mjs';
import { assertNoGrowth, assertNothingLost } from './lib/leak.mjs';
import { startRig } from './lib/rig.mjs';

const ROUNDS = 10; // of as many calls as there are kinds

const ACCOUNT = { user: '1000', password: 'sip-1000' };

let rig;

before(async () => {
	rig = await startRig({ bridge: { keys: {
		connectycube_caller_rate: 0 } } });
});

after(() => rig?.stop());

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
};

const CALLS = ROUNDS * Object.keys(KINDS).length;

test(`${CALLS} calls: no fd stays open, the memory does not grow`, (t) =>
	assertNoGrowth(t, rig, KINDS, ROUNDS));

test(`${CALLS} calls under valgrind: nothing is lost`, (t) =>
	assertNothingLost(t, rig, KINDS, ROUNDS));
