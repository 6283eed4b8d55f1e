// Transfers: the phone, the PBX or the app has a party of a call replaced by
// another one. Who stays hears the new one without a gap, the call keeps its
// number, and what fails leaves the old call as it was.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_HZ, PHONE_HZ, assertTone, startRawBridge,
	userLine, waitHears } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { GAP, refer, replaces, tagOf, told, uriOf, waitProgress,
	waitTold, watchStream } from './lib/transfer.mjs';
import { BOB_HZ, DESK_HZ, startTransferRig } from './lib/transferrig.mjs';

let rig;
let desk;
let bob;
let parties;

before(async () => {
	parties = await startTransferRig();
	({ rig, desk, bob } = parties);
});

after(() => parties?.stop());

afterEach(() => parties.reset());

const callId = async () => (await rig.bridge.status()).calls
	.map(({ id }) => id);

test('blind, by the phone: 202, progress, the app hears the new phone',
	async () => {
		const call = await rig.appCallsPhone();

		await rig.waitTones();
		const before = await callId();
		const { code } = await refer(call, `<${uriOf(desk)};x=y>`,
			['Referred-By: "Desk" <sip:5551234@pbx.example>;cid=1']);
		const invite = await desk.waitInvite();

		assert.equal(code, 202);
		assert.equal(invite.messages[0].header('Referred-By'),
			'<sip:5551234@pbx.example>');
		await waitTold(call, '100 active');
		invite.ring();
		await waitTold(call, '180 active');
		// until then who leaves is heard, and then at once who comes
		await rig.assertTones('while it rings');
		const { longestSilenceMs: stutters } = await rig.app.hear(1000);
		const hears = rig.app.hear(3000);

		desk.rtp.play(DESK_HZ, invite.remoteRtp);
		invite.answer();
		await invite.wait('ACK');
		const { longestSilenceMs: silent, hz } = await hears;

		assert.equal(Math.round(hz / 10) * 10, DESK_HZ);
		assert.ok(silent < GAP + stutters, `a gap of ${silent} ms at the app`);
		await waitTold(call, '200 terminated');
		await call.wait('BYE');
		rig.ua.rtp.hush();
		await waitHears(rig.app, DESK_HZ, 'the app');
		assertTone(await desk.rtp.hear(400), APP_HZ, 'the new phone');
		assert.deepEqual(await callId(), before);
		await invite.bye();
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

test('blind, to somebody who refuses: the old call goes on', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	assert.equal((await refer(call, `<${uriOf(desk)}>`)).code, 202);
	const invite = await desk.waitInvite();

	// one at a time
	const second = await refer(call, `<${uriOf(desk)}>`);

	assert.equal(second.code, 202);
	await waitTold(call, '491 terminated');
	invite.reject(486, 'Busy Here');
	await waitTold(call, '486 terminated');
	await rig.assertTones('afterwards');
	for (const [to, code] of [['<http://example>', 416], ['<sip:>', 400],
		['<sip:1@127.0.0.1;method=BYE>', 416]])
		assert.equal((await refer(call, to)).code, code, to);
	await rig.phoneHangsUp();
});

test('blind, by a phone that hangs up at once and wants no NOTIFY', async () => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	const answer = await refer(call, uriOf(desk), ['Refer-Sub: false']);

	assert.equal(answer.code, 202);
	assert.equal(answer.header('Refer-Sub'), 'false');
	rig.ua.rtp.hush();
	await call.bye();
	const invite = await desk.waitInvite();

	invite.ring();
	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	await waitHears(rig.app, DESK_HZ, 'the app');
	assert.deepEqual(told(call), []);
	await rig.app.hangup();
	await invite.wait('BYE');
	await rig.bridge.waitIdle();
});

test('blind, by a phone that has gone, to somebody who refuses: it ends',
	async () => {
		const call = await rig.appCallsPhone();

		await refer(call, uriOf(desk));
		await call.bye();
		const invite = await desk.waitInvite();

		invite.reject(404, 'Not Found');
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	});

test('blind, by the app, to a number: told of progress, no gap', async () => {
	await rig.appCallsPhone();
	await rig.waitTones();
	const before = await callId();
	const assertNoGap = watchStream(rig.ua.rtp);

	assert.equal((await rig.app.ask('transfer', { target: '1002' })).event,
		'done');
	const invite = await desk.waitInvite();

	invite.ring();
	assert.equal((await waitProgress(rig.app, 'ringing')).sip_code, '180');
	await rig.assertTones('while it rings');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	assert.equal((await waitProgress(rig.app, 'done')).sip_code, '200');
	await rig.app.waitClosed();
	await waitHears(rig.ua.rtp, DESK_HZ, 'the phone');
	assertTone(await desk.rtp.hear(400), PHONE_HZ, 'the new phone');
	assertNoGap();
	assert.deepEqual(await callId(), before);
	rig.ua.rtp.hush();
	await rig.call.bye();
	await invite.wait('BYE');
	await rig.bridge.waitIdle();
});

