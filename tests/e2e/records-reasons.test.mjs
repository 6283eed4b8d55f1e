// Why calls have ended, as their records say it, where that is no doing of either
// party: limits, faults, networks. (Refused and not answered: records-parties; a path
// that cannot be made, or is lost: lost; crash: records-kill.) Apps are stanzas but
// for the one who is to be heard.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { openHub } from './lib/fakehub.mjs';
import { freePort } from './lib/ports.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const LIMIT = 10; // [s] the shortest that may be configured
const WAIT = 60000; // [ms]

const dir = mkdtempSync(`${tmpdir()}/reasons-`);
const link = (name) => ({
	module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_link_socket: `${dir}/hub.sock`,
	connectycube_link_spool: `${dir}/${name}`, connectycube_link_name: name,
});
const opened = []; // to be closed
let hub;
let rig; // with an app that is heard, and ports for one phone
let full; // a bridge with few calls that are short
let narrow; // ... that has few ports, and has to do without the cloud

/** Another bridge, which phones call and that calls this one's phone. */
async function startOther(name, id, { port = '201', ...keys }) {
	const { sandbox, ua } = rig;
	const login = `ext${id}`;
	const one = await startRawBridge(sandbox, {
		name, account: { user: id }, keys: { ...link(name), ...keys },
		users: userLine(sandbox.sip, { user: id, login,
			more: `;call=104;dial=sip:5551234@127.0.0.1:${ua.port}` }) });

	opened.push(one);
	await one.waitCloud('online');
	return Object.assign(one, { extension: port,
		number: `sip:${id}@127.0.0.1:${one.port}` });
}

before(async () => {
	hub = await openHub(`${dir}/hub.sock`);
	rig = await startRig({ bridge: { keys: { ...link('rig'),
		connectycube_video: 'no', rtp_ports: '21000-21001',
		connectycube_rtp_timeout_sip: LIMIT } },
	sandbox: { users: [{ id: 202, login: 'ext1002', password: 'ext1002-pass' }] } });
	const ice = await freePort();

	[full, narrow] = await Promise.all([
		startOther('full', '1010', { connectycube_call_max: LIMIT,
			connectycube_max_calls: 3, connectycube_reserved_calls: 0 }),
		startOther('narrow', '1002', { port: '202',
			connectycube_ice_ports: `${ice}-${ice}` })]);
});

