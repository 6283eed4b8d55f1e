// What `make run` runs: the sandbox, a demo phone that echoes what it hears and
// sees, one bridge between them, and a hub with its dashboard. Prints their URLs;
// Ctrl-C stops everything.
//
//    browser (alice, 101) ~~ cloud ~~ bridge (ext1000 = sip:1000) -- Kamailio
//                                                                      |
//      hub (dashboard) --- bridge             demo phone (sip:1001) ---+
//
//    demo [--no-bridge] [DIR]    run directory, default REPO/run
//
// A port that somebody has is left to them, and the next free one taken.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { startBridge } from './bridge.mjs';
import { bridgeKeys, bridgeModules, canRecord, hasHub,
	startHub } from './hub.mjs';
import { startPhone } from './phone.mjs';
import { choosePorts } from './ports.mjs';
import { startSandbox } from './sandbox.mjs';
import { REPO } from './template.mjs';

const EXTENSION = 'ext1000';
const APP_USER = 'alice';
const URL_FILE = 'url'; // of the page, with login and password
const PORTS = {
	httpPort: 5280,
	httpsPort: 5281,
	sipPort: 5060,
	sipsPort: 5061,
	phone: [5070, 2], // UDP and TCP, and TLS above it
	phonePort: 4455, // its ctrl_tcp
	bridge: [5080, 2],
	hubPort: 8088,
};

/** The same run directory cannot serve two; says where the first one is. */
function refuseSecond(dir) {
	const file = `${dir}/sandbox.pid`;

	if (!existsSync(file)) return;
	const pid = readFileSync(file, 'utf8').trim();

	try {
		if (!/demo\.mjs|cli\.mjs/.test(readFileSync(`/proc/${pid}/cmdline`)))
			return;
	} catch {
		return;
	}
	let where = 'it has not started yet';

	try {
		where = readFileSync(`${dir}/${URL_FILE}`, 'utf8').trim();
	} catch { /* so it is */ }
	throw new Error(`it runs already (process ${pid}): ${where}`);
}

/** Bridge and phone first: they have calls to end, and to unregister. */
async function stopAll([sandbox, ...clients]) {
	await Promise.all(clients.map(async (child) => {
		if (!await child.stop())
			console.log(`demo: ${child.name} had to be killed`);
	}));
	await sandbox?.stop();
}

async function startAll(dir, withBridge, children) {
	const say = (line) => console.log(`demo: ${line}`);
	const ports = await choosePorts(PORTS, say);
	const { phone: phoneSip, bridge: bridgeSip, hubPort, ...own } = ports;
	const withHub = withBridge && hasHub();

	say('starting the cloud and the SIP server');
	const sandbox = await startSandbox(dir, {
		...own,
		phoneDial: `sip:1000@127.0.0.1:${ports.sipPort}`,
	});
	children.push(sandbox);

	const account = (name) => sandbox.accounts.find(({ user }) => user === name);
	const user = (login) => sandbox.users.find((one) => one.login === login);
	const phone = account('1001');
	const extension = user(EXTENSION);
	const person = user(APP_USER);

	say('starting the phone');
	children.push(await startPhone(`${dir}/phone`, {
		account: phone,
		sip: sandbox.sip,
		port: phoneSip,
		ctrlPort: ports.phonePort,
	}));
	let dashboard = null;

	if (withHub) {
		say('starting the hub');
		const hub = await startHub(dir, { port: hubPort });

		children.push(hub.child);
		dashboard = hub.url;
	}
	if (withBridge) {
		say('starting the bridge');
		children.push(await startBridge(`${dir}/bridge`, sandbox, {
			id: extension.id,
			account: account('1000'),
			port: bridgeSip,
			...withHub ? { modules: bridgeModules(), keys: bridgeKeys(dir) } : {},
			users: `"${extension.full_name}" <sip:1000@${sandbox.sip}>`
				+ `;cube_login=${extension.login}`
				+ `;cube_password=${extension.password};call=${person.id}`
				+ `;dial=sip:${phone.user}@${sandbox.sip};dialable=10??`
				+ ';department=Sales',
		}));
	}

	const query = new URLSearchParams({ login: person.login,
		password: person.password });
	return { page: `${sandbox.page}?${query}&auto`, dashboard };
}

function tell({ page, dashboard }, dir) {
	console.log(`\nOpen  ${page}\n\n`
		+ 'You are logged in as an app user. Call the extension: the\n'
		+ 'phone answers, and you hear yourself and in a video call see\n'
		+ 'yourself. Or let the phone call you.');
	if (dashboard)
		console.log(`\nSee   ${dashboard}\n\n`
			+ 'The dashboard: extensions, calls and how good they are, live;\n'
			+ 'you may hang up, hold, transfer'
			+ `${canRecord() ? ', record' : ''}.`);
	console.log(`\nLogs are in ${dir}. Ctrl-C stops everything.`);
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

	signal.then(() => console.log('\ndemo: stopping'));

	refuseSecond(dir);
	rmSync(`${dir}/${URL_FILE}`, { force: true });
	try {
		const started = startAll(dir, !values['no-bridge'], children);

		why = await Promise.race([signal, started]);
		if (why) {
			writeFileSync(`${dir}/${URL_FILE}`, `${why.page}\n`,
				{ mode: 0o600 });
			tell(why, dir);
			why = await Promise.race([signal,
				...children.map((child) => child.exited.then(() => child))]);
		} else {
			await started.catch(() => {});
		}
	} finally {
		await stopAll(children);
	}
	if (why) throw new Error(`${why.name} ended by itself; see ${why.log}`);
}

main().catch((error) => {
	console.error(`demo: ${error.message}`);
	process.exitCode = 1;
});