test('blind, by the app, to another user; and what is refused', async () => {
	await rig.appCallsPhone();
	await rig.waitTones();
	for (const [values, why] of [
		[{}, /target, or target_session/],
		[{ target: '2000' }, /no such user/],
		[{ target: 'user:103' }, /no such user/],
		[{ target: '+4930' }, /dialable=/],
		[{ target: 'sip:1002@elsewhere.example' }, /dialable=/],
		[{ target: 'http://x' }, /a number, sip: or tel: address, or user/],
		[{ target_session: 'none' }, /no such call/],
	])
		assert.match((await rig.app.ask('transfer', values)).error, why);

	// who refuses
	await rig.app.ask('transfer', { target: '1002' });
	(await desk.waitInvite()).reject(486, 'Busy Here');
	const failed = await waitProgress(rig.app, 'failed');

	assert.equal(failed.sip_code, '486');
	await rig.assertTones('afterwards');

	const assertNoGap = watchStream(rig.ua.rtp);
	const before = await callId();

	await bob.forget();
	await rig.app.ask('transfer', { target: '102' });
	const { info } = await bob.waitIncoming();

	assert.equal(info.number, '5551234');
	await waitProgress(rig.app, 'ringing');
	await bob.accept();
	await waitProgress(rig.app, 'done');
	await rig.app.waitClosed();
	await waitHears(rig.ua.rtp, BOB_HZ, 'the phone');
	await waitHears(bob, PHONE_HZ, 'the other app');
	assertNoGap();
	assert.deepEqual(await callId(), before);
	await bob.hangup();
	await rig.call.wait('BYE');
	await rig.bridge.waitIdle();
});

const take = (value, extra = []) => desk.invite(rig.bridge.uri,
	{ extra: [`Replaces: ${value}`, ...extra] });

