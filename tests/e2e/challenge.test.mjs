// Calls whose requests are challenged: by the right account's password, with a
// nonce that changes, and not for ever. Two accounts have one name at one host.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { answers, challenged, digest, isRight } from './lib/digest.mjs';
import { accept, openRegistrar } from './lib/registrar.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const ANSWERS_MAX = 3; // to challenges in a row

const ACCOUNTS = [
	{ index: 0, id: 200, user: '1000', password: 'sip-1000' },
	{ index: 1, id: 201, user: 'other', password: 'other-secret' },
];
const [ONE, OTHER] = ACCOUNTS;

let registrar; // of the other one
let rig;

const unauthorized = (...headers) => ({ code: 401, reason: 'Unauthorized',
	headers });

before(async () => {
	registrar = await openRegistrar({ answer: (request) => {
		const [answer] = answers(request);

		return answer?.username === OTHER.user && isRight(request, answer, OTHER)
			? accept(request) : unauthorized(digest('SHA-256'));
	} });
	rig = await startRig({ bridge: ({ sandbox, ua }) => {
		const hosts = [sandbox.sip, `127.0.0.1:${registrar.port}`];
		const more = ';call=101;dialable=100?'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}`;

		return {
			keys: { module: ['g711.so', 'menu.so'],
				connectycube_caller_rate: 0, connectycube_transfer: 'pbx',
				connectycube_redirect: 'pbx2.example,127.0.0.2' },
			users: [userLine(hosts[0], { more }),
				userLine(hosts[1], { login: 'ext1010', more })],
			prepare: (dir) => writeFileSync(`${dir}/accounts`,
				ACCOUNTS.map(({ user, password }, i) => `<sip:1000@${
					hosts[i]}>;auth_user=${user};auth_pass=${password}`
					+ ';regint=300\n').join('')),
		};
	} });
	await rig.bridge.waitRegistered({ index: 1 });
	await rig.bridge.waitCloud('online', { index: 1 });
});

after(async () => {
	await rig?.stop();
	await registrar?.close();
});

afterEach(async () => {
	rig.ua.guard = () => null;
	rig.ua.network = () => null;
	await rig.reset();
});

const CHALLENGES = {
	'407, MD5': (nonce) => ({ code: 407, headers: [
		digest('MD5', '', { nonce, name: 'Proxy-Authenticate' })] }),
	'401, SHA-256': (nonce) =>
		unauthorized(digest('SHA-256', ', qop="auth"', { nonce })),
};

/** The app calls an account's cloud user, whose phone answers. */
async function appCalls({ id }) {
	await rig.app.forget();
	await rig.app.call(id);
	const call = await rig.ua.waitInvite();

	call.ring();
	call.answer();
	await call.wait('ACK');
	await rig.app.waitConnected();
	return call;
}

/** An account's contact. */
const contact = async ({ index }) => (index
	? /<(.*?)>/.exec(registrar.registers.at(-1).header('Contact'))[1]
	: (await rig.sandbox.contacts('1000'))[0]);

for (const account of ACCOUNTS)
	for (const [name, challenge] of Object.entries(CHALLENGES)) {
		test(`${account.user} calls: ${name}`, async () => {
			const asked = challenged(rig.ua, account, ['INVITE', 'BYE'], challenge);

			await rig.appHangsUp(await appCalls(account));
			assert.deepEqual(asked, ['INVITE', 'INVITE', 'BYE', 'BYE']);
		});

		test(`${account.user} was called by an alias: ${name}`, async () => {
			const asked = challenged(rig.ua, account, ['BYE'], challenge);

			await rig.app.forget();
			const call = await rig.ua.invite(await contact(account),
				{ edit: (text) => text.replace(/\r\nTo: [^\r]*/,
					'\r\nTo: <sip:sales@pbx.invalid>') });

			await rig.app.waitIncoming();
			await rig.app.accept();
			await call.wait('200');
			await rig.app.waitConnected();
			await rig.appHangsUp(call);
			assert.match((await call.wait('BYE')).header('From'),
				/^<sip:sales@pbx\.invalid>/);
			assert.deepEqual(asked, ['BYE', 'BYE']);
		});
	}

for (const [name, challenge] of Object.entries(CHALLENGES))
	test(`each request of a call has another nonce: ${name}`, async () => {
		const asked = challenged(rig.ua, OTHER, ['INVITE', 'INFO', 'BYE'], challenge);
		const call = await appCalls(OTHER);
		const waitMethod = (method, count) => until(`${count} ${method}`, () =>
			call.messages.filter((one) => one.method === method).length
				>= count);

		for (const [i, key] of [...'57'].entries()) {
			await rig.app.dtmf(key);
			await waitMethod('INFO', i + 1);
		}
		for (let i = 0; i < 4; i++) {
			await rig.bridge.command('reinvite');
			// the one that is accepted gets to the phone
			await waitMethod('INVITE', i + 2);
			await waitMethod('ACK', i + 2);
		}
		await rig.appHangsUp(call);
		assert.deepEqual(asked, ['INVITE', 'INVITE', ...Array(4).fill('INFO'),
			...Array(8).fill('INVITE'), 'BYE', 'BYE']);
	});

for (const [name, challenge] of Object.entries(CHALLENGES))
	test(`what is sent before the answer, and within a call: ${name}`, async () => {
		const methods = ['PRACK', 'UPDATE', 'REFER', 'NOTIFY', 'BYE'];
		const asked = challenged(rig.ua, ONE, methods, challenge);
		const sipfrag = (call, refer) => call.request('NOTIFY', {
			type: 'message/sipfrag', body: 'SIP/2.0 486 Busy Here\r\n',
			extra: [`Event: refer;id=${parseInt(refer.header('CSeq'), 10)}`,
				'Subscription-State: terminated;reason=noresource'] });

		await rig.app.forget();
		await rig.app.call(ONE.id);
		const call = await rig.ua.waitInvite();

		call.ring({ extra: ['Require: 100rel', 'RSeq: 1'] });
		await call.wait('PRACK');
		call.answer({ extra: ['Session-Expires: 6;refresher=uac',
			'Allow: INVITE, ACK, BYE, UPDATE'] });
		await call.wait('ACK');
		await rig.app.waitConnected();

		// the app has the phone transferred, the phone the app: both in vain
		await rig.app.ask('transfer', { target: '1002' });
		assert.equal(await sipfrag(call, await call.wait('REFER')), 200);
		assert.equal(await call.request('REFER', { extra:
			[`Refer-To: <sip:2000@127.0.0.1:${rig.ua.port}>`] }), 202);
		(await rig.ua.waitInvite()).reject(486, 'Busy Here');
		await until('NOTIFY of the end', () => call.messages.some(({ body }) =>
			/^SIP\/2\.0 486/.test(body)));
		await call.wait('UPDATE');
		await rig.appHangsUp(call);

		for (const method of methods) {
			const count = call.messages.filter((one) =>
				one.method === method).length;

			assert.ok(count > 0, method);
			assert.equal(asked.filter((one) => one === method).length,
				2 * count, method);
		}
	});

const random = () => `r${Math.random()}`;

/** Servers that are never content. */
const NEVER = {
	'new nonces': () => digest('MD5'),
	'new nonces of SHA-256': () => digest('SHA-256', ', qop="auth"'),
	'stale nonces': () => digest('MD5', ', stale=true'),
	'other realms': () => digest('MD5', '', { realm: random() }),
	'other realms of SHA-256': () => digest('SHA-256', '', { realm: random() }),
	'algorithms that nobody knows': () => digest('SHA3-999'),
	'another scheme': () => 'WWW-Authenticate: Bearer x="y"',
	'no challenge at all': () => 'X-Nothing: y',
};

test('challenged in vain: not for ever, and the call ends', async () => {
	const seen = []; // [what, request]
	const never = new Map(); // Call-ID: how its requests are challenged
	let next = null; // how those of a new call are

	rig.ua.guard = (request) => {
		const id = request.header('Call-ID');

		if (next && !never.has(id)) never.set(id, next);
		const what = never.get(id);

		if (!what) return null;
		seen.push([`${what}, ${request.method} ${id}`, request]);
		return unauthorized(NEVER[what]());
	};

	for (const what of Object.keys(NEVER)) {
		next = what;
		await rig.app.forget();
		await rig.app.call(ONE.id);
		const { info } = await rig.app.waitEvent('reject');

		assert.equal(info.sip_code, '401', JSON.stringify(info));
		await rig.bridge.waitIdle();

		next = null;
		const call = await appCalls(ONE);

		never.set(call.id, what);
		await rig.app.hangup();
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
		await until('BYE', () => seen.at(-1)[1].method === 'BYE');
	}
	await rig.appHangsUp(await appCalls(ONE));

	const counts = {};

	for (const [what] of seen) counts[what] = (counts[what] ?? 0) + 1;
	assert.equal(Object.keys(counts).length, 2 * Object.keys(NEVER).length);
	assert.deepEqual(Object.entries(counts).filter(([what, count]) =>
		count > (/nobody|scheme|at all/.test(what) ? 1 : ANSWERS_MAX + 1)), []);
	for (const [what, request] of seen)
		assert.ok(answers(request).length <= ANSWERS_MAX, what);
	assert.doesNotMatch(rig.bridge.log(), /other-secret|sip-1000/);
});

test('whom a phone names, by REFER or as its Contact, is told nothing of the '
	+ 'password', async () => {
	const stranger = await openSipUa({ host: '127.0.0.2' });
	const asked = [];

	stranger.guard = (request) => {
		asked.push(request);
		return unauthorized(digest('MD5'));
	};
	try {
		const uri = `<sip:1@127.0.0.2:${stranger.port}>`;
		let call = await appCalls(ONE);

		await call.ask('REFER', { extra: [`Refer-To: ${uri}`] });
		await until('it has failed', () => call.messages.some(
			({ method, body }) => method === 'NOTIFY' && / 401 /.test(body)));
		await rig.appHangsUp(call);

		await rig.app.forget();
		call = await rig.ua.invite(rig.bridge.uri, { edit: (text) =>
			text.replace(/^Contact: .*$/m, `Contact: ${uri}`) });
		await rig.app.waitIncoming();
		await rig.app.accept();
		await call.wait('200');
		await rig.app.waitConnected();
		await rig.app.hangup();
		await rig.bridge.waitLog(/BYE: 401 .*none of the account's servers/);
	} finally {
		stranger.close();
	}
	assert.deepEqual(asked.map(({ method }) => method), ['INVITE', 'BYE']);
	assert.deepEqual(asked.flatMap((request) => answers(request)), []);
});

test('after all of that the process ends in peace', async () => {
	await rig.bridge.stop();
	assert.deepEqual(await rig.bridge.child.exited, [0, null]);
});
