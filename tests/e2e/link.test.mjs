// A record of each call reaches the hub, whatever dies, and once.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync,
	rmSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openHub } from './lib/fakehub.mjs';
import { runRawBridge, startRig } from './lib/rig.mjs';

const dir = mkdtempSync(`${tmpdir()}/link-`);
const socket = `${dir}/hub.sock`;
const spool = `${dir}/spool`;
const MODULES = ['connectycube.so', 'connectycube_link.so', 'account.so',
	'ctrl_tcp.so'];
const keys = { module_app: MODULES, connectycube_link_socket: socket,
	connectycube_link_spool: spool, connectycube_link_name: 'sales',
	connectycube_department: 'Sales', connectycube_trace_send: 'yes',
	connectycube_flight_dir: `${dir}/flight`, connectycube_link_refused: 3 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let hub;
let rig;

before(async () => {
	hub = await openHub(socket);
	rig = await startRig({ bridge: { keys } });
});

after(async () => {
	await rig?.stop();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

const waiting = () => readdirSync(spool).filter((name) =>
	!name.startsWith('.'));

const waitEmpty = () => until('nothing waits', () => !waiting().length);

/** The hub is new; the bridge has found it. */
async function renewHub(hello, acks = true) {
	hub = await openHub(socket, hello);
	hub.acks = acks;
	await hub.wait('a hello', ({ t }) => t === 'hello');
	return hub;
}

test('a call that was answered, as it happened', async () => {
	const hello = await hub.wait('a hello', ({ t }) => t === 'hello');

	assert.equal(hello.name, 'sales');
	assert.equal(hello.v, 3);
	const trace = '0af7651916cd43dd8448eb211c80319c';

	const call = await rig.phoneCallsApp({ extra: [
		`traceparent: 00-${trace}-b7ad6b7169203331-01`] });

	await rig.waitTones();
	await rig.phoneHangsUp(call);
	const record = await hub.waitRecord();

	assert.match(record.id, UUID);
	assert.equal(record.linked_id, record.id);
	assert.equal(record.v, 1);
	assert.equal(record.direction, 'sip-to-app');
	assert.match(record.from.uri, /^sip:5551234@127\.0\.0\.1/);
	assert.equal(record.from.number, '5551234');
	assert.equal(record.to.user, '101');
	assert.equal(record.dialled, '1000');
	assert.deepEqual(record.users, ['101']);
	assert.equal(record.platform, 'web');
	assert.match(record.addr, /^127\.0\.0\.1:\d+$/);
	assert.equal(record.call_id, call.id);
	const [phone] = record.legs.filter(({ side }) => side === 'phone');

	assert.equal(record.tag_remote, /tag=(\w+)/.exec(call.local)[1]);
	assert.equal(record.tag_local, /tag=(\w+)/.exec(call.remote)[1]);
	assert.deepEqual([phone.tag_local, phone.tag_remote],
		[record.tag_local, record.tag_remote]);
	assert.equal(record.trace, trace);
	assert.equal(record.department, 'Sales');
	assert.equal(record.flight, null);
	assert.deepEqual(record.recordings, []);
	assert.equal(record.disposition, 'ANSWERED');
	assert.equal(record.class, 'success');
	assert.equal(record.reason, 'normal');
	assert.equal(record.hung_up_by, 'phone');
	assert.ok(record.t_start <= record.t_ring
		&& record.t_ring <= record.t_answer && record.t_answer < record.t_end);
	assert.ok(Math.abs(record.t_end - record.t_answer - record.bill_ms) < 50);
	assert.deepEqual(record.legs.map(({ side }) => side), ['phone', 'app']);
	// a phone that reports nothing
	assert.deepEqual([phone.media.tx.lost, phone.media.tx.jitter_ms],
		[null, null]);
	for (const { media } of record.legs) {
		assert.ok(media.rx.packets > 20);
		assert.ok(media.first_rtp >= record.t_start);
	}
	await waitEmpty();

	// events came before, in order
	const events = hub.of('event').map(({ event }) => event);

	assert.ok(events.some(({ type }) => type === 'call.answered'), events);
	assert.ok(events.every(({ seq }, i) => !i || seq > events[i - 1].seq));
	assert.match(await hub.command('cube_status'), /1000/);
	assert.match(await hub.command('cube_link'), /connected/);
	assert.match(await hub.command('nonsense'), /./);
});

test('the hub orders: by name, as the console and apps do', async () => {
	const order = async (name, params) => {
		const { word, text, result } = await hub.order(name, params);

		assert.equal(word, 'ok', text);
		return result;
	};
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const { calls: [{ id, ...seen }], after: more } = await order('calls');
	const log = rig.bridge.log().length;

	assert.equal(more, null);
	assert.equal(seen.state, 'ESTABLISHED');
	assert.match(seen.extension, /^sip:1000@/);
	assert.deepEqual(seen.legs.map(({ side, user }) => user ?? side),
		['phone', '101']);
	const stats = await order('stats', { call: id });

	assert.ok(stats.sip.audio.rx.packets > 20 && stats.app.audio.rx.packets > 20);
	assert.deepEqual(await order('calls', { after: id }),
		{ calls: [], after: null });

	const event = (type, check = () => true) => hub.wait(type, ({ t, event: one }) =>
		t === 'event' && one.type === type && check(one));

	await order('hold', { call: id });
	await event('leg.held', ({ side }) => side === 'app');
	await order('resume', { call: id });
	await event('leg.resumed', ({ side }) => side === 'app');
	await order('dtmf', { call: id, keys: '4711#' });
	await event('keys', ({ to, sent }) => to === 'phone' && sent === 5);
	await order('dnd', { user: '101', on: true });
	await event('user.dnd', ({ on, by }) => on && by === 'bridge');
	await order('dnd', { user: '101', on: false });
	await order('reload');

	// no more calls, and this one goes on
	assert.equal((await order('drain', { on: true })).calls, 1);
	const { draining, extensions: [ext] } = await order('extensions');

	assert.equal(draining, true);
	assert.equal(ext.calls, 1);
	const late = await rig.ua.invite(rig.bridge.uri);

	await late.wait('503');
	await order('drain', { on: false });
	assert.match(await rig.bridge.command('cube_drain'), /^calls are taken, 1/);

	for (const [name, params, word, why] of [
		['fly', {}, 'unknown', /no such command/],
		['hangup', {}, 'invalid', /call: /],
		['hangup', [7], 'invalid', /params: /],
		['hangup', { call: 4711 }, 'not_found', /no call 4711/],
		['dtmf', { call: id, keys: '12x' }, 'invalid', /keys: /],
		['transfer', { call: id }, 'invalid', /target: /],
		['transfer', { call: id, target: 'user:999' }, 'forbidden', /no such user/],
		['dnd', { on: true, extension: 'sip:9@x' }, 'not_found', /extension/],
		['calls', { limit: 1000 }, 'invalid', /limit: /],
	]) {
		const said = await hub.order(name, params);

		assert.equal(said.word, word, name);
		assert.match(said.text, why);
	}

	await order('hangup', { call: id });
	await call.wait('BYE');
	const record = await hub.waitRecord(({ call_id: one }) => one === call.id);

	assert.equal(record.reason, 'console');
	assert.equal(record.keys.app, 5);
	assert.match(rig.bridge.log().slice(log), /the hub orders dtmf: ok/);
	assert.doesNotMatch(rig.bridge.log().slice(log), /4711#|12x/);
});

test('an app\'s call that a server fails: its trace id is passed on, its flight'
	+ ' record is where it says', async () => {
	await rig.app.call(rig.id);
	const call = await rig.ua.waitInvite();
	const [, trace] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(
		call.messages[0].header('traceparent'));

	call.reject(503, 'Service Unavailable');
	const record = await hub.waitRecord(({ call_id: id }) => id === call.id);

	assert.equal(record.trace, trace);
	assert.equal(record.reason, 'upstream');
	assert.match(record.tag_local, /\w/);
	const phone = record.legs.find(({ side }) => side === 'phone');

	assert.deepEqual([phone.call_id, phone.tag_local],
		[call.id, record.tag_local]);
	await until('the flight record is there, and whole', () =>
		existsSync(record.flight)
			&& readFileSync(record.flight, 'utf8').includes(trace));
});

test('no hub: what happened waits, and is sent again until it is taken', async () => {
	await hub.close();

	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.reject();
	await call.wait('486');
	await until('it waits', () => waiting().length === 1);

	// a hub that takes it, and dies before it says so
	await renewHub(undefined, false);
	const { id, disposition, reason } = await hub.waitRecord();

	assert.equal(disposition, 'REJECTED');
	assert.equal(reason, 'rejected');
	await hub.close();
	assert.equal(waiting().length, 1);

	await renewHub();
	assert.equal((await hub.waitRecord()).id, id);
	await waitEmpty();
});

test('what there is now is told to a hub that knows it, in mid-call, too',
	async () => {
		const later = () => renewHub({ t: 'hello', v: 3, min: 1, name: 'new' });
		const wait = (type, is = () => true) => hub.wait(type, ({ t, ...more }) =>
			t === type && is(more[type])).then((message) => message[type]);

		assert.deepEqual([hub.of('state'), hub.of('stats')], [[], []]);
		await hub.close();
		await later();
		const idle = await wait('state');

		assert.equal(idle.extensions.length, 1);
		const [{ sip, cloud, extension }] = idle.extensions;

		assert.equal(sip.registered, true);
		assert.ok(sip.since <= idle.time && sip.since > idle.time - 600_000);
		assert.deepEqual([cloud.state, cloud.error], ['online', undefined]);
		assert.ok(cloud.user && idle.memory_kb > 1000 && idle.pid > 1);
		assert.deepEqual([idle.calls, idle.recordings, idle.spool, idle.draining],
			[[], [], { waiting: 0, lost: 0, works: true }, false]);

		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		const full = ({ calls: [{ legs, state } = {}] }) => state === 'ESTABLISHED'
			&& legs.length === 2 && legs.every(({ rx, tx, level_now_10: level }) =>
			rx?.codec && tx?.codec && rx.packets > 20 && rx.mos_now_100 > 300
				&& level < 0);
		const { calls: [first] } = await wait('stats', full);

		assert.deepEqual([first.extension, first.direction],
			[extension, 'sip-to-app']);
		assert.equal(first.legs[0].id, call.id);
		assert.ok(first.t_answer >= first.t_start);

		// the next hub knows nothing of it
		await hub.close();
		await later();
		const { calls: [again] } = await wait('stats');

		assert.equal(again.call, first.call);
		// two clocks, each in whole milliseconds
		assert.ok(Math.abs(again.t_answer - first.t_answer) <= 1);
		assert.deepEqual((await wait('state')).calls, [first.call]);
		await rig.appHangsUp(call);
		await hub.waitRecord();
		await waitEmpty();
		await hub.close();
		await renewHub();
	});

test('a hub that is not understood harms no call', async () => {
	await hub.close();
	let since = rig.bridge.log().length;

	await renewHub({ t: 'hello', v: 9, min: 9, name: 'tomorrow' });
	await rig.bridge.waitLog(/speaks version 9 to 9/, { since });
	await hub.close();
	since = rig.bridge.log().length;
	await renewHub('what');
	await rig.bridge.waitLog(/hub at .*: no JSON/, { since });
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	await hub.close();
	await renewHub({ t: 'hello', v: 4, min: 3, name: 'newer', more: [1] });
	hub.say({ t: 'weather', of: 'tomorrow' });
	await rig.appHangsUp(call);
	assert.equal((await hub.waitRecord()).hung_up_by, 'app');
	await waitEmpty();
});

test('the bridge is killed in a call: it has one record, of a crash', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	await until('the journal has it', () => waiting().includes('open'));
	process.kill(rig.bridge.child.pid, 'SIGKILL');
	await rig.bridge.child.exited;
	await rig.app.reset();
	await rig.renew({ bridge: { keys } });
	const record = await hub.waitRecord(({ reason }) => reason === 'crash');

	assert.equal(record.call_id, call.id);
	assert.equal(record.disposition, 'ANSWERED');
	assert.equal(record.class, 'server');
	assert.ok(record.t_end >= record.t_answer);
	await waitEmpty();
	assert.equal(hub.records().filter(({ call_id: one }) =>
		one === call.id).length, 1);
});

test('the bridge ends in a call: its record says so, now or at the next start',
	async () => {
		const end = async (how) => {
			const call = await rig.phoneCallsApp();

			await rig.waitTones();
			await how();
			await rig.bridge.child.exited;
			return call.id;
		};
		const of = (id) => hub.records().filter(({ call_id: one }) => one === id);

		// it is there
		const first = await end(() => rig.bridge.command('quit'));
		const { reason, class: whose, bill_ms: bill } = await hub.waitRecord(
			({ call_id: one }) => one === first);

		assert.deepEqual([reason, whose], ['shutdown', 'server']);
		assert.ok(bill > 0);
		await rig.app.reset();
		await rig.renew({ bridge: { keys } });
		await waitEmpty();
		assert.equal(new Set(of(first).map(({ id }) => id)).size, 1);

		// it is not: what is on the disk is whole
		await hub.close();
		const second = await end(() => process.kill(rig.bridge.child.pid,
			'SIGTERM'));
		const [name, ...more] = waiting();

		assert.deepEqual(more, []);
		assert.equal(JSON.parse(readFileSync(`${spool}/${name}`)).reason,
			'shutdown');
		await rig.app.reset();
		hub = await openHub(socket);
		await rig.renew({ bridge: { keys } });
		assert.equal((await hub.waitRecord()).call_id, second);
		await waitEmpty();
	});

test('what is refused before it becomes a call has a record, so many a minute',
	async () => {
		const had = hub.records().length;
		const since = rig.bridge.log().length;

		await rig.bridge.command('cube_drain', 'on');
		for (let i = 0; i < 5; i += 1)
			await (await rig.ua.invite(rig.bridge.uri)).wait('503');
		await rig.bridge.command('cube_drain', 'off');
		await until('three of them', () => hub.records().length >= had + 3);
		const record = hub.records().at(-1);

		assert.deepEqual([record.sip_code, record.reason],
			[503, 'shutdown']);
		assert.equal(record.hung_up_by, 'bridge');
		assert.equal(record.department, 'Sales');
		assert.match(record.from.uri, /^sip:5551234@/);
		assert.deepEqual([record.legs, record.bill_ms, record.t_answer],
			[[], 0, null]);
		await waitEmpty();
		assert.equal(hub.records().length, had + 3);
		assert.match(rig.bridge.log().slice(since),
			/more than 3 calls in a minute are refused: the others have no record/);
		assert.match(await rig.bridge.command('cube_link'), /without one: 2$/m);
	});

test('the disk is full: the hub has it, or it is written when there is room', async () => {
	await rig.bridge.stop();
	mkdirSync(spool, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', spool]);
	try {
		await rig.renew({ bridge: { keys } });
		await until('it has found the hub', async () =>
			/connected/.test(await rig.bridge.command('cube_link')));
		assert.throws(() => writeFileSync(`${spool}/.fill`,
			Buffer.alloc(1 << 20)), /ENOSPC/);
		const had = hub.records().length;

		await rig.phoneCallsApp();
		await rig.waitTones();
		await rig.phoneHangsUp();
		await until('the hub has it', () => hub.records().length > had);

		// nobody takes it
		await hub.close();
		await rig.phoneCallsApp();
		await rig.waitTones();
		await rig.phoneHangsUp();
		await rig.bridge.waitLog(/records cannot be written/);
		rmSync(`${spool}/.fill`);
		await until('it is written', () => waiting().some((name) =>
			name.endsWith('.json')), { timeout: 30000 });
		await rig.bridge.waitLog(/records can be written again/);
		await renewHub();
		await hub.waitRecord();
		await waitEmpty();
		await rig.bridge.stop();
	} finally {
		execFileSync('umount', [spool]);
	}
	await rig.renew({ bridge: { keys } });
});

test('what is wrong in its configuration is said, and ends the start', async () => {
	const run = (name, more) => runRawBridge(rig.sandbox, { name,
		keys: { ...keys, connectycube_link_spool: `${dir}/${name}`, ...more } });
	const unknown = await run('unknown', { connectycube_link_sokcet: '/x' });

	assert.equal(unknown.code, 78);
	assert.match(unknown.log,
		/unknown key connectycube_link_sokcet: is connectycube_link_socket meant/);
	const range = await run('range', { connectycube_link_spool_max: 1 });

	assert.equal(range.code, 78);
	assert.match(range.log, /spool_max: '1' is not a number from 100 to/);
	const first = await run('first', { module_app:
		['connectycube_link.so', 'connectycube.so', 'account.so'] });

	assert.equal(first.code, 78);
	assert.match(first.log, /is to stand before this module/);
	const taken = await run('taken', { connectycube_link_spool: spool });

	assert.equal(taken.code, 73);
	assert.match(taken.log, /another process has it/);
	const nowhere = await run('nowhere',
		{ connectycube_link_spool: '/proc/nowhere/spool' });

	assert.equal(nowhere.code, 73);
	assert.match(nowhere.log, /spool \/proc\/nowhere\/spool: No such file/);
});