test('INVITE with Replaces: another phone takes the place of one', async () => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	const before = await callId();
	const value = replaces(call);

	for (const [wrong, code] of [
		[value.replace('to-tag=', 'to-tag=x'), 481],
		[value.replace('from-tag=', 'from-tag=x'), 481],
		[`${value};early-only`, 486],
		[call.id, 400],
	])
		assert.equal((await (await take(wrong)).wait('final')).code, code,
			wrong);
	await rig.assertTones('still');

	const other = await take(value, ['Require: replaces']);

	await other.wait('200');
	desk.rtp.play(DESK_HZ, other.remoteRtp);
	await call.wait('BYE');
	rig.ua.rtp.hush();
	await waitHears(rig.app, DESK_HZ, 'the app');
	assertTone(await desk.rtp.hear(400), APP_HZ, 'the new phone');
	assert.deepEqual(await callId(), before);

	// who comes too late
	assert.equal((await (await take(value)).wait('final')).code, 603);
	await other.bye();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('INVITE with Replaces: another phone picks up', async () => {
	await rig.app.forget();
	await rig.app.call(rig.id);
	const call = await rig.ua.waitInvite();

	call.ring();
	await rig.bridge.waitRings();
	const other = await take(`${replaces(call)};early-only`);

	await other.wait('200');
	desk.rtp.play(DESK_HZ, other.remoteRtp);
	await call.wait('CANCEL');
	await rig.app.waitConnected();
	await waitHears(rig.app, DESK_HZ, 'the app');
	await rig.app.hangup();
	await other.wait('BYE');
	await rig.bridge.waitIdle();

	// a caller's call that was not answered is no such dialog
	const caller = await rig.ua.invite(rig.bridge.uri);
	const { header } = await caller.wait('180');
	const { code } = await (await take(`${caller.id};to-tag=${tagOf(header('To'))}`
		+ `;from-tag=${tagOf(caller.local)}`)).wait('final');

	assert.equal(code, 481);
	caller.cancel();
	await rig.bridge.waitIdle();
});

test('blind, by the phone, to a host that is none of its server\'s', async () => {
	const other = await openSipUa({ host: '127.0.0.2' });
	const asked = [];

	other.guard = ({ method }) => {
		asked.push(method);
		return { code: 486 };
	};
	try {
		// that is where it is itself
		const call = await rig.ua.invite(rig.bridge.uri, { edit: (text) =>
			text.replace(/^Contact: .*$/m,
				`Contact: <sip:1@127.0.0.2:${other.port}>`) });

		await rig.app.waitIncoming();
		await rig.app.accept();
		await call.wait('200');
		rig.play(call);
		await rig.app.waitConnected();
		for (const [host, code] of [['127.0.0.3', 403],
			['elsewhere.example', 403], ['127.0.0.1.example', 403],
			['127.0.0.1;maddr=127.0.0.3', 403],
			[`127.0.0.2:${other.port}`, 202]])
			assert.equal((await refer(call, `<sip:9@${host}>`)).code, code, host);
		assert.equal((await refer(call, '<tel:sip:9@127.0.0.3>')).code, 400);
		await until('it is called', () => asked.includes('INVITE'));
		await rig.bridge.waitLog(/transfer by .* to sip:9@127\.0\.0\.3 is refused:.*connectycube_redirect/);
		await rig.waitTones('afterwards');
		await rig.app.hangup();
		await until('it is over', () => asked.includes('BYE'));
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
	} finally {
		other.close();
	}
});

/** Ordered by the app, of a server that the phone is. */
class Referral {
	constructor(call, asked) {
		this.call = call;
		[this.id] = asked.header('CSeq').split(' ');
	}

	/** The server tells how far it is: '180 Ringing'. */
	async tell(frag) {
		const state = /^1/.test(frag) ? 'active;expires=60'
			: 'terminated;reason=noresource';

		assert.equal(await this.call.request('NOTIFY', {
			type: 'message/sipfrag', body: `SIP/2.0 ${frag}\r\n`,
			extra: [`Event: refer;id=${this.id}`,
				`Subscription-State: ${state}`] }), 200, frag);
	}
}

test('by the SIP server, where the bridge is told to: REFER to the phone',
	async () => {
		const bridge = await startRawBridge(rig.sandbox, { name: 'pbx',
			keys: { connectycube_transfer: 'pbx' },
			account: { user: '1010' },
			users: userLine(rig.sandbox.sip, { user: '1010',
				login: 'ext1010', more: ';call=101;dialable=100?'
					+ `;dial=sip:5551234@127.0.0.1:${rig.ua.port}` }) });

		/** The app calls the phone. */
		const appCalls = async () => {
			await rig.app.forget();
			await rig.app.call(201);
			const call = await rig.ua.waitInvite();

			call.answer();
			await call.wait('ACK');
			await rig.app.waitConnected();
			return call;
		};

		/** The app orders a transfer; the server has begun it. */
		const order = async (call) => {
			const since = call.messages.length;

			await rig.app.ask('transfer', { target: '1002' });
			const asked = await until('REFER', () =>
				call.messages.slice(since).find(({ method }) =>
					method === 'REFER'));
			const referral = new Referral(call, asked);

			assert.equal(asked.header('Refer-To'),
				`<sip:1002@${rig.sandbox.sip}>`);
			await referral.tell('100 Trying');
			return referral;
		};

		try {
			await bridge.waitRegistered();
			await bridge.waitCloud('online');

			// what the server says of one that fails, and of one that works
			let call = await appCalls();
			let referral = await order(call);

			await referral.tell('486 Busy Here');
			assert.equal((await waitProgress(rig.app, 'failed')).sip_code, '486');
			referral = await order(call);
			await referral.tell('180 Ringing');
			assert.equal((await waitProgress(rig.app, 'ringing')).sip_code, '180');
			await referral.tell('200 OK');
			assert.equal((await waitProgress(rig.app, 'done')).sip_code, '200');
			await rig.app.waitClosed();
			await call.wait('BYE');
			await bridge.waitIdle();

			// the app does not wait for the end
			call = await appCalls();
			referral = await order(call);
			await rig.app.hangup();
			await bridge.waitStatus('the phone is alone', ({ calls: [one] }) =>
				one && one.app.user === undefined);
			await referral.tell('180 Ringing');
			assert.ok(!call.messages.some(({ method }) => method === 'BYE'));
			await referral.tell('200 OK');
			await call.wait('BYE');
			await bridge.waitIdle();

			// the server hangs up before it tells the end
			call = await appCalls();
			await order(call);
			await call.bye();
			assert.equal((await waitProgress(rig.app, 'done')).sip_code, '202');
			await rig.app.waitClosed();
			await bridge.waitIdle();
		} finally {
			await bridge.stop();
		}
	});
