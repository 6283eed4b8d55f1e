// The state of an extension: told to who subscribes and to the SIP server, and in
// the presence of its cloud user.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { answers, digest, isRight } from './lib/digest.mjs';
import { accept, openRegistrar } from './lib/registrar.mjs';
import { startRig } from './lib/rig.mjs';

const PIDF = 'application/pidf+xml';
const DIALOG = 'application/dialog-info+xml';

let registrar;
let rig;
let ua;

/** A server that wants a password, more time than it is offered, and forgets what
 * it was told once; of calls it wants to know nothing. */
function publish(request) {
	const [answer] = answers(request, ['Authorization']);
	const match = request.header('SIP-If-Match');
	const expires = Number(request.header('Expires'));

	if (registrar.silent) return null;

	if (request.header('Event') !== 'presence')
		return { code: 489, reason: 'Bad Event' };
	if (!answer) return { code: 401, headers: [digest('MD5')] };
	if (expires && expires < 7200)
		return { code: 423, headers: ['Min-Expires: 7200'] };
	if (match && !registrar.forgot) {
		registrar.forgot = true;
		return { code: 412 };
	}
	registrar.states.push(request);
	return { code: 200, headers: [`SIP-ETag: e${registrar.states.length}`,
		'Expires: 7200'] };
}

/** It knows of desk phones, once it is sure who asks. */
function subscribe(request) {
	const [answer] = answers(request, ['Authorization']);

	if (!answer) return { code: 401, headers: [digest('MD5')] };
	if (registrar.denies) return { code: 403 };
	return { code: 200, tag: 'desk', headers: [
		`Contact: <sip:desk@127.0.0.1:${registrar.port}>`,
		`Expires: ${request.header('Expires')}`] };
}

before(async () => {
	registrar = await openRegistrar({ answer: (request) =>
		request.method === 'PUBLISH' ? publish(request)
			: request.method === 'REGISTER' ? accept(request)
				: request.method === 'SUBSCRIBE' ? subscribe(request)
					: { code: 200 } });
	registrar.states = [];
	rig = await startRig({ bridge: {
		account: { proxy: `sip:127.0.0.1:${registrar.port}` },
		keys: { connectycube_presence_sip: 'publish',
			connectycube_presence_cloud: 'yes',
			connectycube_push: 'off' } } });
	({ ua } = rig);
});

after(async () => {
	await rig?.stop();
	await registrar?.close();
});
afterEach(() => rig.reset());

const notifies = (call) => call.messages.filter(({ method }) =>
	method === 'NOTIFY');

/** The first NOTIFY behind those seen that says what is expected. */
async function next(call, check = () => true) {
	const { seen = 0 } = call;
	let at;

	await until(`a NOTIFY like ${check}`, () => {
		at = notifies(call).findIndex((one, i) => i >= seen && check(one));
		return at >= 0;
	});
	call.seen = at + 1;
	return notifies(call)[at];
}

async function watch(event, accepted, expires = 600) {
	const call = ua.open(rig.bridge.uri);
	const { code, header } = await call.ask('SUBSCRIBE', { extra: [
		`Event: ${event}`, `Expires: ${expires}`,
		...(accepted ? [`Accept: ${accepted}`] : [])] });

	return { call, code, header };
}

const status = ({ body }) => /<basic>(\w+)</.exec(body)?.[1];
const states = ({ body }) => [...body.matchAll(/<state>(\w+)</g)].map(
	([, state]) => state).join();
const activity = ({ body }) => /<rpid:activities><rpid:([\w-]+)/
	.exec(body)?.[1];

