// The hub holds the one link with an Asterisk's manager, and bridges come to it: each hears
// of its own calls, and gets its own answers. Without the hub they connect themselves.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './lib/ami.mjs';
import { startHub } from './lib/hub.mjs';
import { nowhere } from './lib/lone.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';

const SECRET = 'managers-own-word';
const USERS = ['1001', '1002', '1003'];
const TIMEOUT = 30000; // [ms]
const dir = mkdtempSync(`${tmpdir()}/amihub-`);
const sandbox = nowhere(dir);
const socket = `${dir}/run/ami.sock`;

let ami;
let hub;
let bridges;

const server = () => ({ connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: 'bridge', connectycube_ami_secret: SECRET });

/** A client of the hub's socket, by hand. */
class Raw {
	text = '';
	closed = false;

	constructor(path = socket) {
		this.socket = net.connect(path);
		this.socket.setEncoding('utf8');
		this.socket.on('data', (data) => { this.text += data; });
		this.socket.on('error', () => {});
		this.socket.on('close', () => { this.closed = true; });
	}

	send(...lines) {
		this.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
	}

	wait(pattern) {
		return until(`the hub says ${pattern}`, () => pattern.exec(this.text),
			{ timeout: TIMEOUT });
	}

	async login(...lines) {
		await this.wait(/^Asterisk Call Manager\//);
		this.send('Action: Login', 'ActionID: in', ...lines);
		await this.wait(/FullyBooted/);
		return this;
	}
}

const channels = (i) => bridges[i].command('ami_channels');
const status = (i) => bridges[i].command('ami_status');

const waitChannels = (i, what, check) => until(what, async () =>
	check(await channels(i)), { child: bridges[i].child, timeout: TIMEOUT });

/** All are connected so. */
const waitAll = (what, pattern) => until(what, async () => {
	const all = await Promise.all(bridges.map((_, i) => status(i)));

	return all.every((text) => pattern.test(text));
}, { timeout: TIMEOUT });

const VIA_HUB = /^the hub \(\S+\): ready for/;

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: SECRET });
	ami.channel('PJSIP/1001-00000001', { quiet: true });
	ami.channel('PJSIP/trunk-00000002', { quiet: true, number: '555',
		linked: ami.id('PJSIP/1001-00000001') });
	ami.channel('PJSIP/1002-00000003', { quiet: true, number: '1002' });
	bridges = await Promise.all(USERS.map((user, i) => startRawBridge(sandbox, {
		name: `bridge${user}`, account: { user },
		users: userLine(sandbox.sip, { user }), keys: {
			module_app: ['connectycube.so', 'connectycube_ami.so',
				'account.so', 'ctrl_tcp.so'],
			connectycube_ami_socket: socket,
			// the third one knows the hub alone
			...(i < 2 ? server() : {}),
		} })));
});

after(async () => {
	await Promise.all((bridges ?? []).map((bridge) => bridge.stop()));
	await hub?.stop();
	await ami?.close();
	rmSync(dir, { recursive: true, force: true });
});

test('without the hub bridges connect themselves; one that knows no server waits',
	async () => {
		await ami.waitLogin(2);
		await until('both are ready', async () => {
			const [one, two] = await Promise.all([status(0), status(1)]);

			return [one, two].every((text) => /^localhost port \d+ as bridge: ready/
				.test(text) && /^the hub is not there/m.test(text));
		}, { timeout: TIMEOUT });
		assert.match(await status(2), /^the hub \(\S+\): closed/);
		assert.match(await status(2), /^last: there is no such socket/m);
		assert.match(await channels(0), /^3 channels$/m);
	});

test('when the hub comes, all move to its one link', async () => {
	const { logins } = ami;

	hub = await startHub({ connectycube_ami_socket: socket, ...server(),
		module_app: ['connectycube_hub.so', 'connectycube_ami.so'] });
	await ami.waitLogin(logins + 1);
	await waitAll('they are at the hub', VIA_HUB);
	await until('one link is left', () => ami.sockets.size === 1,
		{ timeout: TIMEOUT });
	const text = await hub.ctrl.command('ami_status');

	assert.match(text, /^localhost port \d+ as bridge: ready/);
	assert.match(text, /^serves: \S+, 3 bridges, /m);
	for (const user of USERS)
		assert.match(text, new RegExp(`^bridge: bridge${user}, `, 'm'));
	assert.doesNotMatch(text + hub.logText(), new RegExp(SECRET));
	assert.match(await hub.ctrl.command('ami_channels'), /^3 channels$/m);
	// it says hello before they have listened
	assert.doesNotMatch(bridges[2].log(), /connection lost/);
});

