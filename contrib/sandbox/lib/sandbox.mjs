// Starts and stops the sandbox: the cloud (Prosody with our Lua module) and the
// SIP server (Kamailio), both living in one run directory on loopback ports.

import { lookup } from 'node:dns/promises';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import { resolve } from 'node:path';

import { makeCertificates } from './certs.mjs';
import { listening, start, until } from './process.mjs';
import { tlsFront } from './tls-front.mjs';
import { REPO, SANDBOX, writeTemplate } from './template.mjs';

const SDK = `${REPO}/node_modules/connectycube/dist`;

export const DEFAULTS = {
	httpPort: 5280,
	httpsPort: 5281,
	unknownCaPort: 0, // 0: off
	wrongHostPort: 0,
	sipPort: 5060, // UDP and TCP; 0: no SIP server
	sipsPort: 5061,
	inviteAuth: false, // challenge INVITEs too
	maxContacts: 0, // of an account at once; 0: any number
	domain: 'localhost',
	address: '127.0.0.1', // one more that the certificates are for
	users: `${SANDBOX}/users.json`,
	appId: undefined, // undefined: as the users file says
	authKey: undefined,
	authSecret: undefined, // REST requests must be signed with it
	extension: 200, // the user id the page calls
	phonePort: 0, // the demo phone's ctrl_tcp; 0: no phone
	phoneDial: undefined, // what it dials when told to call
};

/** The users file, with the application's overrides, in the run directory. */
function writeUsers(options, dir) {
	const config = JSON.parse(readFileSync(options.users, 'utf8'));
	const { appId, authKey, authSecret } = options;

	if (appId) config.application.id = Number(appId);
	if (authKey) config.application.auth_key = authKey;
	if (authSecret) config.application.auth_secret = authSecret;
	writeFileSync(`${dir}/users.json`, JSON.stringify(config, null, '\t'),
		{ mode: 0o600 });
	return config;
}

async function startCloud(options, dir) {
	const quoted = JSON.stringify(options.phoneDial ?? '');

	writeTemplate('prosody.cfg.lua', `${dir}/prosody.cfg.lua`, {
		dir,
		sandbox: SANDBOX,
		sdk: SDK,
		users: `${dir}/users.json`,
		domain: options.domain,
		http_port: options.httpPort,
		https_port: options.httpsPort,
		extension: options.extension,
		phone: options.phonePort
			? `{ port = ${options.phonePort}, dial = ${quoted} }` : 'nil',
	});
	mkdirSync(`${dir}/data`, { recursive: true });

	const child = start('prosody',
		['prosody', '-F', '--config', `${dir}/prosody.cfg.lua`],
		`${dir}/prosody.out`);
	try {
		await until('the cloud answers', async () => {
			const answer = await fetch(
				`http://localhost:${options.httpPort}/sandbox/config`,
			).catch(() => null);
			return answer?.ok;
		}, { child });
		await until('TLS listens', () => listening(options.httpsPort), { child });
	} catch (error) {
		await child.stop();
		throw error;
	}
	return child;
}

async function startSip(options, dir, accounts) {
	for (const { user, password } of accounts) {
		if (!/^[\w.+-]+$/.test(user) || /["\\$\n]/.test(password))
			throw new Error(`SIP user ${user}: unusable name or password`);
	}
	writeTemplate('tls.cfg', `${dir}/tls.cfg`, { dir });
	writeTemplate('kamailio.cfg', `${dir}/kamailio.cfg`, {
		dir,
		sip_port: options.sipPort,
		sips_port: options.sipsPort,
		max_contacts: options.maxContacts,
		users: accounts.map(({ user, password }) =>
			`\t$sht(users=>${user}) = "${password}";`).join('\n'),
	});

	const child = start('kamailio', ['kamailio', '-DD', '-E', '-m', '32',
		'-M', '8', '-f', `${dir}/kamailio.cfg`, '-P', `${dir}/kamailio.pid`,
		'-Y', dir, ...(options.inviteAuth ? ['-A', 'INVITE_AUTH'] : [])],
	`${dir}/kamailio.log`);
	try {
		for (const port of [options.sipPort, options.sipsPort])
			await until(`port ${port} listens`, () => listening(port), { child });
	} catch (error) {
		await child.stop();
		throw error;
	}
	return child;
}

/**
 * Start the sandbox and wait until it answers.
 *
 * @param dir     run directory, made if missing
 * @param chosen  any of DEFAULTS
 * @returns where everything is, stop(), and exited: a part ended by itself
 */
export async function startSandbox(dir, chosen = {}) {
	const options = { ...DEFAULTS, ...chosen };

	if (!existsSync(SDK)) throw new Error('no SDK: run npm ci first');
	await lookup('localhost').catch(() => {
		throw new Error('the name localhost is not known here: /etc/hosts needs a'
			+ ' line "127.0.0.1 localhost"');
	});

	const children = [];
	const fronts = [];

	dir = resolve(dir);
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const config = writeUsers(options, dir);
	await makeCertificates(dir, options.domain, options.address);

	async function stop() {
		rmSync(`${dir}/sandbox.pid`, { force: true });
		fronts.forEach((front) => front.close());
		await Promise.all(children.map((child) => child.stop()));
	}

	try {
		children.push(await startCloud(options, dir));
		for (const [port, name] of [[options.unknownCaPort, 'unknown-ca'],
			[options.wrongHostPort, 'wrong-host']])
			if (port) fronts.push(await tlsFront(port, `${dir}/${name}`, options.httpPort));
		if (options.sipPort)
			children.push(await startSip(options, dir, config.sip));
	} catch (error) {
		await stop();
		throw error;
	}

	const where = {
		dir,
		page: `http://localhost:${options.httpPort}/page/`,
		control: `http://localhost:${options.httpPort}/sandbox`,
		api_url: `https://localhost:${options.httpsPort}`,
		chat_url: `wss://localhost:${options.httpsPort}/`,
		chat_domain: options.domain,
		ca_file: `${dir}/ca.pem`,
		unknown_ca_url: options.unknownCaPort
			? `https://localhost:${options.unknownCaPort}` : null,
		wrong_host_url: options.wrongHostPort
			? `https://localhost:${options.wrongHostPort}` : null,
		sip: options.sipPort ? `127.0.0.1:${options.sipPort}` : null,
		sips: options.sipPort ? `127.0.0.1:${options.sipsPort}` : null,
		application: config.application,
		users: config.users,
		accounts: config.sip,
		options,
	};
	writeFileSync(`${dir}/sandbox.json`, JSON.stringify(where, null, '\t'),
		{ mode: 0o600 });
	writeFileSync(`${dir}/sandbox.pid`, `${process.pid}\n`);

	return {
		...where,
		name: 'the sandbox',
		log: dir,
		exited: Promise.race(children.map((child) => child.exited)),
		stop,
	};
}
