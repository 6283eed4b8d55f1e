// The manager of a real Asterisk, with the rights of contrib/pbx/asterisk: its
// channels are seen, and every order is carried out. 2000 and 2001 are desk phones.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { SIP, openDesks, startAsterisk, ulawOnly, uri } from '../lib/asterisk.mjs';
import { startTestBridge } from '../lib/bridge.mjs';
import { assertTone, startWorld } from '../lib/world.mjs';

const DESK_HZ = 440;
const BOSS_HZ = 600;
const PATIENCE = 20000; // [ms]

let world;
let asterisk;
let bridge;
let desks;
let desk;
let boss;
let files;

const more = () => ({
	'pjsip.conf': desks.config,
	'extensions.conf': `
[extensions](+)
exten => _20XX,1,Dial(PJSIP/\${EXTEN},60)
exten => 3001,1,Answer()
 same => n,Wait(300)
exten => 3002,1,Answer()
 same => n,Wait(300)
`,
});

const ask = (...words) => bridge.command(...words);

/** A channel of a phone, once the bridge sees it so. */
async function channel(number, pattern = /./, absent = []) {
	let found;

	await until(`a channel of ${number} as ${pattern}`, async () => {
		found = (await ask('ami_channels')).split('\n').find((line) =>
			line.startsWith(`PJSIP/${number}-`) && pattern.test(line)
			&& !absent.includes(line.split(' ')[0]));
		return found;
	}, { timeout: PATIENCE, child: asterisk.child });
	return found.split(' ')[0];
}

/** Where Asterisk says that it is: events of the dialplan are not asked for. */
const isAt = (name, exten) => until(`${name} is in ${exten}`, () =>
	asterisk.cli('core show channels concise').split('\n').some((line) =>
		line.startsWith(`${name}!extensions!${exten}!`)),
{ timeout: PATIENCE, child: asterisk.child });

const noChannels = () => until('no channels', async () =>
	/^0 channels$/m.test(await ask('ami_channels')), { timeout: PATIENCE });

async function startAll() {
	asterisk = await startAsterisk(world.sandbox, files);
}

before(async () => {
	desks = await openDesks(['Desk', 'The Boss']);
	[desk, boss] = desks.phones;
	files = { more: more(), edit: ulawOnly };
	world = await startWorld({ sandbox: { sipPort: 0 }, apps: [] });
	await startAll();
	bridge = await startTestBridge(world.sandbox, { sip: SIP, name: 'bridge1',
		users: [{ user: '1000', login: 'ext1000', call: '101',
			ami_answer: 'PJSIP/2000' }],
		observers: ['connectycube_ami'],
		keys: {
			connectycube_ami_server: '127.0.0.1',
			connectycube_ami_user: 'bridge',
			connectycube_ami_secret: 'sip-manager',
			connectycube_ami_context: 'extensions',
		} });
	world.bridges = [bridge];
	await until('the manager is ready', async () =>
		/: ready /.test(await ask('ami_status')), { timeout: 60000 });
});

after(async () => {
	await world?.stop();
	await asterisk?.stop();
	desks?.close();
});

afterEach(async () => {
	asterisk.cli('channel request hangup all');
	await noChannels();
	desks.hush();
});

async function calls(phone, number) {
	const call = await phone.invite(uri(number));

	await call.wait('200');
	return call;
}

test('a call of a phone is seen, and hung up with a cause', async () => {
	const call = await calls(desk, 3001);
	const name = await channel(2000, / up +2000 Desk.* to 3001@extensions /);

	assert.match(await ask('ami_hangup', `${name} 17`), /^sent/);
	await call.wait('BYE');
	await bridge.waitLog(new RegExp(`ami: hangup of ${name}: done`));
	await noChannels();

	assert.match(await ask('ami_hangup', name), /^sent/);
	await bridge.waitLog(new RegExp(`ami: hangup of ${name}: No such channel`));
});