test('each knows its own calls, and hears of them alone', async () => {
	await waitChannels(0, 'its call', (text) => /^2 channels$/m.test(text)
		&& /PJSIP\/1001-/.test(text) && /PJSIP\/trunk-.* 555/.test(text));
	await waitChannels(1, 'its channel', (text) => /^1 channel$/m.test(text)
		&& /PJSIP\/1002-/.test(text));
	assert.match(await channels(2), /^0 channels$/m);

	ami.channel('PJSIP/1003-00000004', { state: 5, number: '1003' });
	await waitChannels(2, 'its own', (text) =>
		/PJSIP\/1003-00000004 +ringing/.test(text));
	assert.doesNotMatch(await channels(0), /1003/);
	assert.doesNotMatch(await channels(1), /1003/);
	ami.hangup('PJSIP/1003-00000004');
	await waitChannels(2, 'it is gone', (text) => /^0 channels$/m.test(text));
});

test('the hub is told when its extensions\' devices are others', async () => {
	await bridges[2].reload(userLine(sandbox.sip, { user: '1003',
		more: ';ami_answer=PJSIP/desk' }));
	await until('a channel of it is known', async () => {
		ami.channel('PJSIP/desk-00000007', { number: '1003' });
		await bridges[2].command('ami_status');
		const known = /PJSIP\/desk-/.test(await channels(2));

		ami.hangup('PJSIP/desk-00000007');
		return known;
	}, { timeout: TIMEOUT });
	assert.doesNotMatch(await channels(0), /desk/);
});

test('orders are passed on, and answered to who gave them; of own calls alone',
	async () => {
		const since = ami.actions.length;

		await bridges[0].command('ami_hangup', 'PJSIP/1002-00000003');
		await bridges[0].waitLog(/hangup of PJSIP\/1002-00000003: No such channel/);
		assert.equal(ami.actions.slice(since).filter(({ Action: name }) =>
			name !== 'Ping').length, 0);

		const held = [];

		ami.on('Originate', (one) => held.push(one));
		await Promise.all([0, 1].map((i) => bridges[i].command('ami_originate',
			`PJSIP/${USERS[i]} 90${i}`)));
		await ami.waitAction('Originate', { count: 2 });
		assert.equal(new Set(held.map(({ action }) => action.ActionID)).size, 2);

		const [first, second] = ['900', '901'].map((exten) =>
			held.find(({ action }) => action.Exten === exten));
		const answer = ({ action, reply, event }, response) => {
			reply([['Message', 'Originate successfully queued']]);
			event([['Event', 'OriginateResponse'],
				['ActionID', action.ActionID], ['Response', response]]);
		};

		answer(second, 'Failure');
		await bridges[1].waitLog(/call of PJSIP\/1002 to 901@.*: it failed/);
		assert.doesNotMatch(bridges[0].log(), /call of PJSIP\/1001 to 900@.*: (it|done)/);
		answer(first, 'Success');
		await bridges[0].waitLog(/call of PJSIP\/1001 to 900@.*: done/);
	});

