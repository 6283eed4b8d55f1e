// Who may log in at a real Asterisk's manager and do what, over TCP and TLS; and what
// its phones do to calls, as the table of channels has it. The rights are those of
// contrib/pbx/asterisk/manager.conf, each of which is taken away once.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { useAmi } from '../lib/amibridge.mjs';
import { SOUNDS, openDesks, startAsterisk, uri } from '../lib/asterisk.mjs';
import { freePort } from '../lib/ports.mjs';

const PORT = 5038;
const TLS_PORT = 5039;
const PATIENCE = 20000; // [ms]

const READ = ['call', 'user', 'system'];
const WRITE = ['call', 'originate', 'reporting'];

const lone = useAmi();
let asterisk;
let desks;
let phones;

/** A section of manager.conf; its secret is that of useAmi(). */
const section = (name, { read = READ, write = WRITE, more = '' } = {}) => `
[${name}]
secret=managers-own-word
read=${read}
write=${write}
${more}
`;

const without = (all, one) => all.filter((right) => right !== one);

const configuration = () => ({
	'pjsip.conf': desks.config,
	'extensions.conf': `
[extensions](+)
exten => _20XX,1,Dial(PJSIP/\${EXTEN},60)
exten => 3001,1,Answer()
 same => n,Wait(300)
exten => 3003,1,UserEvent(BridgeCall,Nobody: is named)
 same => n,Answer()
 same => n,Wait(300)
`,
	'manager.conf': [
		section('sample'), section('elsewhere', { more: 'deny=0.0.0.0/0.0.0.0' }),
		section('full', { write: [...WRITE, 'system'] }),
		...READ.map((right) => section(`read-${right}`,
			{ read: without(READ, right) })),
		...WRITE.map((right) => section(`write-${right}`,
			{ write: without(WRITE, right) })),
	].join(''),
});

/** A bridge of a section, ended after this test. */
async function bridgeOf(user, keys = {}) {
	const bridge = await lone.bridge(PORT, { connectycube_ami_server:
		`127.0.0.1:${PORT}`, connectycube_ami_user: user,
	connectycube_ami_context: 'extensions', ...keys });

	lone.opened.push(bridge);
	bridge.ask = (...words) => bridge.command(...words);
	return bridge;
}

const ready = async (user, keys) => {
	const bridge = await bridgeOf(user, keys);

	await bridge.waitAmiReady();
	return bridge;
};

/** Its row of a phone's channel, once it fits. */
const row = (bridge, number, pattern = /./) => until(`${number}: ${pattern}`,
	async () => (await bridge.ask('ami_channels')).split('\n').find((line) =>
		line.startsWith(`PJSIP/${number}-`) && pattern.test(line)),
	{ timeout: PATIENCE, child: bridge.child });

const name = async (...args) => (await row(...args)).split(' ')[0];

const count = (bridge, number) => until(`${number} channels`, async () =>
	new RegExp(`^${number} channels?$`, 'm').test(await bridge.ask('ami_channels')),
{ timeout: PATIENCE, child: bridge.child });

before(async () => {
	await lone.prepared;
	desks = await openDesks(['Desk 0', 'Desk 1', 'Desk 2']);
	({ phones } = desks);
	asterisk = await startAsterisk(lone.sandbox, { more: configuration(),
		edit: (text, file) => file === 'manager.conf'
			? text.replace(/^port=.*/m, (line) => `${line}
tlsenable=yes
tlsbindaddr=127.0.0.1:${TLS_PORT}
tlscertfile=${SOUNDS}/server.pem
tlsprivatekey=${SOUNDS}/server.key`) : text,
		files: Object.fromEntries(['pem', 'key'].map((ending) =>
			[`server.${ending}`,
				readFileSync(`${lone.sandbox.dir}/server.${ending}`)])) });
});

after(async () => {
	await asterisk?.stop();
	desks?.close();
});

afterEach(() => {
	asterisk.cli('channel request hangup all');
	phones.forEach((phone) => phone.forget());
});

test('who is not let in: a wrong secret, nobody, another address', async () => {
	for (const [user, keys] of [
		['sample', { connectycube_ami_secret: 'wrong-word' }],
		['nobody', {}], ['elsewhere', {}]]) {
		const bridge = await bridgeOf(user, keys);

		await bridge.waitLog(new RegExp(`ami: .*: login of ${user} refused: `
			+ 'Authentication failed'));
		assert.match(await bridge.ami(), /last: login of .*permit=/);
		assert.doesNotMatch(bridge.log(), /wrong-word|managers-own-word/);
	}
	const bridge = await bridgeOf('sample', {
		connectycube_ami_server: `127.0.0.1:${await freePort()}` });

	await bridge.waitLog(/ami: .*: cannot connect: Connection refused/);
});

test('TLS: by challenge, and with the secret itself', async () => {
	for (const login of ['md5', 'plain']) {
		const bridge = await ready('sample', {
			connectycube_ami_server: `127.0.0.1:${TLS_PORT}`,
			connectycube_ami_tls: 'yes', connectycube_ami_login: login,
			connectycube_ami_ca_file: `${lone.sandbox.dir}/ca.pem` });

		assert.match(await bridge.ami(), /\(TLS\) as sample: ready/);
	}
	const bridge = await bridgeOf('sample', {
		connectycube_ami_server: `127.0.0.1:${TLS_PORT}`,
		connectycube_ami_tls: 'yes' });

	await bridge.waitLog(/its certificate is refused: unable to get local issuer/);
});

