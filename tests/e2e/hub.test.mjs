// The hub: bridges bring it records over its socket. What is acknowledged is on the
// disk, in the database, JSON lines and CSV, each id once, whatever happens.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, renameSync, statSync }
	from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { FaithfulBridge, connectRaw, record, startHub } from './lib/hub.mjs';

let hub;

before(async () => {
	hub = await startHub();
});

after(() => hub?.stop());

const mode = (path) => (statSync(path).mode & 0o777).toString(8);

test('a record is acknowledged, and there is one of it', async () => {
	const bridge = await hub.bridge('1001');
	const one = record({ mos: 4.1 });

	await bridge.keep(one);
	bridge.lines.splice(0);
	await bridge.keep(one);
	await hub.waitIdle();

	const [row] = hub.query('SELECT json, from_uri, to_user, bill_ms,'
		+ ` disposition FROM records WHERE id='${one.id}'`);

	assert.deepEqual(JSON.parse(row.json), one);
	assert.deepEqual([row.from_uri, row.to_user, row.bill_ms, row.disposition],
		[one.from.uri, '777', 6000, 'ANSWERED']);
	assert.deepEqual(hub.ids(), { db: [one.id], jsonl: [one.id],
		csv: [one.id] });
	assert.match(readFileSync(hub.csv, 'utf8'),
		/,"'\+4930123","Böll, ""Ann""","777",,"\d{4}-\d\d-\d\dT[\d:.]{12}Z",/);
	for (const path of [hub.db, `${hub.db}-wal`, hub.jsonl, hub.csv])
		assert.equal(mode(path), '640', path);
	assert.equal(mode(hub.socket), '660');
	assert.equal(mode(`${hub.dir}/run`), '750');
	assert.match(await hub.ctrl.command('hub_records', '5'),
		new RegExp(`^\\S+Z ${one.id} sip:1001@pbx.example `
			+ 'sip:\\+4930123@pbx.example -> 777 ANSWERED'));
	assert.match(await hub.status(), /^bridge {2}1001 version=1 .*records=2 /m);
	bridge.close();
	await hub.waitStatus(/bridges=0/);
});

test('of a later version it takes what it knows; a foreign one is refused',
	async () => {
		const later = await hub.bridge('later', { v: 4, extra: { a: [1] } });

		later.send({ t: 'weather', text: 'rain' });
		later.send({ t: 'event', event: { type: 'call' }, more: 1 });
		later.send({ t: 'state', state: {} });
		later.send({ t: 'stats', stats: {} });
		await later.keep(record({ v: 2, new: { deep: [{}] } }));
		assert.match(await hub.status(),
			/ later version=3 .* events=1 states=1 stats=1 unknown=1/);
		later.close();

		for (const [hello, why] of [[{ v: 0, min: 0 }, /speaks version 0 to 0/],
			[{ v: 9, min: 9 }, /speaks version 9 to 9, we 1 to 3/]]) {
			const foreign = await connectRaw(hub.socket);

			foreign.hello(hello);
			assert.match(await foreign.waitBye(), why);
		}
	});

test('bridges are ordered by name; older ones are not', async () => {
	const command = (text = '') => hub.ctrl.command('hub_command', text);
	const bridge = await hub.bridge('new', { v: 2 });
	const old = await hub.bridge('old', { v: 1 });

	assert.match(await command('new dtmf {"call":7,"keys":"4711"}'),
		/^\d+ is sent/);
	const { n, ...order } = await bridge.waitMessage('command');

	assert.deepEqual(order, { t: 'command', name: 'dtmf',
		params: { call: 7, keys: '4711' } });
	assert.match(await command(), / new dtmf: \(no answer yet\)\n/);
	bridge.send({ t: 'reply', n, word: 'ok', text: '', result: { a: [1] } });
	await until('its answer', async () =>
		/ new dtmf: ok \{"a":\[1\]\}\n/.test(await command()));
	await command('new fly');
	bridge.send({ t: 'reply', n: n + 1, word: 'unknown', text: 'no such' });
	await until('it is refused', async () =>
		/ new fly: unknown: no such\n/.test(await command()));
	await command('new calls');
	bridge.close();
	await until('it is gone', async () =>
		/ new calls: gone: /.test(await command()));

	for (const [text, why] of [['old calls', /older version/],
		['nobody calls', /no such bridge/], ['new', /^usage: /],
		['old calls [1]', /no object/]])
		assert.match(await command(text), why);
	assert.doesNotMatch(await command() + hub.logText(), /4711/);
	old.close();
	await hub.waitStatus(/bridges=0/);
});

