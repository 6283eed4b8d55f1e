// A call that nobody takes goes elsewhere: 302 to the server that sent it, with
// the new address, and never in circles.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { fakeApp } from './lib/fakeapp.mjs';
import { startRig, userLine } from './lib/rig.mjs';

let rig;
let sandbox;

before(async () => {
	rig = await startRig({ app: false, bridge: ({ sandbox: { sip } }) => ({
		users: userLine(sip, { more: ';call=104:1;forward_no_answer=*98'
			+ ';forward_busy=sip:2000@127.0.0.1' }),
		keys: { connectycube_forward_busy: '4711',
			connectycube_forward_offline: 'sip:desk@pbx.example' },
	}) });
	({ sandbox } = rig);
});

after(() => rig?.stop());
afterEach(() => rig.reset());

/** A call that the app rejects; resolves with its only final answer. */
async function rejected(options) {
	const since = await sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri, options);
	const app = fakeApp(sandbox, '104');
	const { session } = await app.waitCall({ since });

	await call.wait('180');
	await app.reject(session, { busy: 'true' });
	const answer = await call.wait('final');

	await rig.bridge.waitIdle();
	assert.equal(call.messages.filter(({ code, header }) => code >= 200
		&& header('CSeq').endsWith('INVITE')).length, 1);
	return answer;
}

const history = (...users) => ({ extra: [`Diversion: ${users.map((user) =>
	`<sip:${user}@127.0.0.1>;reason=user-busy`).join(', ')}`] });

test('busy: 302 to the address of its line, and who has sent it', async () => {
	const answer = await rejected();
	const domain = sandbox.sip;

	assert.equal(answer.code, 302);
	assert.equal(answer.header('Contact'), '<sip:2000@127.0.0.1>');
	assert.equal(answer.header('Diversion'),
		`<sip:1000@${domain}>;reason=user-busy;counter=1`);
	assert.match(await rig.bridge.command('cube_events'), /ended: app: busy/);
	assert.match(rig.bridge.log(),
		/call \d+: the caller is sent to sip:2000@127.0.0.1\n/);
});

test('no answer: a number is completed by the account\'s domain', async () => {
	const call = await rig.ua.invite(rig.bridge.uri);
	const answer = await call.wait('final');

	assert.equal(answer.code, 302);
	assert.equal(answer.header('Contact'), `<sip:*98@${sandbox.sip}>`);
	assert.match(answer.header('Diversion'), /;reason=no-answer;/);
});

test('no circles: passed on by us before, too often, or to the caller',
	async () => {
		assert.equal((await rejected(history('2000'))).code, 302);
		assert.equal((await rejected(history('3000', '1000'))).code, 486);
		assert.equal((await rejected(history('1', '2', '3', '4', '5'))).code,
			486);
		assert.equal((await rejected({ from: '<sip:2000@127.0.0.1>' })).code,
			486);
	});

test('the cloud is gone: 302, without a ring', async () => {
	await sandbox.refuseChat(5);
	await sandbox.drop({ user: 'ext1000' });
	await rig.bridge.waitStatus('it is not online', ({ cloud }) =>
		cloud !== 'online');
	const call = await rig.ua.invite(rig.bridge.uri);
	const answer = await call.wait('final');

	assert.equal(answer.code, 302);
	assert.equal(answer.header('Contact'), '<sip:desk@pbx.example>');
	assert.match(answer.header('Diversion'), /;reason=unavailable;/);
	assert.equal(call.messages.filter(({ code }) => code === 180).length, 0);
});
