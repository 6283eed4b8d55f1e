// Where the hub hands records on: PostgreSQL, and a web server. Both go away and come
// back, refuse one record, and have each id once in the end.

import assert from 'node:assert/strict';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { record as sample, startHub } from './lib/hub.mjs';
import { startRecordings } from './lib/hubrec.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { freePort } from './lib/ports.mjs';
import { requestBody } from './lib/requestbody.mjs';

const SECRET = 'webhook-secret-word';

let rig;
let hub;
let pg;
let web; // a web server that a test holds
let bridge;

const record = (more) => {
	const id = randomUUID();

	return sample({ id, linked_id: id, ...more });
};

/** It answers what `answer` says; what it was told is in `told`. */
class Web {
	told = [];
	answer = () => 204;

	constructor(port) {
		this.port = port;
		this.url = `http://127.0.0.1:${port}/calls?x=1`;
	}

	async open() {
		this.server = createServer(async (request, response) => {
			const body = (await requestBody(request))?.toString();

			if (body === undefined) return;
			const status = this.answer(JSON.parse(body));

			this.told.push({ body, headers: request.headers, status,
				url: request.url });
			response.writeHead(status).end('thanks');
		});
		this.server.listen(this.port, '127.0.0.1');
		await once(this.server, 'listening');
	}

	close() {
		this.server.closeAllConnections();
		return new Promise((resolve) => { this.server.close(resolve); });
	}

	/** Ids that it has taken, in order. */
	taken() {
		return this.told.filter(({ status }) => status < 300)
			.map(({ body }) => JSON.parse(body).id);
	}
}

before(async () => {
	pg = await startPostgres();
	web = new Web(await freePort());
	await web.open();
	rig = await startRecordings({ connectycube_hub_postgres: pg.url,
		connectycube_hub_webhook: web.url,
		connectycube_hub_webhook_secret: SECRET });
	hub = rig.hub;
	bridge = await hub.bridge('1001');
});

after(async () => {
	bridge?.close();
	await rig?.stop();
	await web?.close();
	await pg?.close();
});

const inPostgres = () => pg.query('SELECT id FROM calls');

const waitBoth = (ids) => until(`${ids.length} records in both`, () =>
	ids.every((id) => inPostgres().includes(id) && web.taken().includes(id)),
{ timeout: 60000 });

test('a record is in PostgreSQL, by column, and told, signed', async () => {
	const one = record({ from: { side: 'phone', user: null,
		name: "Robert'); DROP TABLE calls;--", uri: 'sip:1@pbx.example' } });

	await bridge.keep(one);
	await waitBoth([one.id]);
	assert.deepEqual(pg.query('SELECT from_name,to_user,bill_ms,disposition,'
		+ "extract(epoch from started)*1000=(record->>'t_start')::float8,"
		+ 'rang<answered,sip_code IS NULL FROM calls'),
	[`${one.from.name}|777|6000|ANSWERED|t|t|t`]);
	const [{ body, headers, url }] = web.told;

	assert.deepEqual(JSON.parse(body), one);
	assert.equal(url, '/calls?x=1');
	assert.equal(headers['content-type'], 'application/json');
	assert.equal(headers['x-event-id'], one.id);
	assert.equal(headers['x-event-type'], 'record');
	assert.equal(headers['x-connectycube-signature'],
		`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`);
	assert.match(await hub.status(), /sink {4}postgres done=1 waiting=0 calls/);
	assert.ok(!hub.logText().includes('secret-word'));
});

test('one that is refused holds up no other, and is tried again', async () => {
	const bad = record({ id: 'no-uuid', linked_id: null });
	const good = record();

	// no index of PostgreSQL takes that
	const long = record({ extension: randomBytes(6000).toString('hex') });

	web.answer = ({ id }) => (id === bad.id ? 422 : 200);
	await bridge.keep(bad);
	await bridge.keep(long);
	await bridge.keep(good);
	await until('the good one is told', () => web.taken().includes(good.id));
	await hub.waitStatus(/sink {4}webhook .*failed=1 dead=0/);
	web.answer = () => 200;
	await until('the other one, too', () => web.taken().includes(bad.id));
	await until('PostgreSQL has the good one', () =>
		inPostgres().includes(good.id));
	assert.equal(web.taken().filter((id) => id === bad.id).length, 1);
	const [, , why] = await hub.waitStatus(
		/sink {4}postgres .*failed=2 dead=0 .*\n( +failed .*\n.*\n)? +not taken: (.*)/);

	assert.match(why, /uuid|index row/);
	assert.doesNotMatch(hub.logText(), /postgres: records cannot be handed on/);
});

