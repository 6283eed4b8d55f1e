// Control in a call by system messages, through the SDK as it is: who may ask, once,
// and what is answered.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { assertPhoneGets } from './lib/keys.mjs';
import { startWorld } from './lib/world.mjs';

let world;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001' }] }],
		phone: { accounts: [{ user: '1001', codecs: 'PCMU' }] },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

test('an app asks for keys by system messages, and is answered', async () => {
	await world.appCallsPhone(alice);
	await world.waitTones(alice);

	const { call: { id } } = await alice.state();
	const done = await alice.ask('dtmf', { keys: '17*d' }, { request: 'r1' });

	assert.deepEqual(done, { bridge: '1', event: 'done', action: 'dtmf',
		session_id: id, request_id: 'r1' });
	await assertPhoneGets(world.phone, '17*D');

	// the same once more, as apps do that did not hear the answer
	assert.deepEqual(await alice.ask('dtmf', { keys: '17*d' },
		{ request: 'r1' }), done);
	for (const [action, values, why] of [
		['dtmf', { keys: '12x' }, /^keys: 1 to 32 of/],
		['dtmf', { keys: '1'.repeat(33) }, /^keys: 1 to 32 of/],
		['dtmf', {}, /^keys: 1 to 32 of/],
		['fly', {}, /^unknown action$/],
		['dtmf', { keys: '1', session_id: 'none' }, /^no such call$/],
	])
		assert.match((await alice.ask(action, values)).error, why);

	// somebody who is no party, and what is late
	const since = await world.sandbox.mark('signals');
	const ask = (from, request, more = '') => world.sandbox.inject(200,
		{ xml: `<message xmlns="jabber:client" type="headline" id="${request}"`
			+ ` from="${from}"><extraParams>`
			+ '<moduleIdentifier>SystemNotifications</moduleIdentifier>'
			+ `<bridge>1</bridge><action>dtmf</action><keys>666</keys>`
			+ `<session_id>${id}</session_id><request_id>${request}</request_id>`
			+ `</extraParams>${more}</message>` });
	const { jid } = (await world.sandbox.online()).find(({ user }) =>
		user === 101);

	await ask(jid, 'late', '<delay xmlns="urn:xmpp:delay"'
		+ ' stamp="2026-01-01T00:00:00Z"/>');
	await ask(jid.replace('101-', '102-'), 'stranger');
	const { system } = await world.sandbox.waitSignal({ type: 'system' },
		{ since });

	assert.equal(system.request_id, 'stranger');
	assert.equal(system.event, 'error');
	assert.equal(system.reason, 'no such call');

	// nothing of all that has reached the phone; and keys are in no log
	await alice.ask('dtmf', { keys: '3' });
	await assertPhoneGets(world.phone, '3');
	assert.doesNotMatch(world.bridge.log(), /17\*|666/);
	await world.end(world.phone, alice);
});
