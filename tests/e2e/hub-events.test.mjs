// The hub's events over HTTP: who follows them, comes back, is one of very many.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startHub } from './lib/hub.mjs';
import { ask, dial } from './lib/http.mjs';
import { freePort } from './lib/ports.mjs';

let hub;
let door; // TCP on the loopback
let token;

before(async () => {
	const port = await freePort();

	door = { port };
	hub = await startHub({ connectycube_hub_http: `127.0.0.1:${port}`,
		connectycube_hub_http_connections: 40, connectycube_hub_http_events: 8 });
	const text = await hub.ctrl.command('hub_token', 'add readonly readonly');

	token = /^(cube_[0-9a-f]{64})\n/m.exec(text)?.[1] ?? assert.fail(text);
});

after(() => hub?.stop());

const extension = (name, registered) => ({ extension: name, calls: 0,
	sip: { registered, registers: true }, cloud: { state: 'online', online: true } });
const state = (...extensions) => ({ t: 'state', state: { draining: false,
	loop_stall_ms: 3, spool: { waiting: 0, lost: 0, works: true }, calls: [], extensions } });

/** Follow events; more is of the head. */
async function follow(query = '', more = '', who = `Authorization: Bearer ${token}`) {
	const conn = await dial(door);

	conn.write(`GET /api/v1/events${query} HTTP/1.1\r\nHost: localhost\r\n`
		+ `${who}\r\n${more}\r\n`);
	await conn.wait('its head', ({ bytes }) => /retry: \d+\n\n/.test(bytes)
		|| (/^HTTP\/1\.1 [45]/.test(bytes) && bytes.includes('\r\n\r\n')));
	conn.events = () => conn.bytes.toString().split('\n\n').map((block) => ({
		id: /^id: (.*)$/m.exec(block)?.[1],
		type: /^event: (.*)$/m.exec(block)?.[1],
		data: /^data: (.*)$/m.exec(block)?.[1] })).filter(({ type }) => type);
	conn.last = () => [...conn.bytes.toString().matchAll(/^id: (.*)$/gm)].pop()[1];
	return conn;
}

test('events: live, by type and extension, again by Last-Event-ID, or told of a gap',
	async () => {
		const bridge = await hub.bridge('1001', { v: 3 });
		const [a, b] = ['a', 'b'].map((name) => `sip:${name}@pbx.example`);
		const all = await follow();
		const ofB = await follow(`?extension=${b}`);
		const none = await follow('?type=call,nothing');
		const start = all.last();

		assert.match(all.bytes.toString(),
			/^HTTP\/1\.1 200 [^]*\r\nContent-Type: text\/event-stream\r\n/);
		bridge.send(state(extension(a, true), extension(b, true)));
		await all.wait('both', () => [a, b].every((one) => all.events().some((ev) =>
			ev.type === 'extension' && JSON.parse(ev.data).extension === one)));
		await ofB.wait('b', () => ofB.events().length > 0);
		assert.ok(ofB.events().every(({ data }) => JSON.parse(data).extension === b));
		assert.deepEqual(none.events(), []);
		assert.equal((await ask(door, 'GET', '/readyz')).status, 200);

		// back again, with all that was missed
		all.socket.destroy();
		bridge.send(state(extension(a, false), extension(b, true)));
		const back = await follow('', `Last-Event-ID: ${start}\r\n`);

		await back.wait('what was, and what is', () => back.events().length >= 3);
		assert.ok(all.events().every(({ id }) =>
			back.events().some((ev) => ev.id === id)));
		const ready = await ask(door, 'GET', '/readyz');

		assert.deepEqual([ready.status, ready.json.detail],
			[503, '1 of 2 extensions take calls']);
		const health = await ask(door, 'GET', '/api/v1/health',
			{ headers: { Authorization: `Bearer ${token}` } });

		assert.deepEqual([health.json.ready, health.json.extensions,
			health.json.extensions_ready], [false, 2, 1]);

		const lost = await follow('', 'Last-Event-ID: 1234-5\r\n');

		assert.deepEqual(lost.events(), [{ id: undefined, type: 'gap',
			data: '{"lost":null}' }]);
		for (const { socket } of [ofB, none, back, lost]) socket.destroy();
		bridge.close();
	});

