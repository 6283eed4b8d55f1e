// connectycube_ami_tell message: apps are told by system messages of callers that wait
// at Asterisk, and answer by such. The first user's app is the real SDK; another device
// of hers, and a second user, are put before the bridge as the cloud would.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './lib/ami.mjs';
import { steering } from './lib/amiapp.mjs';
import { launch } from './lib/browser.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { runRawBridge, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

const WAIT = { timeout: 60000 };
const EX_CONFIG = 78;
const EXTENSION = 200;

let ami;
let sandbox;
let bridge;
let browser;
let app; // the SDK
let alice; // another device of the user in the browser
let bob;
let steer;
let count = 0;

const keys = (more = {}) => ({
	module_app: ['connectycube.so', 'connectycube_ami.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_mode: 'ami-only',
	connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: 'bridge',
	connectycube_ami_secret: 'managers-own-word',
	connectycube_ami_tell: 'message',
	connectycube_ring_time: 8,
	...more,
});

const line = (more = '') => userLine(sandbox.sip, {
	more: `;call=101,102;ami_answer=PJSIP/1001${more}` });
const reload = (more) => bridge.reload(line(more));

const connected = () => until('the manager is ready', async () =>
	/: ready /.test(await bridge.command('ami_status')), WAIT);
const open = (port) => openAmi({ user: 'bridge', secret: 'managers-own-word',
	port });

before(async () => {
	ami = await open();
	sandbox = await startTestSandbox();
	bridge = await startRawBridge(sandbox, { users: line(), keys: keys() });
	await bridge.waitCloud('online');
	await connected();
	browser = await launch();
	app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1');
	alice = fakeApp(sandbox, '101');
	bob = fakeApp(sandbox, '102');
	steer = steering(sandbox);
});

after(async () => {
	await browser?.close();
	await bridge?.stop();
	await sandbox?.stop();
	await ami?.close();
});

afterEach(async () => {
	ami.answers.clear();
	for (const name of [...ami.channels.keys()]) ami.hangup(name);
	await bridge.waitIdle();
});

/** What a dialplan says of a channel. */
const tell = (name, to = '1000') => ami.event([['Event', 'UserEvent'],
	['Privilege', 'user,all'], ...ami.channels.get(name),
	['UserEvent', 'BridgeCall'], ['Channel', name], ['From', '"José" <+5511>'],
	['To', to]]);

/** A caller waits, and the apps are told: what is told, and where that was. */
async function waits() {
	const name = `PJSIP/trunk-0000000${++count}`;
	const since = await sandbox.mark('signals');

	await app.forget();
	ami.channel(name, { number: '+5511' });
	tell(name);
	const { told } = await app.waitEvent('told-ami_waiting');

	return { name, since, told };
}

/** What a user is told of a call, in this state. */
const toldOf = (user, { since, told }, state) => sandbox.waitSignal({
	type: 'system', to: (jid) => jid === `${user}-5476@localhost`,
	system: (one) => one.event === 'ami_waiting' && one.call === told.call
		&& one.state === state }, { since }).then(({ system }) => system);
const all = async ({ since, told }) => (await steer.told('ami_waiting', since))
	.filter(({ call }) => call === told.call);

const answer = ({ told }, values = {}, action = 'ami_answer') => app.ask(action,
	{ call: told.call, ...values }, { peer: EXTENSION });
const sent = (action, name) => until(`${action} of ${name}`, () =>
	ami.actions.find((one) => one.Action === action && one.Channel === name),
WAIT);
const times = (action, name) => ami.actions.filter((one) =>
	one.Action === action && one.Channel === name).length;
const place = async (name) => {
	const { Exten, Context } = await sent('Redirect', name);

	return [Exten, Context];
};
const refused = async (app, waiting, why, action = 'ami_answer') => {
	const { event, reason } = await steer.ask(app, action,
		{ call: waiting.told.call });

	assert.equal(event, 'error');
	assert.match(reason, why);
};

test('the SDK is told who calls, and its user takes the call at the desk', async () => {
	const waiting = await waits();
	const { name, told } = waiting;

	assert.equal(told.bridge, '1');
	assert.equal(told.state, 'ringing');
	assert.match(told.call, /^[0-9a-f-]{36}$/);
	assert.deepEqual([told.name, told.number, told.extension],
		['José', '+5511', 'Sales']);
	assert.equal((await toldOf('102', waiting, 'ringing')).number, '+5511');
	await bridge.waitRings();

	assert.equal((await answer(waiting)).event, 'done');
	assert.deepEqual(await place(name), ['1001', 'bridge-accepted']);
	const { told: taken } = await app.waitEvent('told-ami_waiting');

	assert.equal(taken.state, 'answered');
	assert.match(taken.device, /./);
	assert.equal((await toldOf('101', waiting, 'ended')).reason,
		'answered_elsewhere');
	assert.equal((await toldOf('102', waiting, 'ended')).reason,
		'answered_elsewhere');
	await bridge.waitIdle();

	// nobody was called, and nothing is done twice
	assert.deepEqual((await sandbox.entries('signals', waiting.since))
		.filter(({ type }) => type !== 'system'), []);
	await refused(alice, waiting, /^this call was answered$/);
	await refused(bob, waiting, /^this call was answered$/, 'ami_reject');
	assert.equal(times('Redirect', name), 1);
});

test('two devices answer at once: the first has it, the other is told', async () => {
	const waiting = await waits();
	let release;

	// Asterisk takes its time
	ami.on('Redirect', ({ reply }) => { release = reply; });
	await alice.ask('ami_answer', { call: waiting.told.call, request_id: 'one' });
	await alice.ask('ami_answer', { call: waiting.told.call, request_id: 'one' });
	assert.match((await answer(waiting)).error, /^this call was answered$/);
	await refused(bob, waiting, /^this call was answered$/);
	assert.equal((await toldOf('101', waiting, 'answered')).device, 'fake');

	// the one that has it may say so again
	assert.equal((await steer.ask(alice, 'ami_answer',
		{ call: waiting.told.call })).event, 'done');
	await sent('Redirect', waiting.name);
	release();
	await toldOf('101', waiting, 'ended');
	assert.equal(times('Redirect', waiting.name), 1);
	assert.equal((await all(waiting)).filter(({ state }) =>
		state === 'answered').length, 1);
});

test('all reject, one after the other; the caller is hung up on', async () => {
	const waiting = await waits();

	assert.equal((await answer(waiting, {}, 'ami_reject')).event, 'done');
	assert.equal((await toldOf('101', waiting, 'ended')).reason, 'rejected');
	await refused(alice, waiting, /^this call was rejected$/);
	assert.equal(times('Hangup', waiting.name), 0);
	assert.equal((await steer.ask(bob, 'ami_reject',
		{ call: waiting.told.call })).event, 'done');
	assert.equal((await sent('Hangup', waiting.name)).Cause, '21');
	await refused(bob, waiting, /^this call is over$/);

	// who is busy says so
	const next = await waits();

	for (const app of [alice, bob])
		await steer.ask(app, 'ami_reject', { call: next.told.call, busy: 'true' });
	assert.equal((await sent('Hangup', next.name)).Cause, '17');
	assert.equal((await toldOf('102', next, 'ended')).reason, 'busy');
});

test('the caller gives up; nobody answers; somebody else does', async () => {
	const gone = await waits();

	ami.hangup(gone.name);
	assert.equal((await toldOf('101', gone, 'ended')).reason, 'cancelled');
	await refused(alice, gone, /^this call is over$/);

	const elsewhere = await waits();

	ami.event([['Event', 'Newstate'], ['Privilege', 'call,all'],
		...ami.channels.get(elsewhere.name).map(([key, value]) =>
			[key, key === 'ChannelState' ? 6 : value])]);
	assert.equal((await toldOf('102', elsewhere, 'ended')).reason,
		'answered_elsewhere');

	// told again meanwhile: who came late rings, too
	const late = await waits();

	tell(late.name);
	assert.equal((await toldOf('101', late, 'ended')).reason, 'no_answer');
	assert.equal((await sent('Hangup', late.name)).Cause, '19');
	const rung = (await all(late)).filter(({ state }) => state === 'ringing');

	assert.ok(rung.length > 2 && rung.length % 2 === 0, `${rung.length}`);
});

test('what is asked is checked', async () => {
	const waiting = await waits();
	const { call } = waiting.told;

	for (const [app, values, why] of [
		[alice, {}, /^call is missing$/],
		[alice, { call: 'x y' }, /^call: as the bridge has told/],
		[alice, { call: '9'.repeat(64) }, /^call: as the bridge has told/],
		[alice, { call: '00000000-0000-4000-8000-000000000000' },
			/^no such call$/],
		[alice, { call, answer: '1005' }, /^answer: not allowed \(ami=/],
		[alice, { call, answer: '1&#10;Action: Command' }, /^answer: 1 to 79/],
		[fakeApp(sandbox, '103'), { call },
			/^this extension does not ring you$/]])
		for (const action of ['ami_answer', 'ami_reject']) {
			const { event, reason } = await steer.ask(app, action, values);

			assert.equal(event, 'error');
			assert.match(reason, why);
		}
	assert.equal(times('Redirect', waiting.name), 0);
	await bridge.waitRings();
});

test('an app that may steer says where its user talks', async () => {
	await reload(';ami=control;ami_contexts=desks');
	const waiting = await waits();

	assert.equal((await answer(waiting, { answer: '1005' })).event, 'done');
	assert.deepEqual(await place(waiting.name), ['1005', 'desks']);

	const next = await waits();

	ami.on('Redirect', ({ reply }) => reply([['Message', 'no']], 'Error'));
	await answer(next);
	assert.equal((await toldOf('101', next, 'ended')).reason, 'failed');
	assert.equal((await sent('Hangup', next.name)).Cause, '41');
	await reload('');
});

test('do not disturb, and Asterisk that is away', async () => {
	await bridge.command('cube_dnd', 'on 102');
	const waiting = await waits();

	// nobody is sent anywhere, but who does not want it says so
	await ami.close();
	await bridge.waitLog(/ami: .*(lost|closed)/);
	assert.equal((await answer(waiting)).error, 'Asterisk is not connected');
	await bridge.waitRings();
	await answer(waiting, {}, 'ami_reject');
	await toldOf('101', waiting, 'ended');
	assert.deepEqual((await sandbox.entries('signals', waiting.since))
		.filter(({ to, system }) => /^102-/.test(to)
			&& system?.event === 'ami_waiting'), []);
	ami = await open(ami.port);
	await connected();
	await bridge.command('cube_dnd', 'off 102');
});

test('what is configured wrongly is refused', async () => {
	for (const [more, why] of [
		[{ connectycube_ami_tell: 'pigeon' },
			/connectycube_ami_tell: .*signal.*message/],
		[{ connectycube_mode: 'hybrid' },
			/connectycube_ami_tell message is for connectycube_mode ami-only/]]) {
		const { code, log } = await runRawBridge(sandbox,
			{ name: `wrong-${++count}`, keys: keys(more) });

		assert.equal(code, EX_CONFIG);
		assert.match(log, why);
	}
});