test('both are away: nothing is lost, nothing comes twice', async () => {
	const had = web.taken().length;
	const ones = [record(), record(), record()];

	await pg.stop();
	await web.close();
	for (const one of ones) await bridge.keep(one);
	await hub.waitStatus(/sink {4}webhook[^]*failed \d+ times?: /);
	await hub.waitStatus(/sink {4}postgres[^]*failed \d+ times?: /);
	assert.ok(!(await hub.status()).includes('secret-word'));

	// killed meanwhile: it knows what it has not handed on
	await hub.kill();
	await hub.start();
	bridge = await hub.bridge('1001');
	await pg.start();
	await web.open();
	await waitBoth(ones.map(({ id }) => id));
	assert.equal(web.taken().length, had + 3);
});

test('a recording is told as well, where recordings go', async () => {
	const id = rig.raw();
	const row = await rig.finished(id);
	const { body, headers } = await until('it is told', () =>
		web.told.find((one) => one.headers['x-event-id'] === id));
	const told = JSON.parse(body);

	assert.equal(headers['x-event-type'], 'recording');
	assert.deepEqual([told.type, told.id, told.file, told.sha256, told.state],
		['recording', id, row.file, row.sha256, 'complete']);
	await until('PostgreSQL has it', () => pg.query(
		'SELECT id FROM recordings').includes(id), { timeout: 60000 });
	assert.deepEqual(pg.query('SELECT file,from_number,duration_ms,encrypted,'
		+ "call,recording->>'id'=id::text FROM recordings"),
	[`${row.file}|+4930123|${row.duration_ms}|f|7|t`]);
	await until('JSON lines have it', () => existsSync(`${hub.dir}/recordings.jsonl`)
		&& readFileSync(`${hub.dir}/recordings.jsonl`, 'utf8') === `${body}\n`);
	assert.equal(web.taken().includes(id), true);
});

test('a table of before there were numbers gets them, of old records, too', async () => {
	pg.query('ALTER TABLE calls DROP COLUMN from_number, DROP COLUMN to_number,'
		+ ' DROP COLUMN rung_first, DROP COLUMN channel,'
		+ ' DROP COLUMN channel_linked');
	const party = (side, number) => ({ side, user: null, number, name: null,
		uri: null });
	const make = (from, to) => record({ from: party('phone', from),
		to: party('app', to), rung_first: 'app', channel: 'PJSIP/1-2',
		channel_linked: '1.2' });
	const old = make('+493012', '777');
	const later = make('+493013', null);
	const row = (id) => pg.query('SELECT from_number,to_number,rung_first,'
		+ 'channel,channel_linked FROM'
		+ ` calls WHERE id='${id}'`)[0];

	await bridge.keep(old);
	await until('it is there', () => inPostgres().includes(old.id),
		{ timeout: 60000 });
	pg.migrate();
	assert.equal(row(old.id), '+493012|777|app|PJSIP/1-2|1.2');

	// the hub looks which columns there are when it connects
	pg.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE'
		+ " application_name='connectycube-hub'");
	await bridge.keep(later);
	await until('it is there, too', () => inPostgres().includes(later.id),
		{ timeout: 60000 });
	assert.equal(row(later.id), '+493013||app|PJSIP/1-2|1.2');
});

test('a table with fewer columns is filled as far as it goes', async () => {
	pg.query('ALTER TABLE calls DROP COLUMN agent, DROP COLUMN record,'
		+ " ADD COLUMN more text DEFAULT 'x'");
	const one = record();

	await bridge.keep(one);
	await until('it is there', () => inPostgres().includes(one.id),
		{ timeout: 60000 });
	assert.deepEqual(pg.query(`SELECT more,to_user FROM calls WHERE id='${
		one.id}'`), ['x|777']);
});

