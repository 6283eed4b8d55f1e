// Requests that a bridge cannot do what they ask for: the phone is told so at
// once, nobody is rung for nothing, and a call that is there goes on. And an
// account that is taken away while a call is on.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startRig } from './lib/rig.mjs';

let rig;

before(async () => {
	rig = await startRig({ bridge: {
		keys: { module: ['g711.so', 'menu.so'],
			// told of calls' events after the bridge, which may have ended them
			module_app: ['connectycube.so', 'account.so', 'ctrl_tcp.so'] },
		env: { GLIBC_TUNABLES:
			'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0' },
	} });
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const signals = async () => (await rig.sandbox.entries('signals')).length;

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
			{ extra: ['Require: 100rel, timer', 'Require: foo'] });
		const answer = await call.wait('final');

		assert.equal(answer.code, 420);
		assert.equal(answer.header('Unsupported'), 'foo');
		assert.equal(await signals(), before);
		assert.ok(!call.messages.some(({ what }) => what === '180'));
	});

/** Requests outside any call, what is answered, and a header of that. */
for (const [method, code, name, value] of [
	['SUBSCRIBE', 489, 'Allow-Events', /refer/],
	['MESSAGE', 415, 'Accept', /^text\/plain$/],
	['REFER', 603],
	['OPTIONS', 200, 'Supported', /^timer, 100rel/],
	['OPTIONS', 200, 'Accept', /application\/sdp/],
	['UPDATE', 481],
	['PRACK', 481],
	['INFO', 481],
	['NOTIFY', 481],
	['PUBLISH', 405, 'Allow', /INVITE/],
	['JUMP', 405, 'Allow', /INVITE/],
])
	test(`${method} outside a call: ${code}`, async () => {
		const answer = await rig.ua.query(rig.bridge.uri, method,
			{ extra: ['Event: presence', `Refer-To: <${rig.bridge.uri}>`] });

		assert.equal(answer.code, code);
		if (name) assert.match(answer.header(name), value);
	});

test('what Allow lists is answered, and never by 405 or 501', async () => {
	const { header } = await rig.ua.query(rig.bridge.uri, 'OPTIONS');
	const methods = header('Allow').split(/,\s*/);

	assert.ok(methods.length > 5, header('Allow'));
	for (const method of methods) {
		if (method === 'ACK') continue;
		const { code } = await rig.ua.query(rig.bridge.uri, method,
			{ extra: ['Require: foo'] }); // so that INVITE rings nobody

		assert.ok(![405, 501].includes(code), `${method}: ${code}`);
	}
});

test('requests that lie about themselves: 400, nobody is rung', async () => {
	const before = await signals();

	for (const [what, edit] of [
		['CSeq is of another method', (text) =>
			text.replace('1 INVITE', '8 BYE')],
		['two From', (text) => text.replace('\r\nCSeq',
			'\r\nFrom: <sip:evil@example.com>;tag=2\r\nCSeq')],
		['two CSeq', (text) => text.replace('\r\nCSeq',
			'\r\nCSeq: 1 INVITE\r\nCSeq')],
		['two Expires', (text) => text.replace('\r\nCSeq',
			'\r\nExpires: 60\r\nExpires: 0\r\nCSeq')],
		['a number that is too large', (text) =>
			text.replace('1 INVITE', '2147483648 INVITE')],
		['From without a tag', (text) =>
			text.replace(/(\r\nFrom: .*?);tag=\w+/, '$1')],
		['no Contact', (text) => text.replace(/\r\nContact: .*/, '')],
		['a body that is cut off', (text) => text.replace(
			/Content-Length: \d+/, 'Content-Length: 4000')],
		['a length that is none', (text) => text.replace(
			/Content-Length: \d+/, 'Content-Length: -1')],
	]) {
		const call = await rig.ua.invite(rig.bridge.uri, { edit });

		assert.equal((await call.wait('400')).code, 400, what);
		call.close();
	}
	assert.equal(await signals(), before);
});

test('an INVITE that expires at once: 487, nobody is rung', async () => {
	const before = await signals();
	const call = await rig.ua.invite(rig.bridge.uri, { extra: ['Expires: 0'] });

	assert.equal((await call.wait('final')).code, 487);
	assert.equal(await signals(), before);
});

