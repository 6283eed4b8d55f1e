// Texts between a phone (SIP MESSAGE) and an app's chat, through the SDK as it is:
// delivered once, and whoever has written is told what became of it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRig, userLine } from './lib/rig.mjs';

const TIMEOUT = 15000; // [ms]
const bytes = (text) => Buffer.from(text).toString('latin1');
const text = (latin) => Buffer.from(latin, 'latin1').toString();

let rig;
let asked = []; // MESSAGEs that the phone got

before(async () => {
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		users: userLine(sandbox.sip, { more: ';call=101,102,login:alice;callers=101'
			+ `;dialable=2???;country=55;number=2001`
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}` }),
		keys: { connectycube_missed: 'chat', connectycube_notes: 'pt',
			connectycube_sip_identity: 'pai' },
	}) });
	await rig.bridge.waitLog(/users:1: login:alice is user 101/);
	await rig.app.page.evaluate(() => {
		window.told = [];
		const { chat } = ConnectyCube;

		chat.onMessageListener = (user, { id, body, extension, dialog_id: dialog,
			type }) => window.told.push({ user, id, body, extension, dialog, type });
		chat.onDeliveredStatusListener = (id, dialog, user) =>
			window.told.push({ delivered: id, dialog, user });
	});
	phone();
});

afterEach(async () => {
	phone();
	await rig.reset();
	await rig.app?.page.evaluate(() => { window.told.length = 0; });
});

after(() => rig?.stop());

/** What the phone says to MESSAGE. */
function phone(answer = () => ({ code: 200 })) {
	asked = [];
	rig.ua.network = () => null;
	rig.ua.guard = (request) => {
		if (request.method !== 'MESSAGE') return null;
		asked.push(request);
		return answer(request);
	};
}

/** What the app was told, when it is so many things. */
async function told(count = 1) {
	await rig.app.page.waitForFunction((n) => window.told.length >= n, count,
		{ polling: 20, timeout: TIMEOUT });
	return rig.app.page.evaluate(() => window.told);
}

const write = (body, options) => rig.ua.query(rig.bridge.uri, 'MESSAGE',
	{ type: 'text/plain;charset=UTF-8', body: bytes(body), ...options });

/** The app writes; the id of its message. */
const appWrites = (body, extension = {}) => rig.app.page.evaluate(
	([words, more]) => ConnectyCube.chat.send(200, { type: 'chat', body: words,
		extension: { save_to_history: 1, dialog_id: 'd-1', ...more },
		markable: 1 }), [body, extension]);

test('a phone writes: the app reads it once, whatever the network does',
	async () => {
		rig.ua.network = (message, way) => way === 'out'
			&& message.method === 'MESSAGE' ? 'twice' : null;
		const { code } = await write('Olá, tudo bem?\r\n👋', { extra: [
			'P-Asserted-Identity: "Ann" <sip:02133334444@pbx.example>'] });

		assert.equal(code, 200);
		// once more by another way, and a second text
		const message = ['MESSAGE ' + rig.bridge.uri + ' SIP/2.0',
			`Via: SIP/2.0/UDP 127.0.0.1:${rig.ua.port};branch=z9hG4bK`,
			'From: <sip:7@h>;tag=7', `To: <${rig.bridge.uri}>`,
			'Call-ID: once', 'CSeq: 1 MESSAGE', 'Max-Forwards: 70',
			'Content-Type: text/plain', 'Content-Length: 2', '', 'hi']
			.join('\r\n');

		for (const branch of ['a', 'b', 'c'])
			rig.ua.send(message.replace('z9hG4bK', `z9hG4bK${branch}`),
				rig.bridge.port);
		await told(2);
		assert.equal((await write('last')).code, 200);
		const texts = await told(3);

		assert.deepEqual(texts.map(({ body }) => body),
			['Olá, tudo bem?\n👋', 'hi', 'last']);
		const [{ user, type, dialog, extension }] = texts;
		const asked = (await rig.sandbox.entries('requests')).filter(
			({ path, body }) => path === '/chat/Dialog.json'
				&& body.occupants_ids === '101');

		// it has never written: the cloud says where that is filed
		assert.match(dialog, /^[0-9a-f]{24}$/);
		for (const text of texts) assert.equal(text.dialog, dialog);
		assert.equal(asked.length, 1);

		assert.deepEqual({ user, type, ...extension }, { user: 200, type: 'chat',
			save_to_history: '1', dialog_id: dialog, name: 'Ann',
			number: '+552133334444', uri: 'sip:02133334444@pbx.example',
			extension: 'Sales' });
		assert.doesNotMatch(rig.bridge.log(), /tudo bem/);
	});

for (const [what, code, options, body] of [
	['no text', 415, { type: 'application/im-iscomposing+xml' }, '<x/>'],
	['other letters', 415, { type: 'text/plain;charset=utf-16' }, 'x'],
	['packed', 415, { extra: ['Content-Encoding: gzip'] }, 'x'],
	['too long', 413, {}, 'x'.repeat(8193)],
	['in a call that nobody has', 481, { edit: (all) =>
		all.replace(/\r\nTo: .*/, (to) => `${to};tag=none`) }, 'x'],
])
	test(`a message is refused: ${what}`, async () => {
		const answer = await write(body, options);

		assert.equal(answer.code, code);
		if (code === 415) assert.equal(answer.header('Accept'), 'text/plain');
	});

test('an app writes: the phone has it, the app is told so', async () => {
	phone((request) => (request.header('Proxy-Authorization')
		? { code: 202 } : { code: 407, headers: [
			'Proxy-Authenticate: Digest realm="pbx", nonce="n1"'] }));
	const id = await appWrites('Olá "phone" 👋');
	const [{ delivered, dialog, user }] = await told();

	assert.deepEqual({ delivered, dialog, user },
		{ delivered: id, dialog: 'd-1', user: 200 });
	const last = asked.at(-1);

	assert.equal(asked.length, 2);
	assert.equal(text(last.body), 'Olá "phone" 👋');
	assert.equal(last.header('Content-Type'), 'text/plain;charset=UTF-8');
	assert.match(last.first, /^MESSAGE sip:5551234@/);
	assert.match(last.header('From'), /<sip:1000@/);
	assert.match(last.header('P-Asserted-Identity'), /<sip:2001@/);

	// what comes from there now is filed where the app has it
	assert.equal((await write('Yes')).code, 200);
	assert.equal((await told(2))[1].dialog, 'd-1');
});

test('a long text comes in parts, in order', async () => {
	const long = Array.from({ length: 500 }, (_, i) => `á${i}`).join(' ');

	await appWrites(long);
	await told();
	assert.ok(asked.length > 2, `${asked.length} parts`);
	for (const { text: whole } of asked) assert.ok(whole.length < 1300);
	assert.equal(asked.map(({ body }) => text(body)).join(' '), long);
});

test('what a phone does not take is told in the chat', async () => {
	phone(() => ({ code: 486, reason: 'Busy Here' }));
	const id = await appWrites('are you there?');
	const [{ body, extension }] = await told();

	assert.equal(body, 'Mensagem não entregue: 486 Busy Here');
	assert.deepEqual({ ...extension, save_to_history: undefined,
		dialog_id: undefined }, { bridge: '1', event: 'message_failed',
		message_id: id, sip_code: '486', reason: 'Busy Here',
		save_to_history: undefined, dialog_id: undefined });

	await appWrites('x', { dial: '3001' });
	assert.match((await told(2))[1].body, /403/);
	assert.equal(asked.length, 1);
});

test('in a call a text is for who is in it', async () => {
	const call = await rig.phoneCallsApp();

	assert.equal(await call.request('MESSAGE',
		{ type: 'text/plain', body: 'in the call' }), 200);
	assert.equal((await told())[0].body, 'in the call');
	await rig.phoneHangsUp();
});

// as of an extension each that a PBX rings, or one after the other (302)
test('what was one call to its caller is missed once', async () => {
	const from = '"Bob" <sip:44445555@pbx.example>';
	const [one, two] = [await rig.ua.invite(rig.bridge.uri, { from }),
		await rig.ua.invite(rig.bridge.uri, { from })];

	await Promise.all([one.wait('180'), two.wait('180')]);
	for (const call of [one, two]) {
		call.cancel();
		await call.wait('487');
	}
	await rig.bridge.waitIdle();
	assert.equal((await write('and then?')).code, 200);
	assert.deepEqual((await told(2)).map(({ body }) => body),
		['Chamada perdida de Bob (44445555)', 'and then?']);
});

test('a missed call is noted, one that a colleague took is not', async () => {
	const since = await rig.sandbox.mark('signals');
	const other = await rig.ua.invite(rig.bridge.uri,
		{ from: '"Eve" <sip:33335555@pbx.example>' });

	await rig.app.waitIncoming();
	other.cancel({ extra: ['Reason: Q.850;cause=16',
		'Reason: SIP;cause=200;text="Call completed elsewhere"'] });
	await other.wait('487');
	const { user_info: info } = await rig.sandbox.waitSignal(
		{ type: 'hangUp', to: (to) => to.startsWith('101-') }, { since });

	assert.deepEqual(info, { reason: 'answered_elsewhere' });
	await rig.app.waitClosed();
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri,
		{ from: '"Ann" <sip:33334444@pbx.example>' });

	await rig.app.waitIncoming();
	call.cancel();
	await call.wait('487');
	const [{ body, extension }] = await told();

	assert.equal(body, 'Chamada perdida de Ann (33334444)');
	assert.equal(extension.event, 'missed');
	assert.equal(extension.number, '33334444');
});

/** A phone calls a plan of users, in vain; each of them declines, is busy, or does
 * nothing. */
async function rings(call, users, options) {
	await rig.bridge.reload(userLine(rig.sandbox.sip,
		{ more: `;call=${call}` }));
	const since = await rig.sandbox.mark('signals');
	const one = await rig.ua.invite(rig.bridge.uri, options);

	for (const [user, info] of users) {
		const app = fakeApp(rig.sandbox, user);
		const { session } = await app.waitCall({ since });

		if (info) await app.reject(session, info);
	}
	assert.ok((await one.wait('final')).code >= 480);
	await rig.bridge.waitIdle();
}

test('who declines knows of the call, whoever else does not answer', async () => {
	const line = rig.bridge.users();
	const since = await rig.sandbox.mark('requests');
	// a first note to somebody: where is it filed?
	const noted = (user) => rig.sandbox.waitEntry('requests', {
		path: '/chat/Dialog.json',
		body: ({ occupants_ids: ids }) => ids === user }, { since });

	// it would be told before those that it is waited for
	await rings('104:30,105:1', [['104', {}], ['105']]);
	await noted('105');
	// nor if it is the last one, and who calls is nobody
	await rings('106:1,104:30', [['106'], ['104', {}]],
		{ from: '<sip:anonymous@anonymous.invalid>',
			extra: ['Privacy: id'] });
	await noted('106');
	// an app that is busy has not shown it
	await rings('104+107:30', [['104', {}], ['107', { busy: 'true' }]]);
	await noted('107');
	const told = (await rig.sandbox.entries('requests', since)).filter(
		({ path }) => path === '/chat/Dialog.json');

	assert.deepEqual(told.map(({ body }) => body.occupants_ids),
		['105', '106', '107']);
	await rig.bridge.reload(line);
});

test('nobody there, or no cloud: the phone is told', async () => {
	await rig.app.close();
	rig.app = null;
	const gone = await rig.sandbox.mark('events');

	assert.ok(gone > 0);
	for (;;) {
		const online = await rig.sandbox.online();

		if (!online.some(({ user }) => user === 101)) break;
	}
	assert.equal((await write('hello?')).code, 480);

	await rig.sandbox.refuseChat(30);
	await rig.sandbox.drop({ user: 200 });
	await rig.bridge.waitStatus('the cloud is lost', ({ cloud }) =>
		cloud !== 'online');
	const answer = await write('hello?');

	assert.equal(answer.code, 503);
	assert.match(answer.header('Retry-After'), /^\d+$/);
});