test('a web server that fails for an hour, and one record for three days', async () => {
	const MINUTE = 60000;
	const far = new Web(await freePort());
	const slow = await startHub({ connectycube_hub_webhook: far.url,
		connectycube_hub_days: 4 }, { clock: true });
	const tries = []; // when [ms]
	const ones = Array.from({ length: 5 }, () => record());
	const ids = ones.map(({ id }) => id);
	const settle = () => until('all is quiet', async () =>
		!/waiting=\?| busy /.test(await slow.status()));

	try {
		await far.open();
		far.answer = () => {
			tries.push(slow.ahead);
			return 503;
		};
		const brings = await slow.bridge('1001');

		for (const one of ones) await brings.keep(one);
		while (slow.ahead < 60 * MINUTE) {
			await slow.pass(MINUTE / 2);
			await settle();
		}
		// 1, 2, 4 ... 512 s, and each ten minutes, tried with one
		assert.ok(tries.length >= 10 && tries.length <= 20, tries.join(' '));
		for (const [i, at] of tries.entries())
			assert.ok(!i || at - tries[i - 1] <= 11 * MINUTE, tries.join(' '));
		assert.match(await slow.status(), /sink {4}webhook done=0 /);

		far.answer = () => 200;
		await slow.pass(11 * MINUTE);
		await until('all of them', () => far.taken().length >= ids.length);
		await slow.waitStatus(/sink {4}webhook done=5 waiting=0 http/);
		assert.deepEqual(far.taken().sort(), [...ids].sort());

		// it wants all but one, for three days
		const bad = record();

		far.answer = ({ id }) => (id === bad.id ? 422 : 200);
		await brings.keep(bad);
		await until('it is refused', () => far.told.at(-1).status === 422);
		for (let hours = 0; hours < 71; hours += 1) {
			await slow.pass(60 * MINUTE);
			await settle();
		}
		assert.match(await slow.status(), /webhook .*failed=1 dead=0/);
		await slow.pass(120 * MINUTE);
		await slow.waitStatus(/webhook .*failed=0 dead=1/);
		assert.match(slow.logText(), new RegExp(`${bad.id} is given up`));
		const had = far.told.length;

		await slow.pass(120 * MINUTE);
		await settle();
		assert.equal(far.told.length, had);

		// mended, and by command
		far.answer = () => 200;
		assert.match(await slow.ctrl.command('hub_retry', 'fax'),
			/^there is no sink fax; there are: jsonl csv webhook jsonl-recordings webhook-recordings$/m);
		assert.match(await slow.ctrl.command('hub_retry', 'webhook'),
			/^webhook: what has failed is tried again\nwebhook-recordings: what/);
		await until('it has it', () => far.taken().includes(bad.id));
		await slow.waitStatus(/sink {4}webhook done=6 waiting=0 http/);
		assert.deepEqual(far.taken().sort(), [...ids, bad.id].sort());

		// old enough, and nobody needs them any more
		assert.equal(slow.ids().db.length, 6);
		await slow.pass(48 * 60 * MINUTE);
		await slow.waitStatus(/^old {5}removed=6$/m);
		assert.deepEqual(slow.ids().db, []);
		assert.equal(slow.ids().jsonl.length, 6);
	} finally {
		await slow.stop();
		await far.close();
	}
});

test('what cannot be secured is refused', async () => {
	const { spawnSync } = await import('node:child_process');
	const { writeFileSync } = await import('node:fs');
	const config = readFileSync(`${hub.dir}/config`, 'utf8');

	bridge.close();
	await hub.kill();
	writeFileSync(`${hub.dir}/config`, config.replace(/^connectycube_hub_webhook\t.*$/m,
		'connectycube_hub_webhook\thttp://crm.example.com/'));
	const { status, stdout, stderr } = spawnSync('baresip', ['-f', hub.dir],
		{ encoding: 'utf8', timeout: 30000 });

	assert.equal(status, 78);
	assert.match(stdout + stderr, /records would go in the clear: https, or/);
	writeFileSync(`${hub.dir}/config`, config);
	await hub.start();
	bridge = await hub.bridge('1001');
});
