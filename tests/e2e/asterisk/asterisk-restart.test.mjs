// Asterisk is killed in mid-call, and started anew: with direct media the phone and
// the app go on to hear each other, and the table of channels is right again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { SIP, openDesks, startAsterisk, ulawOnly, uri } from '../lib/asterisk.mjs';
import { startTestBridge } from '../lib/bridge.mjs';
import { APP_HZ, assertTone, startWorld } from '../lib/world.mjs';

const DESK_HZ = 440;
const PATIENCE = 20000; // [ms]
const BACK = 5000; // [ms] from when Asterisk is there to a table that is right

let world;
let asterisk;
let alice;
let bridge;
let desks;
let desk;
let files;

const more = () => ({
	'pjsip.conf': desks.config,
	'extensions.conf': `
[extensions](+)
exten => 3001,1,Answer()
 same => n,Wait(300)
`,
});

const ami = () => bridge.command('ami_status');
const channels = () => bridge.command('ami_channels');

const hears = (who, hz) => until(`${hz} Hz`, async () => {
	try {
		assertTone(await who.hear(400), hz);
		return true;
	} catch {
		return false;
	}
}, { timeout: PATIENCE });

async function startIt() {
	asterisk = await startAsterisk(world.sandbox, files);
}

async function killIt() {
	process.kill(asterisk.child.pid, 'SIGKILL');
	await asterisk.child.exited;
}

before(async () => {
	world = await startWorld({ sandbox: { sipPort: 0 }, apps: ['alice'] });
	({ alice } = world.apps);
	desks = await openDesks(['Desk'], { direct_media: 'yes',
		rtp_symmetric: 'no' });
	[desk] = desks.phones;
	// the sample keeps media at Asterisk, for phones that do not reach the bridge
	files = { more: more(), edit: (text) => ulawOnly(text)
		.replace(/^direct_media=no/m, 'direct_media=yes')
		.replace(/^rtp_symmetric=yes/m, 'rtp_symmetric=no') };
	await startIt();
	bridge = await startTestBridge(world.sandbox, { sip: SIP, name: 'bridge1',
		users: [{ user: '1000', login: 'ext1000', call: '101' }],
		observers: ['connectycube_ami'],
		keys: {
			connectycube_ami_server: '127.0.0.1',
			connectycube_ami_user: 'bridge',
			connectycube_ami_secret: 'sip-manager',
			connectycube_ami_context: 'extensions',
		} });
	world.bridges = [bridge];
	await until('the manager is ready', async () => /: ready /.test(await ami()),
		{ timeout: 60000 });
	await asterisk.reachable(1);
});

after(async () => {
	await world?.stop();
	await asterisk?.stop();
	desks?.close();
});

test('media goes on while it is away, and its channels are those of now', async (t) => {
	const call = await desk.invite(uri(1000));

	await alice.waitIncoming();
	await alice.accept();
	await call.wait('200');
	await alice.waitConnected();
	// Asterisk has both send to each other
	await until('the bridge is where the phone sends', async () =>
		call.remoteRtp !== undefined && call.messages.some(({ method }) =>
			method === 'INVITE'), { child: asterisk.child });
	desk.rtp.play(DESK_HZ, call.remoteRtp);
	await hears(alice, DESK_HZ);
	await hears(desk.rtp, APP_HZ);
	await until('both channels', async () =>
		(await channels()).match(/^PJSIP\/.* up /gm)?.length === 2,
	{ timeout: PATIENCE });

	await killIt();
	await until('it is missed', async () => !/: ready /.test(await ami()),
		{ timeout: PATIENCE });
	await hears(alice, DESK_HZ);
	await hears(desk.rtp, APP_HZ);

	await startIt();
	const begin = Date.now();

	await until('ready again', async () => /: ready /.test(await ami()),
		{ timeout: PATIENCE });
	assert.match(await channels(), /^0 channels$/m);
	t.diagnostic(`right again after ${Date.now() - begin} ms`);
	assert.ok(Date.now() - begin < BACK, `${Date.now() - begin} ms`);

	// the call is still there, for those who have it
	await hears(alice, DESK_HZ);
	await hears(desk.rtp, APP_HZ);
	assert.equal((await bridge.status()).calls.length, 1);
	await alice.hangup();
	await bridge.waitIdle();
});
