// What PBXs do to a call that libre 1.1 does not know: session timers, UPDATE,
// reliable provisional responses; and methods that have no place in a call.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { freePort } from './lib/ports.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { registerSipp } from './lib/sipp.mjs';
import { openSipUa } from './lib/sipua.mjs';

let rig;

before(async () => {
	// a caller hears a ringing tone: 183 with SDP
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		keys: { connectycube_ringback: '620:5000/0' },
		users: userLine(sandbox.sip, { more: ';call=101;dialable=1002'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}` }) }) });
});

after(() => rig?.stop());
afterEach(async () => {
	rig.ua.guard = () => null;
	rig.ua.network = () => null;
	await rig.reset();
});

/** What we can do is said in each message that has a place for it. */
function assertAble({ header, all, what }) {
	assert.equal(header('Supported'), 'timer, 100rel, replaces, norefersub',
		what);
	assert.equal(header('Allow'), 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, '
		+ 'UPDATE, PRACK, NOTIFY, REFER, SUBSCRIBE, MESSAGE', what);
	assert.equal(all('Allow').length, 1, what);
}

const seen = (call, wanted) => call.messages.filter(({ what }) =>
	what === wanted);

/** The app calls; resolves with the phone's call, which is not answered yet. */
async function appCalls() {
	await rig.app.forget();
	await rig.app.call(rig.id);
	return rig.ua.waitInvite();
}

/** The phone calls, the app rings; resolves with the 180. */
async function phoneCalls(extra) {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, { extra });

	await rig.app.waitIncoming();
	return { call, ringing: await call.wait('180') };
}

/** What a server between the two answers, and what it has seen. */
function serve(answers) {
	const asked = [];

	rig.ua.guard = (request) => {
		const answer = answers[request.method]?.(request, asked);

		if (answer) asked.push({ ...request, at: Date.now() });
		return answer;
	};
	return asked;
}

test('our INVITE: 422, reliable 1xx, then we refresh by UPDATE, and by re-INVITE',
	async () => {
		const asked = serve({ INVITE: (_, all) => !all.length
			&& { code: 422, headers: ['Min-SE: 2000'] } });
		const call = await appCalls();
		const [invite] = call.messages;
		const [cseq] = invite.header('CSeq').split(' ');

		assertAble(asked[0]);
		assert.equal(asked[0].header('Session-Expires'), '1800');
		assert.equal(invite.header('Session-Expires'), '2000');
		assert.equal(invite.header('Min-SE'), '2000');
		assert.equal(invite.header('Call-ID'), asked[0].header('Call-ID'));
		assert.equal(Number(cseq), parseInt(asked[0].header('CSeq'), 10) + 1);

		// as networks do: twice, and one before the one before it
		const reliable = (rseq) => ['Require: 100rel', `RSeq: ${rseq}`];

		call.ring({ extra: reliable(700) });
		call.ring({ extra: reliable(700) });
		await call.wait('PRACK');
		call.ring({ extra: reliable(702) });
		call.ring({ extra: reliable(701) });
		await until('the second PRACK', () => seen(call, 'PRACK').length > 1);
		call.ring({ extra: reliable(702) });
		await until('the third PRACK', () => seen(call, 'PRACK').length > 2);
		assert.deepEqual(seen(call, 'PRACK').map(({ header }) =>
			header('RAck')), [700, 701, 702].map((rseq) =>
			`${rseq} ${cseq} INVITE`));
		assert.deepEqual(seen(call, 'PRACK').map(({ header }) =>
			parseInt(header('CSeq'), 10) - cseq), [1, 2, 3]);
		assert.match(seen(call, 'PRACK')[0].header('To'), /;tag=/);

		const update = await call.ask('UPDATE');

		assert.equal(update.code, 200, 'UPDATE before the answer');
		assert.equal((await call.ask('UPDATE', { body: call.sdp() })).code,
			491, 'our offer has no answer yet');
		call.progress({ extra: reliable(703) });
		await until('the fourth PRACK', () => seen(call, 'PRACK').length > 3);
		const moved = await call.ask('UPDATE', { body: call.sdp() });

		assert.equal(moved.code, 200, 'our offer has its answer');
		assert.match(moved.body, /^m=audio [1-9]/m);

		const granted = 'Session-Expires: 6;refresher=uac';
		const refreshed = serve({
			UPDATE: (_, all) => (all.length < 2
				? { code: 200, headers: [granted] }
				: { code: 405, headers: ['Allow: INVITE, ACK, BYE'] }),
		});

		call.answer({ extra: [granted, 'Require: timer',
			'Allow: INVITE, ACK, BYE, UPDATE'] });
		await call.wait('ACK');
		rig.play(call);
		await rig.app.waitConnected();
		await until('refreshes by UPDATE and one by re-INVITE', () =>
			seen(call, 'INVITE').length > 1);
		assert.equal(refreshed.length, 3);
		assert.equal(refreshed[0].header('Session-Expires'),
			'2000;refresher=uac');
		assert.equal(refreshed[0].body, '');
		assert.ok(refreshed[0].header('Contact'));

		const [gap] = [refreshed[1].at - refreshed[0].at];

		assert.ok(gap > 2500 && gap < 4500, `${gap} ms for 3000`);

		const again = seen(call, 'INVITE').at(-1);

		assert.match(again.header('Session-Expires'), /;refresher=uac$/);
		assert.ok(parseInt(again.header('CSeq'), 10)
			> parseInt(refreshed[2].header('CSeq'), 10));
		await rig.waitTones('refreshed');
		await rig.phoneHangsUp(call);
	});

test('behind a proxy that records its route: what refreshes passes it, both ways',
	async () => {
		const port = await freePort();
		const extra = (session, by) => [`Session-Expires: ${session};`
			+ `refresher=${by}`, 'Supported: timer', 'Require: timer',
		'Allow: INVITE, ACK, BYE, UPDATE'];

		await registerSipp(rig.sandbox, '1002', port);
		const desk = await openSipUa({ user: '2000', port });

		try {
			await rig.app.forget();
			await rig.app.call(rig.id, { userInfo: { dial: '1002' } });
			const call = await desk.waitInvite();

			assert.equal(call.messages[0].all('Record-Route').length, 1);
			call.answer({ extra: extra(6, 'uac') });
			const update = await call.wait('UPDATE');

			assert.equal(update.all('Via').length, 2);
			assert.match(update.uri, /^sip:2000@/);
			for (const [method, body] of [['UPDATE'], ['INVITE', call.sdp()]])
				assert.equal(await call.request(method, { body,
					extra: extra(90, 'uac') }), 200, method);
			await call.bye();
			await rig.app.waitClosed();
		} finally {
			desk.close();
		}
	});

test('our call is to be refreshed by the phone, which is gone: BYE in time',
	async () => {
		const call = await appCalls();

		call.ring();
		call.answer({ extra: ['Session-Expires: 6;refresher=uas'] });
		await call.wait('ACK');
		const from = Date.now();
		const { ms } = await call.wait('BYE');

		// a third of it before the end
		assert.ok(ms - from > 3500 && ms - from < 6000, `${ms - from} ms`);
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

test('the phone refreshes by re-INVITE and UPDATE, and moves its media by it',
	async () => {
		const { call } = await phoneCalls(['Supported: timer',
			'Allow: INVITE, UPDATE', 'Session-Expires: 90;refresher=uac']);
		const early = await call.ask('UPDATE', { body: call.sdp() })
			.catch(() => ({}));

		assert.equal(early.code, 481, 'without a tag it is of no dialog');
		call.adopt(await call.wait('180'));

		const glare = await call.ask('UPDATE', { body: call.sdp() });

		assert.equal(glare.code, 500, 'an offer before ours is answered');
		assert.ok(Number(glare.header('Retry-After')) <= 10);
		await rig.app.accept();
		const answer = await call.wait('final');

		assert.equal(answer.header('Session-Expires'), '90;refresher=uac');
		assert.equal(answer.header('Require'), 'timer');
		rig.play(call);
		await rig.app.waitConnected();

		const timer = 'Supported: timer';
		const brief = await call.reinvite({ extra: [timer,
			'Session-Expires: 60'] });

		assert.equal(brief.code, 422);
		assert.equal(brief.header('Min-SE'), '90');
		assert.match(rig.bridge.log(), /session timer is below 90 s/);

		const again = await call.reinvite({ extra: [timer, 'x: 120'] });

		assert.equal(again.code, 200);
		assert.equal(again.header('Session-Expires'), '120;refresher=uac');
		assertAble(again);
		assertAble(answer);

		const update = await call.ask('UPDATE', { extra: [timer,
			'Session-Expires: 100;refresher=uac'] });

		assert.equal(update.code, 200);
		assert.equal(update.header('Session-Expires'), '100;refresher=uac');
		assert.equal(update.body, '');

		const hold = await call.ask('UPDATE', { extra: [timer],
			body: `${call.sdp()}a=inactive\r\n` });

		assert.equal(hold.code, 200);
		assert.match(hold.body, /^a=inactive/m);

		const back = await call.ask('UPDATE', { body: call.sdp() });

		assert.equal(back.code, 200);
		assert.doesNotMatch(back.body, /^a=inactive/m);
		await rig.waitTones('after UPDATE');
		await rig.phoneHangsUp(call);
	});

const prack = (call, { header }, { more = 0, body } = {}) =>
	call.request('PRACK', { body,
		extra: [`RAck: ${Number(header('RSeq')) + more} ${header('CSeq')}`] });

/** What a call got for its INVITE in the end, and what came later. */
const finals = (call) => call.messages.filter(({ code, method, header }) =>
	method === 'BYE' || (code >= 200 && header('CSeq').endsWith('INVITE')))
	.map(({ what }) => what);

test('the phone requires reliable responses: each again until PRACK, no 200 first',
	async () => {
		const { call, ringing } = await phoneCalls(['Require: 100rel']);

		assert.ok(Number(ringing.header('RSeq')) > 0);
		assert.equal(ringing.header('Require'), '100rel');
		await until('180 again', () => seen(call, '180').length > 2);
		assert.ok(seen(call, '180').every(({ header }) =>
			header('RSeq') === ringing.header('RSeq')));
		assert.equal(seen(call, '183').length, 0, 'one after the other');
		call.adopt(ringing);
		assert.equal(await prack(call, ringing, { more: 1 }), 481);
		assert.equal(await prack(call, ringing), 200);
		assert.equal(await prack(call, ringing), 481);
		const { length } = seen(call, '180');
		const progress = await call.wait('183');

		assert.equal(progress.header('RSeq'),
			`${Number(ringing.header('RSeq')) + 1}`);
		assert.match(progress.body, /^m=audio [1-9]/m);
		await answerWaits(call);
		assert.equal(await prack(call, progress), 200);
		const answer = await call.wait('final');

		assert.equal(answer.code, 200);
		assert.equal(answer.header('RSeq'), undefined);
		rig.play(call);
		await rig.app.waitConnected();
		await rig.waitTones();
		assert.equal(seen(call, '180').length, length);
		await rig.phoneHangsUp(call);
	});

/** The app answers, and the phone has an SDP still to acknowledge: it is told
 * that one again, and no more. */
async function answerWaits(call) {
	await rig.app.accept();
	await rig.bridge.waitStatus('it is answered', ({ calls: [one] }) =>
		one?.state === 'ANSWERED');
	const { length } = seen(call, '183');

	// the pauses between them are doubled
	await until('183 again', () => seen(call, '183').length > length,
		{ timeout: 40000 });
	assert.deepEqual(finals(call), []);
}

/** A phone whose 200 waits for a PRACK. */
async function waitingCall() {
	const { call, ringing } = await phoneCalls(['Require: 100rel']);

	call.adopt(ringing);
	assert.equal(await prack(call, ringing), 200);
	await call.wait('183');
	await answerWaits(call);
	return call;
}

test('a call ends while its 200 waits for a PRACK: it was not answered', async () => {
	const ended = [];

	for (const [how, code, end] of [
		['CANCEL', 487, (call) => call.cancel()],
		['BYE', 487, (call) => call.bye()],
		['the app', 480, () => rig.app.hangup()],
	]) {
		const call = await waitingCall();

		await end(call);
		assert.equal((await call.wait('final')).code, code, how);
		if (how === 'CANCEL')
			await until('CANCEL is answered', () => call.messages.some(
				({ header }) => header('CSeq') === '1 CANCEL'));
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
		ended.push({ call, code });
	}

	assert.deepEqual(ended.map(({ call }) => finals(call)),
		ended.map(({ code }) => [`${code}`]));
	assert.ok(ended[0].call.messages.every(({ code, header }) =>
		code === 200 || header('CSeq') !== '1 CANCEL'));
});

test('what has no place in a call is refused, and the call goes on', async () => {
	const call = await rig.phoneCallsApp();
	const fax = 'm=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n';
	const lines = ['Event: message-summary', 'Subscription-State: active'];

	await rig.waitTones();
	assert.equal((await call.reinvite({ body: call.sdp()
		.replace(/m=audio[^]*/, fax) })).code, 488, 'T.38 alone');
	assert.equal((await call.reinvite({ body: call.sdp() + fax })).code, 488,
		'T.38 beside audio');
	for (const [method, code, header, options] of [
		['UPDATE', 488, 'CSeq', { body: call.sdp() + fax }],
		['UPDATE', 415, 'Accept', { type: 'text/plain', body: 'hello' }],
		['INFO', 415, 'Accept', { type: 'application/csta+xml', body: '<x/>' }],
		['INFO', 469, 'Recv-Info', { extra: ['Info-Package: poc'] }],
		['INFO', 200, 'CSeq', {}],
		['OPTIONS', 200, 'Allow', {}],
		['PUBLISH', 405, 'Allow', { extra: lines }],
		['REGISTER', 405, 'Allow', {}],
		['REFER', 400, 'CSeq', {}],
		['REFER', 416, 'CSeq', { extra: ['Refer-To: <http://x>'] }],
		['UPDATE', 420, 'Unsupported', { extra: ['Require: precondition'] }],
		['SUBSCRIBE', 489, 'Allow-Events', { extra: lines }],
		['NOTIFY', 481, 'CSeq', { extra: lines }],
		['PRACK', 481, 'CSeq', { extra: ['RAck: 1 1 INVITE'] }],
	]) {
		const answer = await call.ask(method, options);

		assert.equal(answer.code, code, method);
		assert.notEqual(answer.header(header), undefined, method);
	}
	assertAble(await call.ask('OPTIONS'));
	assertAble(await rig.ua.query(rig.bridge.uri, 'OPTIONS'));
	assert.equal((await rig.ua.query(rig.bridge.uri, 'UPDATE', { edit: (text) =>
		text.replace(/(To: .*)/, '$1;tag=nobody') })).code, 481);
	await rig.waitTones('after all that');
	await rig.phoneHangsUp(call);
});