test('a word that a command does not know is answered', async () => {
	for (const name of ['status', 'calls', 'extensions', 'metrics', 'record_retry'])
		assert.match(await hub.ctrl.command(`hub_${name}`, 'x'), new RegExp(
			`^usage: /hub_${name} \\(nothing comes after it\\)$`, 'm'));
	for (const name of ['records', 'recordings'])
		for (const bad of ['x', '0', '1 2', '-1', '4294967296'])
			assert.match(await hub.ctrl.command(`hub_${name}`, bad),
				new RegExp(`^usage: /hub_${name} \\[N\\]`, 'm'));
	assert.match(await hub.ctrl.command('hub_retry', 'jsonl x'),
		/^there is no sink jsonl x; there are: /m);
	for (const bad of ['', 'x', 'list x', 'remove', 'add x', 'add x chief'])
		assert.match(await hub.ctrl.command('hub_token', bad),
			/^usage: \/hub_token /m);
	assert.match(await hub.status(), /^hub /m);
});

test('who talks rubbish is sent away with the reason, nobody else', async () => {
	const good = await hub.bridge('good');
	const one = record();
	const say = (text) => async () => {
		const bridge = await hub.bridge('bad');

		bridge.write(text);
		return bridge.waitBye();
	};
	const kept = (more) => `${JSON.stringify({ t: 'record', id: one.id,
		record: one, ...more })}\n`;
	const deep = JSON.parse('['.repeat(100) + ']'.repeat(100));

	for (const [rubbish, why] of [
		[say('rubbish\n'), /no JSON/],
		[say('{"t":"record","id":"1"}\n'), /record: record: is missing/],
		[say(kept({ id: 'other' })), /its id is not that of the message/],
		[say(kept({ id: 'a b' })), /record: id: /],
		[say(kept({ record: { ...one, deep } })), /too often/],
		[say('{"t":"ack","id":"1"}\n'), /only a hub says this/],
		[say('{"t":"hello","v":1,"min":1,"name":"x"}\n'), /a second one/],
		[say('x'.repeat((1 << 18) + 1)), /a line is too long/],
		[async () => {
			const bridge = await connectRaw(hub.socket);

			bridge.record(one);
			return bridge.waitBye();
		}, /the first line is no hello/],
		[async () => {
			const bridge = await connectRaw(hub.socket);

			bridge.hello({ name: 'a\nWARN forged' });
			return bridge.waitBye();
		}, /hello: name:/],
	])
		assert.match(await rubbish(), why);

	await good.keep(record());
	assert.equal(hub.query(`SELECT * FROM records WHERE id='${one.id}'`).length,
		0);
	good.close();
});

test('64 bridges at once', async () => {
	const bridges = await Promise.all(Array.from({ length: 64 }, (_, i) =>
		hub.bridge(`b${i}`)));

	assert.match(await hub.status(), /bridges=64/);
	await Promise.all(bridges.map((bridge) => bridge.keep(record())));
	for (const bridge of bridges) bridge.close();
	await hub.waitStatus(/bridges=0/);
});

const stat = (file) => readFileSync(`/proc/${hub.child.pid}/${file}`, 'utf8');
const descriptors = () => readdirSync(`/proc/${hub.child.pid}/fd`);