test('the rights of the sample are enough, and none is too many', async () => {
	const bridge = await ready('sample');
	const status = await bridge.ami();

	assert.doesNotMatch(status, /last:/);
	assert.match(status, /events: all/);

	// what is asked without the right is refused, and that is named
	for (const [right, what, words, number] of [
		['originate', 'call of PJSIP/2000', ['ami_originate', 'PJSIP/2000 3001']],
		['call', 'hangup of', ['ami_hangup'], 2000],
		['call', 'transfer of', ['ami_transfer', '3001'], 2000],
	]) {
		const poor = await ready(`write-${right}`);
		const [command, rest] = words;
		let argument = rest;

		if (number) {
			await phones[0].invite(uri(3001));
			argument = [await name(poor, number, / up /), rest].join(' ').trim();
		}
		await poor.ask(command, argument);
		await poor.waitLog(new RegExp(`ami: ${what}.*: Permission denied: `
			+ `write-${right} needs write=${right} in manager.conf`));
		asterisk.cli('channel request hangup all');
		await count(poor, 0);
	}
});

test('without write=reporting, channels that were there are not known', async () => {
	await (await phones[0].invite(uri(3001))).wait('200');
	const bridge = await ready('write-reporting');

	await bridge.waitLog(/ami: channels are not listed: Permission denied: write-reporting needs write=reporting/);
	await count(bridge, 0);
	await phones[1].invite(uri(3001));
	await row(bridge, 2001, / up /);
});

test('without read=call, nothing is heard of calls', async () => {
	const bridge = await ready('read-call');
	const seeing = await ready('sample');

	await phones[0].invite(uri(3001));
	await row(seeing, 2000, / up /);
	await count(bridge, 0);
});

test('without read=user, nothing is heard of what a dialplan tells', async () => {
	const poor = await ready('read-user');
	const bridge = await ready('sample');
	const told = /ami: UserEvent BridgeCall: it has no To/;

	await phones[0].invite(uri(3003));
	await bridge.waitLog(told);
	await row(poor, 2000, / up /);
	assert.doesNotMatch(poor.log(), told);
});

test('without read=system, it waits to be told that Asterisk has booted', async () => {
	const begin = Date.now();

	await ready('read-system');
	assert.ok(Date.now() - begin >= 3000);
});

test('write=system: Asterisk leaves out what is of no use', async () => {
	const bridge = await ready('full');

	await bridge.waitAmi('it is filtered', /events: those of use/);
	assert.match(await bridge.ask('ami_originate', 'PJSIP/2000 3001'), /^sent/);
	const call = await phones[0].waitInvite();

	call.ring();
	await row(bridge, 2000, / ringing /);
	call.answer();
	await row(bridge, 2000, / up /);
	await bridge.waitLog(/ami: call of PJSIP\/2000 to 3001@extensions: done/);
	asterisk.cli('channel request hangup all');
	await count(bridge, 0);
	assert.match(asterisk.cli('manager show connected'), /full/);
});

/** Two phones in a call: the one that calls, and the other's end of it. */
async function talk(bridge, from, to) {
	const call = await phones[from].invite(uri(2000 + to));
	const other = await phones[to].waitInvite();

	other.answer();
	await other.wait('ACK');
	await call.wait('200');
	await row(bridge, 2000 + to, / up /);
	return { call, other };
}

const tagOf = (header) => /;tag=([^;]+)/.exec(header)[1];

test('a phone holds, and passes on; where the other one goes is told', async () => {
	const bridge = await ready('sample');
	const { call } = await talk(bridge, 0, 1);

	phones[0].edit = (sdp) => `${sdp}a=sendonly\r\n`;
	await call.reinvite();
	await row(bridge, 2000, /, held$/);
	phones[0].edit = (sdp) => sdp;
	await call.reinvite();
	await row(bridge, 2000, / s$/);

	const transferee = await name(bridge, 2001);

	assert.equal((await call.ask('REFER',
		{ extra: [`Refer-To: <${uri(3001)}>`] })).code, 202);
	await bridge.waitLog(new RegExp(`ami: ${transferee} transferred 3001`));
	await count(bridge, 1);
	await row(bridge, 2001, / up /);
});

test('a phone passes on to whom it has asked; nobody is left over', async () => {
	const bridge = await ready('sample');
	const { call } = await talk(bridge, 0, 1);
	const transferee = await name(bridge, 2001);

	phones[0].edit = (sdp) => `${sdp}a=sendonly\r\n`;
	await call.reinvite();
	phones[0].edit = (sdp) => sdp;
	const { call: second } = await talk(bridge, 0, 2);
	const replaces = encodeURIComponent(`${second.id};to-tag=`
		+ tagOf(second.messages.find(({ code }) => code === 200).header('To'))
		+ `;from-tag=${tagOf(second.local)}`);

	assert.equal((await call.ask('REFER',
		{ extra: [`Refer-To: <${uri(2002)}?Replaces=${replaces}>`] })).code, 202);
	await bridge.waitLog(new RegExp(`ami: ${transferee} transferred 2002`));
	await count(bridge, 2);
	await row(bridge, 2001, / up .* with 2002/);
	await row(bridge, 2002, / up .* with 2001/);
});

test('channels take each other\'s names; the table has each once', async () => {
	const bridge = await ready('sample');

	await talk(bridge, 0, 1);
	const called = await name(bridge, 2001);

	// who was called has no dialplan: another channel takes its place there
	assert.match(await bridge.ask('ami_transfer', `${called} 3001`), /^sent/);
	await bridge.waitLog(/ami: transfer of .* to 3001@extensions: done/);
	await until('it is in 3001, by its name', () =>
		asterisk.cli('core show channels concise').includes(
			`${called}!extensions!3001!`), { child: asterisk.child });
	await count(bridge, 1);
	assert.equal(await name(bridge, 2001), called);
	assert.match(await bridge.ask('ami_hangup', called), /^sent/);
	await count(bridge, 0);
});
