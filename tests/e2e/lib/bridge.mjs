// The bridge under test: one baresip with our module, its console and its log.
//
//	const bridge = await startTestBridge(sandbox, { users: [
//		{ user: '1000', login: 'ext1000', call: '101', dial: '1001' }] });
//	const status = await bridge.status();

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { setKeys, writeProfile }
	from '../../../contrib/sandbox/lib/bridge.mjs';
import { listening, start, until }
	from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { stopWhole } from './crash.mjs';
import { connectCtrl } from './ctrl.mjs';
import { allRegistered } from './phone.mjs';
import { freePort } from './ports.mjs';

const MODULE = `${REPO}/modules/connectycube/connectycube.so`;

/** The line of one direction, "rx" or "tx". */
function parseDirection(text, name) {
	const [, codec = '-', packets = 0, lost = 0] = new RegExp(
		`^\\s+${name}\\s+(\\S+)\\s+packets=(\\d+) .*lost=(-?\\d+)`, 'm')
		.exec(text) ?? [];

	return { codec, packets: Number(packets), lost: Number(lost) };
}

/** Every KEY=NUMBER of a line. */
const numbers = (line) => Object.fromEntries([...line.matchAll(
	/([a-z]+)=(-?\d+)/g)].map(([, key, value]) => [key, Number(value)]));

/** The video of a leg: { rx, tx, forwarded, still, size }, null without. */
function parseVideo(lines) {
	if (!lines.length) return null;
	const [rx, tx] = ['rx', 'tx'].map((name) => {
		const line = lines.find((one) => one.startsWith(`${name} `)) ?? '';
		const [, codec = '-'] = line.split(/\s+/);

		return { codec, ...numbers(line) };
	});
	const rest = lines.at(-1);

	return { rx, tx, ...numbers(rest), size: /size=(\S+)/.exec(rest)?.[1],
		forwarded: /\bforwarded\b/.test(rest), still: /\bstill\b/.test(rest) };
}

function parseLeg(text) {
	const video = [...text.matchAll(/^\s+video (.*)$/gm)].map(([, line]) =>
		line);
	const audio = text.replace(/^\s+video .*$/gm, '');

	return {
		rx: parseDirection(audio, 'rx'),
		tx: parseDirection(audio, 'tx'),
		forwarded: /\bforwarded\b/.test(audio),
		video: parseVideo(video),
	};
}

function parseCall(text) {
	const [, id, way, state] = /^(\d+)\s+(\S+)\s+(\S+)/.exec(text);
	const legs = text.split(/^ {4}(?=(?:SIP|app) )/m);
	const [sip = '', app = ''] = ['SIP', 'app'].map((kind) =>
		legs.find((leg) => leg.startsWith(`${kind} `)));
	const [, remote] = /<-> (\S+)/.exec(sip) ?? [];
	const [, refused] = /refused=(\d+)/.exec(sip) ?? [];

	return {
		id: Number(id),
		way,
		state,
		sip: sip !== '' && {
			...parseLeg(sip),
			remote,
			latched: /^ {6}port .* \(latched\)/m.test(sip),
			refused: Number(refused),
		},
		app: {
			...parseLeg(app),
			user: /user=(\S*)/.exec(app)?.[1],
			session: /session=(\S*)/.exec(app)?.[1],
			lost: app.includes('(path lost)'),
		},
		text,
	};
}

/** What /cube_status prints, as data: one entry for each extension. */
export function parseStatus(text) {
	return text.split(/^(?=sip:)/m).filter((part) => part.startsWith('sip:'))
		.map((part) => {
			const [head, ...calls] = part.split(/^ {2}call (?=\d)/m);

			return {
				uri: head.split(' ', 1)[0],
				cloud: /^ {2}cloud\s+(\S+)/m.exec(head)?.[1],
				reason: /^ {2}cloud\s+\S+ \((.*?)\) {2}/m.exec(head)?.[1],
				registered: /^ {2}SIP\s+registered/m.test(head),
				calls: calls.map(parseCall),
			};
		});
}

/** A bridge that runs, with its console and its log. */
export class RunningBridge {
	constructor(child, ctrl, dir) {
		Object.assign(this, { child, ctrl, dir });
	}

	/** A console command; returns what it prints. */
	command(...parameters) {
		return this.ctrl.command(...parameters);
	}

	/** /cube_status of one extension, as data; undefined without any. */
	async status(index = 0) {
		return parseStatus(await this.command('cube_status'))[index];
	}

	/** Poll the status until it is as wanted; returns it. */
	waitStatus(what, check, { index = 0, timeout } = {}) {
		return until(what, async () => {
			const status = await this.status(index);

			return check(status) && status;
		}, { child: this.child, timeout });
	}

