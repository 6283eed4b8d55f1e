// SIP over UDP as it is: messages are lost, come twice and overtake each other,
// and a phone sends again what is not answered (sipua.mjs, sipnet.mjs).

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { EVENTS, assertHeard, names } from './lib/keys.mjs';
import { startRig } from './lib/rig.mjs';
import { rough } from './lib/sipnet.mjs';

const RELAY = 'application/dtmf-relay';

let rig;

before(async () => {
	rig = await startRig({ ua: EVENTS });
});

after(() => rig?.stop());

afterEach(async () => {
	rig.ua.network = () => null;
	await rig.reset();
});

/** What a phone sends comes twice. */
const twice = (...methods) => ({ method }, way) =>
	(way === 'out' && methods.includes(method) ? 'twice' : null);

const key = (call, name) => call.info(RELAY,
	`Signal=${name}\r\nDuration=200\r\n`);

/** The first key by INFO waits for its twin in RTP; those after it do not. */
const firstKey = (call) => rig.app.hearKeys(() => key(call, '1'), 3000);

test('every request comes twice: one call, one key each', async () => {
	const since = await rig.sandbox.mark('signals');

	rig.ua.network = twice('INVITE', 'ACK', 'INFO', 'BYE');
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	assert.equal(names(await firstKey(call)), '1');
	await assertHeard(rig.app, '6*9', async () => {
		for (const name of '6*9') {
			assert.equal(await key(call, name), 200);
			await setTimeout(400); // as fingers do
		}
	}, { after: 3000 });
	await rig.phoneHangsUp();
	assert.ok(call.messages.every(({ code }) => !code || code < 300),
		call.messages.map(({ what }) => what).join());
	const ids = new Set((await rig.sandbox.entries('signals', since))
		.filter(({ type }) => type === 'call').map(({ session }) => session));

	assert.equal(ids.size, 1);
});

test('an INFO that a later one overtakes is refused, not played late',
	async () => {
		const call = await rig.phoneCallsApp();
		let first = true;

		await rig.waitTones();
		await firstKey(call);
		const heard = await rig.app.hearKeys(async () => {
			rig.ua.network = ({ method }, way) => {
				if (way !== 'out' || method !== 'INFO' || !first) return null;
				first = false;
				return 'late';
			};
			assert.deepEqual(await Promise.all([key(call, '2'),
				key(call, '3')]), [500, 200]);
		}, 3000);

		assert.equal(names(heard), '3', JSON.stringify(heard));
		await rig.phoneHangsUp();
	});

for (const way of ['phoneCallsApp', 'appCallsPhone'])
	test(`a whole call over a rough network (${way})`, async () => {
		rig.ua.network = rough();
		const call = await rig[way]();

		await rig.waitTones();
		assert.equal((await call.reinvite()).code, 200);
		await rig.waitTones('after the re-INVITE');
		assert.equal((await rig.bridge.status()).calls.length, 1);
		await (way === 'phoneCallsApp' ? rig.phoneHangsUp()
			: rig.appHangsUp());
		await rig.bridge.assertAlive();
	});

test('CANCEL and refusals over a rough network', async () => {
	rig.ua.network = rough(['twice', 'lost']);
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
	await rig.app.waitClosed();

	await rig.app.call(rig.id);
	(await rig.ua.waitInvite()).reject(486, 'Busy Here');
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('a second phone that answers is acknowledged and hung up', async () => {
	let acks = 0;

	await rig.app.forget();
	await rig.app.call(rig.id);
	const first = await rig.ua.waitInvite();
	const second = first.fork();
	const late = first.fork();

	// its first ACK is lost, so that it answers again
	rig.ua.network = ({ method, header }, way) => (way === 'in'
		&& method === 'ACK' && header('To') !== first.local && acks++ < 1
		? 'lost' : null);
	first.ring();
	first.answer();
	second.answer();
	await Promise.all([first.wait('ACK'), second.wait('ACK'),
		second.wait('BYE')]);
	assert.equal(acks, 2);
	rig.play(first);
	await rig.app.waitConnected();
	await rig.waitTones();
	assert.ok(!first.messages.some(({ what }) => what === 'BYE'));
	await rig.phoneHangsUp();

	late.answer(); // when all is over
	await Promise.all([late.wait('ACK'), late.wait('BYE')]);
});