test('bridges that come and go a thousand times leave nothing behind', async () => {
	const before = descriptors().length;

	for (let i = 0; i < 50; i++) {
		const bridges = await Promise.all(Array.from({ length: 20 },
			(_, j) => (j % 2 ? connectRaw(hub.socket) : hub.bridge(`b${j}`))));

		if (i === 0) await bridges[0].keep(record());
		for (const bridge of bridges) bridge.close();
	}
	await hub.waitStatus(/bridges=0/);
	await until('all are closed', () => descriptors().length <= before);
});

test('without room for another descriptor it does not go round and round',
	async () => {
		const limit = (n) => execFileSync('prlimit', ['--pid',
			`${hub.child.pid}`, `--nofile=${n}:`]);
		const [, was] = /^Max open files +(\d+)/m.exec(stat('limits'));
		const ticks = () => stat('stat').split(') ')[1].split(' ').slice(11, 13)
			.reduce((sum, one) => sum + Number(one), 0);
		const said = () => hub.logText().match(/nobody can be taken now/g)
			?.length ?? 0;

		const used = new Set(descriptors());
		const begin = ticks();
		let full = 0;

		while (used.has(`${full}`)) full++;
		limit(full);
		const bridge = await connectRaw(hub.socket);

		try {
			await until('it has tried twice', () => said() >= 2);
			assert.ok(ticks() - begin < 50, `${ticks() - begin} ticks`);
			assert.ok(said() < 5, `said ${said()} times`);
		} finally {
			limit(was);
		}
		bridge.hello({ name: 'late' });
		await bridge.keep(record());
		bridge.close();
		await hub.waitStatus(/bridges=0/);
	});

test('who takes nothing is sent away, before it costs much', async () => {
	const bridge = await hub.bridge('lazy');
	const good = await hub.bridge('good');
	const one = '{"t":"record","id":"lazy","record":{"id":"lazy"}}\n';

	bridge.pause();
	for (let i = 0; i < 20 && !/ lazy is sent away/.test(hub.logText()); i += 1) {
		bridge.write(one.repeat(1000));
		await good.keep(record());
	}
	await until('it is sent away', () =>
		/bridge lazy is sent away: it takes nothing/.test(hub.logText()));
	await hub.waitStatus(/bridges=1$/m);
	bridge.close();
	good.close();
});

/** What becomes of a connection of somebody else. */
const connectAs = (who, path) => spawnSync('setpriv', [...who, 'node', '-e',
	`const s = require('net').connect(${JSON.stringify(path)});
	let text = '';
	s.on('error', (e) => console.log(e.code));
	s.on('data', (data) => { console.log(JSON.parse(data).t); s.destroy(); });
	s.on('close', () => console.log('closed'));
	s.write('{"t":"hello","v":1,"min":1,"name":"stranger"}\\n');`],
{ encoding: 'utf8', timeout: 30000 }).stdout;

const NOBODY = ['--reuid=65534', '--regid=65534'];
const mayBeOthers = spawnSync('setpriv', [...NOBODY, '--clear-groups', 'true'])
	.status === 0;

test('only our own user, root, and members of the group may connect',
	{ skip: !mayBeOthers }, async () => {
		const group = 'daemon';
		const other = await startHub({ connectycube_hub_group: group });

		try {
			chmodSync(other.dir, 0o711);
			assert.equal(connectAs([...NOBODY, `--groups=${group}`],
				other.socket), 'hello\nclosed\n');
			assert.equal(connectAs(['--reuid=65534', `--regid=${group}`,
				'--clear-groups'], other.socket), 'hello\nclosed\n');
			assert.match(connectAs([...NOBODY, '--clear-groups'], other.socket),
				/^EACCES/);

			// a mode is not all
			chmodSync(`${other.dir}/run`, 0o755);
			chmodSync(other.socket, 0o666);
			for (let i = 0; i < 2; i += 1)
				assert.doesNotMatch(connectAs([...NOBODY, '--clear-groups'],
					other.socket), /hello/);
			assert.deepEqual(other.logText().match(/is refused at .*/g),
				[`is refused at ${other.socket}: user 65534 is neither the`
				+ ' hub\'s own nor in the group of connectycube_hub_group']);
		} finally {
			await other.stop();
		}
	});