test('who subscribes is told of calls, the server and the apps, too', async () => {
	const { call: lamp, code } = await watch('dialog', DIALOG);
	const { call: presence } = await watch('presence');
	const first = await next(lamp);

	assert.equal(code, 200);
	assert.equal(first.header('Content-Type'), DIALOG);
	assert.match(first.header('Subscription-State'), /^active;expires=/);
	assert.match(first.body, /version="0" state="full"/);
	assert.equal(states(first), '');
	assert.equal(status(await next(presence)), 'open');
	await until('the server has been told', () =>
		registrar.states.length > 0 && status(registrar.states.at(-1)) === 'open');
	assert.ok(isRight(registrar.states[0],
		answers(registrar.states[0], ['Authorization'])[0],
		{ user: '1000', password: 'sip-1000' }));
	await rig.bridge.command('cube_dnd', 'on');
	await next(presence, (one) => activity(one) === 'busy');
	await rig.bridge.command('cube_dnd', 'off');
	await next(presence, (one) => !activity(one));

	// a call rings, is answered, and is over
	await rig.app.forget();
	const call = await ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	const { body } = await next(lamp, (one) => states(one) === 'early');

	assert.match(body, /direction="recipient"/);
	await next(presence, (one) => activity(one) === 'on-the-phone');
	await rig.app.accept();
	await call.wait('200');
	await next(lamp, (one) => states(one) === 'confirmed');
	await until('apps see it busy', async () => (await rig.sandbox.online())
		.some(({ user, show }) => user === 200 && show === 'dnd'));
	await rig.app.waitConnected();
	await call.bye();
	await next(lamp, (one) => states(one) === '');
	const versions = notifies(lamp).map((one) =>
		Number(/version="(\d+)"/.exec(one.body)[1]));

	assert.ok(versions.every((one, n) => !n || one > versions[n - 1]), versions);
	await until('presence is idle again', () => {
		const last = notifies(presence).at(-1);

		return status(last) === 'open' && !activity(last);
	});
	await until('the server knows', () => registrar.forgot
		&& !activity(registrar.states.at(-1)));
	await until('apps see it free', async () => (await rig.sandbox.online())
		.some(({ user, show, available }) => user === 200 && available && !show));
	assert.equal(registrar.requests.filter(({ method, header }) =>
		method === 'PUBLISH' && header('Event') === 'dialog').length, 1);
});

test('asked once, refused, and ended', async () => {
	const once = await watch('dialog', `text/plain, ${DIALOG};q=0.5`, 0);
	const { header, body } = await next(once.call);

	assert.equal(once.code, 200);
	assert.match(header('Subscription-State'), /^terminated/);
	assert.match(body, /<dialog-info /);

	assert.equal((await watch('presence', DIALOG)).code, 406);
	const bad = await watch('message-summary');

	assert.equal(bad.code, 489);
	assert.match(bad.header('Allow-Events'), /presence, dialog/);
	assert.equal((await watch('presence', `${PIDF}, ${DIALOG}`)).code, 200);
});

test('the cloud is lost: closed', async () => {
	const { call } = await watch('presence', PIDF);

	assert.equal(status(await next(call)), 'open');
	await rig.sandbox.refuseChat(20);
	await rig.sandbox.drop({ user: 'ext1000' });
	await next(call, (one) => status(one) === 'closed');
	await rig.sandbox.refuseChat(0);
	await next(call, (one) => status(one) === 'open');
});

test('the only user of an extension goes, and comes back: closed, open', async () => {
	const { call } = await watch('presence');
	const { page } = rig.app;

	await next(call, (one) => status(one) === 'open');
	await page.evaluate(() => window.ConnectyCube.chat.disconnect());
	await next(call, (one) => status(one) === 'closed');
	await page.reload();
	await page.waitForFunction(() => window.phone, null, { polling: 20 });
	await rig.app.login('alice', 'alice-pass-1');
	await next(call, (one) => status(one) === 'open');
});

/** SUBSCRIBEs that were taken, with those that end one. */
const subscribed = () => registrar.requests.filter(({ method, response }) =>
	method === 'SUBSCRIBE' && response?.code !== 401);

/** The server tells of the desk phone, within what SUBSCRIBE has begun. */
async function deskTells({ from, header }, version, state, dialogs,
	subscription = 'active;expires=600') {
	const body = dialogs === undefined ? ''
		: `<?xml version="1.0"?><dialog-info version="${version}" state="${state}" `
			+ `xmlns="urn:ietf:params:xml:ns:dialog-info" entity="sip:desk@pbx">${
				dialogs.map(([id, what]) => `<dialog id="${id}"><state>${what}`
					+ '</state></dialog>').join('')}</dialog-info>`;
	const cseq = `${++registrar.cseq} NOTIFY`;

	from.send([`NOTIFY ${/<([^>]+)>/.exec(header('Contact'))[1]} SIP/2.0`,
		`Via: SIP/2.0/UDP 127.0.0.1:${registrar.port};branch=z9hG4bK${
			registrar.cseq}n;rport`,
		`From: ${header('To').replace(/;tag=.*/, '')};tag=desk`,
		`To: ${header('From')}`, `Call-ID: ${header('Call-ID')}`,
		`CSeq: ${cseq}`, 'Max-Forwards: 70', 'Event: dialog',
		`Contact: <sip:desk@127.0.0.1:${registrar.port}>`,
		`Subscription-State: ${subscription}`,
		...(body ? [`Content-Type: ${DIALOG}`] : []),
		`Content-Length: ${body.length}`, '', body].join('\r\n'));
	return until(`an answer to ${cseq}`, () => registrar.responses.find((one) =>
		one.header('CSeq') === cseq)?.code);
}