	/** No call is left. */
	waitIdle(options) {
		return this.waitStatus('the bridge has no call any more',
			({ calls }) => calls.length === 0, options);
	}

	log() {
		return readFileSync(this.child.log, 'utf8');
	}

	/** The first lines of the log after `since` characters that match. */
	waitLog(pattern, { since = 0, timeout } = {}) {
		return until(`the bridge logs ${pattern}`, () =>
			pattern.exec(this.log().slice(since)),
		{ child: this.child, timeout });
	}

	async stop() {
		this.ctrl?.close();
		await stopWhole(this.child);
	}
}

class Bridge extends RunningBridge {
	#ctrlPort;

	constructor(child, ctrl, dir, { port, ctrlPort }) {
		super(child, ctrl, dir);
		this.#ctrlPort = ctrlPort;
		this.sip = `127.0.0.1:${port}`; // its own SIP address
	}

	/** Registered and online. */
	waitReady(options) {
		return this.waitStatus('the bridge is registered and online',
			({ cloud, registered }) => registered && /online/i.test(cloud),
			options);
	}

	/** Killed, so that it tells nobody, and started anew. */
	async killAndStart() {
		const { name, log, pid } = this.child;

		this.ctrl.close();
		process.kill(pid, 'SIGKILL');
		await this.child.exited;
		this.child = start(name, ['baresip', '-f', this.dir], log);
		await until('ctrl_tcp listens', () => listening(this.#ctrlPort),
			{ child: this.child });
		this.ctrl = await connectCtrl(this.#ctrlPort);
		await this.waitReady();
	}
}

/** Keys of a config; with Asterisk's manager, those of hybrid unless they say. */
export const withMode = (keys, modules = []) =>
	[keys.module_app ?? [], modules].flat().some((name) =>
		/^connectycube_ami\b/.test(name))
		? { connectycube_mode: 'hybrid', ...keys } : keys;

const line = (sip, { user, login, name = 'Sales', ...rest }) =>
	`"${name}" <sip:${user}@${sip}>;cube_login=${login}`
	+ `;cube_password=${login}-pass`
	+ Object.entries(rest).map(([key, value]) => `;${key}=${value}`).join('');

/**
 * Start a bridge and wait until it is registered and online.
 *
 * users     lines of the users file: { user, login, call, dial, ... }
 * accounts  SIP users; default: those of the users file
 * keys      of the config, or what makes them of the sandbox
 * params    of the accounts, e.g. ';mediaenc=srtp'
 * modules   of baresip, more than the profile loads
 * observers modules behind the bridge
 * ready     false: do not wait until it is online
 */
export async function startTestBridge(sandbox, { name = 'bridge', users,
	accounts = users.map(({ user }) => user), keys = {}, params = '',
	sip = sandbox.sip, transport = 'udp', ready = true, modules = [],
	observers = [] }) {
	if (!existsSync(MODULE)) throw new Error('not built yet: run make first');

	const dir = `${sandbox.dir}/${name}`;
	const port = await freePort();
	const ctrlPort = await freePort();

	writeProfile(dir, sandbox, {
		account: { user: accounts[0], password: `sip-${accounts[0]}` },
		port,
		ctrlPort,
		users: users.map((user) => line(sip, user)).join('\n'),
	});
	writeFileSync(`${dir}/accounts`, accounts.map((user) =>
		`<sip:${user}@${sip};transport=${transport}>;auth_user=${user}`
		+ `;auth_pass=sip-${user};regint=300${params}\n`).join(''));
	writeFileSync(`${dir}/config`, setKeys(
		readFileSync(`${dir}/config`, 'utf8').replace(
			/^module_app\s+connectycube\.so$/m, (one) => [one,
				...observers.map((more) => `module_app\t${more}.so`)]
				.join('\n')),
		withMode(typeof keys === 'function' ? keys(sandbox) : keys, observers))
		+ modules.map((one) => `module\t${one}.so\n`).join(''));
	writeFileSync(`${dir}/bridge.log`, '');

	const child = start(name, ['baresip', '-f', dir], `${dir}/bridge.log`);

	try {
		await until('ctrl_tcp listens', () => listening(ctrlPort),
			{ child, timeout: 60000 });
		await allRegistered(child, accounts.length);
		const bridge = new Bridge(child, await connectCtrl(ctrlPort), dir,
			{ port, ctrlPort });

		if (ready)
			for (let i = 0; i < users.length; i++)
				await bridge.waitReady({ index: i });
		return bridge;
	} catch (error) {
		await child.stop();
		throw error;
	}
}