test('a disk of the hub that has less room than is wanted is an alarm, once', async () => {
	const port = await freePort();
	const full = await startHub({ connectycube_hub_http: `127.0.0.1:${port}`,
		connectycube_hub_alarm_disk: 100000000 });

	try {
		const text = await full.ctrl.command('hub_token', 'add readonly readonly');
		const [secret] = /^cube_[0-9a-f]{64}$/m.exec(text);
		const { alarms } = await until('the alarm', async () => {
			const { json } = await ask({ port }, 'GET', '/api/v1/alarms',
				{ headers: { Authorization: `Bearer ${secret}` } });

			return json.alarms.length && json;
		});

		assert.deepEqual(alarms.map(({ alarm, bridge, extension, call, text: said }) =>
			[alarm, bridge, extension, call, /database/.test(said)]),
		[['disk_full', null, null, null, true]]);
	} finally {
		await full.stop();
	}
});

test('whose token is removed, or who has logged out, follows no longer', async () => {
	const text = await hub.ctrl.command('hub_token', 'add guest readonly');
	const [guest] = /^cube_[0-9a-f]{64}$/m.exec(text);
	const logIn = async () => (await ask(door, 'POST', '/api/v1/session',
		{ body: { token: guest } })).headers['set-cookie'].split(';')[0];
	const [first, second] = [await logIn(), await logIn()];
	const pages = [await follow('', '', `Cookie: ${first}`),
		await follow('', '', `Cookie: ${second}`)];
	const others = [await follow(), await follow('', '', `Authorization: Bearer ${guest}`)];
	const ends = (conn) => conn.wait('its end', ({ ended }) => ended);

	assert.equal((await ask(door, 'DELETE', '/api/v1/session', { headers: { Cookie: first,
		'X-ConnectyCube': '1' } })).status, 204);
	await ends(pages[0]);
	assert.deepEqual([pages[1], ...others].map(({ ended }) => ended), [false, false, false]);
	await hub.ctrl.command('hub_token', 'remove guest');
	await Promise.all([pages[1], others[1]].map(ends));

	// the others do not notice
	const bridge = await hub.bridge('1001', { v: 3 });

	bridge.send(state(extension('sip:c@pbx.example', true)));
	await others[0].wait('news', () => others[0].events().length > 0);
	assert.equal(others[0].ended, false);
	others[0].socket.destroy();
	bridge.close();
});

test('who follows most leaves one to somebody who has less', async () => {
	const said = await hub.ctrl.command('hub_token', 'add wall readonly');
	const wall = `Authorization: Bearer ${/^cube_[0-9a-f]{64}$/m.exec(said)[0]}`;
	const is = (conn, status) => assert.match(conn.bytes.toString(),
		new RegExp(`^HTTP/1\\.1 ${status} `));
	const many = [];

	await until('nobody follows', async () => / events=0 /.test(await hub.status()));
	for (let i = 0; i < 8; i += 1) many.push(await follow());
	is(await follow(), 503);
	for (let i = 0; i < 4; i += 1) {
		const one = await follow('', '', wall);

		is(one, 200);
		await many[i].wait('its end', ({ ended }) => ended);
		many.push(one);
	}
	// both have as many now
	is(await follow('', '', wall), 503);
	is(await follow(), 503);
	assert.deepEqual(many.map(({ ended }) => ended),
		many.map((_, i) => i < 4));
	for (const { socket } of many) socket.destroy();
});

test('1,000 follow events: some do, the others are told to come later; all is well after',
	async () => {
		const get = 'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n'
			+ `Authorization: Bearer ${token}\r\n\r\n`;
		const all = [];
		let gone = 0; // the queue of the socket was full

		for (let i = 0; i < 1000; i += 1)
			all.push(dial(door).then(async (conn) => {
				conn.write(get);
				await conn.wait('an answer', ({ bytes, ended }) => ended
					|| bytes.includes('\r\n\r\n'));
				return conn;
			}).catch(() => {
				gone += 1;
				return null;
			}));
		const conns = (await Promise.all(all)).filter(Boolean);
		const heads = conns.map(({ bytes }) => bytes.toString());

		const served = heads.filter((one) => /^HTTP\/1\.1 200/.test(one)).length;
		const later = heads.filter((one) => /^HTTP\/1\.1 503[^]*\r\nRetry-After: \d/
			.test(one)).length;

		assert.equal(served, 8);
		assert.ok(later > 900, `${later} of ${heads.length}, ${gone} gone`);
		for (const { socket } of conns) socket.destroy();
		await until('there is room', async () =>
			(await ask(door, 'GET', '/healthz')).status === 200);
		const again = await until('one may follow', async () => {
			const conn = await follow();

			if (/^HTTP\/1\.1 200/.test(conn.bytes)) return conn;
			conn.socket.destroy();
			return null;
		});

		again.socket.destroy();
	});
