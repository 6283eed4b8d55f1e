// A wall clock that is set, by a year, and back: nothing goes since it is old before the
// clock has been right for a day, and nothing is given up sooner, or waits longer.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { record as sample } from './lib/hub.mjs';
import { startRecordings } from './lib/hubrec.mjs';

const MINUTE = 60000; // [ms]
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

let rig;
let hub;
let bridge;
let web;
let status = 204;
const told = [];

const record = () => {
	const id = randomUUID();

	return sample({ id, linked_id: id });
};

before(async () => {
	web = createServer((request, response) => {
		told.push({ id: request.headers['x-event-id'], status });
		request.resume().on('end', () => response.writeHead(status).end());
	}).listen(0, '127.0.0.1');
	await once(web, 'listening');
	rig = await startRecordings({ connectycube_hub_days: 2,
		connectycube_hub_recording_days: 2,
		connectycube_hub_webhook: `http://127.0.0.1:${web.address().port}/` },
	{ clock: true });
	hub = rig.hub;
	bridge = await hub.bridge('1001');
});

after(async () => {
	bridge?.close();
	await rig?.stop();
	web?.close();
});

const settle = () => until('all is quiet', async () =>
	!/waiting=\?| busy /.test(await hub.status()));

const HELD = /^old {5}removed=\d+ none go before the clock has been right for a day$/m;

/** What goes for its age is looked at every ten minutes: of a look that was at work while
 * time passed the next one is ten minutes later. */
const waitOld = (re) => until(`hub_status: ${re}`, async () => {
	if (re.test(await hub.status())) return true;
	await hub.pass(11 * MINUTE);
	await settle();

	return false;
}, { timeout: 30000 });

const taken = (id) => told.filter((one) => one.id === id
	&& one.status < 300).length;

/** Hours pass, with what is done in each. */
async function hours(n) {
	for (let i = 0; i < n; i += 1) {
		await hub.pass(HOUR);
		await settle();
		await rig.tell();
	}
}

test('a new hub looks at its clock for a day', async () => {
	await bridge.keep(record());
	await hours(1);
	await waitOld(HELD);
	await hours(24);
	await waitOld(/^old {5}removed=0$/m);
	await hours(26);
	await waitOld(/^old {5}removed=1$/m);
});

test('set by a year, nothing goes for its age; and back, neither', async () => {
	const one = record();
	const id = rig.raw({ t_start: Date.now() + hub.ahead });

	await bridge.keep(one);
	await rig.finished(id);
	await hub.setClock(YEAR);
	await hours(1);
	await waitOld(HELD);
	await hours(20);
	assert.deepEqual(hub.ids().db, [one.id]);
	assert.equal(rig.row(id).removed_why, null);
	assert.match(hub.logText(), /the clock was set/);

	// one that comes now, from a year ahead, is no reason for others to stay
	await bridge.keep(record());
	await hub.setClock(0);
	await hours(2);
	await waitOld(HELD);
	assert.equal(hub.ids().db.length, 2);
	assert.equal(rig.row(id).removed_why, null);
	await hours(30);
	await waitOld(/^old {5}removed=2$/m);
	await until('the recording, too', () => rig.row(id)?.removed_why !== null);
	await hours(50);
	await waitOld(/^old {5}removed=3$/m);
	await until('what is known of it, too', () => !rig.row(id));
	assert.match(hub.logText(),
		new RegExp(`recording ${id} is removed [^]*recording ${id} is forgotten`));
});

test('what is tried again knows nothing of that', async () => {
	const one = record();

	status = 503;
	await bridge.keep(one);
	await until('it is refused', () => told.some(({ id }) => id === one.id));
	await hub.setClock(YEAR);
	await hub.ctrl.command('hub_retry', 'webhook');
	await until('it is tried again', () =>
		told.filter(({ id }) => id === one.id).length > 1);
	await settle();
	assert.match(await hub.status(), /webhook .*failed=1 dead=0/);
	await hub.setClock(-YEAR);
	await hub.ctrl.command('hub_retry', 'webhook');
	await settle();
	assert.match(await hub.status(), /webhook .*failed=1 dead=0/);
	status = 204;
	await hub.pass(11 * MINUTE);
	await until('it has it', () => taken(one.id) === 1);
	await hub.waitStatus(/sink {4}webhook done=\d+ waiting=0 http/);
});