const shows = (show) => until(`apps see ${show || 'it free'}`, async () =>
	(await rig.sandbox.online()).some((one) => one.user === 200 && one.available
		&& (one.show || '') === show));

test('the desk phone is in a call beside the bridge: apps see it', async () => {
	const line = rig.bridge.users();

	registrar.cseq = 0;
	await rig.bridge.reload(`${line};watch=sip:desk@127.0.0.1:${registrar.port}`);
	await until('it is asked for', () => subscribed().length === 1);
	const [first] = subscribed();

	assert.equal(first.header('Event'), 'dialog');
	assert.equal(first.header('Accept'), DIALOG);
	assert.equal(await deskTells(first), 200); // nothing yet
	assert.equal(await deskTells(first, 1, 'full', [['a', 'early']]), 200);
	await shows('dnd');
	assert.equal(await deskTells(first, 2, 'partial', [['a', 'terminated']]), 200);
	await shows('');
	assert.equal(await deskTells(first, 3, 'partial', [['b', 'confirmed']]), 200);
	await shows('dnd');

	// what the phone does by the bridge is no news then, nor is its end
	await rig.app.forget();
	const call = await ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	call.cancel();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
	await shows('dnd');

	// one is missing: all is asked for anew
	assert.equal(await deskTells(first, 7, 'partial', [['c', 'early']]), 200);
	await until('it is asked for again', () => subscribed().some((one) =>
		one.header('Call-ID') !== first.header('Call-ID')));
	const again = subscribed().find((one) =>
		one.header('Call-ID') !== first.header('Call-ID'));

	assert.equal(await deskTells(again, 0, 'full', [['b', 'confirmed']]), 200);
	await shows('dnd');
	assert.equal(await deskTells(again, 1, 'full', []), 200);
	await shows('');

	// what is no document changes nothing
	const text = await deskTells(again, 'x', 'full', []);

	assert.equal(text, 400);

	// nobody wants to know any more
	await rig.bridge.reload(line);
	await until('it ends', () => subscribed().some((one) =>
		one.header('Call-ID') === again.header('Call-ID')
			&& one.header('Expires') === '0'));

	// the server does not tell us: that is said, once
	registrar.denies = true;
	const since = await rig.bridge.reload(
		`${line};watch=sip:other@127.0.0.1:${registrar.port}`);

	await rig.bridge.waitLog(/cannot watch sip:other@.*: 403/, { since });
	await rig.bridge.reload(line);
});

test('it ends while a PUBLISH is out: nothing stays at the server, nor a watch', async () => {
	const published = () => registrar.requests.filter(({ method, header }) =>
		method === 'PUBLISH' && header('Event') === 'presence');
	const { length } = published();
	const had = subscribed().length;

	registrar.denies = false;
	await rig.bridge.reload(`${rig.bridge.users()};watch=sip:desk@127.0.0.1:${
		registrar.port}`);
	const watched = await until('the desk phone is asked for', () =>
		subscribed()[had]);

	assert.equal(await deskTells(watched), 200);
	registrar.silent = true;
	await rig.bridge.command('cube_dnd', 'on');
	await until('a PUBLISH is out', () => published().length > length);
	const ended = rig.bridge.stop();

	// it comes again, is challenged, as is what takes it away
	await rig.bridge.waitLog(/terminated by signal/);
	registrar.silent = false;
	const over = await until('it is not watched any more', () =>
		subscribed().slice(had + 1).at(-1));

	assert.deepEqual([over.header('Call-ID'), over.header('Expires')],
		[watched.header('Call-ID'), '0']);
	await deskTells(watched, undefined, undefined, undefined,
		'terminated;reason=timeout');
	await ended;
	const [before, last] = registrar.states.slice(-2);

	assert.equal(activity(before), 'busy');
	assert.equal(last.header('Expires'), '0');
	assert.equal(last.header('SIP-If-Match'), `e${registrar.states.length - 1}`);
	assert.equal(last.body, '');
	assert.doesNotMatch(rig.bridge.log(), /does not answer the last PUBLISH/);
});
