// Asterisk's manager: a bridge is connected with it, knows its channels, steers
// them, and comes back when it was away.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { amiKeys, openAmi } from './lib/ami.mjs';
import { startRig } from './lib/rig.mjs';

const SECRET = 'managers-own-word';

let ami;
let rig;

const console_ = (...words) => rig.bridge.command(...words);
const channels = () => console_('ami_channels');

const waitChannels = (what, check) => until(what, async () =>
	check(await channels()), { timeout: 60000 });

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: SECRET });
	ami.channel('PJSIP/1001-00000001', { quiet: true });
	rig = await startRig({ bridge: { keys: {
		module_app: ['connectycube.so', 'connectycube_ami.so', 'account.so',
			'ctrl_tcp.so'],
		...amiKeys(ami),
	} } });
});

after(async () => {
	await rig?.stop();
	await ami?.close();
});

test('logs in by challenge, and knows the channels that are there', async () => {
	await ami.waitLogin();
	await waitChannels('the channel that was there', (text) =>
		/PJSIP\/1001-00000001/.test(text));

	const login = await ami.waitAction('Login');

	assert.equal(login.AuthType, 'MD5');
	assert.equal(login.Secret, undefined);
	const status = await console_('ami_status');

	assert.match(status, /as bridge: ready for \d+ s, Asterisk Call Manager\//);
	assert.match(status, /channels: 1, .* events: those of use\n/);
	assert.doesNotMatch(status, new RegExp(SECRET));
	assert.doesNotMatch(rig.bridge.log(), new RegExp(SECRET));
});

test('follows what happens to them', async () => {
	ami.channel('PJSIP/1002-00000002', { state: 5, number: '1002',
		caller: 'José' });
	await waitChannels('a channel that rings', (text) =>
		/PJSIP\/1002-00000002 +ringing +1002 José to 1002@from-internal/
			.test(text));
	ami.hangup('PJSIP/1002-00000002');
	await waitChannels('it is gone', (text) => /^1 channel$/m.test(text));
});

test('tells on the bus what becomes of channels of its own device alone',
	async () => {
		const own = 'PJSIP/1000-0000000a';
		const events = () => console_('cube_events');

		ami.channel('PJSIP/10001-0000000b', { number: '10001' });
		ami.channel(own, { number: '1000', caller: 'Sales', state: 5 });
		ami.tell(own, 'Hold');
		ami.tell(own, 'Unhold');
		ami.tell(own, 'BlindTransfer', [['Result', 'Success'],
			['TransfereeChannel', own], ['Extension', '900']]);
		ami.hangup('PJSIP/10001-0000000b');
		ami.hangup(own, 17);

		const text = await until('it has hung up', async () => {
			const now = await events();

			return /pbx\.hung_up/.test(now) && now;
		}, { timeout: 30000 });

		assert.deepEqual(text.split('\n').filter((line) => /pbx\./.test(line))
			.map((line) => line.replace(/^.*?(pbx\.)/, '$1')
				.replace(/sip:\S+: /, '')), [
			`pbx.created  PBX: ${own} created, to 1002@from-internal`,
			`pbx.ringing  PBX: ${own} rings`,
			`pbx.held  PBX: ${own} is on hold`,
			`pbx.resumed  PBX: ${own} is back from hold`,
			`pbx.transferred  PBX: ${own} transferred (blind) to 900`,
			`pbx.hung_up  PBX: ${own} hung up: 17 busy`,
		]);
	});

test('hangs up one channel, by its full name alone', async () => {
	const before = ami.actions.length;

	for (const name of ['/^PJSIP/', 'PJSIP/1001', 'all', 'PJSIP/1001-'])
		assert.match(await console_('ami_hangup', name), /not sent: wants the/);
	assert.equal(ami.actions.length, before);

	assert.match(await console_('ami_hangup', 'PJSIP/none-00000000'), /^sent/);
	await rig.bridge.waitLog(/ami: hangup of PJSIP\/none-0+: No such channel/);

	assert.match(await console_('ami_hangup', 'PJSIP/1001-00000001 21'),
		/^sent/);
	assert.equal((await ami.waitAction('Hangup', { count: 2 })).Cause, '21');
	await waitChannels('it is gone', (text) => /^0 channels$/m.test(text));
	await rig.bridge.waitLog(/ami: hangup of PJSIP\/1001-00000001: done/);
});

test('transfers, originates, bridges', async () => {
	ami.channel('PJSIP/1003-00000003');
	ami.channel('PJSIP/1004-00000004');
	await waitChannels('two channels', (text) => /^2 channels$/m.test(text));

	assert.match(await console_('ami_transfer',
		'PJSIP/1003-00000003 900 PJSIP/1004-00000004 901@other'), /^sent/);
	const redirect = await ami.waitAction('Redirect');

	assert.deepEqual(redirect.fields.slice(2), [
		['Channel', 'PJSIP/1003-00000003'], ['Context', 'from-internal'],
		['Exten', '900'], ['Priority', '1'],
		['ExtraChannel', 'PJSIP/1004-00000004'], ['ExtraContext', 'other'],
		['ExtraExten', '901'], ['ExtraPriority', '1']]);

	assert.match(await console_('ami_bridge',
		'PJSIP/1003-00000003 PJSIP/1004-00000004'), /^sent/);
	await ami.waitAction('Bridge');

	ami.on('Originate', ({ action, reply, event }) => {
		reply([['Message', 'Originate successfully queued']]);
		event([['Event', 'OriginateResponse'], ['ActionID', action.ActionID],
			['Response', 'Failure'], ['Reason', 5]]);
	});
	assert.match(await console_('ami_originate', 'Local/1@evil 900'),
		/not sent/);
	assert.match(await console_('ami_originate', 'PJSIP/1001 900'), /^sent/);
	await rig.bridge.waitLog(/ami: call of PJSIP\/1001 to 900@.*: it failed/);
	assert.deepEqual((await ami.waitAction('Originate')).fields
		.filter(([name]) => /Variable|CallerID/.test(name)), [
		['Variable', 'CALLERID(num)=1001'],
		['Variable', 'CONNECTEDLINE(num)=900']]);
});

test('Asterisk goes and comes back: nothing is sent twice, the table is right',
	async () => {
		ami.on('Redirect', () => {});
		assert.match(await console_('ami_transfer',
			'PJSIP/1003-00000003 902'), /^sent/);
		await ami.waitAction('Redirect', { count: 2 });

		const logins = ami.logins;

		ami.channels.delete('PJSIP/1003-00000003');
		ami.channel('PJSIP/1005-00000005', { quiet: true });
		ami.cut();
		await rig.bridge.waitLog(
			/ami: transfer of PJSIP\/1003.*: .*it may have been done/);
		await ami.waitLogin(logins + 1);
		await waitChannels('the table of now', (text) =>
			/PJSIP\/1005/.test(text) && /PJSIP\/1004/.test(text)
			&& !/PJSIP\/1003/.test(text));
		assert.equal(ami.actions.filter(({ Exten }) => Exten === '902').length, 1);
	});

test('a call goes on meanwhile', async () => {
	const call = await rig.phoneCallsApp();

	ami.cut();
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});

test('a login that is refused is said, and is not tried again at once',
	async () => {
		ami.secret = 'another one';
		ami.cut();
		await rig.bridge.waitLog(/ami: .*login of bridge refused: Authentication/);
		assert.match(await console_('ami_status'), /last: login of bridge refused/);
	});
