// The app is gone without a word: ICE is lost for 30 s, then the phone hears BYE. Or,
// if it is to be waited for longer, it comes back. All at once, because it takes its
// time: a call in each direction, one whose app does come back, and one to whose app
// there never is a way. The records of calls say so.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { openHub } from './lib/fakehub.mjs';
import { canLose, lose } from './lib/loss.mjs';
import { openRtp } from './lib/rtp.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { startSipp } from './lib/sipp.mjs';
import { APP_HZ, PHONE_HZ, assertTone, startWorld } from './lib/world.mjs';

const LOST = 30000; // [ms]
const NOTICE = 15000; // [ms] until ICE notices, at most
const BACK = 30000; // [ms] for media to come back: ICE is restarted every 10 s
const PATIENT = { lost_time: 120, ports: '13000-13999' };

const dir = mkdtempSync(`${tmpdir()}/lost-`);
const link = (name) => ({ connectycube_link_socket: `${dir}/hub.sock`,
	connectycube_link_spool: `${dir}/${name}`, connectycube_link_name: name });

let hub;
let world;
let alice;
let bob;
let ua;

before(async () => {
	hub = await openHub(`${dir}/hub.sock`);
	ua = await openSipUa();
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', call: '101' }] },
			{ users: [{ user: '1010', login: 'ext1010', dial: '1001' }] },
			{ users: [{ user: '1002', login: 'ext1002', call: '103',
				dial: `sip:5551234@127.0.0.1:${ua.port}` }],
			keys: { connectycube_lost_time: PATIENT.lost_time,
				connectycube_ice_ports: PATIENT.ports } },
		].map((one, i) => ({ ...one, observers: ['connectycube_link'],
			keys: { ...one.keys, ...link(`bridge${i}`) } })),
		sandbox: { users: [{ id: 202, login: 'ext1002',
			password: 'ext1002-pass' }] },
		phone: { accounts: [{ user: '1001' }] },
		apps: ['alice', 'bob'],
	});
	({ apps: { alice, bob } } = world);
});

after(async () => {
	await world?.stop();
	ua?.close();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

const hears = async (carol) => {
	const [app, phone] = await Promise.all([carol.hear(), ua.rtp.hear()]);

	assertTone(app, PHONE_HZ);
	assertTone(phone, APP_HZ);
};

/** A call of a phone to an app that is patient, too, and its link is cut. */
async function patientCall() {
	const bridge = world.bridges[2];
	const carol = await world.addApp('carol', { lostTime: PATIENT.lost_time });
	const call = await ua.invite(`sip:1002@${bridge.sip}`);

	await carol.waitIncoming();
	await carol.accept();
	await call.wait('200');
	ua.rtp.play(PHONE_HZ, call.remoteRtp);
	await carol.waitConnected();
	await hears(carol);
	return { bridge, call, carol };
}

function cut() {
	const ends = [lose({ to: PATIENT.ports }), lose({ from: PATIENT.ports })];

	return () => ends.forEach((end) => end());
}

/** Nobody has hung up, and when the link is back so is what they hear. */
async function isBack({ bridge, call, carol }, mend) {
	const { calls: [{ app }] } = await bridge.status();

	assert.ok(app.lost, 'the path is not lost');
	assert.match(bridge.log(), /: ICE restart\n/);
	mend();
	await bridge.waitStatus('the path is back', ({ calls: [one] }) =>
		one && !one.app.lost, { timeout: BACK });
	await hears(carol);
	await call.bye();
	await carol.waitClosed();
	await bridge.waitIdle();
}

/** An app's call that its phone answers, and there is no way to the app. */
async function pathless() {
	await fakeApp(world.sandbox, '104', { extension: '202' }).call('pathless');
	const call = await ua.waitInvite();

	call.answer();
	await call.wait('ACK');
	return call;
}

/** Records say that it was the network, and that we have ended the call. */
async function assertRecord(reason, scode, check) {
	const record = await until(`a record: ${reason}`, () =>
		hub.records().find(check));

	assert.deepEqual([record.reason, record.sip_code, record.disposition,
		record.class, record.q850, record.hung_up_by, record.verdict],
	[reason, scode, 'ANSWERED', 'network', 41, 'bridge', 'network_app']);
}

test('an app that is gone: BYE after 30 s, whoever called; or it comes back', async (t) => {
	const rtp = await openRtp();
	const sipp = await startSipp(world.sandbox, 'uac-answered',
		{ extension: '1000', values: { rtp_port: rtp.port } });

	await alice.waitIncoming();
	await alice.accept();
	await Promise.all([alice.waitConnected(), sipp.wait('200')]);
	await world.appCallsPhone(bob, { extension: 201 });
	await world.assertTones(bob);

	const patient = canLose() && await patientCall();
	const never = await pathless();
	const since = await world.sandbox.mark('signals');
	const mend = patient && cut();
	const begin = Date.now();

	await Promise.all([alice.close(), bob.close()]);
	delete world.apps.alice;
	delete world.apps.bob;

	await Promise.all(world.bridges.map((bridge, i) => (i < 2 || patient)
		&& bridge.waitStatus('the bridge sees the path lost',
		({ calls: [call] }) => call.app.lost, { timeout: NOTICE })));
	const [bye, closed] = await Promise.all([
		sipp.wait('BYE', LOST + NOTICE),
		world.phone.waitEvent('CALL_CLOSED', LOST + NOTICE)]);

	for (const { ms } of [bye, closed]) {
		const took = ms - begin;

		assert.ok(took > LOST * 0.9 && took < LOST + NOTICE, `${took} ms`);
	}
	await Promise.all([
		assertRecord('path_lost', 480, ({ direction, extension }) =>
			direction === 'sip-to-app' && extension.includes('1000')),
		assertRecord('path_lost', 480, ({ extension }) =>
			extension.includes('1010')),
		never.wait('BYE', NOTICE).then(() => assertRecord('no_path', 500,
			({ call_id: id }) => id === never.id))]);
	if (patient) {
		t.diagnostic(`cut for ${Date.now() - begin} ms`);
		await isBack(patient, mend);
	}
	await sipp.done();
	rtp.close();
	await Promise.all(world.bridges.map((bridge) => bridge.waitIdle()));
	const types = (await world.sandbox.entries('signals', since))
		.filter(({ to }) => !/^10[34]-/.test(to)).map(({ type }) => type);

	assert.ok(types.filter((type) => type === 'hangUp').length <= 2, types);
});
