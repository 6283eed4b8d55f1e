// A PostgreSQL of our own, in a folder, on a port of its own. Debian's binaries; the
// service that its packages would start is not.
//
//	const pg = await startPostgres();
//	pg.query('SELECT * FROM calls');

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, rmSync }
	from 'node:fs';
import { tmpdir } from 'node:os';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { freePort } from './ports.mjs';

const TIMEOUT = 60000; // [ms]

const SQL = readFileSync(`${REPO}/contrib/sql/postgresql.sql`, 'utf8');

/** Where Debian has them: a folder for each version. */
const BIN = (() => {
	const [version] = readdirSync('/usr/lib/postgresql').sort((a, b) => b - a);

	return `/usr/lib/postgresql/${version}/bin`;
})();

/** It does not want to be root. */
const AS = process.getuid() ? [] : ['setpriv', '--reuid=postgres',
	'--regid=postgres', '--clear-groups'];

const run = (name, args) => {
	const [command, ...rest] = [...AS, `${BIN}/${name}`, ...args];

	return execFileSync(command, rest, { encoding: 'utf8', cwd: '/',
		stdio: ['ignore', 'pipe', 'pipe'] });
};

class Postgres {
	constructor(dir, port) {
		this.dir = dir;
		this.port = port;
		this.url = `postgresql://hub:secret-word@127.0.0.1:${port}/postgres`;
	}

	async start() {
		this.child = start('PostgreSQL', [...AS, `${BIN}/postgres`, '-D',
			`${this.dir}/data`, '-p', String(this.port), '-h', '127.0.0.1',
			'-k', this.dir, '-F'], `${this.dir}/postgres.log`);
		await until('PostgreSQL answers', () => {
			try {
				run('pg_isready', ['-h', this.dir, '-p', String(this.port)]);
				return true;
			} catch {
				return false;
			}
		}, { child: this.child, timeout: TIMEOUT });
	}

	/** Rows as text, columns joined by '|'. */
	query(sql) {
		return run('psql', ['-h', this.dir, '-p', String(this.port), '-U',
			'postgres', '-AtqX', '-v', 'ON_ERROR_STOP=1', '-c', sql, 'postgres'])
			.split('\n').filter(Boolean);
	}

	/** The tables as contrib/sql makes them, whatever is there. */
	migrate() {
		this.query(SQL);
	}

	/** Nobody else may use a table until what this gives is called. */
	async lock(table) {
		const psql = start('psql', [...AS, `${BIN}/psql`, '-h', this.dir, '-p',
			String(this.port), '-U', 'postgres', '-qX', '-c',
			`BEGIN; LOCK TABLE ${table}; SELECT pg_sleep(600)`, 'postgres'],
		`${this.dir}/psql.log`);

		await until('it is locked', () => this.query('SELECT 1 FROM pg_locks'
			+ ` WHERE relation='${table}'::regclass AND granted`
			+ " AND mode='AccessExclusiveLock'").length,
		{ child: psql, timeout: TIMEOUT });
		return async () => {
			this.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity'
				+ " WHERE query LIKE 'BEGIN; LOCK%'");
			await psql.exited;
		};
	}

	stop() {
		return this.child.stop();
	}

	async close() {
		await this.stop();
		rmSync(this.dir, { recursive: true });
	}
}

/** It has the tables, and a user who may fill them: those of contrib/sql. */
export async function startPostgres() {
	const dir = mkdtempSync(`${tmpdir()}/pg-`);
	const pg = new Postgres(dir, await freePort());

	if (AS.length) {
		const [uid, gid] = execFileSync('getent', ['passwd', 'postgres'],
			{ encoding: 'utf8' }).split(':').slice(2, 4).map(Number);

		chownSync(dir, uid, gid);
	}
	chmodSync(dir, 0o755);
	run('initdb', ['-D', `${dir}/data`, '-U', 'postgres', '-A', 'scram-sha-256',
		'--auth-local=trust', '-E', 'UTF8', '--locale=C', '-N']);
	await pg.start();

	// a later version finds the tables of an earlier one
	for (let i = 0; i < 2; i += 1) pg.migrate();
	pg.query(SQL.match(/(?<=^-- {3})(CREATE ROLE|GRANT) .*;$/gm).join('')
		.replace("'...'", "'secret-word'"));
	return pg;
}