after(async () => {
	await Promise.all(opened.map((one) => one.stop?.() ?? one.close()));
	await rig?.stop();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

const recordOf = (check) => until('its record', () => hub.records().find(check),
	{ timeout: WAIT });

/** How it ended, and that it was answered, or not. */
const assertEnd = (record, wanted) => assert.deepEqual(Object.fromEntries(
	Object.keys(wanted).map((name) => [name, record[name]])), wanted);

const NETWORK = { class: 'network', hung_up_by: 'bridge' };
const ANSWERED = { disposition: 'ANSWERED' };
const CONGESTION = { disposition: 'CONGESTION', class: 'server', reason: 'congestion',
	q850: 42, hung_up_by: 'bridge' };


/** A phone's call to a bridge until its end: its code, its record. */
async function phoneCalls({ number }, code) {
	const call = await rig.ua.invite(number);

	assert.equal((await call.wait('final')).code, code);
	return recordOf(({ call_id: id }) => id === call.id);
}

let sessions = 0;

/** The same of an app's. */
async function appCalls({ extension }, user, code) {
	const session = `reason-${++sessions}`;
	const since = await rig.sandbox.mark('signals');

	await fakeApp(rig.sandbox, user, { extension }).call(session);
	const { user_info: info } = await rig.sandbox.waitSignal(
		{ type: 'reject', session }, { since });

	assert.equal(info.sip_code, String(code));
	return recordOf(({ session: id }) => id === session);
}

/** An app's call that the phone answers like this. */
async function answered({ extension }, user, extra) {
	const session = `reason-${++sessions}`;

	await fakeApp(rig.sandbox, user, { extension }).call(session);
	const call = await rig.ua.waitInvite();

	call.answer({ extra });
	await call.wait('ACK');
	return { call, record: () => recordOf(({ session: id }) => id === session) };
}

async function silence() {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	rig.ua.rtp.hush();

	// meanwhile it has no ports for another phone
	const internal = { disposition: 'FAILED', class: 'server', reason: 'internal',
		sip_code: 500, q850: 41, hung_up_by: 'bridge' };
	const other = { extension: '200', number: rig.bridge.uri };

	assertEnd(await appCalls(other, '103', 500), internal);
	assertEnd(await phoneCalls(other, 500), internal);

	await call.wait('BYE', WAIT);
	assertEnd(await recordOf(({ call_id: id }) => id === call.id), {
		...ANSWERED, ...NETWORK, reason: 'silence', sip_code: 480, q850: 41,
		verdict: 'network_phone' });
}

const timer = (who) => [`Session-Expires: 6;refresher=${who}`, 'Require: timer'];

/** A bridge that is full, with calls that come to their ends. */
async function short() {
	const long = await answered(full, '105');
	const others = [await answered(full, '103'), await answered(full, '104')];

	assertEnd(await phoneCalls(full, 486), { ...CONGESTION, sip_code: 486 });
	assertEnd(await appCalls(full, '106', 486), { ...CONGESTION, sip_code: 486 });
	for (const { call, record } of others) {
		await call.bye();
		assertEnd(await record(), { ...ANSWERED, class: 'success',
			reason: 'normal', sip_code: null, hung_up_by: 'phone' });
	}

	// this phone's server has forgotten a call
	const lost = new Set();

	rig.ua.guard = ({ header, method }) => lost.has(header('Call-ID'))
		&& method !== 'BYE' && { code: 481 };
	const forgotten = await answered(full, '103', timer('uac'));

	lost.add(forgotten.call.id);
	const silent = await answered(full, '104', timer('uas'));

	assertEnd(await forgotten.record(), { ...ANSWERED, ...NETWORK, reason: 'gone',
		sip_code: 481, q850: 102, hung_up_by: 'phone' });
	assertEnd(await silent.record(), { ...ANSWERED, ...NETWORK, reason: 'gone',
		sip_code: 408, q850: 102 });
	const record = await long.record();

	assertEnd(record, { ...ANSWERED, class: 'success', reason: 'longest_call',
		sip_code: 480, q850: 16, hung_up_by: 'bridge' });
	assert.ok(Math.abs(record.bill_ms - LIMIT * 1000) < 2000, `${record.bill_ms} ms`);
}

/** No port for one more; then no cloud. */
async function away() {
	const first = await rig.ua.invite(narrow.number);

	await first.wait('180');
	assertEnd(await phoneCalls(narrow, 503), { ...CONGESTION, sip_code: 503 });
	assertEnd(await appCalls(narrow, '103', 503), { ...CONGESTION, sip_code: 503 });
	assert.match(narrow.log(), /no socket can be opened.*connectycube_ice_ports/);

	first.cancel();
	await first.wait('487');
	await narrow.waitIdle();

	await rig.sandbox.refuseChat(5);
	await rig.sandbox.drop({ user: 'ext1002' });
	await narrow.waitStatus('it is not online', ({ cloud }) => cloud !== 'online');
	assertEnd(await phoneCalls(narrow, 503), { disposition: 'CONGESTION',
		class: 'upstream', reason: 'cloud', sip_code: 503, q850: 38,
		hung_up_by: 'bridge' });
}

test('ends that nobody has chosen', { concurrency: true }, async (t) => {
	await Promise.all([
		t.test('silence, internal: nothing comes from the phone, no port for another', silence),
		t.test('gone, longest_call, congestion: a bridge that is full', short),
		t.test('congestion, cloud: no port, no cloud', away),
	]);
});
