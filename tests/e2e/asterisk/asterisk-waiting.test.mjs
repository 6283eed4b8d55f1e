// Callers wait in a real Asterisk, by contrib/pbx/asterisk/extensions-bridge.conf, while
// the real SDK rings for them: accepted, the call comes with its media, and by direct
// media; else it goes to the desk phone, or away. 2000 is who calls, 2001 the desk phone.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { openWay } from '../lib/amiway.mjs';
import { SIP, answers, openDesks, startAsterisk, ulawOnly, uri } from '../lib/asterisk.mjs';
import { startTestBridge } from '../lib/bridge.mjs';
import { openHub } from '../lib/fakehub.mjs';
import { patiently } from '../lib/patiently.mjs';
import { APP_HZ, assertTone, startWorld } from '../lib/world.mjs';

const CALLER_HZ = 1000;
const DESK_HZ = 600;
const PATIENCE = { timeout: 60000 };
const SOON = 500; // [ms] from accept to media

const dir = mkdtempSync(`${tmpdir()}/waiting-`);
let world;
let asterisk;
let way;
let hub;
let alice;
let desks;
let caller;
let desk;
let bridge;

const more = () => ({
	'pjsip.conf': desks.config,
	'extensions.conf': '\n#include "extensions-bridge.conf"\n',
});

async function openBridge(keys = {}, more = {}) {
	bridge = await startTestBridge(world.sandbox, { sip: SIP, name: `bridge${
		world.bridges.length}`,
	users: [{ user: '1000', login: 'ext1000', call: '101', ...more }],
	observers: ['connectycube_ami', 'connectycube_link'],
	...keys.connectycube_mode === 'ami-only' && { ready: false, accounts: [] },
	keys: {
		connectycube_mode: 'hybrid',
		...way.keys,
		connectycube_ami_context: 'extensions',
		connectycube_link_socket: `${dir}/hub.sock`,
		connectycube_link_spool: `${dir}/spool`,
		...keys,
	} });
	world.bridges.push(bridge);
	await bridge.waitStatus('the bridge is online', ({ cloud }) =>
		/online/i.test(cloud), PATIENCE);
	await until('the manager is ready', async () =>
		/: ready /.test(await bridge.command('ami_status')), PATIENCE);
	if (keys.connectycube_mode !== 'ami-only') await asterisk.reachable(1);
}

before(async () => {
	hub = await openHub(`${dir}/hub.sock`);
	world = await startWorld({ sandbox: { sipPort: 0 }, apps: ['alice'] });
	({ alice } = world.apps);
	desks = await openDesks(['José', 'Desk'], { context: 'bridge-simple',
		direct_media: 'yes' });
	[caller, desk] = desks.phones;
	asterisk = await startAsterisk(world.sandbox, { more: more(),
		edit: (text) => ulawOnly(text)
			.replace(/^direct_media=no/m, 'direct_media=yes') });
	asterisk.cli('database put bridge-desk 1000 PJSIP/2001');
	way = await openWay({
		connectycube_ami_server: '127.0.0.1',
		connectycube_ami_user: 'bridge',
		connectycube_ami_secret: 'sip-manager',
	});
	await openBridge();
});

