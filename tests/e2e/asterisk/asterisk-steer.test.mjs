// Click-to-dial with a real Asterisk, by a bridge that has no SIP (ami-only): an app
// has its desk phone (2000) rung, then a number (2001); both show the right one.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { steering } from '../lib/amiapp.mjs';
import { openWay } from '../lib/amiway.mjs';
import { SIP, openDesks, startAsterisk, ulawOnly } from '../lib/asterisk.mjs';
import { fakeApp } from '../lib/fakeapp.mjs';
import { startRawBridge, userLine, waitHears } from '../lib/rig.mjs';
import { startTestSandbox } from '../lib/sandbox.mjs';

const DESK_HZ = 440;
const BOSS_HZ = 600;

let sandbox;
let asterisk;
let way;
let bridge;
let desks;
let desk;
let boss;
let alice;
let steer;

const more = () => ({
	'pjsip.conf': desks.config,
	'extensions.conf': `
[extensions](+)
exten => _20XX,1,Dial(PJSIP/\${EXTEN},60)
exten => 3001,1,Answer()
 same => n,Wait(300)
`,
});

before(async () => {
	sandbox = await startTestSandbox({ sipPort: 0 });
	steer = steering(sandbox);
	alice = fakeApp(sandbox, '101');
	desks = await openDesks(['Desk', 'The Boss'], { send_pai: 'yes' });
	[desk, boss] = desks.phones;
	asterisk = await startAsterisk(sandbox, { more: more(), edit: ulawOnly });
	way = await openWay({
		connectycube_ami_server: '127.0.0.1',
		connectycube_ami_user: 'bridge',
		connectycube_ami_secret: 'sip-manager',
	});
	bridge = await startRawBridge(sandbox, {
		users: userLine(SIP, { more:
			';call=101;ami=control;ami_answer=PJSIP/2000' }),
		prepare: (dir) => writeFileSync(`${dir}/accounts`, '# none\n'),
		keys: {
			module_app: ['connectycube.so', 'connectycube_ami.so',
				'account.so', 'ctrl_tcp.so'],
			connectycube_mode: 'ami-only',
			...way.keys,
			connectycube_ami_context: 'extensions',
		} });
	await bridge.waitCloud('online');
	await until('the manager is ready', async () =>
		/: ready /.test(await bridge.command('ami_status')), { timeout: 60000 });
});

after(async () => {
	await bridge?.stop();
	await way?.stop();
	await asterisk?.stop();
	await sandbox?.stop();
	desks?.close();
});

afterEach(async () => {
	asterisk.cli('channel request hangup all');
	await until('no channels', async () =>
		/^0 channels$/m.test(await bridge.command('ami_channels')));
	desks.hush();
});

/** Both phones talk, as the app has asked for. */
async function talk() {
	const begun = await steer.ask(alice, 'ami_originate', { number: '2001' });

	assert.equal(begun.event, 'done');
	const first = await desk.waitInvite();

	first.ring();
	await steer.waitState(begun.request, 'ringing', begun.since);
	first.answer();
	await first.wait('ACK');

	const { channel } = await steer.waitState(begun.request, 'answered',
		begun.since);
	const second = await boss.waitInvite();

	second.answer();
	await second.wait('ACK');
	await steer.waitState(begun.request, 'bridged', begun.since);
	return { ...begun, first, second, channel };
}

test('the desk phone shows the number, the number who calls; they talk',
	async () => {
		const { first, second, channel, request, since } = await talk();

		assert.match(first.messages[0].header('From'), /<sip:2001@/);
		assert.match(second.messages[0].header('From'), /"?Sales"? *<sip:2000@/);
		desk.rtp.play(DESK_HZ, first.remoteRtp);
		boss.rtp.play(BOSS_HZ, second.remoteRtp);
		await waitHears(desk.rtp, BOSS_HZ, 'the desk phone');
		await waitHears(boss.rtp, DESK_HZ, 'the other one');

		// she ends it
		assert.equal((await steer.ask(alice, 'ami_hangup', { channel })).event,
			'done');
		await Promise.all([first.wait('BYE'), second.wait('BYE')]);
		assert.equal((await steer.waitState(request, 'ended', since)).call,
			request);
	});

test('whom she talks to is sent elsewhere, by the names that she is told',
	async () => {
		const { first } = await talk();
		const { since } = await steer.ask(alice, 'ami_channels');
		const [other] = (await steer.told('ami_channel', since)).filter((one) =>
			one.channel.startsWith('PJSIP/2001-'));

		assert.equal(other.state, 'up');
		assert.equal((await steer.ask(alice, 'ami_transfer',
			{ channel: other.channel, number: '3001' })).event, 'done');
		await first.wait('BYE');
		await until('it is in 3001', () => asterisk.cli(
			'core show channels concise').includes(
			`${other.channel}!extensions!3001!`));

		// alone it is nobody's any more
		assert.match((await steer.ask(alice, 'ami_hangup',
			{ channel: other.channel })).reason ?? 'done', /^(done|no such)/);
	});

test('a desk phone that is busy, or away', async () => {
	const busy = await steer.ask(alice, 'ami_originate', { number: '2001' });

	(await desk.waitInvite()).reject(486, 'Busy Here');
	assert.equal((await steer.waitState(busy.request, 'failed', busy.since))
		.reason, 'busy');

	const gone = await steer.ask(alice, 'ami_originate', { number: '2001' });

	(await desk.waitInvite()).reject(480, 'Away');
	assert.match((await steer.waitState(gone.request, 'failed', gone.since))
		.reason, /^(no answer|no user responding|subscriber absent)$/);
});
