// Calls with real media, many at once: phone and app of each send a tone from when it
// is up until it ends (tests/bench/driven.c).
//
//	const load = await openToneLoad(rig.sandbox, { user: 'alice',
//		password: 'alice-pass-1' });
//	const call = load.call(rig.bridge.uri);
//	await call.up;                       // call.id, call.upMs, call.endedMs
//	call.hangUp();

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { onLines } from './lines.mjs';
import { freePort } from './ports.mjs';

const LOADGEN = process.env.LOADGEN ?? `${REPO}/build/bench/loadgen`;
const MOST = 1000;

export const LOAD_PHONE_HZ = 1000;
export const LOAD_APP_HZ = 450;

class Load {
	calls = [];

	constructor(child) {
		this.child = child;
		this.online = new Promise((resolve, reject) => {
			child.once('exit', (code, signal) => reject(
				new Error(`loadgen has ended: ${code ?? signal}`)));
			onLines(child.stdout, (line) => {
				const { call, state, id } = JSON.parse(line);

				if (state === 'online') resolve();
				else this.calls[call].told(state, id);
			});
		});
	}

	/** The phone calls a URI; the app accepts. */
	call(uri) {
		const number = this.calls.length;
		const order = (text) => this.child.stdin.write(`${text}\n`);
		const call = {
			/** Its phone hangs up. */
			hangUp() {
				call.byeMs = Date.now();
				order(`hangup ${number}`);
			},
			/** Its bridge is dead. */
			forget: () => order(`forget ${number}`),
		};

		call.up = new Promise((resolve) => {
			call.told = (state, id) => {
				call[`${state}Ms`] = Date.now();
				if (id) call.id = id;
				if (state === 'up') resolve(call);
			};
		});
		this.calls.push(call);
		order(`call ${uri}`);
		return call;
	}

	async close() {
		if (this.child.exitCode !== null || this.child.signalCode) return;
		this.child.kill('SIGKILL');
		await once(this.child, 'exit');
	}
}

export async function openToneLoad(sandbox, { user, password }) {
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', LOADGEN, '--driven',
		'--peer', 'ours', '--calls', String(MOST),
		'--api-url', sandbox.api_url, '--chat-url', sandbox.chat_url,
		'--chat-domain', sandbox.chat_domain,
		'--app-id', String(sandbox.application.id),
		'--auth-key', sandbox.application.auth_key,
		'--ca-file', sandbox.ca_file, '--login', user, '--password', password,
		'--sip-port', String(await freePort())],
	{ stdio: ['pipe', 'pipe', 'inherit'] });
	const load = new Load(child);

	child.stdin.on('error', () => {}); // it is gone: seen by its exit
	await load.online;
	return load;
}
