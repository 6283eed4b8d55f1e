// Who calls, as the other side is told: names, numbers and what else is known of a
// call, whom that is taken from, and who wants to be private. The app is a stanza.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

const PLAN = ';country=55:11;from_pbx="9????:1:";number=101:2001,2000';
const JOAO = Buffer.from('João').toString('latin1'); // as bytes of UTF-8

let sandbox;
let server; // a phone at the address of the account's server
let other; // one that may ring, and is not believed
let bridge;
let app;
let number = 0;

async function start(keys, to = server) {
	bridge = await startRawBridge(sandbox, {
		users: userLine(sandbox.sip, { more: ';call=101;dialable=+*,1*;'
			+ `dial=sip:5551234@${to.host}:${to.port}${PLAN}` }),
		keys: { connectycube_sip_allow: '127.0.0.2', ...keys },
	});
	await bridge.waitRegistered();
	await bridge.waitCloud('online');
}

before(async () => {
	sandbox = await startTestSandbox();
	app = fakeApp(sandbox, '101');
	server = await openSipUa();
	other = await openSipUa({ host: '127.0.0.2' });
	await start({ connectycube_sip_identity: 'pai' });
});

afterEach(async () => {
	await bridge.command('cube_hangup', 'all');
	await bridge.waitIdle();
	server.forget();
	other.forget();
});

after(async () => {
	await bridge?.stop();
	server?.close();
	other?.close();
	await sandbox?.stop();
});

/** A phone calls; what the app is told: { call, info, session } */
async function phoneCalls(options, phone = server) {
	const since = await sandbox.mark('signals');
	const call = await phone.invite(bridge.uri, options);
	const { user_info: info, session } = await app.waitCall({ since });

	return { call, info, session };
}

/** An app calls; the INVITE that the phone gets. */
async function appCalls(info, phone = server) {
	const session = `app-${++number}`;

	await app.call(session, info);
	const call = await phone.waitInvite();
	const [{ header }] = call.messages;

	return { call, header, session };
}

const SAID = {
	from: `"${JOAO}" <sip:01521987654321@pbx.example>`,
	extra: ['Subject: About  it', 'User-to-User: 56a390;encoding=hex',
		'P-Asserted-Identity: "Ann \\"Boss\\"" <sip:33334444@pbx.example>',
		'P-Called-Party-ID: <sip:40028922@pbx.example>',
		'Diversion: "Desk, 2" <sip:92002@pbx.example>;reason=no-answer,'
			+ ' <sip:92001@pbx.example>;reason=unconditional',
		'Call-Info: <http://pbx.example/ann.png>;purpose=icon',
		'Alert-Info: <http://127.0.0.1/bellcore-dr2>'],
};

test('all that a server says of a call reaches the app', async () => {
	const { info } = await phoneCalls(SAID);

	assert.deepEqual(info, {
		name: 'Ann "Boss"', number: '+551133334444',
		uri: 'sip:33334444@pbx.example', extension: 'Sales',
		dialed: '+551140028922', diverted_from: '2002',
		diverted_name: 'Desk, 2', diverted_reason: 'no-answer',
		diverted_first: '2001', subject: 'About it',
		call_info: '<http://pbx.example/ann.png>;purpose=icon',
		alert_info: '<http://127.0.0.1/bellcore-dr2>',
		user_to_user: '56a390;encoding=hex',
	});
});

test('a phone that may ring is not believed what servers say', async () => {
	const { info } = await phoneCalls(SAID, other);

	assert.deepEqual(info, {
		name: 'João', number: '+5521987654321',
		uri: 'sip:01521987654321@pbx.example', extension: 'Sales',
		dialed: '1000', subject: 'About it',
		user_to_user: '56a390;encoding=hex',
	});
});

for (const [what, from, extra] of [
	['Privacy: user', '"Ann" <sip:42@pbx>', ['Privacy: user;critical']],
	['Privacy: id', '<sip:anonymous@anonymous.invalid>', ['Privacy: id',
		'P-Asserted-Identity: <sip:42@pbx>']],
])
	test(`who does not want to be known is not: ${what}`, async () => {
		const { info } = await phoneCalls({ from, extra });

		assert.deepEqual(info, { name: 'Anonymous', anonymous: 'true',
			uri: 'sip:anonymous@anonymous.invalid', extension: 'Sales',
			dialed: '1000' });
	});

test('privacy that is critical and unknown is refused', async () => {
	const since = await sandbox.mark('signals');
	const call = await server.invite(bridge.uri,
		{ extra: ['Privacy: invisible; critical'] });

	assert.equal((await call.wait('final')).code, 500);
	assert.deepEqual(await sandbox.entries('signals', since), []);
});

