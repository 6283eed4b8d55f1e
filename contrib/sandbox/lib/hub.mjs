// The demo's hub: a profile made from profiles/hub, and who may look at its dashboard.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { setKeys } from './bridge.mjs';
import { linkModules } from './modules.mjs';
import { listening, start, until } from './process.mjs';
import { REPO } from './template.mjs';

const MODULE = `${REPO}/modules/connectycube_hub/connectycube_hub.so`;
const FINISHER = `${REPO}/build/connectycube-recording`; // needs libav

export const hasHub = () => existsSync(MODULE);
export const canRecord = () => existsSync(FINISHER);

/** What a bridge's config has in it, so that it tells the hub, and records for it. */
export const bridgeKeys = (dir) => ({
	connectycube_link_socket: `${dir}/hub.sock`,
	...canRecord() ? { connectycube_record_spool: `${dir}/raw`,
		connectycube_record_calls: 'on_demand' } : {},
});

export const bridgeModules = () => ['connectycube_link.so',
	...canRecord() ? ['connectycube_record.so'] : []];

/** A new token, as the hub's console makes it. */
async function makeToken(profile, name, role) {
	const { stdout } = await promisify(execFile)(`${REPO}/build/cube`,
		['console', profile, '/hub_token', 'add', name, role]);
	const [token] = /^cube_[0-9a-f]+$/m.exec(stdout) ?? [];

	if (!token) throw new Error(`the hub makes no token: ${stdout}`);
	return token;
}

/**
 * Start it in DIR/hub: { child, url }, the dashboard's, which logs in by itself.
 *
 * @param dir  the demo's run directory
 * @param port of its HTTP, on loopback
 */
export async function startHub(dir, { port }) {
	const profile = `${dir}/hub`;

	mkdirSync(profile, { recursive: true, mode: 0o700 });
	rmSync(`${profile}/tokens`, { force: true });
	linkModules(`${profile}/modules`);
	writeFileSync(`${profile}/config`, setKeys(
		readFileSync(`${REPO}/profiles/hub/config`, 'utf8'), {
			module_path: `${profile}/modules`,
			connectycube_link_socket: `${dir}/hub.sock`,
			connectycube_hub_http: `127.0.0.1:${port}`,
			...canRecord() ? { connectycube_record_spool: `${dir}/raw`,
				connectycube_hub_recordings: `${dir}/recordings`,
				connectycube_hub_recording_program: FINISHER } : {},
		}), { mode: 0o600 });
	writeFileSync(`${profile}/hub.log`, '');

	const child = start('the hub', ['baresip', '-f', profile],
		`${profile}/hub.log`);
	try {
		await until(`port ${port} listens`, () => listening(port), { child });
		const token = await makeToken(profile, 'demo', 'operator');

		return { child, url: `http://localhost:${port}/#token=${token}` };
	} catch (error) {
		await child.stop();
		throw error;
	}
}
