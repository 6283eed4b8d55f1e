// Requests that a bridge cannot do what they ask for: the phone is told so at
// once, nobody is rung for nothing, and a call that is there goes on. And an
// account that is taken away while a call is on.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startRig } from './lib/rig.mjs';

let rig;

before(async () => {
	rig = await startRig({ bridge: {
		keys: { module: ['g711.so', 'menu.so'] },
	} });
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const signals = async () => (await rig.sandbox.entries('signals')).length;

for (const way of ['phoneCallsApp', 'appCallsPhone'])
	test(`REFER is declined, the call goes on (${way})`, async () => {
		const call = await rig[way]();

		assert.equal(await call.request('REFER',
			{ extra: [`Refer-To: <sip:1009@${rig.sandbox.sip}>`] }), 603);
		await rig.waitTones();
		await rig.phoneHangsUp();
		assert.ok(!call.messages.some(({ what }) => what === 'NOTIFY'));
	});

test('an INVITE that comes twice by two ways is one call', async () => {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	call.merge();
	await call.wait('482');
	assert.equal((await rig.bridge.status()).calls.length, 1);
	await rig.app.accept();
	await call.wait('200');
	call.merge();
	assert.equal((await rig.bridge.status()).calls.length, 1);
	await call.bye();
	await rig.bridge.waitIdle();
});

test('an extension that is required and unknown: 420, nobody is rung',
	async () => {
		const before = await signals();
		const call = await rig.ua.invite(rig.bridge.uri,
			{ extra: ['Require: 100rel'] });
		const answer = await call.wait('final');

		assert.equal(answer.code, 420);
		assert.equal(answer.header('Unsupported'), '100rel');
		assert.equal(await signals(), before);
		assert.ok(!call.messages.some(({ what }) => what === '180'));
	});

test('the account is removed: its calls end, the bridge does not', async () => {
	const call = await rig.phoneCallsApp();

	await rig.bridge.command('uadel', `sip:1000@${rig.sandbox.sip}`);
	await call.wait('BYE');
	await rig.app.waitClosed();
	const { calls, registered, cloud } = await rig.bridge.status();

	assert.equal(rig.bridge.log().match(/ended: shutdown/g)?.length, 1);
	assert.deepEqual({ calls, registered, cloud },
		{ calls: [], registered: false, cloud: 'offline' });
	assert.match(await rig.bridge.command('cube_call', '101'),
		/cloud is not online/);
	rig.ua.forget();
	const next = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await next.wait('final')).code, 404);
	await rig.bridge.assertAlive();
});