test('two that choose the same ActionID get their own answers', async () => {
	const [one, two] = await Promise.all([new Raw(), new Raw()].map((raw, i) =>
		raw.login(`Device: PJSIP/raw${i}`, `Extension: 77${i}`)));

	ami.on('Originate', ({ action, reply, event }) => {
		reply();
		event([['Event', 'OriginateResponse'], ['ActionID', action.ActionID],
			['Response', 'Success'], ['Channel', action.Channel]]);
	});
	[one, two].forEach((raw, i) => raw.send('Action: Originate', 'ActionID: same',
		`Channel: PJSIP/raw${i}`, 'Context: ctx', 'Exten: 1', 'Priority: 1',
		'Async: true'));
	for (const [i, raw] of [one, two].entries()) {
		await raw.wait(new RegExp('Event: OriginateResponse\r\nActionID: same\r\n'
			+ `Response: Success\r\nChannel: PJSIP/raw${i}\r\n`));
		assert.equal(raw.text.match(/OriginateResponse/g).length, 1);
	}

	const since = ami.actions.length;

	one.send('Action: Command', 'ActionID: c', 'Command: core stop now');
	await one.wait(/ActionID: c\r\nMessage: Permission denied/);
	one.send('Action: Originate', 'ActionID: d', 'Channel: PJSIP/raw0',
		'Application: System', 'Data: rm');
	await one.wait(/ActionID: d\r\nMessage: .*does not pass Application on/);
	assert.equal(ami.actions.length, since);

	// what a dialplan tells goes to the extension that is called
	ami.channel('PJSIP/trunk-00000005', { number: '556' });
	ami.event([['Event', 'UserEvent'], ['Channel', 'PJSIP/trunk-00000005'],
		['Uniqueid', ami.id('PJSIP/trunk-00000005')],
		['Linkedid', ami.id('PJSIP/trunk-00000005')],
		['UserEvent', 'BridgeCall'], ['Channel', 'PJSIP/trunk-00000005'],
		['From', '556'], ['To', 'sip:771@pbx.example']]);
	// with the channel that waits, which it could not know before
	await two.wait(/Event: CoreShowChannel\r\n[^]*PJSIP\/trunk-00000005[^]*UserEvent: BridgeCall\r\n/);
	ami.hangup('PJSIP/trunk-00000005');
	await two.wait(/Event: Hangup\r\n[^]*?Channel: PJSIP\/trunk-00000005/);
	assert.doesNotMatch(one.text, /BridgeCall|Hangup/);
	ami.event([['Event', 'UserEvent'], ['UserEvent', 'BridgeCall'],
		['To', '999']]);
	await until('it is nobody\'s', () =>
		/BridgeCall is of no bridge here: To: 999/.test(hub.logText()),
	{ timeout: TIMEOUT });
	one.socket.destroy();
	two.socket.destroy();
});

test('a caller who waits is told of again to who comes back, and new devices\' channels',
	async () => {
		const name = 'PJSIP/trunk-0000000a';
		const id = ami.channel(name, { number: '557' });
		const raw = await new Raw().login('Device: PJSIP/raw2', 'Extension: 772',
			`Uniqueid: ${id},1.2`);

		raw.send('Action: CoreShowChannels', 'ActionID: l');
		await raw.wait(new RegExp(`Channel: ${name}\r\n[^]*ListItems: 1\r\n`));

		ami.channel('PJSIP/raw3-0000000b', { number: '773' });
		raw.send('Action: Login', 'ActionID: more', 'Device: PJSIP/raw2,PJSIP/raw3');
		await raw.wait(/ActionID: more\r\n[^]*CoreShowChannel\r\n[^]*PJSIP\/raw3-/);
		ami.hangup('PJSIP/raw3-0000000b');
		ami.hangup(name);
		await raw.wait(new RegExp(`Event: Hangup\r\n[^]*?Channel: ${name}`));
		raw.socket.destroy();
	});

test('a bridge that was away is told who waits, until another phone rings for him',
	async () => {
		const name = 'PJSIP/trunk-00000011';
		const come = async (list) => {
			const raw = await new Raw().login('Device: PJSIP/raw1',
				'Extension: 771');

			raw.send('Action: CoreShowChannels', `ActionID: ${list}`);
			raw.send('Action: Ping', `ActionID: p${list}`);
			await raw.wait(new RegExp(`ActionID: p${list}\r\n`));
			raw.socket.destroy();
			return raw.text;
		};

		ami.channel(name, { number: '556' });
		ami.event([['Event', 'UserEvent'], ...ami.channels.get(name),
			['UserEvent', 'BridgeCall'], ['From', '556'], ['To', '771']]);
		await until('the hub has heard it', () =>
			/is of no bridge here: To: 771/.test(hub.logText()),
		{ timeout: TIMEOUT });
		assert.match(await come('a'), /CoreShowChannel\r\nActionID: a\r\n[^]*trunk-00000011[^]*ListItems: 1\r\n\r\nEvent: UserEvent\r\n[^]*To: 771\r\n/);

		ami.tell(name, 'DialBegin');
		await until('another phone rings', async () =>
			!/Event: UserEvent/.test(await come('b')), { timeout: TIMEOUT });
		assert.match(await come('c'), /ListItems: 1\r\n/);
		ami.hangup(name);
	});

