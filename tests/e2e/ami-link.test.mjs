// The connection with Asterisk's manager when things go wrong: certificates, cuts,
// a manager that lies, one that stalls, rights that are missing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { SECRET, useAmi } from './lib/amibridge.mjs';

const PATIENCE = { timeout: 90000 };

const lone = useAmi();
let stalled; // at work since the beginning, as it takes long

before(async () => {
	await lone.prepared;
	stalled = await lone.pair();
	await stalled.bridge.waitAmiReady();
	stalled.ami.quiet = true;
	stalled.ami.channel('PJSIP/9-00000001');
	await until('its channel is seen', async () =>
		/PJSIP\/9-/.test(await stalled.bridge.command('ami_channels')));
	await stalled.bridge.command('ami_hangup', 'PJSIP/9-00000001');
});

after(() => Promise.all([stalled?.bridge.stop(), stalled?.ami.close()]));

/** Every row of its table. */
const channels = async (bridge) => [...(await bridge.command('ami_channels'))
	.matchAll(/^\S+\/\S+/gm)].map(([name]) => name).sort();

const waitChannels = (bridge, wanted) => until(`channels ${wanted}`, async () =>
	`${await channels(bridge)}` === `${wanted}`, { child: bridge.child });

test('TLS: the certificate of its name, by who is trusted', async () => {
	const { ami, bridge } = await lone.start({ tls: 'server' });

	await bridge.waitAmiReady();
	assert.match(await bridge.ami(), /^localhost port \d+ \(TLS\) as bridge: ready/);
	assert.equal((await ami.waitAction('Login')).Secret, undefined);
});

test('TLS: an address that the certificate is for; the secret itself', async () => {
	const { ami, bridge } = await lone.start({ tls: 'server', keys: {
		connectycube_ami_login: 'plain' } });

	await bridge.waitAmiReady();
	assert.equal((await ami.waitAction('Login')).Secret, SECRET);
	assert.deepEqual(ami.actions.map(({ Action }) => Action).slice(0, 3),
		['Login', 'Filter', 'CoreShowChannels']);

	const other = await lone.bridge(ami.port, { connectycube_ami_tls: 'yes',
		connectycube_ami_ca_file: `${lone.sandbox.dir}/ca.pem`,
		connectycube_ami_server: `127.0.0.1:${ami.port}` });

	lone.opened.push(other);
	await other.waitAmiReady();
	assert.doesNotMatch(bridge.log() + other.log(), new RegExp(SECRET));
});

for (const [certificate, keys, why] of [
	['wrong-host', {}, /refused: hostname mismatch: certificate "CN=other\.invalid" for other\.invalid/],
	['unknown-ca', {}, /refused: unable to get local issuer certificate: .*Unknown CA.*trusted: .*ca\.pem/],
	['expired', {}, /refused: certificate has expired: certificate "CN=pbx\.invalid"/],
	['server', { connectycube_ami_ca_file: null },
		/refused: unable to get local issuer certificate: .*trusted: whom the system trusts/],
]) {
	test(`TLS: ${certificate}${keys.connectycube_ami_ca_file === null
		? ', no CA file' : ''}: refused, and it is said why`, async () => {
		const { ami, bridge } = await lone.start({ tls: certificate, keys });

		await bridge.waitLog(why);
		assert.match(await bridge.ami(), why);
		assert.equal(ami.actions.length, 0, 'something was said to a stranger');
	});
}

test('TLS where there is none', async () => {
	const { bridge } = await lone.start({ keys: {
		connectycube_ami_tls: 'yes',
		connectycube_ami_ca_file: `${lone.sandbox.dir}/ca.pem` } });

	await bridge.waitLog(/ami: .*: no TLS with what listens there/);
});

test('cut in the middle of a message: what came of it is nothing', async () => {
	const { ami, bridge } = await lone.start();

	ami.channel('PJSIP/1-00000001', { quiet: true });
	await waitChannels(bridge, ['PJSIP/1-00000001']);
	for (const socket of ami.sockets)
		socket.end('Event: Hangup\r\nChannel: PJSIP/1-00000001\r\nUniqueid: '
			+ `${ami.channels.get('PJSIP/1-00000001').find(([name]) =>
				name === 'Uniqueid')[1]}\r\n`);
	await ami.waitLogin(2);
	await bridge.waitAmiReady();
	await waitChannels(bridge, ['PJSIP/1-00000001']);
});

test('a manager that lies: what it says of others is not taken', async () => {
	const { ami, bridge } = await lone.start();
	const tell = (text) => ami.sockets.forEach((socket) => socket.write(text));

	ami.on('Hangup', ({ action }) => {
		const { ActionID: id } = action;

		tell(`Response: Success\r\nActionID: cube-4000000000\r\n\r\n`
			+ 'Response: Success\r\nActionID: somebody-else\r\n\r\n'
			+ 'Response: Success\r\n\r\n'
			+ `Event: OriginateResponse\r\nActionID: ${id}\r\n\r\n`
			+ `Event: ${'x'.repeat(200000)}\r\n\r\n`
			+ `ActionID: ${id}\r\nResponse: Success\r\n\r\n`
			+ `Response: Error\r\nActionID: ${id}\r\nMessage: the first\r\n\r\n`
			+ `Response: Success\r\nActionID: ${id}\r\n\r\n`
			+ 'Event: Newchannel\r\nChannel: \r\nUniqueid: 1\r\n\r\n'
			+ 'Event: Hangup\r\nUniqueid: 2\r\n\r\n'
			+ 'Event: CoreShowChannelsComplete\r\n\r\n\r\n\r\n'
			+ 'Event: FullyBooted\r\n\r\n');
	});
	await bridge.waitAmiReady();
	await bridge.command('ami_hangup', 'PJSIP/1-00000001');
	await bridge.waitLog(/ami: hangup of PJSIP\/1-0+1: the first/);
	ami.channel('PJSIP/2-00000002');
	await waitChannels(bridge, ['PJSIP/2-00000002']);
	assert.doesNotMatch(bridge.log(), /hangup of .*: done/);
	assert.equal(ami.logins, 1);
});

