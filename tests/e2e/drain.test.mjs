// SIGTERM with connectycube_drain_time: no new calls, those that are up end by themselves,
// and then the process does; or a second SIGTERM, or the limit, ends them properly.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openHub } from './lib/fakehub.mjs';
import { startRig } from './lib/rig.mjs';
import { openSystemd } from './lib/systemd.mjs';

const dir = mkdtempSync(`${tmpdir()}/drain-`);
let rig;
let systemd;

before(async () => {
	systemd = await openSystemd(dir);
	rig = await startRig({ bridge: { env: systemd.env,
		keys: { connectycube_drain_time: 600 } } });
});

after(async () => {
	await rig?.stop();
	await systemd?.stop();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

const term = () => process.kill(rig.bridge.child.pid, 'SIGTERM');

const renew = (keys) => rig.renew({ bridge: { env: systemd.env, keys } });

/** What /cube_status says of it. */
const draining = () => until('it drains', async () =>
	/^draining: .*$/m.exec(await rig.bridge.command('cube_status'))?.[0]);

/** Apps see that its user is there, and how. */
const shows = (show) => until(`apps see ${show || 'it free'}`, async () =>
	(await rig.sandbox.online()).some(({ user, available, ...one }) =>
		user === rig.id && available && (one.show || '') === show));

/** A phone's call is refused. */
async function assertRefuses() {
	const call = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await call.wait('final')).code, 503);
}

/** It has ended by itself, with everything said. */
async function assertEnds() {
	assert.equal((await rig.bridge.child.exited)[0], 0);
	assert.deepEqual(await rig.sandbox.contacts('1000'), []);
	await until('its user is offline', async () =>
		!(await rig.sandbox.online()).some(({ user }) => user === rig.id));
}

test('the call goes on, no other is taken, and with it the process ends',
	async () => {
		const call = await rig.phoneCallsApp();
		const since = systemd.told().length;

		await rig.waitTones();
		term();
		await systemd.wait('STOPPING=1', { since });
		await systemd.wait('EXTEND_TIMEOUT_USEC=620000000', { since });
		await systemd.waitStatus(/^1 extension .*, 1 call, ends when they have$/);
		assert.match(await draining(), /, in (5\d\d|600) s at most$/);
		assert.equal(JSON.parse(await rig.bridge.command('cube_status', 'json'))
			.draining, true);
		await assertRefuses();
		await rig.assertTones('while it drains');
		assert.equal((await call.reinvite()).code, 200);

		rig.ua.rtp.hush();
		await call.bye();
		await rig.app.waitClosed();
		await assertEnds();
		assert.match(rig.bridge.log(), /all calls have ended/);
	});

test('a second SIGTERM ends the call properly', async () => {
	await renew({ connectycube_drain_time: 600 });
	const call = await rig.phoneCallsApp();

	term();
	await draining();
	await rig.assertTones('while it drains');
	term();
	await call.wait('BYE');
	rig.ua.rtp.hush();
	await rig.app.waitClosed();
	await assertEnds();
	assert.match(rig.bridge.log(), /SIGTERM, once more: 1 call is ended/);
});

test('so does the limit', async () => {
	await renew({ connectycube_drain_time: 2 });
	const call = await rig.phoneCallsApp();

	term();
	await call.wait('BYE');
	rig.ua.rtp.hush();
	await rig.app.waitClosed();
	await assertEnds();
	assert.match(rig.bridge.log(), /drain_time is over: 1 call is ended/);
});

test('without a call it ends at once; SIGINT does not wait for one', async () => {
	await renew({ connectycube_drain_time: 600 });
	term();
	await assertEnds();

	await renew({ connectycube_drain_time: 600 });
	const call = await rig.phoneCallsApp();

	process.kill(rig.bridge.child.pid, 'SIGINT');
	await call.wait('BYE');
	rig.ua.rtp.hush();
	await rig.app.waitClosed();
	await assertEnds();
});

test('the SIP server has no contact meanwhile, and apps see that it is away',
	async () => {
		await renew({ connectycube_drain_time: 600,
			connectycube_drain_sip: 'unregister' });
		const { bridge } = rig;
		const gone = () => until('it is not registered', async () =>
			!(await rig.sandbox.contacts('1000')).length);

		// it may think better of it
		await bridge.command('cube_drain', 'on');
		await gone();
		await shows('xa');
		await bridge.waitStatus('it says so', ({ registered }) => !registered);
		await bridge.command('cube_drain', 'off');
		await bridge.waitRegistered();
		await shows('');
		assert.equal((await rig.sandbox.contacts('1000')).length, 1);

		const call = await rig.phoneCallsApp();

		term();
		await gone();
		await shows('xa');
		await assertRefuses();
		await rig.assertTones('while it drains');
		rig.ua.rtp.hush();
		await call.bye();
		await rig.app.waitClosed();
		await assertEnds();
	});

test('it does not go before the hub has its last record, or for long', async () => {
	const hub = await openHub(`${dir}/hub.sock`);

	const keys = { connectycube_drain_time: 600, module_app: ['connectycube.so',
		'connectycube_link.so', 'account.so', 'ctrl_tcp.so'],
	connectycube_link_socket: `${dir}/hub.sock` };

	hub.acks = false;
	await renew(keys);
	const spool = () => readdirSync(`${rig.bridge.dir}/spool`).filter((name) =>
		!name.startsWith('.'));
	const last = async () => {
		const call = await rig.phoneCallsApp();

		hub.messages.length = 0;
		term();
		await draining();
		rig.ua.rtp.hush();
		await call.bye();
		await rig.app.waitClosed();
		return (await hub.waitRecord()).id;
	};

	try {
		const id = await last();

		// it would have gone long ago
		await rig.bridge.command('cube_status');
		assert.equal(spool().length, 1);
		hub.say({ t: 'ack', id });
		await assertEnds();
		assert.deepEqual(spool(), []);

		await renew(keys);
		await last();
		await assertEnds();
		assert.equal(spool().length, 1);
	} finally {
		await hub.close();
	}
});
