// The sandbox for end-to-end tests: on free ports, in a directory that goes away
// with it (unless E2E_DIR says where to leave it), and with its fault injection
// as methods.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { freePorts, until }
	from '../../../contrib/sandbox/lib/process.mjs';
import { DEFAULTS, startSandbox }
	from '../../../contrib/sandbox/lib/sandbox.mjs';

const TIMEOUT = 15000; // [ms] for an entry of a journal to come

const run = promisify(execFile);

class Sandbox {
	constructor(where) {
		Object.assign(this, where);
	}

	async get(path) {
		const answer = await fetch(`${this.control}/${path}`);

		if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
		return answer.json();
	}

	async post(path, body = {}) {
		const answer = await fetch(`${this.control}/${path}`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(body),
		});
		const data = await answer.json();

		if (!answer.ok) throw new Error(`${path}: ${data.error}`);
		return data;
	}

	// What is and was ---------------------------------------------------------

	/** [{ jid, user, available, show, since }] */
	online() {
		return this.get('online');
	}

	/** REST sessions: [{ token, user, live }] */
	sessions() {
		return this.get('sessions');
	}

	/**
	 * Number of the newest entry of a journal: where a wait can begin.
	 *
	 * journal: signals, pushes, requests or events
	 */
	async mark(journal) {
		return (await this.get(`${journal}?since=${Number.MAX_SAFE_INTEGER}`)).last;
	}

	/** Entries of a journal after number `since`. */
	async entries(journal, since = 0) {
		return (await this.get(`${journal}?since=${since}`)).entries;
	}

	/**
	 * The first entry after `since` that has these details. A function tests
	 * the value, anything else must be equal.
	 */
	async waitEntry(journal, match, { since = 0, timeout = TIMEOUT } = {}) {
		const end = Date.now() + timeout;
		const fits = (entry) => Object.entries(match).every(([key, want]) =>
			(typeof want === 'function' ? want(entry[key]) : entry[key] === want));

		for (;;) {
			const wait = Math.max(0, end - Date.now());
			const { last, entries } = await this.get(
				`${journal}?since=${since}&wait=${wait}`);
			const found = entries.find(fits);

			if (found) return found;
			if (!wait)
				throw new Error(`no ${journal} like ${JSON.stringify(match)}`
					+ ` within ${timeout} ms`);
			since = last;
		}
	}

	/** A call signal: { type, from, to, session, sdp, candidates, ... } */
	waitSignal(match, options) {
		return this.waitEntry('signals', match, options);
	}

	/** Wait until a user (id) has a chat session that takes messages. */
	waitOnline(user, { timeout = TIMEOUT } = {}) {
		return until(`user ${user} is online`, async () => {
			const online = await this.online();

			return online.some((s) => s.user === user && s.available);
		}, { timeout });
	}

	/** What Kamailio knows of a SIP user: URIs of its contacts. */
	async contacts(user) {
		const { stdout } = await run('kamcmd',
			['-s', `unix:${this.dir}/kamailio.ctl`, 'ul.dump']);
		const [, record = ''] = new RegExp(`AoR: ${user}\\n(.*?)(?:AoR:|$)`,
			's').exec(stdout) ?? [];

		return [...record.matchAll(/Address: (\S+)/g)].map(([, uri]) => uri);
	}

	// Faults ------------------------------------------------------------------

	/** via: 'rest', 'sasl' or both; user: id or login, or everybody */
	refuseLogins({ user, via, refuse = true } = {}) {
		return this.post('login', { user, via, refuse });
	}

	/** Expire a token, a user's tokens or all. */
	expire({ token, user } = {}) {
		return this.post('expire', { token, user });
	}

	/** REST answers: { path, status, delay_ms, retry_after, times } */
	restFault(rule) {
		return this.post('rest', rule);
	}

	/** Call signals: { from, to, type, delay_ms, drop, hold, times } */
	stanzaFault(rule) {
		return this.post('stanza', rule);
	}

	/** The signals that were held go on. */
	release() {
		return this.post('release', {});
	}

	/** Lose a user's link, or all; how: 'close' or 'freeze' */
	drop({ user, how } = {}) {
		return this.post('drop', { user, how });
	}

	/** No new chat connections for a while. */
	refuseChat(seconds) {
		return this.post('refuse', { seconds });
	}

	/** A stanza straight to a user's sessions; raw: one WebSocket message */
	inject(user, { xml, raw }) {
		return this.post('inject', { user, xml, raw });
	}

	addUsers(users) {
		return this.post('users', { users });
	}

	/** No more faults. */
	reset() {
		return this.post('reset');
	}
}

/** The sandbox's users file with more app users and SIP numbers. */
async function moreUsers(path, users, numbers) {
	const config = JSON.parse(await readFile(DEFAULTS.users, 'utf8'));

	config.users.push(...users);
	config.sip.push(...numbers.map((user) =>
		({ user, password: `sip-${user}` })));
	await writeFile(path, JSON.stringify(config));
}

/**
 * Start a sandbox; options as contrib/sandbox/lib/sandbox.mjs has them, and
 * users: [{ id, login, password, full_name }] and numbers: ['1004'] more.
 */
export async function startTestSandbox({ users = [], numbers = [],
	...options } = {}) {
	const keep = process.env.E2E_DIR;
	const dir = await mkdtemp(join(keep ?? tmpdir(), 'sandbox-'));
	const [httpPort, httpsPort, unknownCaPort, wrongHostPort, sipPort, sipsPort]
		= await freePorts(6);
	await moreUsers(`${dir}/more-users.json`, users, numbers);
	const where = await startSandbox(dir, { users: `${dir}/more-users.json`,
		 httpPort, httpsPort, unknownCaPort,
		wrongHostPort, sipPort, sipsPort, ...options });
	const sandbox = new Sandbox(where);

	sandbox.stop = async () => {
		for (const journal of keep ? ['signals', 'events', 'requests'] : [])
			await sandbox.entries(journal).then((entries) =>
				writeFile(`${dir}/${journal}.json`,
					JSON.stringify(entries, null, '\t')), () => {});
		await where.stop();
		if (!keep) await rm(dir, { recursive: true });
	};
	return sandbox;
}