test('a header that never ends has no memory, and no link for ever', async () => {
	const { ami, bridge } = await lone.start();

	await bridge.waitAmiReady();
	const [socket] = ami.sockets;
	const kB = () => Number(/^VmRSS:\s+(\d+)/m.exec(
		readFileSync(`/proc/${bridge.child.pid}/status`, 'utf8'))[1]);
	const before = kB();

	for (let i = 0; i < 64; i++)
		if (!socket.write('x'.repeat(1 << 20)))
			await new Promise((done) => socket.once('drain', done));
	socket.write('\r\n\r\n');
	ami.channel('PJSIP/1-00000001');
	await waitChannels(bridge, ['PJSIP/1-00000001']);
	assert.ok(kB() - before < 8000, `${before} -> ${kB()} kB`);
});

for (const [what, options] of [
	['LF alone, names in small letters', { dialect: (text) => text
		.replaceAll('\r\n', '\n').replace(/^[A-Za-z]+(?=:)/gm, (name) =>
			name.toLowerCase()) }],
	['names in capitals, without blanks', { dialect: (text) => text
		.replace(/^([A-Za-z]+): /gm, (_, name) => `${name.toUpperCase()}:`) }],
	['an old one', { banner: 'Asterisk Call Manager/1.0\r\n' }],
	['a new one', { banner: 'Asterisk Call Manager/99.7.3-x (Ünïted)\r\n' }],
]) {
	test(`as others speak: ${what}`, async () => {
		const { ami, bridge } = await lone.start(options);

		ami.channel('PJSIP/1-00000001', { quiet: true });
		await bridge.waitAmiReady();
		ami.channel('PJSIP/2-00000002');
		await waitChannels(bridge, ['PJSIP/1-00000001', 'PJSIP/2-00000002']);
	});
}

test('a right that is missing is named', async () => {
	const { ami, bridge } = await lone.start();
	const deny = ({ reply }) => reply([['Message', 'Permission denied']], 'Error');

	for (const action of ['Filter', 'Originate', 'Hangup', 'CoreShowChannels'])
		ami.on(action, deny);
	await bridge.waitAmiReady();
	ami.cut(); // those answers may have come too late for the first login
	await ami.waitLogin(2);
	await bridge.waitLog(/channels are not listed: Permission denied: bridge needs write=reporting in manager\.conf/);
	await bridge.waitAmiReady();
	assert.match(await bridge.ami(), /events: all\n/);
	assert.match(await bridge.ami(), /last: channels are not listed/);
	await bridge.command('ami_originate', 'PJSIP/1 2');
	await bridge.waitLog(/ami: call of PJSIP\/1 .*: Permission denied: bridge needs write=originate in manager\.conf/);
	await bridge.command('ami_hangup', 'PJSIP/1-00000001');
	await bridge.waitLog(/ami: hangup of .*: Permission denied: bridge needs write=call in/);

	// which has nothing to do with that
	const since = bridge.log().length;

	ami.cut();
	await bridge.waitLog(/ami: localhost port \d+: connection lost: /, { since });
});

test('a hub that is lost, and refuses then: it is said why', async () => {
	const path = `${lone.sandbox.dir}/fake.sock`;
	let logins = 0;
	const hub = net.createServer((socket) => {
		socket.on('error', () => {});
		socket.write('Asterisk Call Manager/9\r\n');
		socket.on('data', (data) => {
			const id = /^ActionID: (.*)\r$/m.exec(data)[1];
			const login = /^Action: Login\r$/m.test(data);

			if (login && ++logins > 1) {
				socket.write('Response: Error\r\nActionID: '
					+ `${id}\r\nMessage: not you\r\n\r\n`);
				return;
			}
			if (login)
				socket.write(`Response: Success\r\nActionID: ${id}\r\n\r\n`
					+ 'Event: FullyBooted\r\n\r\n');
			else
				socket.destroy();
		});
	}).listen(path);

	await once(hub, 'listening');
	try {
		const bridge = await lone.bridge(1, { connectycube_ami_server: [],
			connectycube_ami_user: [], connectycube_ami_secret: [],
			connectycube_ami_socket: path });

		lone.opened.push(bridge);
		await bridge.waitLog(/ami: the hub \(.*\): connection lost: /);
		await bridge.waitLog(/ami: the hub \(.*\): the hub refuses us: not you/);
	} finally {
		hub.close();
	}
});

test('one that stalls: an order is told as not answered, the link given up',
	async () => {
		const { ami, bridge } = stalled;

		await bridge.waitLog(/ami: hangup of PJSIP\/9-0+1: Asterisk does not answer/,
			PATIENCE);
		await bridge.waitLog(/ami: .*: nothing heard for 4[4-9] s/, PATIENCE);
		ami.quiet = false;
		await ami.waitLogin(2);
		await bridge.waitAmiReady();
		assert.equal(ami.actions.filter(({ Action }) => Action === 'Hangup')
			.length, 1, 'it was sent again');
	});
