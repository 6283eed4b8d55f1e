// A call of an app before its answer: what it hears of the PBX, and of whom, where a
// proxy rings several phones at once; and where it is sent on (3xx).

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_HZ, assertTone, startRig, waitHears } from './lib/rig.mjs';
import { openRtp } from './lib/rtp.mjs';
import { rough } from './lib/sipnet.mjs';

let rig;
let rtps; // of the phones of one call

before(async () => {
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		keys: { connectycube_early_media: 'accept',
			connectycube_ringback: '620:5000/0',
			connectycube_caller_rate: 0 },
		users: `"Sales" <sip:1000@${sandbox.sip}>;cube_login=ext1000`
			+ ';cube_password=ext1000-pass;call=101'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}`,
	}) });
	rtps = await Promise.all([openRtp(), openRtp(), openRtp()]);
});

after(async () => {
	for (const rtp of rtps ?? []) rtp.close();
	await rig?.stop();
});

afterEach(() => {
	rig.ua.network = () => null;
	rig.ua.guard = () => null;
	for (const rtp of rtps) rtp.hush();
	return rig.reset();
});

/** The app calls: { id, call }, of its session and at the phone. */
async function appCalls() {
	await rig.app.forget();
	const id = await rig.app.call(rig.id);

	return { id, call: await rig.ua.waitInvite() };
}

/** The states that the app was told of a call's early media. */
const states = async (id) => (await rig.app.events())
	.filter((event) => event.name === 'told-early' && event.id === id)
	.map((event) => event.told.state);

const waitStates = (id, wanted) => until(`the app is told ${wanted}`, async () =>
	(await states(id)).join() === wanted.join());

test('an announcement is heard, then another phone answers', async () => {
	const [announcer, phone] = rtps;
	const { id, call } = await appCalls();
	const early = call.fork({ rtp: announcer });
	const answering = call.fork({ rtp: phone });

	rig.ua.network = rough(['twice', 'lost']);
	call.ring();
	early.progress();
	early.progress();
	await rig.bridge.waitRings();

	// an SDP alone: the app rings on
	const asked = await rig.sandbox.mark('signals');

	announcer.play(600, call.remoteRtp);
	const accept = await rig.sandbox.waitSignal({ type: 'accept' },
		{ since: asked });

	assert.equal(accept.session, id);
	assert.equal(accept.user_info.early, 'true');
	await rig.app.waitConnected();
	await waitHears(rig.app, 600, 'the announcement');
	await waitStates(id, ['playing']);
	// and the app is heard: some ask for a PIN before they answer
	assertTone(await announcer.hear(300), APP_HZ, 'at the PBX');

	const { calls: [{ state }] } = await rig.bridge.status();

	assert.equal(state, 'RINGING');
	assert.match(await rig.bridge.command('cube_events', '20'),
		/call\.early +call \d+: heard before it is answered/);

	// nobody has answered whom it could pass on
	assert.match((await rig.app.ask('transfer', { target: 'user:101' })).error,
		/nobody to transfer/);

	// the one that has played goes on; the one that answers is late to speak
	answering.answer();
	await answering.wait('ACK');
	await waitStates(id, ['playing', 'answered']);
	await rig.bridge.waitStatus('it is up', ({ calls }) =>
		calls[0]?.state === 'ESTABLISHED');
	await until('the app hears nobody', async () =>
		(await rig.app.hear(200)).silentMs === 200);
	// longer than a phone may take to show up from another address
	const quiet = await rig.app.hear(1000);

	assert.equal(quiet.silentMs, 1000, JSON.stringify(quiet));
	phone.play(1200, call.remoteRtp);
	await waitHears(rig.app, 1200, 'the phone');
	assertTone(await phone.hear(300), APP_HZ, 'at the phone');
	rig.call = answering;
	await rig.appHangsUp();
});

test('it fails after the announcement: the app is told why', async () => {
	const { id, call } = await appCalls();

	// it does not listen, which is no hold
	call.provisional(183, 'Session Progress', `${call.sdp()}a=sendonly\r\n`);
	call.rtp.play(600, call.remoteRtp);
	await rig.app.waitConnected();
	await waitHears(rig.app, 600, 'the announcement');
	assert.ok(!(await rig.app.events()).some((event) => event.id === id
		&& event.name === 'told-held'));
	call.reject(404, 'Not Found');
	const { info } = await rig.app.waitEvent('stop',
		{ any: true, match: { id } });

	assert.equal(info.sip_code, '404');
	assert.equal(info.reason, 'Not Found');
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
	assert.deepEqual(await states(id), ['playing']);
});

test('the app hangs up while it hears the announcement: CANCEL', async () => {
	const { call } = await appCalls();

	call.progress();
	call.rtp.play(600, call.remoteRtp);
	await rig.app.waitConnected();
	await rig.app.hangup();
	await call.wait('CANCEL');
	await rig.bridge.waitIdle();
});

test('the phone answers in the instant in which the app hangs up', async () => {
	const { call } = await appCalls();
	let cancelled = 0;

	// it has answered before it hears of that
	rig.ua.network = ({ method }, way) => {
		if (way !== 'in' || method !== 'CANCEL') return null;
		if (!cancelled++) call.answer();
		return 'lost';
	};
	call.ring();
	await rig.app.hangup();
	await call.wait('ACK');
	await call.wait('BYE');
	assert.ok(cancelled);
	await rig.bridge.waitIdle();
});

test('several phones are heard one after the other, never two', async () => {
	const [a, b, c] = rtps;
	const { call } = await appCalls();
	const phones = rtps.map((rtp) => call.fork({ rtp }));
	const port = call.remoteRtp;

	a.play(600, port);
	phones[0].progress();
	await rig.app.waitConnected();
	await waitHears(rig.app, 600, 'the first one');

	b.play(900, port);
	phones[1].progress();
	await waitHears(rig.app, 900, 'the second one');

	// what is repeated, or late, changes nothing; nor who has nothing to say
	phones[0].progress();
	phones[2].ring();
	assertTone(await rig.app.hear(700), 900, 'still the second one');

	// it has gone: the one before it (RFC 6228)
	phones[1].provisional(199, 'Early Dialog Terminated');
	await waitHears(rig.app, 600, 'the first one again');

	// a third one answers, without a word of its own in between
	c.play(1200, port);
	phones[2].answer();
	await phones[2].wait('ACK');
	await waitHears(rig.app, 1200, 'who has answered');
	assertTone(await rig.app.hear(1000), 1200, 'who has answered');
	rig.call = phones[2];
	await rig.appHangsUp();
});

test('nobody is left to be heard, then one answers with what it said', async () => {
	const [a, b] = rtps;
	const { call } = await appCalls();
	const phones = [a, b].map((rtp) => call.fork({ rtp }));

	a.play(600, call.remoteRtp);
	b.play(900, call.remoteRtp);
	phones[0].progress();
	phones[1].progress();
	await rig.app.waitConnected();
	await waitHears(rig.app, 900, 'the second one');
	phones[0].answer({ body: '' });
	await phones[0].wait('ACK');
	await waitHears(rig.app, 600, 'who has answered');
	rig.call = phones[0];
	await rig.appHangsUp();
});

test('a phone answers with another SDP than it rang with', async () => {
	const [other] = rtps;
	const { call } = await appCalls();
	const sdp = call.sdp().replace(`m=audio ${call.rtp.port}`,
		`m=audio ${other.port}`);

	call.progress();
	call.rtp.play(600, call.remoteRtp);
	await rig.app.waitConnected();
	await waitHears(rig.app, 600, 'the announcement');
	call.rtp.hush();
	other.play(900, call.remoteRtp);
	call.answer({ body: sdp });
	await call.wait('ACK');
	await waitHears(rig.app, 900, 'where it answers');
	await waitHears(other, APP_HZ, 'the app');
	rig.call = call;
	await rig.appHangsUp();
});

/** users: 'user', or 'user;q=0.5' */
const contact = (...users) => `Contact: ${users.map((user) =>
	`<sip:${String(user).replace(/(;|$)/, `@127.0.0.1:${rig.ua.port}>$1`)}`)
	.join(', ')}`;

const userOf = ({ uri }) => /sip:(.*?)@/.exec(uri)[1];

/** Who is called, in turn; answers: what each of them says, 'user': answer. */
function answering(answers) {
	const called = [];

	rig.ua.guard = (request) => {
		if (request.method !== 'INVITE') return null;
		called.push(userOf(request));
		return answers[called.at(-1)] ?? null;
	};
	return called;
}

const moved = (...users) => ({ code: 302, reason: 'Moved Temporarily',
	headers: [contact(...users)] });

test('a call is sent on: to the best one, then the next, who is told', async () => {
	const called = answering({ 5551234: moved('701;q=0.3', '702'),
		702: { code: 486, reason: 'Busy Here' }, 701: moved('703') });

	rig.ua.network = ({ code, method }) => (method === 'INVITE' || code === 302
		? 'twice' : null);
	const { call } = await appCalls();
	const [invite] = call.messages;
	const first = `<sip:5551234@127.0.0.1:${rig.ua.port}`;

	assert.deepEqual(called, ['5551234', '702', '701', '703']);
	assert.equal(invite.header('Diversion'),
		`${first}>;reason=unknown;counter=3`);
	assert.match(invite.header('History-Info'), new RegExp(
		`^${first}\\?Reason=SIP%3Bcause%3D302>;index=1, .*;index=1\\.1;mp=1, `));
	call.answer();
	await call.wait('ACK');
	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	await rig.appHangsUp();
});

test('sent on where it may not go: the app is told that it failed', async () => {
	const elsewhere = { code: 302, headers: ['Contact: <sip:1@192.0.2.1>'] };
	const proxy = { ...moved('701'), code: 305 };

	for (const [answers, wanted] of [
		[{ 5551234: elsewhere }, ['5551234']],
		[{ 5551234: proxy }, ['5551234']],
		[{ 5551234: { code: 302, headers: [] } }, ['5551234']],
		[{ 5551234: moved('701'), 701: moved('5551234') }, ['5551234', '701']],
		[{ 5551234: moved(1), 1: moved(2), 2: moved(3), 3: moved(4),
			4: moved(5), 5: moved(6) }, ['5551234', '1', '2', '3', '4', '5']],
	]) {
		const called = answering(answers);

		await rig.app.forget();
		await rig.app.call(rig.id);
		const { info } = await rig.app.waitEvent('reject');

		assert.equal(info.sip_code, '480', JSON.stringify(info));
		assert.deepEqual(called, wanted);
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	}
	await rig.bridge.waitLog(/302 Whatever is not followed: it goes to another/);
});

test('the app hangs up while the call is being sent on', async () => {
	const called = answering({ 5551234: moved('701') });
	const { call } = await appCalls();

	call.ring();
	await rig.app.hangup();
	await call.wait('CANCEL');
	await rig.bridge.waitIdle();
	assert.deepEqual(called, ['5551234', '701']);
});

test('a phone hears our ringing tone, then the app, as one stream', async () => {
	const { rtp } = rig.ua;
	const call = await rig.ua.invite(rig.bridge.uri);
	const since = rtp.packets.length;

	await call.wait('180');
	await call.wait('183');
	assertTone(await rtp.hear(400), 620, 'while it rings');
	await rig.app.waitIncoming();
	await rig.app.accept();
	await call.wait('200');
	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();

	const heard = rtp.packets.slice(since);

	assert.equal(new Set(heard.map(({ ssrc }) => ssrc)).size, 1);
	assert.deepEqual(heard.slice(1).filter(({ sequence }, i) =>
		sequence !== (heard[i].sequence + 1) % 65536), []);
	await rig.phoneHangsUp();

	// nobody answers
	const given = await rig.ua.invite(rig.bridge.uri);

	await given.wait('183');
	given.cancel();
	assert.equal((await given.wait('final')).code, 487);
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('a phone that leaves the offer to us has its own ringing tone', async () => {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, { late: true });

	await rig.app.waitIncoming();
	await rig.app.accept();
	await call.wait('200');
	assert.ok(!call.messages.some(({ code }) => code === 183));
	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	await rig.phoneHangsUp();
});