after(async () => {
	await world?.stop();
	await way?.stop();
	await asterisk?.stop();
	await hub?.close();
	desks?.close();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(async () => {
	await world.reset();
	asterisk.cli('channel request hangup all');
	desks.hush();
});

/** Somebody calls and waits, and the app rings. */
async function waits() {
	await alice.forget();
	const call = await caller.invite(uri(1000));

	return { call, incoming: await alice.waitIncoming() };
}

const recordOf = (check) => hub.waitRecord((one) => one.kind === 'bridge'
	&& one.channel && check(one));

const hear = (phone, hz, who) => patiently(async () =>
	assertTone(await phone.hear(400), hz, who), 20000);

test('accepted: the caller is there at once, and by direct media', async (t) => {
	const { call, incoming } = await waits();

	assert.equal(incoming.info.name, 'José');
	assert.equal(incoming.info.number, '2000');
	assert.equal(asterisk.messages().filter(({ method, sent }) =>
		sent && method === 'INVITE').length, 0);

	const from = Date.now();

	await alice.accept();
	await call.wait('200');
	t.diagnostic(`accept to 200 at the caller: ${Date.now() - from} ms`);
	caller.rtp.play(CALLER_HZ, call.remoteRtp);
	await alice.waitConnected();

	// re-INVITEs: nothing goes by Asterisk any more
	await until('direct media', async () => {
		const { calls: [{ sip, text }] } = await bridge.status();

		return new RegExp(`^ {6}port ${call.remoteRtp} `, 'm').test(text)
			&& sip.remote === `127.0.0.1:${caller.rtp.port}`;
	}, { timeout: 20000 });
	caller.rtp.play(CALLER_HZ, call.remoteRtp);
	await Promise.all([hear(alice, CALLER_HZ, 'the app'),
		hear(caller.rtp, APP_HZ, 'the caller')]);
	const ids = asterisk.messages().filter(({ method, sent }) =>
		sent && method === 'INVITE').map((one) => one.header('X-Bridge-Call'))
		.filter(Boolean);

	assert.match(ids[0], /^[0-9a-f-]{36}$/);
	caller.rtp.hush();
	await call.bye();
	await alice.waitClosed();
	await bridge.waitIdle();

	const record = await recordOf((one) => one.disposition === 'ANSWERED');

	t.diagnostic(`accept to media: ${record.setup_ms} ms`);
	assert.ok(record.setup_ms < SOON, `${record.setup_ms} ms`);
	assert.match(record.channel, /^PJSIP\/2000-/);
	assert.equal(record.from.number, '2000');
	assert.equal(record.to.user, '101');
	assert.equal((await alice.events()).filter(({ name, seq }) =>
		name === 'incoming' && seq > incoming.seq).length, 0);
});

for (const [what, info, code, reason] of [
	['rejects', {}, '403', 'rejected'],
	['is busy', { busy: 'true' }, '486', 'busy']])
	test(`the app ${what}: the caller gets ${code}`, async () => {
		const { call } = await waits();

		await alice.reject(info);
		assert.equal(String((await call.wait('final')).code), code);
		await recordOf((one) => one.reason === reason);
	});

test('the caller gives up: the app stops ringing', async () => {
	const { call } = await waits();

	await call.cancel();
	await alice.waitClosed();
	await recordOf((one) => one.reason === 'canceled');
});

test('the app hangs up at once: nobody rings again', async () => {
	const { call, incoming } = await waits();

	await alice.accept();
	await alice.hangup();
	await call.wait('final');
	await bridge.waitIdle();
	assert.equal((await alice.events()).filter(({ name, seq }) =>
		name === 'incoming' && seq > incoming.seq).length, 0);
});

test('a fallback: the desk phone', async () => {
	await bridge.stop();
	await openBridge({ connectycube_ami_fallback: '@bridge-fallback' });
	const { call } = await waits();

	await alice.reject();
	await answers(desk, DESK_HZ);
	await call.wait('200');
	await hear(caller.rtp, DESK_HZ, 'the caller');
	await call.bye();
});

test('ami-only: what the app accepts is answered at the desk phone', async () => {
	await bridge.stop();
	await openBridge({ connectycube_mode: 'ami-only' },
		{ ami_answer: 'PJSIP/2001' });
	const { call, incoming } = await waits();

	assert.equal(incoming.info.mode, 'ami');
	await alice.accept();
	await alice.waitClosed();
	await answers(desk, DESK_HZ);
	await call.wait('200');
	caller.rtp.play(CALLER_HZ, call.remoteRtp);
	await Promise.all([hear(caller.rtp, DESK_HZ, 'the caller'),
		hear(desk.rtp, CALLER_HZ, 'the desk phone')]);
	const record = await recordOf((one) => one.reason === 'transferred');

	await call.bye();
	const talk = await hub.waitRecord((one) => one.kind === 'pbx');

	assert.match(talk.channel, /^PJSIP\/2001-/);
	assert.deepEqual([talk.channel_linked, talk.linked_id, talk.direction,
		talk.from.number, talk.disposition, talk.q850, talk.hung_up_by],
	[record.channel_linked, record.linked_id, 'pbx-to-phone', '2000', 'ANSWERED', 16,
		'pbx']);
	assert.ok(talk.t_ring >= talk.t_start && talk.t_answer >= talk.t_ring);

	// of the calls of the bridge, whose channels are at the PBX as well, there is none
	assert.equal(hub.records().filter(({ kind }) => kind === 'pbx').length, 1);
});
