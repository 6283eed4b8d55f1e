// The INVITE that is tied to a call that waits (X-Bridge-Call), as networks and phones
// make it: sent again, forked, from two sources, early and late, cancelled, without an
// offer, refused once, and with the header in every form. Nothing rings twice, and no
// call is lost.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './lib/ami.mjs';
import { startRig } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const WAIT = { timeout: 60000 };
const HEADER = 'X-Bridge-Call';
const STRANGE = '00000000-0000-4000-8000-000000000000';

let ami;
let rig;
let other; // another source
let count = 0;

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: 'managers-own-word' });
	rig = await startRig({ bridge: { keys: {
		module_app: ['connectycube.so', 'connectycube_ami.so', 'account.so',
			'ctrl_tcp.so'],
		connectycube_mode: 'hybrid',
		connectycube_ami_server: `localhost:${ami.port}`,
		connectycube_ami_user: 'bridge',
		connectycube_ami_secret: 'managers-own-word',
	} } });
	other = await openSipUa({ user: 'other' });
	await until('the manager is ready', async () =>
		/: ready /.test(await rig.bridge.command('ami_status')), WAIT);
});

after(async () => {
	other?.close();
	await rig?.stop();
	await ami?.close();
});

afterEach(async () => {
	rig.ua.network = () => null;
	for (const name of [...ami.channels.keys()]) ami.hangup(name);
	await rig.reset();
	other.forget();
	await rig.bridge.waitIdle();
});

/** A caller waits and the app has accepted: the token. */
async function accepted() {
	const name = `PJSIP/trunk-0000000${++count}`;

	await rig.app.forget();
	ami.channel(name, { number: '+5511' });
	ami.event([['Event', 'UserEvent'], ['Privilege', 'user,all'],
		...ami.channels.get(name), ['UserEvent', 'BridgeCall'],
		['Channel', name], ['To', '1000']]);
	await rig.app.waitIncoming();
	await rig.app.accept();
	const { Value } = await until('Setvar', () => ami.actions.find((one) =>
		one.Action === 'Setvar' && one.Channel === name), WAIT);

	await until('Redirect', () => ami.actions.find((one) =>
		one.Action === 'Redirect' && one.Channel === name), WAIT);
	return Value;
}

const header = (token) => ({ extra: [`${HEADER}: ${token}`] });
const invite = (options, ua = rig.ua) => ua.invite(rig.bridge.uri, options);

/** They talk; one call, and the app was rung once, for the token. */
async function assertJoined(call) {
	await call.wait('200');
	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	assert.equal((await rig.bridge.status()).calls.length, 1);
	assert.equal((await rig.app.events()).filter((one) =>
		one.name === 'incoming').length, incoming);
	await rig.phoneHangsUp(call);
}

let incoming;
const counted = async () => {
	incoming = (await rig.app.events()).filter((one) =>
		one.name === 'incoming').length;
};

/** accepted(), and from here on nothing rings. */
async function token() {
	const value = await accepted();

	await counted();
	return value;
}

const times = (call, code) => call.messages.filter((message) =>
	message.code === code).length;

test('sent twice, and again since its answer was lost: one call', async () => {
	const value = await token();
	let lost = 3;

	rig.ua.network = ({ method, code }, way) =>
		way === 'out' && method === 'INVITE' ? 'twice' :
		way === 'in' && code === 200 && lost-- > 0 ? 'lost' : null;
	const call = await invite(header(value));

	await assertJoined(call);
	assert.equal(times(call, 482), 0);
});

test('forked by a proxy: the second branch is merged (482), the first goes on',
	async () => {
		const value = await token();
		const call = await invite(header(value));

		call.merge(header(value));
		call.merge({ ...header(value), edit: (text) =>
			text.replace(/^INVITE sip:1000@/, 'INVITE sip:1000;x=y@') });
		await call.wait('482');
		await assertJoined(call);

		// what is late finds a call that was
		const late = await invite({ id: call.id, ...header(value) });

		assert.equal((await late.wait('final')).code, 482);
	});

test('from two sources at once: the first has it', async () => {
	const value = await token();
	const [call, second] = await Promise.all([invite(header(value)),
		invite(header(value), other)]);

	const won = await Promise.race([call.wait('200').then(() => call),
		second.wait('200').then(() => second)]);
	const lost = won === call ? second : call;

	assert.equal((await lost.wait('final')).code, 482);
	if (won === call) await assertJoined(call);
	else await second.bye();
});