test('one that reads nothing is sent away, the others notice nothing', async () => {
	const slow = await new Raw().login('Device: PJSIP/1001');

	slow.socket.pause();
	await until('it is sent away', async () => {
		for (let i = 0; i < 2000; i++)
			ami.event([['Event', 'NewCallerid'], ...ami.channels.get(
				'PJSIP/1001-00000001'), ['Filler', 'x'.repeat(500)]]);
		return /sent away: 1$/m.test(await hub.ctrl.command('ami_status'));
	}, { timeout: TIMEOUT });
	assert.match(hub.logText(), /is sent away: it does not read what it is told/);
	ami.channel('PJSIP/1001-00000006');
	await waitChannels(0, 'a new one', (text) => /PJSIP\/1001-00000006/.test(text));
	ami.hangup('PJSIP/1001-00000006');
	slow.socket.destroy();
	assert.match(await status(0), VIA_HUB);
});

test('Asterisk goes: what waits fails, is not sent again, and all come back',
	async () => {
		ami.on('Redirect', () => {});
		await bridges[0].command('ami_transfer', 'PJSIP/1001-00000001 902');
		await ami.waitAction('Redirect');

		const logins = ami.logins;

		ami.channels.delete('PJSIP/trunk-00000002');
		ami.cut();
		await bridges[0].waitLog(/transfer of PJSIP\/1001.*: .*it may have been done/);
		await ami.waitLogin(logins + 1);
		await waitAll('they are at the hub again', VIA_HUB);
		await waitChannels(0, 'the table of now', (text) =>
			/^1 channel$/m.test(text) && /PJSIP\/1001-00000001/.test(text));
		assert.equal(ami.actions.filter(({ Exten }) => Exten === '902').length, 1);
		assert.equal(ami.sockets.size, 1);
	});

test('the hub has no link with Asterisk: who has nowhere else to go says so', async () => {
	await hub.again({ connectycube_ami_secret: 'a-wrong-word' });
	await until('the third one knows why', async () =>
		/^last: the hub is not connected with Asterisk$/m.test(await status(2)),
	{ timeout: TIMEOUT });
	await bridges[2].waitLog(/ami: the hub .*: the hub is not connected with Asterisk/);
	await hub.again({ connectycube_ami_secret: SECRET });
	await waitAll('they are at the hub again', VIA_HUB);
	assert.doesNotMatch(await status(2), /^last:/m);
});

test('the hub is killed: bridges connect themselves, and come back to it', async () => {
	const logins = ami.logins;

	await hub.kill();
	await ami.waitLogin(logins + 2);
	await waitChannels(0, 'all channels', (text) => /^2 channels$/m.test(text));
	assert.match(await status(0), /^localhost port \d+ as bridge: ready/);
	await until('the third one waits', async () =>
		/^last: nobody listens/m.test(await status(2)), { timeout: TIMEOUT });
	await hub.start();
	await waitAll('they are at the hub again', VIA_HUB);
});

test('a hub in a bridge\'s process serves others; the bridge has the link', async () => {
	const logins = ami.logins;
	const path = `${dir}/home/ami.sock`;
	const home = await startRawBridge(sandbox, { name: 'home',
		account: { user: '1004' }, users: userLine(sandbox.sip, { user: '1004' }),
		keys: { module_app: ['connectycube.so', 'connectycube_hub.so',
			'connectycube_ami.so', 'account.so', 'ctrl_tcp.so'],
		connectycube_link_socket: `${dir}/home/hub.sock`,
		connectycube_ami_socket: path, ...server() } });

	try {
		await ami.waitLogin(logins + 1);
		const raw = await new Raw(path).login('Username: other',
			'Device: PJSIP/1005');

		ami.channel('PJSIP/1004-00000008');
		ami.channel('PJSIP/1005-00000009');
		await raw.wait(/Newchannel\r\n[^]*PJSIP\/1005-/);
		assert.doesNotMatch(raw.text, /PJSIP\/1004/);
		assert.match(await home.command('ami_channels'), /PJSIP\/1004-/);
		const text = await home.command('ami_status');

		assert.match(text, /^localhost port \d+ as bridge: ready/);
		assert.match(text, /^serves: \S+, 1 bridge, /m);
		assert.match(text, /^bridge: other, actions: 1, waiting: 0$/m);
		raw.socket.destroy();
	} finally {
		await home.stop();
	}
});
