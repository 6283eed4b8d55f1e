// The `sandbox` command: start and stop the sandbox by hand.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { choosePorts, isFree, owner } from './ports.mjs';
import { DEFAULTS, startSandbox } from './sandbox.mjs';
import { until } from './process.mjs';

const HELP = `usage: sandbox start --dir DIR [options]    run until Ctrl-C
			 sandbox start --dir DIR --detach     run in the background
			 sandbox stop --dir DIR

	--http-port 5280       REST, page and chat without TLS
	--https-port 5281      the same with TLS (DIR/ca.pem)
	--unknown-ca-port 0    the same with a stranger's certificate
	--wrong-host-port 0    the same with another name's certificate
	--sip-port 5060        SIP over UDP and TCP; 0: no SIP server
	--sips-port 5061       SIP over TLS
	--invite-auth          challenge INVITEs, not only REGISTERs
	--domain localhost     chat domain
	--users FILE           users, application and SIP accounts
	--app-id N --auth-key KEY --auth-secret SECRET
												 instead of those in the users file
	--extension 200        the user the page calls
	--phone-port 0         ctrl_tcp of a phone the page may let call ...
	--phone-dial URI       ... this address
`;

const camel = (name) => name.replace(/-(\w)/g, (_, c) => c.toUpperCase());

/** Command line options as startSandbox() takes them. */
function readOptions(values) {
	const options = {};

	for (const [name, value] of Object.entries(values)) {
		const key = camel(name);
		if (!(key in DEFAULTS)) continue;
		if (typeof DEFAULTS[key] === 'number') {
			if (!/^\d+$/.test(value)) throw new Error(`--${name}: not a number`);
			options[key] = Number(value);
		} else {
			options[key] = value;
		}
	}
	return options;
}

const PORTS = ['httpPort', 'httpsPort', 'sipPort', 'sipsPort'];

/** Of the ports that nobody asked for others may be taken. */
async function freeDefaults(options) {
	const open = PORTS.filter((name) => !(name in options));

	return choosePorts(Object.fromEntries(open.map((name) =>
		[name, DEFAULTS[name]])), (line) => console.log(`note   ${line}`));
}

async function foreground(dir, chosen) {
	const signal = new Promise((resolve) => {
		for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
			process.on(name, () => resolve(null));
	});
	const options = { ...chosen, ...await freeDefaults(chosen) };

	for (const name of PORTS)
		if (options[name] && !await isFree(options[name]))
			throw new Error(`port ${options[name]} is taken by `
				+ owner(options[name]));

	const sandbox = await startSandbox(dir, options);

	console.log(`page   ${sandbox.page}
REST   ${sandbox.api_url}
chat   ${sandbox.chat_url}
CA     ${sandbox.ca_file}
SIP    ${sandbox.sip ?? 'off'}
ready  stop with Ctrl-C`);
	process.send?.('ready');

	const why = await Promise.race([signal, sandbox.exited]);

	await sandbox.stop();
	if (why) throw new Error(`a part ended by itself; see the logs in ${dir}`);
}

async function detach(dir, args) {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const log = openSync(`${dir}/sandbox.log`, 'w');
	const child = spawn(process.execPath,
		[fileURLToPath(import.meta.url), ...args.filter((a) => a !== '--detach')],
		{ detached: true, stdio: ['ignore', log, log, 'ipc'] });
	const [what] = await Promise.race([once(child, 'message'),
		once(child, 'exit')]);

	process.stdout.write(readFileSync(`${dir}/sandbox.log`, 'utf8'));
	if (what !== 'ready') throw new Error('the sandbox did not start');
	child.disconnect();
	child.unref();
}

async function stop(dir) {
	const file = `${dir}/sandbox.pid`;

	if (!existsSync(file)) return;
	try {
		process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
		return;
	}
	await until('the sandbox stops', () => !existsSync(file));
}

async function main() {
	const args = process.argv.slice(2);
	const names = Object.keys(DEFAULTS).map((key) =>
		key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`));
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
			'invite-auth': { type: 'boolean' },
			dir: { type: 'string' },
			detach: { type: 'boolean' },
			help: { type: 'boolean' },
		},
	});
	const [command] = positionals;

	if (values.help || command === 'help') {
		process.stdout.write(HELP);
	} else if (!values.dir || !['start', 'stop'].includes(command)) {
		process.stderr.write(HELP);
		process.exitCode = 2;
	} else if (command === 'stop') {
		await stop(values.dir);
	} else if (values.detach) {
		await detach(values.dir, args);
	} else {
		await foreground(values.dir, readOptions(values));
	}
}

main().catch((error) => {
	console.error(`sandbox: ${error.message}`);
	process.exitCode = 1;
});
