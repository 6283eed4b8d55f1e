// One bridge instance: baresip with a profile made from profiles/headless, the
// sandbox's addresses filled in.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { linkModules } from './modules.mjs';
import { registered } from './phone.mjs';
import { start, until } from './process.mjs';
import { REPO } from './template.mjs';

/** Set keys of a baresip config, whatever it said about them before. */
export function setKeys(text, keys) {
	const named = new RegExp(`^(${Object.keys(keys).join('|')})\\s`);
	const rest = text.split('\n').filter((line) => !named.test(line));
	const set = Object.entries(keys).flatMap(([key, value]) =>
		[value].flat().map((one) => `${key}\t${one}`));

	return [...set, '', ...rest].join('\n');
}

/** Take the # off modules that are there, at their place. */
const withModules = (text, modules) => modules.reduce((all, name) =>
	all.replace(new RegExp(`^#(module_app\\s+${name})$`, 'm'), '$1'), text);

/**
 * A profile in dir for an extension of the sandbox.
 *
 * modules: further ones of its config; keys: of them; ctrlPort: of ctrl_tcp, if it is to
 * have that
 */
export function writeProfile(dir, sandbox, { account, port, users,
	ctrlPort, modules = [], keys = {} }) {
	const base = withModules(readFileSync(`${REPO}/profiles/headless/config`,
		'utf8'), [...modules, ...ctrlPort ? ['ctrl_tcp.so'] : []]);
	const { user, password } = account;

	mkdirSync(dir, { recursive: true, mode: 0o700 });
	linkModules(`${dir}/modules`);
	writeFileSync(`${dir}/config`, setKeys(base, {
		sip_listen: `127.0.0.1:${port}`,
		net_interface: '127.0.0.1',
		sip_cafile: sandbox.ca_file,
		...ctrlPort ? { ctrl_tcp_listen: `127.0.0.1:${ctrlPort}` } : {},
		module_path: `${dir}/modules`,
		connectycube_api_url: sandbox.api_url,
		connectycube_chat_url: sandbox.chat_url,
		connectycube_chat_domain: sandbox.chat_domain,
		connectycube_app_id: sandbox.application.id,
		connectycube_auth_key: sandbox.application.auth_key,
		connectycube_ca_file: sandbox.ca_file,
		connectycube_loopback: 'yes',
		...keys,
	}), { mode: 0o600 });
	writeFileSync(`${dir}/accounts`, `<sip:${user}@${sandbox.sip}>`
		+ `;auth_user=${user};auth_pass=${password};regint=300\n`,
	{ mode: 0o600 });
	writeFileSync(`${dir}/users`, `${users}\n`, { mode: 0o600 });
}

/** Start it and wait until it is registered and online as cloud user id. */
export async function startBridge(dir, sandbox, { id, ...profile }) {
	const module = `${REPO}/modules/connectycube/connectycube.so`;

	if (!existsSync(module)) throw new Error('not built yet: run make first');
	writeProfile(dir, sandbox, profile);
	writeFileSync(`${dir}/bridge.log`, '');

	const child = start('the bridge', ['baresip', '-f', dir],
		`${dir}/bridge.log`);
	try {
		await registered(child);
		await until('the bridge is online', async () => {
			const answer = await fetch(`${sandbox.control}/online`);

			return (await answer.json()).some(({ user }) => user === id);
		}, { child });
	} catch (error) {
		await child.stop();
		throw error;
	}
	return child;
}
