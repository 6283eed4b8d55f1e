// Users of the users file who are named by login, phone, e-mail or external id: they
// are looked up in the cloud, rung by their ids, and missed by name.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startRig, userLine } from './lib/rig.mjs';

const MORE = [
	{ id: 301, login: 'maria', password: 'maria-pass', phone: '55119876' },
	{ id: 302, login: 'x', password: 'x-pass', external_id: 'EMP 42' },
];

let rig;
let sandbox;

before(async () => {
	rig = await startRig({ app: false, sandbox: { users: MORE },
		bridge: ({ sandbox: { sip } }) => ({
			users: userLine(sip, { more: ';call=101+tel:+55119876'
				+ '+email:alice@sandbox.invalid+ext:EMP%2042+login:bob' }),
			keys: { connectycube_push: 'off' },
		}) });
	({ sandbox } = rig);
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const reload = (call) => rig.bridge.reload(['# a comment',
	userLine(sandbox.sip, { more: `;call=${call}` })]);

/** Whom a phone's call rings. */
async function rung(n) {
	const since = await sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri);
	const users = new Set();

	await call.wait('180');
	const user = (to) => Number(to.split('-')[0]);

	while (users.size < n)
		users.add(user((await sandbox.waitSignal({ type: 'call',
			to: (to) => !users.has(user(to)) }, { since })).to));
	call.cancel();
	await rig.bridge.waitIdle();
	return [...users].sort();
}

test('they are found by any of their names, once', async () => {
	await rig.bridge.waitLog(/users:1: login:bob is user 102/);
	await rig.bridge.waitLog(/users:1: ext:EMP%2042 is user 302/);
	assert.deepEqual(await rung(4), [101, 102, 301, 302]);
	assert.deepEqual(await rung(4), [101, 102, 301, 302]);
	const asked = (await sandbox.entries('requests')).filter(({ path }) =>
		path === '/users/v2.json');

	assert.equal(asked.length, 4);
});

test('one who is not there is named, and found when he is', async () => {
	const since = await reload('login:nobody');

	await rig.bridge.waitLog(/users:2: login:nobody: there is no such user/,
		{ since });
	const call = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await call.wait('final')).code, 404);
	assert.match(await rig.bridge.command('cube_events', '3'),
		/no such user in the cloud/);
	await sandbox.addUsers([{ id: 303, login: 'nobody', password: 'p' }]);
	await reload('login:nobody+12345');
	await rig.bridge.waitLog(/users:2: login:nobody is user 303/, { since });
	assert.deepEqual(await rung(2), [12345, 303]);

	// a cloud that does not answer takes nobody away
	await sandbox.restFault({ path: 'users', status: 500 });
	const failed = await reload('login:nobody+12345');

	await rig.bridge.waitLog(/users are not looked up/, { since: failed });
	assert.deepEqual(await rung(2), [12345, 303]);
	await rig.assertNoSecrets();
});
