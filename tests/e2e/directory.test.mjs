// Users of the users file who are named by login, phone, e-mail or external id: they
// are looked up in the cloud, rung by their ids, and missed by name.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
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
			keys: { connectycube_push: 'off',
				connectycube_presence_sip: 'watch',
				connectycube_missed: 'chat' },
		}) });
	({ sandbox } = rig);
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const LOOKUP = '/users/v2.json';

/** Requests for users. */
const lookups = async (since) => (await sandbox.entries('requests', since))
	.filter(({ path }) => path === LOOKUP);

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
	assert.equal((await lookups()).length, 4);
});

test('nobody is asked for by a look, nor by a call while the cloud fails',
	async () => {
		const since = await sandbox.mark('requests');

		await sandbox.restFault({ path: 'users', status: 500,
			times: 1 });
		await reload('101+login:ghost');
		await rig.bridge.waitLog(/users are not looked up/);
		for (const state of ['on', 'off'])
			await rig.bridge.command('cube_dnd', state);
		await rung(1); // and missed
		await sandbox.waitEntry('requests', { path: LOOKUP },
			{ since: (await lookups(since))[0].seq });
		const [{ ms: first }, { ms: second }] = await lookups(since);

		assert.ok(second - first > 1900, `${second - first} ms`);

		// there is no ghost: one call asks for it, others do not
		await rig.bridge.waitLog(/login:ghost: there is no such user/);
		const known = await sandbox.mark('requests');

		for (const state of ['on', 'off'])
			await rig.bridge.command('cube_dnd', state);
		assert.deepEqual(await lookups(known), []);
		for (let n = 0; n < 3; n++) await rung(1);
		await sandbox.waitEntry('requests', { path: LOOKUP }, { since: known });
		assert.equal((await lookups(known)).length, 1);
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

test('names stand in callers= and on the console, too', async () => {
	const since = await reload('101;callers=login:maria;'
		+ `dial=sip:5551234@127.0.0.1:${rig.ua.port}`);
	const mark = await sandbox.mark('signals');

	await rig.bridge.waitLog(/users:2: login:maria is user 301/, { since });
	await fakeApp(sandbox, '101').call('not-named');
	const { user_info: info } = await fakeApp(sandbox, '101')
		.waitSignal('reject', { session: 'not-named', since: mark });

	assert.equal(info.sip_code, '403');
	await fakeApp(sandbox, '301').call('named');
	const call = await rig.ua.waitInvite();

	call.reject(486, 'Busy Here');
	await rig.bridge.waitIdle();
	assert.match(await rig.bridge.command('cube_call', 'login:maria'),
		/call \d+/);
	await fakeApp(sandbox, '301').waitCall({ since: mark });
	assert.match(await rig.bridge.command('cube_call', 'login:stranger'),
		/not in the users file/);
});
