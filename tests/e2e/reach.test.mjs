// Who is rung at all: users who are not to be disturbed, or in a call, are busy
// without being asked. One of them stands in the users file by its login.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRig, userLine } from './lib/rig.mjs';

let rig;
let sandbox;

before(async () => {
	rig = await startRig({ bridge: ({ sandbox: { sip } }) => ({
		users: userLine(sip, { more: ';call=login:alice:20,104:20' }),
		keys: { connectycube_call_waiting: 'no', connectycube_dnd_code: 480 },
	}) });
	({ sandbox } = rig);
});

after(() => rig?.stop());
afterEach(async () => {
	await rig.bridge.command('cube_dnd', 'off');
	await rig.bridge.command('cube_dnd', 'off 101');
	await rig.bridge.command('cube_dnd', 'off 104');
	await rig.reset();
	await rig.bridge.waitIdle();
});

const dnd = async () => JSON.parse(await rig.bridge.command('cube_status',
	'json')).extensions[0].dnd;

test('an app asks not to be disturbed, and takes it back', async () => {
	const since = await sandbox.mark('signals');
	const app = fakeApp(sandbox, '104');
	const heard = async (state, after) => {
		const { system, to, seq } = await sandbox.waitSignal({ type: 'system',
			to: (jid) => jid.startsWith('104-'),
			system: ({ event }) => event === 'dnd' }, { since: after });

		assert.equal(system.state, state);
		assert.equal(to, '104-5476@localhost'); // all devices of the user
		return seq;
	};

	await app.ask('dnd', { state: 'on', request_id: 'd1' });
	let seq = await heard('on', since);

	assert.equal((await app.waitSystem('done', { since })).request_id, 'd1');
	assert.equal(await dnd(), '104');
	assert.match(await rig.bridge.command('cube_events'),
		/user\.dnd .*do not disturb on: user 104 \(by the app\)/);

	// the other one is rung, and nobody behind it
	let call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.reject({ busy: 'true' });
	assert.equal((await call.wait('final')).code, 486);
	assert.equal((await sandbox.entries('signals', since)).filter(
		({ type, to }) => type === 'call' && to.startsWith('104-')).length, 0);

	// it asks what is so, and takes it back
	await app.ask('dnd', { request_id: 'd2' });
	seq = await heard('on', seq);
	await app.ask('dnd', { state: 'off', request_id: 'd3' });
	seq = await heard('off', seq);
	assert.equal(await dnd(), null);

	call = await rig.ua.invite(rig.bridge.uri);
	await rig.app.waitIncoming();
	await rig.app.reject();
	await app.waitCall({ since: seq });
	call.cancel();
	await call.wait('final');
});

test('who may not is refused', async () => {
	const since = await sandbox.mark('signals');
	const ask = async (user, values) => {
		const app = fakeApp(sandbox, user);

		await app.ask('dnd', values);
		return (await app.waitSystem('error', { since })).reason;
	};

	assert.equal(await ask('109', { state: 'on' }),
		'this extension does not ring you');
	assert.equal(await ask('104', { state: 'maybe' }), 'state: on or off');
	assert.equal(await dnd(), null);
	await fakeApp(sandbox, '101').ask('fly');
	assert.equal((await fakeApp(sandbox, '101').waitSystem('error',
		{ since })).reason, 'session_id is missing');
});

test('the console sets it for all: 480 by config, no app is rung', async () => {
	const since = await sandbox.mark('signals');

	assert.match(await rig.bridge.command('cube_dnd', 'on 109'),
		/109 is not in call=/);
	assert.match(await rig.bridge.command('cube_dnd', 'on login:nobody'),
		/login:nobody is not in call=/);
	assert.match(await rig.bridge.command('cube_dnd', 'on login:alice'),
		/do not disturb login:alice: on/);
	assert.equal(await dnd(), '101');
	assert.match(await rig.bridge.command('cube_dnd', 'off'),
		/do not disturb all: off\nstill set: 101$/m);
	await rig.bridge.command('cube_dnd', 'off login:alice');
	assert.match(await rig.bridge.command('cube_dnd', 'maybe'), /usage/);
	assert.match(await rig.bridge.command('cube_dnd', 'on'),
		/do not disturb all: on/);
	assert.equal((await fakeApp(sandbox, '101').waitSystem('dnd', { since }))
		.state, 'on');
	const call = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await call.wait('final')).code, 480);
	assert.match(await rig.bridge.command('cube_status'),
		/do not disturb {2}all/);
	assert.equal((await sandbox.entries('signals', since)).filter(({ type }) =>
		type === 'call').length, 0);
});

test('no call waiting: who is in a call is busy', async () => {
	const first = await rig.phoneCallsApp();
	const since = await sandbox.mark('signals');
	const second = await rig.ua.invite(rig.bridge.uri);
	const app = fakeApp(sandbox, '104');
	const { session } = await app.waitCall({ since });

	await app.reject(session, { busy: 'true' });
	assert.equal((await second.wait('final')).code, 486);
	assert.equal((await sandbox.entries('signals', since)).filter(
		({ type, to }) => type === 'call' && to.startsWith('101-')).length, 0);

	// or as its line has it
	await rig.bridge.reload(`${rig.bridge.users()};call_waiting=yes`);
	const third = await rig.ua.invite(rig.bridge.uri);

	await fakeApp(sandbox, '101').waitCall({ since });
	third.cancel();
	assert.equal((await third.wait('final')).code, 487);
	await rig.waitTones();
	await rig.phoneHangsUp(first);
});
