// The app steers an Asterisk by system messages: what is its extension's alone, as
// far as its line of users allows; and begins calls, whose states it is told.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './lib/ami.mjs';
import { steering } from './lib/amiapp.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { startHub } from './lib/hub.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

const SECRET = 'managers-own-word';
const OWN = 'PJSIP/1000-00000001';
const PEER = 'PJSIP/trunk-00000002';
const FOREIGN = 'PJSIP/1002-00000003';
const WAITING = ['w1', 'w2', 'w3', 'w4']; // calls that nobody answers
const DESK = 'PJSIP/2001-00000004';

const dir = mkdtempSync(`${tmpdir()}/amisteer-`);
let ami;
let hub;
let sandbox;
let bridge;
let alice; // the user of 1000, who may steer
let bob; // the user of 1010, who may look
let steer;

const ask = (...args) => steer.ask(...args);

const line = (more, options) => userLine(sandbox.sip, { more, ...options });
const lines = (more) => [
	line(`;call=101;ami_answer=PJSIP/2001${more}`),
	line(';call=102;ami=view', { user: '1010', login: 'ext1010' })];

const refused = async (app, action, values, why) => {
	const { event, reason } = await ask(app, action, values);

	assert.equal(event, 'error', action);
	assert.match(reason, why);
};

const manager = () => ({
	connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: 'bridge',
	connectycube_ami_secret: SECRET,
});

/** It is online, and with Asterisk's manager. */
async function startBridge() {
	bridge = await startRawBridge(sandbox, { users: lines(';ami=control'),
		keys: {
			module_app: ['connectycube.so', 'connectycube_ami.so',
				'account.so', 'ctrl_tcp.so'],
			connectycube_mode: 'ami-only',
			connectycube_ami_socket: `${dir}/ami.sock`,
			...manager(),
		} });
	await bridge.waitStatus('both are online', ({ cloud }) =>
		cloud === 'online');
	await bridge.waitStatus('both are online', ({ cloud }) =>
		cloud === 'online', { index: 1 });
	await bridge.waitLog(/ami: connected with/);
}

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: SECRET });
	sandbox = await startTestSandbox();
	steer = steering(sandbox);
	ami.channel(OWN, { state: 6, number: '1000', quiet: true, linked: 'L1' });
	ami.channel(PEER, { state: 6, number: '5551234', quiet: true,
		linked: 'L1' });
	ami.channel(FOREIGN, { state: 6, number: '1002', quiet: true });
	await startBridge();
	alice = fakeApp(sandbox, '101');
	bob = fakeApp(sandbox, '102', { extension: '201' });
});

after(async () => {
	await bridge?.stop();
	await hub?.stop();
	await sandbox?.stop();
	await ami?.close();
	rmSync(dir, { recursive: true, force: true });
});

test('sees the channels of its extension, and whom those talk to', async () => {
	const { event, since } = await ask(alice, 'ami_channels');
	const told = await steer.told('ami_channel', since);

	assert.equal(event, 'done');
	assert.deepEqual(told.map(({ channel }) => channel).sort(), [OWN, PEER]);
	const { moduleIdentifier, ...peer } = told.find(({ channel }) =>
		channel === PEER);

	assert.equal(moduleIdentifier, 'SystemNotifications');
	assert.deepEqual(peer, {
		bridge: '1', event: 'ami_channel', channel: PEER, state: 'up',
		number: '5551234', name: 'Test 1001', dialed: '1002', linked: 'L1' });
	assert.equal((await ask(bob, 'ami_channels')).event, 'done');
});