test('somebody else at the phone: the app is told', async () => {
	const { call, session } = await phoneCalls({ from: '<sip:1001@pbx>' });

	await app.accept(session);
	await call.wait('200');
	const since = await sandbox.mark('signals');
	const ask = (extra) => call.ask('INVITE', { body: call.sdp(), extra });

	assert.equal((await ask([])).code, 200);
	assert.equal((await ask(['P-Asserted-Identity: "Bob" <sip:91002@pbx>']))
		.code, 200);
	// the same again, and then somebody who is shy
	assert.equal((await ask(['P-Asserted-Identity: "Bob" <sip:91002@pbx>']))
		.code, 200);
	assert.equal((await ask(['Privacy: id',
		'P-Asserted-Identity: "Carl" <sip:91003@pbx>'])).code, 200);
	// by UPDATE, as PBXs tell of it that have no new SDP
	assert.equal((await call.ask('UPDATE', { extra: [
		'P-Asserted-Identity: "Dora" <sip:91004@pbx>'] })).code, 200);
	await sandbox.waitSignal({ type: 'system', system: ({ name }) =>
		name === 'Dora' }, { since });
	const events = (await sandbox.entries('signals', since))
		.filter(({ type }) => type === 'system')
		.map(({ system }) => system)
		// that it is answered may be told after the mark
		.filter(({ event }) => event === 'identity');

	assert.deepEqual(events.map(({ event, name, number: n, session_id: id }) =>
		({ event, name, n, id })), [
		{ event: 'identity', name: 'Bob', n: '1002', id: session },
		{ event: 'identity', name: 'Anonymous', n: undefined, id: session },
		{ event: 'identity', name: 'Dora', n: '1004', id: session }]);
	assert.match(await bridge.command('cube_events'),
		/leg\.identity .*"Bob" 1002/);
	await call.bye();
});

test('an app calls, and somebody else answers', async () => {
	const since = await sandbox.mark('signals');
	const { call, header } = await appCalls({ name: 'Ann "B" Jo\u00e3o' });

	assert.equal(header('P-Asserted-Identity'),
		`"Ann \\"B\\" ${JOAO}" <sip:2001@${sandbox.sip}>`);
	assert.match(header('From'), new RegExp(`^<sip:1000@${sandbox.sip}>;tag`));
	assert.equal(header('Privacy'), undefined);
	call.answer({ extra: ['P-Asserted-Identity: "Bob" <sip:33334444@pbx>'] });
	await call.wait('ACK');
	const { name, number: n } = await app.waitSystem('identity', { since });

	assert.deepEqual({ name, n }, { name: 'Bob', n: '+551133334444' });
});

test('numbers that an app dials are written as the PBX wants them',
	async () => {
		const session = `dial-${++number}`;
		const since = await sandbox.mark('signals');

		await app.call(session, { dial: '+552133334444' });
		await app.waitSignal('reject', { session, since });
		assert.match(bridge.log(), new RegExp(
			`dialling sip:02133334444@${sandbox.sip}`));
	});

test('an app user that does not want to be known', async () => {
	const { header } = await appCalls({ name: 'Ann', privacy: 'id' });

	assert.match(header('From'), new RegExp(
		`^"Anonymous" <sip:1000@${sandbox.sip}>`));
	assert.equal(header('Privacy'), 'id');
	assert.equal(header('P-Asserted-Identity'),
		`"Ann" <sip:2001@${sandbox.sip}>`);
});

test('a stranger is told nothing by P-Asserted-Identity', async () => {
	await bridge.stop();
	await start({ connectycube_sip_identity: 'pai' }, other);
	const { header, call, session } = await appCalls({ name: 'Ann' }, other);

	assert.equal(header('P-Asserted-Identity'), undefined);
	await app.hangUp(session);
	await call.wait('CANCEL');
	const shy = await appCalls({ name: 'Ann', privacy: 'id' }, other);

	assert.match(shy.header('From'),
		/^"Anonymous" <sip:anonymous@anonymous.invalid>;tag/);
	assert.equal(shy.header('P-Asserted-Identity'), undefined);
});

test('the other headers that may name the app\'s user', async () => {
	for (const [identity, from, rpid] of [
		['from', '"Ann" <sip:2001@', undefined],
		['rpid', '<sip:1000@', /^"Ann" <sip:2001@.*>;party=calling;screen=yes;privacy=off$/],
		['name', '"Ann" <sip:1000@', undefined],
	]) {
		await bridge.stop();
		await start({ connectycube_sip_identity: identity });
		const { header, call, session } = await appCalls({ name: 'Ann' });

		assert.ok(header('From').startsWith(from), header('From'));
		assert.equal(header('P-Asserted-Identity'), undefined);
		if (rpid) assert.match(header('Remote-Party-ID'), rpid);
		else assert.equal(header('Remote-Party-ID'), undefined);
		// the next call is not told for the same one
		await app.hangUp(session);
		await call.wait('CANCEL');
		const next = await appCalls({});

		assert.doesNotMatch(next.header('From'), /Ann/);
		await app.hangUp(next.session);
		await next.call.wait('CANCEL');
	}
});
