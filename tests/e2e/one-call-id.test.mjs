// Calls that have one Call-ID: of an app to another one's extension of the same
// bridge, by way of the server; and of a phone that the server sends to two of its
// extensions. What is said in one is not taken for the other one's.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startTestBridge } from './lib/bridge.mjs';
import { challenged, digest } from './lib/digest.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { replaces } from './lib/transfer.mjs';

let sandbox;
let bridge;
let phones; // three
let ann; // of extension 1000
let bob; // of extension 1010
let asked = 0;

before(async () => {
	sandbox = await startTestSandbox();
	bridge = await startTestBridge(sandbox, { users: [
		{ user: '1000', login: 'ext1000', call: '104', dial: '1010' },
		{ user: '1010', login: 'ext1010', call: '105' }] });
	phones = await Promise.all([0, 1, 2].map(() => openSipUa()));
	ann = fakeApp(sandbox, '104');
	bob = fakeApp(sandbox, '105', { extension: '201' });
});

after(async () => {
	for (const phone of phones ?? []) phone.close();
	await bridge?.stop();
	await sandbox?.stop();
});

afterEach(async () => {
	for (const phone of phones) phone.guard = () => null;
	await bridge.command('cube_hangup', 'all');
	await Promise.all([0, 1].map((index) => bridge.waitIdle({ index })));
});

/** An app holds or resumes, and the other one is told so. */
async function orders(app, session, action, other, event) {
	const since = await sandbox.mark('signals');

	await app.ask(action, { session_id: session, request_id: `r${++asked}` });
	await app.waitSystem('done', { since });
	if (other) await other.waitSystem(event, { since });
}

test('an app calls an extension of the same bridge: both hold, both are back',
	async () => {
		const since = await sandbox.mark('signals');

		await ann.call('hairpin');
		const { session } = await bob.waitCall({ since });

		await bob.accept(session);
		await ann.waitSignal('accept', { since });
		for (const [app, id, other] of [[bob, session, ann],
			[ann, 'hairpin', bob]]) {
			await orders(app, id, 'hold', other, 'held');
			await orders(app, id, 'resume', other, 'resumed');
		}
		const types = (await sandbox.entries('signals', since))
			.map(({ type }) => type);

		assert.ok(!types.includes('hangUp'), `${types}`);
		assert.doesNotMatch(bridge.log(), /a second phone has answered/);
		await ann.hangUp('hairpin');
		await bob.waitSignal('hangUp', { since });
	});

test('one INVITE rings two extensions: what a CANCEL says is of its branch',
	async () => {
		const since = await sandbox.mark('signals');
		const uris = await Promise.all(['1000', '1010'].map(
			async (user) => (await sandbox.contacts(user))[0]));
		const first = await phones[0].invite(uris[0]);
		const second = await phones[1].invite(uris[1], { id: first.id });

		await Promise.all([ann, bob].map((app) => app.waitCall({ since })));
		for (const [call, app, reason, extra] of [
			[second, bob, 'answered_elsewhere',
				['Reason: SIP;cause=200;text="Call completed elsewhere"']],
			[first, ann, 'cancelled', []]]) {
			call.cancel({ extra });
			await call.wait('487');
			const end = await app.waitSignal('hangUp', { since });

			assert.equal(end.user_info?.reason, reason);
		}
	});

test('one INVITE rings two extensions: each call is known by its tags',
	async () => {
		const since = await sandbox.mark('signals');
		const [one, two, three] = phones;
		const [[uri], [other]] = await Promise.all(['1000', '1010'].map(
			(user) => sandbox.contacts(user)));
		const first = await one.invite(uri);

		await first.wait('180');
		const call = await two.invite(other, { id: first.id });
		const { session } = await bob.waitCall({ since });

		await bob.accept(session);
		await call.wait('200');

		// what it refuses to be told is not the other one's
		two.guard = ({ method }) => (method === 'INVITE' ? { code: 488 } : null);
		await orders(bob, session, 'hold');
		await bridge.waitLog(/does not want to be told that it is on hold \(488/);
		await orders(bob, session, 'resume');

		// whoever takes its place does not take that of the other one
		const wrong = replaces(call).replace(/to-tag=[^;]+/, `to-tag=${
			/;tag=([^;]+)/.exec((await first.wait('180')).header('To'))[1]}`);

		for (const [value, code] of [[wrong, 481], [replaces(call), 200]]) {
			const taking = await three.invite(other,
				{ extra: [`Replaces: ${value}`] });

			assert.equal((await taking.wait('final')).code, code, value);
			if (code === 200) await call.wait('BYE');
		}

		// it is challenged by the password of its own account
		const methods = challenged(three, { user: '1010',
			password: 'sip-1010' }, ['BYE'], (nonce) => ({ code: 407,
			headers: [digest('MD5', '', { nonce,
				name: 'Proxy-Authenticate' })] }));

		await bob.signal('hangUp', session);
		await until('BYE', () => methods.length === 2);
		assert.equal(first.messages.filter(({ code }) => code >= 200).length, 0);
		first.cancel();
		await first.wait('487');
	});
