// What is set up wrong is said at once, before there is a call: what and where, once,
// also by /hub_status; and again when it works.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync }
	from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { setKeys } from '../../contrib/sandbox/lib/bridge.mjs';
import { start, until } from '../../contrib/sandbox/lib/process.mjs';
import { record as sample, startHub } from './lib/hub.mjs';
import { startRecordings } from './lib/hubrec.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { freePort } from './lib/ports.mjs';

let pg;

const record = () => {
	const id = randomUUID();

	return sample({ id, linked_id: id });
};

/** Lines of the log with both. */
const lines = (hub, ...words) => hub.logText().split('\n')
	.filter((line) => words.every((word) => line.includes(word)));

const retry = (hub, sink) => hub.ctrl.command('hub_retry', sink);

before(async () => { pg = await startPostgres(); });
after(() => pg?.close());

/** A hub, with its log and status looked at, and no record in it. */
async function withHub(keys, look) {
	const hub = await startHub(keys);

	try {
		await look(hub);
	} finally {
		await hub.stop();
	}
}

test('PostgreSQL: a wrong password, no table, no right', async () => {
	const url = pg.url.replace('secret-word', 'wrong-word');

	await withHub({ connectycube_hub_postgres: url }, async (hub) => {
		const status = await hub.waitStatus(
			/sink {4}postgres .*\n +failed \d+ times?: (.*)\n +for \d+ s; tried again/);

		assert.match(status[1], /password authentication failed for user "hub"/);
		await until('it was tried again', async () =>
			/sink {4}postgres .*\n +failed [3-9] times?/.test(await hub.status()));
		const said = lines(hub, ' postgres: records cannot be handed on');

		assert.equal(said.length, 1, said.join('\n'));
		assert.match(said[0], new RegExp(`calls of hub@127\\.0\\.0\\.1:${
			pg.port}/postgres: .*password authentication failed`));
		assert.match(said[0], /wait in the database; .*every 10 min \(now: \/hub_retry postgres\)/);
		assert.ok(!hub.logText().includes('wrong-word'));
		assert.ok(!(await hub.status()).includes('wrong-word'));
		pg.query("ALTER USER hub PASSWORD 'wrong-word'");
		await retry(hub, 'postgres');
		await until('it works', () =>
			lines(hub, ' postgres: it works again').length === 1);
		await until('also of recordings', () => !/failed/.test(lines(hub,
			'postgres-recordings: it works again').join()));
		assert.doesNotMatch(await hub.status(), /sink {4}postgres .*\n +failed/);
	});
	pg.query("ALTER USER hub PASSWORD 'secret-word'");

	await withHub({ connectycube_hub_postgres: pg.url,
		connectycube_hub_postgres_table: 'cdr' }, async (hub) => {
		await hub.waitStatus(
			/failed \d+ times?: .*"cdr" does not exist.*make it \(psql -f contrib/);
		assert.equal(lines(hub, ' postgres: records cannot').length, 1);
	});

	pg.query('REVOKE INSERT ON calls FROM hub; REVOKE UPDATE ON recordings FROM hub');
	await withHub({ connectycube_hub_postgres: pg.url }, async (hub) => {
		await hub.waitStatus(
			/permission denied for table calls: GRANT INSERT, SELECT ON calls TO hub$/m);
		await hub.waitStatus(/permission denied for table recordings: GRANT INSERT, SELECT, UPDATE ON recordings TO hub$/m);
		pg.query('GRANT INSERT ON calls TO hub; GRANT UPDATE ON recordings TO hub');
		await retry(hub, 'postgres');
		await until('both work', () => lines(hub, 'it works again').length === 2);
		assert.deepEqual(pg.query('SELECT count(*) FROM calls'), ['0']);
	});
});

test('a web server: not there, not found, no entry, one record refused', async () => {
	const port = await freePort();
	const path = 'calls?token=secret-word';
	let status = 401;
	const told = [];
	const server = createServer((request, response) => {
		told.push(request.url);
		request.resume().on('end', () => response.writeHead(status).end());
	});

	await withHub({ connectycube_hub_webhook: `http://me:pass-word@127.0.0.1:${port}/${path}` },
		async (hub) => {
			// nobody is there, which is known without a record
			await hub.waitStatus(new RegExp(`sink {4}webhook .*http://127\\.0\\.0\\.1:${
				port}/\\.\\.\\.\n +failed [3-9] times?: Failed to connect`));
			assert.equal(lines(hub, ' webhook: records cannot').length, 1,
				hub.logText());
			server.listen(port, '127.0.0.1');
			await once(server, 'listening');
			await retry(hub, 'webhook');
			await until('it is there', () =>
				lines(hub, ' webhook: it works again').length === 1);
			assert.deepEqual(told, []);

			const bridge = await hub.bridge();

			for (const [code, hint] of [[401, 'does not let us in'],
				[404, 'nothing there takes records'],
				[302, 'leads elsewhere, which is not followed']]) {
				status = code;
				await bridge.keep(record());
				await hub.waitStatus(new RegExp(
					`failed \\d+ times?: it answers ${code}: .*${hint}`));
				assert.equal(lines(hub, 'cannot be handed on', `answers ${
					code}: `).length, 1, hub.logText());
				status = 200;
				await retry(hub, 'webhook');
				await hub.waitStatus(/sink {4}webhook done=\d waiting=0 http/);
			}

			// of one alone: the others go on
			const bad = record();

			status = 422;
			await bridge.keep(bad);
			await hub.waitStatus(new RegExp(`failed=1 dead=0 http.*\n +not taken: ${
				bad.id}: it answers 422`));
			assert.equal(lines(hub, ` does not take ${bad.id}: it answers 422.`)
				.length, 1);
			await bridge.keep(record());
			await hub.waitStatus(/failed=2 dead=0/);
			await hub.kill();
			await hub.start();
			await hub.waitStatus(/failed=2 dead=0 http.*\n +not taken: /);
			status = 200;
			await retry(hub, 'webhook');
			await hub.waitStatus(/sink {4}webhook done=2 waiting=0 http/);
			assert.doesNotMatch(await hub.status(), /not taken/);
			assert.doesNotMatch(hub.logText() + await hub.status(),
				/secret-word|pass-word/);
			bridge.close();
		});
	server.close();
	server.closeAllConnections();

	await withHub({ connectycube_hub_webhook: 'https://crm.invalid/calls' }, (hub) =>
		hub.waitStatus(/failed \d+ times?: Could not resolve host: crm\.invalid/));
});

test('CSV: no folder', async () => {
	await withHub({}, async (hub) => {
		const path = `${hub.dir}/lists/records.csv`;
		await hub.again({ connectycube_hub_csv: path });
		await hub.waitStatus(new RegExp(`${path}: No such file or directory \\(its folder is missing`));
		assert.equal(lines(hub, ' csv: records cannot be handed on').length, 1);
		mkdirSync(`${hub.dir}/lists`);
		await retry(hub, 'csv');
		await until('it works', () => lines(hub, ' csv: it works again').length === 1);
	});
});

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const mayBeOthers = spawnSync('setpriv', [...NOBODY, 'true']).status === 0;
const SPOOL = '/var/spool/connectycube-bridge';

test('without root: a spool that it may not make, asked for or not',
	{ skip: !mayBeOthers }, async () => {
		const hub = await startHub();
		const office = `${hub.dir}/office`;
		const config = readFileSync(`${hub.dir}/config`, 'utf8');
		const runAs = (keys) => {
			writeFileSync(`${office}/config`, setKeys(config, {
				connectycube_link_socket: `${office}/hub.sock`,
				connectycube_hub_http: 'none', ctrl_tcp_listen: '127.0.0.1:0',
				connectycube_hub_jsonl: `${office}/records.jsonl`,
				connectycube_hub_csv: `${office}/records.csv`, ...keys }));
			return start('a hub of nobody', ['setpriv', ...NOBODY, 'baresip', '-f',
				office], `${office}/log`);
		};
		const log = () => readFileSync(`${office}/log`, 'utf8');

		try {
			chmodSync(hub.dir, 0o755);
			mkdirSync(office);
			chownSync(office, 65534, 65534);
			const refused = runAs({ connectycube_record_spool: `${hub.dir}/spool` });

			assert.equal((await refused.exited)[0], 78);
			assert.match(log(), new RegExp('config:\\d+: connectycube_record_spool: '
				+ `${hub.dir}/spool: user nobody may not make it, or not write there;`
				+ ` as root: install -d -m 2770 -g nogroup ${hub.dir}/spool\n`));
			if (existsSync(SPOOL)) return;

			const goes = runAs({});

			await until('it serves', () => /bridges are served at/.test(log()),
				{ child: goes });
			assert.match(log(), new RegExp(`recordings are finished once there is ${
				SPOOL}: user nobody may not make it.*install -d -m 2770`));
			await goes.stop();
		} finally {
			await hub.stop();
		}
	});

test('the program that finishes recordings is missing: before there is one', async () => {
	const rig = await startRecordings({
		connectycube_hub_recording_program: (dir) => `${dir}/none` });
	const [program, said] = [`${rig.dir}/none`, 'hub_recording_program: '];

	try {
		await rig.hub.waitStatus(new RegExp(`^ +connectycube_${said}${program} cannot be`
			+ ' run: No such file or directory; recordings wait in ', 'm'));
		await rig.hub.ctrl.command('hub_record_retry');
		writeFileSync(program, '');
		await rig.hub.ctrl.command('hub_record_retry');
		await rig.hub.waitStatus(/cannot be run: Permission denied/);
		assert.equal(lines(rig.hub, said, 'No such file').length, 1);
		chmodSync(program, 0o755);
		await rig.hub.ctrl.command('hub_record_retry');
		await until('it is found', async () =>
			!(await rig.hub.status()).includes(said));
		assert.equal(lines(rig.hub, 'recordings can be finished again').length, 1);
	} finally {
		await rig.stop();
	}
});
