// What `make run` runs: the sandbox, a demo phone that echoes what it hears and
// sees, and one bridge between them. Prints a URL; Ctrl-C stops everything.
//
//    browser (alice, 101) ~~ cloud ~~ bridge (ext1000 = sip:1000) -- Kamailio
//                                                                      |
//                                             demo phone (sip:1001) ---+
//
//    demo [--no-bridge] [DIR]    run directory, default REPO/run

import { parseArgs } from 'node:util';

import { startBridge } from './bridge.mjs';
import { startPhone } from './phone.mjs';
import { startSandbox } from './sandbox.mjs';
import { REPO } from './template.mjs';

const EXTENSION = 'ext1000';
const APP_USER = 'alice';
const PHONE_PORT = 5070;
const CTRL_PORT = 4455;
const BRIDGE_PORT = 5080;

async function startAll(dir, withBridge, children) {
	const sandbox = await startSandbox(dir, {
		phonePort: CTRL_PORT,
		phoneDial: 'sip:1000@127.0.0.1:5060',
	});
	children.push(sandbox);

	const account = (name) => sandbox.accounts.find(({ user }) => user === name);
	const user = (login) => sandbox.users.find((one) => one.login === login);
	const phone = account('1001');
	const extension = user(EXTENSION);
	const person = user(APP_USER);

	children.push(await startPhone(`${dir}/phone`, {
		account: phone,
		sip: sandbox.sip,
		port: PHONE_PORT,
		ctrlPort: CTRL_PORT,
	}));
	if (withBridge) {
		children.push(await startBridge(`${dir}/bridge`, sandbox, {
			id: extension.id,
			account: account('1000'),
			port: BRIDGE_PORT,
			users: `"${extension.full_name}" <sip:1000@${sandbox.sip}>`
				+ `;cube_login=${extension.login}`
				+ `;cube_password=${extension.password};call=${person.id}`
				+ `;dial=sip:${phone.user}@${sandbox.sip};dialable=10??`
				+ ';department=Sales',
		}));
	}

	const query = new URLSearchParams({ login: person.login,
		password: person.password });
	return `${sandbox.page}?${query}&auto`;
}

async function main() {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { 'no-bridge': { type: 'boolean' } },
	});
	const dir = positionals[0] ?? `${REPO}/run`;
	const children = [];
	const signal = new Promise((resolve) => {
		for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
			process.on(name, () => resolve(null));
	});
	let why;

	try {
		const started = startAll(dir, !values['no-bridge'], children);

		why = await Promise.race([signal, started]);
		if (why) {
			console.log(`\nOpen  ${why}\n\n`
				+ 'You are logged in as an app user. Call the extension: the\n'
				+ 'phone answers, and you hear yourself and in a video call see\n'
				+ 'yourself. Or let the phone call '
				+ `you.\nLogs are in ${dir}. Ctrl-C stops everything.`);
			why = await Promise.race([signal,
				...children.map((child) => child.exited.then(() => child))]);
		} else {
			await started.catch(() => {});
		}
	} finally {
		await Promise.all(children.map((child) => child.stop()));
	}
	if (why) throw new Error(`${why.name} ended by itself; see ${why.log}`);
}

main().catch((error) => {
	console.error(`demo: ${error.message}`);
	process.exitCode = 1;
});