test('a second hub says that there is one, and ends', () => {
	const { status, stdout } = spawnSync('baresip', ['-f', hub.dir],
		{ encoding: 'utf8', timeout: 30000 });

	assert.equal(status, 69);
	assert.match(stdout, /hub: .*records\.db: another hub has it/);
	assert.ok(existsSync(hub.socket));
});

test('the disk is full: nothing is acknowledged until it is there', async () => {
	const limit = (fsize) => execFileSync('prlimit',
		['--pid', hub.child.pid, `--fsize=${fsize}`]);
	const acks = ({ lines }) => lines.filter(({ t }) => t === 'ack').length;
	const bridges = await Promise.all(['1001', '1002'].map((name) =>
		hub.bridge(name)));
	const records = Array.from({ length: 700 }, () => record());
	limit('1:unlimited');

	// more than wait in memory: it is not read from, and its end is noticed
	for (const bridge of bridges) for (const one of records) bridge.record(one);
	await hub.waitStatus(/^ +failed \d+ times?: .*records\.db: /m);
	await hub.waitStatus(/^bridge {2}1002 .* \(waits\)$/m);
	await hub.waitStatus(/^bridge {2}1001 .* \(waits\)$/m);
	bridges[1].close();
	await hub.waitStatus(/bridges=1$/m);
	assert.equal(acks(bridges[0]), 0);

	limit('unlimited:unlimited');
	await bridges[0].wait('700 acks', () => acks(bridges[0]) === 700);
	await hub.waitIdle();
	const { db, jsonl } = hub.ids();

	assert.deepEqual(db.slice(-700), records.map(({ id }) => id));
	assert.deepEqual(jsonl, db);
	assert.match(hub.logText(), /hub: records are stored again/);
	bridges[0].close();
});

test('files are moved away: new ones are begun, of SIGHUP at once', async () => {
	const bridge = await hub.bridge('1001');
	const [one, two] = [record(), record()];

	await bridge.keep(one);
	await hub.waitIdle();
	renameSync(hub.jsonl, `${hub.jsonl}.1`);
	process.kill(hub.child.pid, 'SIGHUP');
	await until('a new file', () => existsSync(hub.jsonl));

	renameSync(hub.csv, `${hub.csv}.1`);
	await bridge.keep(two);
	await hub.waitIdle();
	assert.deepEqual(hub.ids().jsonl, [two.id]);
	assert.deepEqual(hub.ids().csv, [two.id]);
	assert.match(readFileSync(`${hub.csv}.1`, 'utf8').trimEnd(),
		new RegExp(`\n"${one.id}",[^\n]*$`));
	bridge.close();
});

test('killed at any moment: each record is everywhere once', async () => {
	const records = Array.from({ length: 200 }, () => record());
	const before = hub.ids().db.length;
	const bridges = [0, 1, 2].map((i) => new FaithfulBridge(hub, `100${i}`,
		records.filter((_, n) => n % 3 === i)));
	const all = Promise.all(bridges.map((bridge) => bridge.run()));
	const acks = () => bridges.reduce((sum, one) => sum + one.acks, 0);
	const moments = Array.from({ length: 6 }, () =>
		Math.floor(Math.random() * 190)).sort((a, b) => a - b);

	for (const moment of moments) {
		await Promise.race([all, until(`${moment} records`, () =>
			acks() >= moment, { timeout: 60000 })]);
		await hub.kill();
		await hub.start();
	}

	await all;
	await hub.waitIdle();

	const { db, jsonl, csv } = hub.ids();
	const wanted = records.map(({ id }) => id).sort();

	assert.deepEqual(db.slice(before).sort(), wanted,
		`killed at ${moments.join(' ')}`);
	assert.deepEqual(jsonl.slice(-200), db.slice(before));
	assert.deepEqual(csv.slice(-200), db.slice(before));
	assert.equal(new Set(jsonl).size, jsonl.length);
	assert.equal(new Set(csv).size, csv.length);
});