for (const uri of ['sip:%31000@h', 'sip:1000;phone-context=x@h', 'tel:1000'])
	test(`${uri} is 1000, and zeros before a length are none`, async () => {
		const call = await rig.ua.invite(rig.bridge.uri, { edit: (text) =>
			text.replace(/^INVITE \S+/, `INVITE ${uri}`)
				.replace('Content-Length: ', 'Content-Length: 0000000') });

		await call.wait('180');
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
	});

for (const size of [9000, 60000])
	test(`an INVITE of more than ${size} bytes by UDP rings`, async () => {
		const call = await rig.ua.invite(rig.bridge.uri,
			{ extra: [`X-Note: ${'x'.repeat(size)}`] });

		await call.wait('180');
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
	});

test('what comes behind the body is none of it', async () => {
	const call = await rig.ua.invite(rig.bridge.uri, { edit: (text) =>
		`${text}m=audio 9 RTP/AVP 3\r\n` });

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
});

test('a required extension within a call: 420, the call goes on', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const answer = await call.ask('INVITE', { body: call.sdp(),
		extra: ['Require: foo'] });

	assert.equal(answer.code, 420);
	assert.equal(answer.header('Unsupported'), 'foo');
	assert.equal(await call.request('PUBLISH'), 405);
	await rig.waitTones('after both');
	await rig.phoneHangsUp();
});

test('an INVITE that expires: 487, and the app stops ringing', async () => {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, { extra: ['Expires: 2'] });

	await rig.app.waitIncoming();
	const { code, ms } = await call.wait('final');

	assert.equal(code, 487);
	assert.ok(ms - call.sentMs > 1900, `${ms - call.sentMs} ms`);
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('an answer without a codec of ours: BYE, and other modules hear of a call '
	+ 'that is still there', async () => {
	const { formats, maps } = rig.ua;

	for (const [type, name] of [[3, 'GSM'], [101, 'telephone-event']]) {
		Object.assign(rig.ua, { formats: String(type),
			maps: [`a=rtpmap:${type} ${name}/8000`] });
		await rig.app.call(rig.id);
		const call = await rig.ua.waitInvite();

		call.answer();
		await call.wait('BYE');
		const { info } = await rig.app.waitEvent('reject');

		assert.equal(info.sip_code, '488', name);
		await rig.bridge.waitIdle();
		await rig.bridge.assertAlive();
		rig.ua.forget();
	}
	Object.assign(rig.ua, { formats, maps });
});

for (const [what, from, extra, shown] of [
	['a trunk that vouches for its caller', '"To Vivo" <sip:trunk7@127.0.0.1>',
		['P-Asserted-Identity: "Ann \\"Boss\\" Smith" <sip:ann@vivo.invalid>,'
			+ ' <tel:+55-11-5551234>'],
		{ name: 'Ann "Boss" Smith', number: '+55115551234',
			uri: 'sip:ann@vivo.invalid' }],
	['Remote-Party-ID, a name without quotes', '<sip:trunk7@127.0.0.1>',
		['Remote-Party-ID: Ann Smith <sip:+55%2b11;npdi@vivo.invalid>'
			+ ';party=calling;screen=yes;privacy=off'],
		{ name: 'Ann Smith', number: '+55+11',
			uri: 'sip:+55%2b11;npdi@vivo.invalid' }],
	['tel:', '<tel:+55-11-5551234>', [], { name: '+55115551234',
		number: '+55115551234', uri: 'tel:+55-11-5551234' }],
])
	test(`who calls: ${what}`, async () => {
		await rig.app.forget();
		const call = await rig.ua.invite(rig.bridge.uri, { from, extra });
		const { info } = await rig.app.waitIncoming();

		assert.deepEqual({ name: info.name, number: info.number,
			uri: info.uri }, shown);
		call.cancel();
		assert.equal((await call.wait('final')).code, 487);
		await rig.bridge.waitIdle();
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
		/the extension is going/);
	rig.ua.forget();
	const next = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await next.wait('final')).code, 404);
	await rig.bridge.assertAlive();
});