test('before the accept it is one as any other; long after it, it is joined',
	async () => {
		await counted();
		const early = await invite(header(STRANGE));

		await rig.app.waitIncoming();
		early.cancel();
		assert.equal((await early.wait('final')).code, 487);
		await rig.app.waitClosed();

		const value = await token();

		await rig.app.waitEvent('call-connected');
		const call = await invite(header(value));

		await call.wait('200');
		rig.play(call);
		await rig.waitTones();
		await rig.phoneHangsUp(call);
	});

test('cancelled after it was answered: the call goes on until BYE', async () => {
	const value = await token();
	const call = await invite(header(value));

	call.cancel();
	await call.wait('200');
	await assertJoined(call);
	assert.equal(times(call, 487), 0);
});

test('without an offer: the bridge makes one', async () => {
	const value = await token();
	const call = await invite({ ...header(value), late: true });

	await assertJoined(call);
});

/** An edit of the text that changes its body's length. */
const fixed = (edit) => (text) => {
	const changed = edit(text);
	const [head, body] = changed.split(/\r\n\r\n([^]*)/);

	return `${head.replace(/Content-Length: \d+/,
		`Content-Length: ${body.length}`)}\r\n\r\n${body}`;
};

/** The same request, asked for anew: the same Call-ID and tag, and a CSeq more. */
const again = (n, edit = (text) => text) => (text) =>
	edit(text.replace('CSeq: 1 INVITE', `CSeq: ${n} INVITE`));

test('refused for what it asks, then as it should be: the token is good',
	async () => {
		const value = await token();
		const id = 'refused-at-first';
		const extra = [`${HEADER}: ${value}`];
		let n = 0;

		for (const [more, code, edit] of [
			[['Require: foo'], 420],
			[['Supported: timer', 'Session-Expires: 20'], 422],
			[[], 488, fixed((text) => text.replace(/RTP\/AVP \S.*/, 'RTP/AVP 18')
				.replace(/^a=rtpmap.*\r\n/gm, ''))]]) {
			const call = await invite({ id, extra: [...extra, ...more],
				edit: again(++n, edit) });

			assert.equal((await call.wait('final')).code, code);
			call.close();
		}
		const call = await invite({ id, extra: [...extra,
			'Proxy-Authorization: Digest username="x"'], edit: again(++n) });

		await call.wait('200');
		call.close();
		rig.play(call);
		await rig.app.waitConnected();
		await rig.waitTones();
		await rig.appHangsUp(call);
	});

/** Forms of the header that name the token all the same. */
for (const [what, lines] of [
	['twice', (value) => [`${HEADER}: ${value}`, `${HEADER}: ${value}`]],
	['joined by a proxy', (value) => [`${HEADER}: ${value}, ${value}`]],
	['in another case, and with blanks', (value) =>
		[`x-bridge-call  :   ${value}  \t`]],
	['folded', (value) => [`${HEADER}:\r\n  ${value}`]],
	['behind one that is garbage', (value) => [`${HEADER}: ${'x'.repeat(3000)}`,
		`${HEADER}: "\\", <>;=%00`, `${HEADER}:`, `${HEADER}: ${value}`]],
])
	test(`the header ${what}: joined`, async () => {
		const value = await token();

		await assertJoined(await invite({ extra: lines(value) }));
	});

/** ... and that name none: who may call rings. */
for (const [what, lines] of [
	['empty', () => [`${HEADER}:`]],
	['cut', (value) => [`${HEADER}: ${value.slice(0, -1)}`]],
	['longer', (value) => [`${HEADER}: ${value}0`]],
	['over-long', (value) => [`${HEADER}: ${value.repeat(100)}`]],
	['garbage', () => [`${HEADER}: \x01\xff%s%n"`]],
	['of another', () => [`${HEADER}: ${STRANGE}`]],
	['with another name', (value) => [`${HEADER}s: ${value}`]],
])
	test(`the header ${what}: one as any other`, async () => {
		const value = await token();
		const since = await rig.sandbox.mark('signals');
		const call = await invite({ extra: lines(value) });

		await call.wait(['180', 'final']);
		await rig.sandbox.waitSignal({ type: 'call' }, { since });
		assert.equal(times(call, 200), 0);
		call.cancel();
		await call.wait('final');

		// the other one waits still
		await rig.app.forget();
		const good = await invite(header(value));

		await good.wait('200');
		await good.bye();
	});