test('what becomes of the extension\'s own phone is told, of others nothing',
	async () => {
		const call = await calls(desk, 3001);
		const name = await channel(2000, / up /);

		await calls(boss, 3001);
		await channel(2001);
		assert.match(await ask('ami_hangup', `${name} 21`), /^sent/);
		await call.wait('BYE');
		const events = await until('it has hung up', async () => {
			const text = await ask('cube_events');

			return text.includes(`${name} hung up: 21 rejected`) && text;
		}, { timeout: PATIENCE });
		const own = events.split('\n').filter((line) => line.includes(name))
			.map((line) => /(pbx\.\w+) /.exec(line)?.[1]);

		assert.deepEqual(own.filter(Boolean),
			['pbx.created', 'pbx.answered', 'pbx.hung_up']);
		assert.doesNotMatch(events, /PJSIP\/2001/);
	});

test('a phone rings, and is connected when it answers', async () => {
	assert.match(await ask('ami_originate', 'PJSIP/2000 3001'), /^sent/);
	const call = await desk.waitInvite();

	call.ring();
	await channel(2000, / ringing /);
	call.answer();
	await call.wait('ACK');
	await bridge.waitLog(/ami: call of PJSIP\/2000 to 3001@extensions: done/);
	await isAt(await channel(2000, / up /), 3001);

	assert.match(await ask('ami_originate', 'PJSIP/2001 3001'), /^sent/);
	(await boss.waitInvite()).reject(486, 'Busy Here');
	await bridge.waitLog(/ami: call of PJSIP\/2001 to 3001@.*: it failed/);
});

test('a channel goes where it is sent, alone or with the other one', async () => {
	await calls(desk, 3001);
	const name = await channel(2000, / to 3001@/);

	assert.match(await ask('ami_transfer', `${name} 3002`), /^sent/);
	await isAt(name, 3002);
	await bridge.waitLog(/ami: transfer of .* to 3002@extensions: done/);

	await calls(boss, 3001);
	const other = await channel(2001, / to 3001@/);

	assert.match(await ask('ami_transfer', `${name} 3001 ${other} 3002`),
		/^sent/);
	await isAt(name, 3001);
	await isAt(other, 3002);
});

test('two channels are bridged: they hear each other', async () => {
	const one = await calls(desk, 3001);
	const two = await calls(boss, 3001);

	desk.rtp.play(DESK_HZ, one.remoteRtp);
	boss.rtp.play(BOSS_HZ, two.remoteRtp);
	assert.match(await ask('ami_bridge', `${await channel(2000)} ${
		await channel(2001)}`), /^sent/);
	await bridge.waitLog(/ami: bridge of .*: done/);
	for (const [phone, hz] of [[desk, BOSS_HZ], [boss, DESK_HZ]])
		await until(`${hz} Hz`, async () => {
			try {
				assertTone(await phone.rtp.hear(400), hz);
				return true;
			} catch {
				return false;
			}
		}, { timeout: PATIENCE });
});

test('Asterisk is started anew: the bridge is back, its table of now', async () => {
	await calls(desk, 3001);
	await channel(2000);
	await asterisk.stop();
	await until('it is seen', async () =>
		!/: ready /.test(await ask('ami_status')), { timeout: PATIENCE });
	await startAll();

	const begin = Date.now();
	const call = await calls(boss, 3001);

	await until('ready again', async () => /: ready /.test(await ask('ami_status')),
		{ timeout: 70000 });
	await channel(2001, / to 3001@/);
	assert.doesNotMatch(await ask('ami_channels'), /PJSIP\/2000-/);
	assert.ok(Date.now() - begin < 70000);
	await call.bye();
});

test('a secret that is wrong is said; a right that is missing, too', async () => {
	const wrong = await startTestBridge(world.sandbox, { sip: SIP, name: 'wrong',
		ready: false,
		users: [{ user: '1001', login: 'ext1001', call: '102' }],
		observers: ['connectycube_ami'],
		keys: {
			connectycube_ami_server: '127.0.0.1',
			connectycube_ami_user: 'bridge',
			connectycube_ami_secret: 'another',
		} });

	world.bridges.push(wrong);
	await wrong.waitLog(/ami: .*login of bridge refused: Authentication failed/);
});