test('what is not its own is refused as if it were not there', async () => {
	const before = ami.actions.length;

	for (const channel of [FOREIGN, 'PJSIP/none-00000009'])
		for (const [action, more] of [['ami_hangup'],
			['ami_transfer', { number: '2000' }], ['ami_bridge', { other: OWN }]])
			await refused(alice, action, { channel, ...more },
				/^no such channel$/);
	await refused(alice, 'ami_bridge', { channel: OWN, other: FOREIGN },
		/^no such channel$/);
	await refused(alice, 'ami_transfer', { channel: OWN, number: '1',
		other: FOREIGN, other_number: '2' }, /^no such channel$/);

	// nor does more of a name, or less, name one
	for (const channel of ['/^PJSIP/', 'PJSIP/1000', 'all', `${OWN}&#13;&#10;X: y`])
		await refused(alice, 'ami_hangup', { channel }, /^channel: the full name/);
	await refused(alice, 'ami_hangup', {}, /^channel is missing/);
	await refused(alice, 'ami_hangup', { channel: OWN, cause: '128' }, /^cause/);
	for (const number of ['1,2', '${EXTEN}', '9'.repeat(80), '1 2',
		'1&#10;Action: Command'])
		await refused(alice, 'ami_originate', { number }, /^number: 1 to 79/);
	await refused(alice, 'ami_originate', { number: '1', context: 'other' },
		/^not to this context/);
	await refused(alice, 'ami_transfer', { channel: PEER, number: '1',
		context: 'other' }, /^not to this context/);

	// who may only look, and who is nobody here
	await refused(bob, 'ami_hangup', { channel: OWN }, /^not allowed \(ami=/);
	await refused(bob, 'ami_originate', { number: '1' }, /^not allowed \(ami=/);
	await refused(fakeApp(sandbox, '103'), 'ami_channels', {},
		/^this extension does not ring you$/);
	assert.equal(ami.actions.length, before);
});

test('steers its own channels, once each', async () => {
	assert.equal((await ask(alice, 'ami_transfer',
		{ channel: PEER, number: '2000' })).event, 'done');
	assert.deepEqual((await ami.waitAction('Redirect')).fields.slice(2), [
		['Channel', PEER], ['Context', 'from-internal'], ['Exten', '2000'],
		['Priority', '1']]);

	assert.equal((await ask(alice, 'ami_bridge',
		{ channel: OWN, other: PEER })).event, 'done');
	await ami.waitAction('Bridge');

	// repeated, as apps do that have not heard the answer
	const { request } = await ask(alice, 'ami_hangup', { channel: OWN,
		cause: '21', request_id: 'again' });

	await alice.ask('ami_hangup', { channel: OWN, request_id: 'again' });
	assert.equal((await ask(alice, 'ami_channels')).event, 'done', request);
	assert.equal((await ami.waitAction('Hangup')).Cause, '21');
	assert.equal(ami.actions.filter(({ Action }) => Action === 'Hangup')
		.length, 1);

	// Asterisk's own word, if it says no
	ami.on('Redirect', ({ reply }) => reply([['Message', 'Channel gone']],
		'Error'));
	await refused(alice, 'ami_transfer', { channel: PEER, number: '2000' },
		/^(Channel gone|no such channel)$/);
});

test('click-to-dial: the desk phone, then the number; its states are told',
	async () => {
		ami.on('Originate', ({ reply }) =>
			reply([['Message', 'Originate successfully queued']]));
		const { event, since, request } = await ask(alice, 'ami_originate',
			{ number: '5551234' });
		const originate = await ami.waitAction('Originate');
		const id = originate.ChannelId;

		assert.equal(event, 'done');
		assert.match(id, /^[0-9a-f-]{36}$/);
		assert.deepEqual(originate.fields.slice(2), [
			['Channel', 'PJSIP/2001'], ['Context', 'from-internal'],
			['Exten', '5551234'], ['Priority', '1'], ['ChannelId', id],
			['Timeout', '30000'], ['Async', 'true'],
			['Variable', 'CALLERID(num)=2001'],
			['Variable', 'CALLERID(name)=Sales'],
			['Variable', 'CONNECTEDLINE(num)=5551234']]);

		ami.channel(DESK, { state: 0, id });
		ami.state(DESK, 5);
		assert.equal((await steer.waitState(request, 'ringing', since)).number,
			'5551234');
		ami.state(DESK, 6);
		ami.event([['Event', 'OriginateResponse'],
			['ActionID', originate.ActionID], ['Response', 'Success'],
			['Channel', DESK], ['Reason', 4], ['Uniqueid', id]]);
		assert.equal((await steer.waitState(request, 'answered', since)).channel,
			DESK);
		ami.event([['Event', 'BridgeEnter'], ['BridgeUniqueid', 'b1'],
			['Channel', DESK], ['Uniqueid', id]]);
		await steer.waitState(request, 'bridged', since);

		// it is hers: she ends it, too
		assert.equal((await ask(alice, 'ami_hangup', { channel: DESK })).event,
			'done');
		const ended = await steer.waitState(request, 'ended', since);

		assert.equal(ended.cause, '16');
		assert.equal(ended.reason, 'normal clearing');
	});

test('click-to-dial that comes to nothing says why', async () => {
	for (const [reason, why] of [[5, 'busy'], [3, 'no answer'],
		[0, 'not reached']]) {
		ami.on('Originate', ({ action, reply, event }) => {
			reply([['Message', 'Originate successfully queued']]);
			event([['Event', 'OriginateResponse'],
				['ActionID', action.ActionID], ['Response', 'Failure'],
				['Reason', reason], ['Uniqueid', '<null>']]);
		});
		const { since, request } = await ask(alice, 'ami_originate',
			{ number: '1' });

		assert.equal((await steer.waitState(request, 'failed', since)).reason,
			why);
	}

	ami.on('Originate', ({ reply }) => reply([['Message',
		'Permission denied']], 'Error'));
	const { since, request } = await ask(alice, 'ami_originate',
		{ number: '1' });

	assert.match((await steer.waitState(request, 'failed', since)).reason,
		/^Permission denied/);

	// so many at once, and no more
	ami.on('Originate', ({ reply }) => reply());
	for (const request_id of WAITING)
		assert.equal((await ask(alice, 'ami_originate', { number: '1',
			request_id })).event, 'done');
	await refused(alice, 'ami_originate', { number: '1' },
		/^too many calls are being begun/);
});

test('a link that breaks tells who waits, and nothing is sent again', async () => {
	const since = await sandbox.mark('signals');
	const sent = () => ami.actions.filter(({ Action }) =>
		Action === 'Originate').length;
	const count = sent();
	const logins = ami.logins;

	ami.cut();
	for (const request of WAITING)
		assert.match((await steer.waitState(request, 'failed', since)).reason,
			/it may have been done/);
	await ami.waitLogin(logins + 1);
	assert.equal(sent(), count);
});

test('rights are those of the line as it is now', async () => {
	await bridge.reload(lines(';ami=control;ami_contexts=out+other'));
	ami.on('Originate', ({ reply }) => reply());
	const count = ami.actions.filter(({ Action }) => Action === 'Originate')
		.length;

	await refused(alice, 'ami_originate', { number: '1',
		context: 'from-internal' }, /^not to this context/);
	await bridge.waitLog(/ami: connected with[^]*ami: connected with/);
	assert.equal((await ask(alice, 'ami_originate', { number: '1' })).event,
		'done');
	assert.equal((await ami.waitAction('Originate', { count: count + 1 }))
		.Context, 'out');
	await bridge.reload(lines(''));
	await refused(alice, 'ami_channels', {}, /^not allowed \(ami=/);
});

test('by the one link of the hub it is the same', async () => {
	await bridge.stop();
	hub = await startHub({ ...manager(),
		connectycube_ami_socket: `${dir}/ami.sock`,
		module_app: ['connectycube_hub.so', 'connectycube_ami.so',
			'ctrl_tcp.so'] });
	await startBridge();
	await until('the bridge is at the hub', async () => /^the hub .*: ready for/
		.test(await bridge.command('ami_status')), { timeout: 60000 });

	const count = ami.actions.filter(({ Action }) => Action === 'Originate')
		.length;

	ami.on('Originate', ({ action, reply, event }) => {
		reply([['Message', 'Originate successfully queued']]);
		ami.channel(DESK, { state: 0, id: action.ChannelId });
		ami.state(DESK, 5);
		event([['Event', 'OriginateResponse'], ['ActionID', action.ActionID],
			['Response', 'Failure'], ['Reason', 0],
			['Uniqueid', action.ChannelId]]);
		ami.hangup(DESK, 21);
	});
	const { event, since, request } = await ask(alice, 'ami_originate',
		{ number: '5551234' });

	assert.equal(event, 'done');
	assert.deepEqual((await ami.waitAction('Originate', { count: count + 1 }))
		.fields.filter(([name]) => name === 'Variable').map(([, value]) => value),
	['CALLERID(num)=2001', 'CALLERID(name)=Sales',
		'CONNECTEDLINE(num)=5551234']);
	await steer.waitState(request, 'ringing', since);
	assert.equal((await steer.waitState(request, 'failed', since)).reason,
		'rejected');
	await refused(alice, 'ami_hangup', { channel: FOREIGN }, /^no such channel$/);
});
