// What the configuration turns off, or leaves at its default: transfers, texts,
// music, early media; and a call as long as one may be. The app is a stanza.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { refer, replaces, uriOf } from './lib/transfer.mjs';

const LONGEST = 10; // [s] that a call may last

let rig;
let app;
let first; // a call of that length: { call, since }
let number = 0;

before(async () => {
	rig = await startRig({ app: false, bridge: ({ sandbox, ua }) => ({
		users: userLine(sandbox.sip, { more: ';call=104;'
			+ `dial=sip:5551234@127.0.0.1:${ua.port};dialable=*` }),
		keys: { connectycube_transfer: 'no', connectycube_messages: 'no',
			connectycube_hold_music: 'silence', connectycube_redirect: 'any',
			connectycube_call_max: LONGEST, connectycube_sip_allow: 'any' },
	}) });
	app = fakeApp(rig.sandbox, '104');
	first = await talk();
});

after(() => rig?.stop());
afterEach(() => { rig.ua.maps = []; });

/** A phone's call that the app has taken. */
async function talk() {
	const since = await rig.sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri);
	const { session } = await app.waitCall({ since });

	await app.accept(session);
	await call.wait('200');
	return { call, session, since: Date.now() };
}

/** What the app is answered to what it asks for. */
async function ask(session, action, values = {}) {
	const since = await rig.sandbox.mark('signals');

	await app.ask(action, { session_id: session, request_id: `r${++number}`,
		...values });
	const { system } = await rig.sandbox.waitSignal({ type: 'system',
		system: ({ request_id: id }) => id === `r${number}` }, { since });

	return system;
}

test('nobody transfers, nobody writes, and who is held hears nothing', async () => {
	const { call, session } = await talk();

	assert.equal((await refer(call, `<${uriOf(rig.ua)}>`)).code, 603);
	const taking = await rig.ua.invite(rig.bridge.uri,
		{ extra: [`Replaces: ${replaces(call)}`] });

	assert.equal((await taking.wait('final')).code, 481);
	assert.match((await ask(session, 'transfer', { target: '1002' })).reason,
		/turned off/);
	assert.equal((await rig.ua.query(rig.bridge.uri, 'MESSAGE',
		{ type: 'text/plain', body: 'hello' })).code, 415);

	rig.ua.maps = ['a=recvonly'];
	assert.equal((await ask(session, 'hold')).event, 'done');
	await until('the phone is told', () =>
		call.remoteAudio.includes('a=sendonly'));
	rig.ua.maps = [];
	await ask(session, 'resume');
	await until('the phone is told', () =>
		!call.remoteAudio.includes('a=sendonly'));
	assert.ok(!call.messages.some(({ method }) => method === 'BYE'));
	assert.equal(rig.ua.rtp.packets.filter(({ type }) => type === 0).length, 0);
	await call.bye();
});

test('early media is left to the phone: the app rings until it answers; and a 302 '
	+ 'to anywhere', async () => {
	const other = await openSipUa({ host: '127.0.0.2', user: '9' });
	const since = await rig.sandbox.mark('signals');

	rig.ua.guard = ({ method }) => (method === 'INVITE' && { code: 302,
		headers: [`Contact: <sip:9@127.0.0.2:${other.port}>`] });
	try {
		await app.call('early');
		const call = await other.waitInvite();

		call.progress();
		call.rtp.play(600, call.remoteRtp);
		await rig.bridge.waitStatus('it rings', ({ calls }) =>
			calls.some(({ state }) => state === 'RINGING'));
		await rig.bridge.waitStatus('it is heard', ({ calls }) =>
			calls.some(({ state, sip }) => state === 'RINGING'
				&& sip.rx.packets > 10));
		const types = (await rig.sandbox.entries('signals', since))
			.map(({ type }) => type);

		assert.ok(!types.includes('accept'), `${types}`);
		call.answer();
		await app.waitSignal('accept', { since });
		await call.bye();

		// who may ring from anywhere is not to be called anywhere by that
		assert.equal(rig.bridge.log().match(/is sent on to/g).length, 1);
	} finally {
		rig.ua.guard = () => null;
		other.close();
	}
});

test('a call is as long as it may be', async () => {
	const { ms } = await first.call.wait('BYE');

	assert.ok(ms - first.since > 1000 * LONGEST - 1000
		&& ms - first.since < 1000 * LONGEST + 5000, `${ms - first.since} ms`);
	await rig.bridge.waitLog(/call \d+: ended: longest call/);
	await rig.bridge.waitIdle();
});
