// A hub with its HTTP, a real bridge that talks to it, a phone and an app; and what the
// API says of them.
//
//	const api = await startApi();
//	const call = await api.rig.phoneCallsApp();
//	const { id } = await api.live();
//	await api.ok('POST', `calls/${id}/hold`);

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { ask } from './http.mjs';
import { startHub } from './hub.mjs';
import { FINISHER } from './hubrec.mjs';
import { assertAnswer, assertBody } from './openapi.mjs';
import { freePort } from './ports.mjs';
import { startRig } from './rig.mjs';

const ROLES = ['readonly', 'operator', 'admin'];
const WAIT = { timeout: 60000 };
/** Modules of the bridge. */
export const MODULES = ['connectycube.so', 'connectycube_link.so',
	'connectycube_record.so', 'account.so', 'ctrl_tcp.so'];

class Api {
	tokens = {};

	/** One request, which is answered as documented; the reply is as ask() has it. */
	async ask(method, path, { role = 'admin', headers = {}, ...more } = {}) {
		const target = path.startsWith('/') ? path : `/api/v1/${path}`;
		const reply = await ask(this.door, method, target, { ...more, headers: {
			...this.tokens[role] ? { Authorization: `Bearer ${this.tokens[role]}` }
				: {}, ...headers } });

		assertAnswer(method, target, reply);
		if (reply.status < 300) assertBody(method, target, more.body);
		return reply;
	}

	/** What it answers, which is no error. */
	async ok(method, path, body, options) {
		const reply = await this.ask(method, path, { body, ...options });

		assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${
			reply.body}`);
		return reply.json;
	}

	get(path) {
		return this.ok('GET', path);
	}

	/** A problem, with its status. */
	async problem(status, method, path, options) {
		const reply = await this.ask(method, path, options);
		const what = `${method} ${path}: ${reply.status} ${reply.body}`;

		assert.equal(reply.status, status, what);
		assert.match(reply.headers['content-type'], /^application\/problem\+json$/, what);
		assert.equal(reply.json.status, status, what);
		return reply.json;
	}

	/** The only call that is up, once it is as it should be. */
	live(check = ({ state }) => state === 'up') {
		return until('the call, as it should be', async () => {
			const { calls } = await this.get('calls');

			return calls.length === 1 && check(calls[0]) && calls[0];
		}, WAIT);
	}

	idle() {
		return until('no call', async () => !(await this.get('calls')).calls.length,
			WAIT);
	}

	audit() {
		const path = `${this.hub.dir}/audit.jsonl`;

		return (existsSync(path) ? readFileSync(path, 'utf8') : '').split('\n')
			.slice(0, -1).map((line) => JSON.parse(line));
	}

	/** The first audit line that is so. */
	audited(check) {
		return until('its audit line', () => this.audit().find(check), WAIT);
	}

	async stop() {
		await this.rig?.stop();
		await this.hub?.stop();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/**
 * hub: keys of the hub; bridge: of the bridge; users: of its file, made of the parts so
 * far; rig: false for a hub alone; others are of startRig().
 */
export async function startApi({ hub = {}, bridge = {}, users, rig = true,
	...options } = {}) {
	const api = new Api();
	const port = await freePort();

	api.dir = mkdtempSync(`${tmpdir()}/hubapi-`);
	api.door = { port };
	try {
		api.hub = await startHub({ connectycube_hub_http: `127.0.0.1:${port}`,
			connectycube_record_spool: `${api.dir}/raw`,
			connectycube_hub_recordings: `${api.dir}/recordings`,
			connectycube_hub_recording_program: FINISHER,
			connectycube_hub_recording_format: 'wav', ...hub });
		for (const role of ROLES) {
			const text = await api.hub.ctrl.command('hub_token', `add ${role} ${role}`);

			api.tokens[role] = /^(cube_[0-9a-f]{64})\n/m.exec(text)?.[1]
				?? assert.fail(text);
		}
		if (!rig) return api;
		api.rig = await startRig({ ...options, bridge: (parts) => ({
			...users ? { users: users(parts) } : {},
			keys: {
				module_app: MODULES,
				connectycube_link_socket: api.hub.socket,
				connectycube_link_spool: `${api.dir}/spool`,
				connectycube_link_name: 'desk',
				connectycube_link_stats: 1,
				connectycube_record_spool: `${api.dir}/raw`,
				connectycube_record_calls: 'on_demand',
				...bridge,
			} }) });
		api.extension = await until('its extension', async () => {
			const { extensions: [one] } = await api.get('extensions');

			return one?.sip.registered && one.extension;
		}, WAIT);
		return api;
	} catch (error) {
		await api.stop();
		throw error;
	}
}
