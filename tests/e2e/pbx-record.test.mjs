// Records of calls of the PBX that do not go through the bridge; a real bridge and hub, and
// a manager of the tests' own.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { amiKeys, openAmi } from './lib/ami.mjs';
import { dashboardOf, shows } from './lib/dashboard.mjs';
import { MODULES, startApi } from './lib/hubapi.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';

const DESK = 'PJSIP/1001';
const OWN = 'PJSIP/1000';
const WAIT = { timeout: 60000 };

let ami;
let api;
let board;
let count = 0;

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: 'managers-own-word' });
	api = await startApi({ users: ({ sandbox }) => userLine(sandbox.sip,
		{ more: ';call=101;ami_answer=PJSIP/1001' }), bridge: {
		...amiKeys(ami), module_app: [...MODULES, 'connectycube_ami.so'] } });
	await ami.waitLogin();
	await ready();
});

after(async () => {
	await board?.stop();
	await api?.stop();
	await ami?.close();
});

const ready = () => until('the link with the PBX', async () => (await api.get(
	`extensions/${api.extension}`)).pbx?.ready, WAIT);

const records = async (query = 'kind=pbx') => (await api.get(`cdr?${query}`)).records;

const recordOf = (name) => until(`the record of ${name}`, async () =>
	(await records()).find(({ channel }) => channel === name), WAIT);

/** A channel of a device. */
function channel(device, options) {
	const name = `${device}-${String(count += 1).padStart(8, '0')}`;
	const id = ami.channel(name, { number: device.slice(6), ...options });

	return { name, id };
}

/** Until the bridge has heard what was said so far. */
const seen = (name, state) => until(`${name} ${state}`, async () =>
	(await api.get('pbx/channels')).channels.find((one) =>
		one.channel === name && one.state === state), WAIT);

const journal = () => {
	const path = `${api.dir}/spool/open`;

	return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

const bridgeId = ['BridgeUniqueid', 'one-bridge'];

test('a call of the desk phone has a record, and what became of it', async () => {
	const { name, id } = channel(DESK, { state: 0, peer: '5551234' });

	ami.state(name, 5);
	ami.state(name, 6);
	ami.tell(name, 'BridgeEnter', [bridgeId]);
	ami.tell(name, 'Hold');
	ami.tell(name, 'Unhold');
	ami.tell(name, 'HangupRequest', [['Cause', 16]]);
	ami.tell(name, 'BridgeLeave', [bridgeId]);
	ami.hangup(name, 16);
	const record = await recordOf(name);

	assert.deepEqual([record.kind, record.direction, record.channel_linked,
		record.from.number, record.from.side, record.to.number, record.disposition,
		record.reason, record.q850, record.hung_up_by, record.t_media, record.verdict,
		record.hold_count], ['pbx', 'pbx-to-phone', id, '5551234', 'pbx', '1001',
		'ANSWERED', 'normal', 16, 'phone', null, null, 1]);
	assert.ok(record.t_start <= record.t_ring && record.t_ring <= record.t_answer
		&& record.t_answer <= record.t_end);
	const { events } = await api.get(`cdr/${record.id}/timeline`);

	assert.deepEqual(events.map(({ type }) => type.slice(4)), ['created', 'ringing',
		'answered', 'bridged', 'held', 'resumed', 'unbridged', 'hung_up']);
	assert.equal(events.at(-1).cause, 16);
	assert.equal((await records('q=5551234')).length, 1);
	assert.equal((await records('kind=bridge')).length, 0);
	assert.equal((await records('direction=phone-to-pbx')).length, 0);
	assert.equal((await api.get('today')).calls, 0);
	const metrics = await api.ask('GET', '/metrics');

	assert.doesNotMatch(metrics.body.toString(), /^connectycube_calls_total\{.*\} [1-9]/m);
});

test('the dashboard marks it, and shows those of one kind alone', async () => {
	board = await dashboardOf(api);
	const page = await board.open({ role: 'operator' });
	const find = async (kind) => {
		await page.selectOption('#past-form [name="kind"]', kind);
		await page.click('#past-form button');
	};

	await page.click('#views [data-view="past"]');
	await shows(page, '#past-list .past', /5551234[^]*1001[^]*answered[^]*PBX/);
	await find('bridge');
	await shows(page, '#past-none', /No call is like that/);
	await find('pbx');
	await page.click('.past .who');
	await shows(page, '.past .details', /somebody hung up · ended by: phone/);
	assert.deepEqual(board.console.filter((text) =>
		!/^Failed to load resource/.test(text)), []);
	await page.context().close();
});

test('a call of the bridge has one record: its own', async () => {
	const { name } = channel(OWN, { state: 0, peer: '2000' });
	const call = await api.rig.phoneCallsApp();

	ami.state(name, 6);
	await seen(name, 'up');
	await api.rig.phoneHangsUp(call);
	ami.hangup(name, 16);
	const { name: next } = channel(DESK, { state: 4, exten: '900' });

	ami.hangup(next, 17);
	const record = await recordOf(next);

	assert.deepEqual([record.direction, record.dialled, record.disposition],
		['phone-to-pbx', '900', 'BUSY']);
	await until('the record of the call', async () =>
		(await records('kind=bridge')).length === 1, WAIT);
	assert.ok(!(await records()).some(({ channel: own }) => own === name));
});

test('what ended while the link was lost says so', async () => {
	const { name } = channel(DESK, { state: 4 });

	ami.state(name, 6);
	await seen(name, 'up');
	ami.channels.delete(name);
	ami.cut();
	const record = await recordOf(name);

	assert.deepEqual([record.disposition, record.reason, record.class, record.q850,
		record.hung_up_by], ['ANSWERED', 'unseen', 'upstream', null, null]);
});

test('a bridge that is killed in mid-call leaves a record', async () => {
	const { name } = channel(DESK, { state: 4 });

	ami.state(name, 6);
	await seen(name, 'up');
	await until('the journal has it', () => journal().includes(name.slice(6)), WAIT);
	process.kill(api.rig.bridge.child.pid, 'SIGKILL');
	await api.rig.bridge.child.exited;
	api.rig.bridge = await startRawBridge(api.rig.sandbox, { name: 'again',
		users: userLine(api.rig.sandbox.sip), keys: {
			module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
				'ctrl_tcp.so'], connectycube_link_socket: api.hub.socket,
			connectycube_link_spool: `${api.dir}/spool` } });
	const record = await recordOf(name);

	assert.deepEqual([record.kind, record.reason, record.hung_up_by, record.q850],
		['pbx', 'crash', null, null]);
});
