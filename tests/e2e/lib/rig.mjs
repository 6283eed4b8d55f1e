// A bridge that is maltreated: under other programs, with broken profiles, and
// with a phone (sipua.mjs) that talks to it directly. It is started with -v, so
// that its log holds all that it may ever say.
//
//	const rig = await startRig();
//	const call = await rig.phoneCallsApp();
//	await rig.assertTones();

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { setKeys, writeProfile }
	from '../../../contrib/sandbox/lib/bridge.mjs';
import { listening, start, until }
	from '../../../contrib/sandbox/lib/process.mjs';
import { launch } from './browser.mjs';
import { RunningBridge, withMode } from './bridge.mjs';
import { connectCtrl } from './ctrl.mjs';
import { patiently } from './patiently.mjs';
import { freePort } from './ports.mjs';
import { startTestSandbox } from './sandbox.mjs';
import { openSipUa } from './sipua.mjs';

export const APP_HZ = 440;
export const PHONE_HZ = 1000;

/** What a bridge needs to transcode video. */
export const VIDEO_MODULES = ['opus', 'g722', 'g711', 'srtp', 'avcodec', 'vp8']
	.map((name) => `${name}.so`);

const PATIENCE = 20000; // [ms] until a new call is heard

/** Run bridges under something: E2E_UNDER='valgrind -q' */
const UNDER = process.env.E2E_UNDER?.split(' ') ?? [];

/** Where the packaged baresip is. */
export const BARESIP = execFileSync('sh', ['-c', 'command -v baresip'],
	{ encoding: 'utf8' }).trim();

class RawBridge extends RunningBridge {
	constructor(child, ctrl, dir, port) {
		super(child, ctrl, dir);
		this.port = port;
	}

	/** What a phone calls when it talks to the bridge directly. */
	get uri() {
		return `sip:1000@127.0.0.1:${this.port}`;
	}

	waitCloud(wanted, options) {
		return this.waitStatus(`the cloud is ${wanted}`, ({ cloud }) =>
			cloud === wanted, options);
	}

	waitRegistered(options) {
		return this.waitStatus('the bridge registers', ({ registered }) =>
			registered, options);
	}

	/** Its only call rings. */
	waitRings(options) {
		return this.waitStatus('it rings', ({ calls: [call] }) =>
			call?.state === 'RINGING', options);
	}

	/** What stands in the users file. */
	users() {
		return readFileSync(`${this.dir}/users`, 'utf8').trim();
	}

	/** Write the users file anew and have it read; where the log went on then. */
	async reload(lines, result = 'has been read again') {
		const since = this.log().length;

		writeFileSync(`${this.dir}/users`, `${[lines].flat().join('\n')}\n`);
		process.kill(this.child.pid, 'SIGHUP');
		await this.waitLog(new RegExp(`SIGHUP: .*/users ${result}`), { since });
		return since;
	}

	/** It runs, and its console answers. */
	async assertAlive() {
		assert.ok(this.child.running(), `ended; see ${this.child.log}`);
		await this.command('cube_status');
	}
}

/** Set keys of a config; null takes a key away, a list sets it repeatedly. */
function editKeys(text, keys) {
	const names = Object.keys(keys);
	const lines = Object.entries(keys).flatMap(([key, value]) =>
		[value].flat().filter((one) => one !== null)
			.map((one) => `${key}\t${one}`));

	return [...lines, '', setKeys(text, Object.fromEntries(
		names.map((name) => [name, ''])))
		.split('\n').slice(names.length).join('\n')].join('\n');
}

/** A line of the users file. */
export const userLine = (sip, { user = '1000', login = 'ext1000',
	password = `cube_password=${login}-pass`, more = '' } = {}) =>
	`"Sales" <sip:${user}@${sip}>;cube_login=${login};${password}${more}`;

/** A profile that may be as broken as wanted; see startRawBridge. */
async function startRaw(sandbox, { name = 'bridge',
	argv = [...UNDER, BARESIP, '-v'], users, account = {},
	transport = 'udp', keys = {}, env = {}, port: wanted,
	prepare = () => {} }) {
	const dir = `${sandbox.dir}/${name}`;
	const port = wanted ?? await freePort();
	const ctrlPort = await freePort();
	const { user = '1000', password = `sip-${user}`,
		params = ';regint=300', proxy } = account;

	writeProfile(dir, sandbox, { account: { user, password }, port, ctrlPort,
		users: [users ?? userLine(sandbox.sip)].flat().join('\n') });
	writeFileSync(`${dir}/accounts`, `<sip:${user}@${sandbox.sip}`
		+ `;transport=${transport}>;auth_user=${user};auth_pass=${password}`
		+ `${params}${proxy ? `;outbound="${proxy}"` : ''}\n`);
	writeFileSync(`${dir}/config`, editKeys(
		readFileSync(`${dir}/config`, 'utf8'),
		withMode(keys)));
	writeFileSync(`${dir}/bridge.log`, '');
	prepare(dir);

	const vars = typeof env === 'function' ? env(dir) : env;
	const child = start(name, ['env',
		...Object.entries(vars).map(([key, value]) => `${key}=${value}`),
		...argv, '-f', dir], `${dir}/bridge.log`);

	return { child, ctrlPort, dir, port };
}

/**
 * Start a bridge from a profile; waits for its console alone.
 *
 * argv      what to run instead of baresip -v
 * users     the users file, or a list of its lines
 * account   { user, password, params, proxy }
 * keys      of the config; null: without this key
 * env       of the process, or what makes it of the profile's folder
 * prepare   called with the profile's folder when it is written
 */
export async function startRawBridge(sandbox, { timeout = 30000,
	...options } = {}) {
	const { child, ctrlPort, dir, port } = await startRaw(sandbox, options);

	try {
		await until('ctrl_tcp listens', () => listening(ctrlPort),
			{ child, timeout });
		return new RawBridge(child, await connectCtrl(ctrlPort), dir, port);
	} catch (error) {
		await child.stop();
		throw error;
	}
}

/** The same for a bridge that ends by itself: { code, log, file }. */
export async function runRawBridge(sandbox, options) {
	const { child, dir } = await startRaw(sandbox, options);
	const timer = setTimeout(() => child.stop(), 30000);
	const [code] = await child.exited;

	clearTimeout(timer);
	return { code, log: readFileSync(child.log, 'utf8'), file: child.log };
}

/** Fails if a secret, as it is or in base64, stands in a text. */
export function assertNoSecrets(text, secrets, where = 'the log') {
	for (const secret of secrets) {
		const forms = [secret, Buffer.from(secret).toString('base64')
			.replace(/=+$/, '')];

		for (const form of forms) {
			const at = text.indexOf(form);

			assert.ok(at < 0, `${where} holds a secret: `
				+ `${text.slice(Math.max(0, at - 80), at)}[secret]`);
		}
	}
}

export function assertTone({ hz, rms }, wanted, where) {
	assert.ok(Math.abs(hz - wanted) <= 5 && rms > 0.05,
		`${where}: ${hz} Hz at ${rms}, not ${wanted} Hz`);
}

/** Somebody, an app or a phone's rtp, hears a tone, after some seconds at most. */
export const waitHears = (who, hz, what, ms = 15000) => patiently(
	async () => assertTone(await who.hear(400), hz, what), ms);

/** The line of its users file, unless it is told otherwise. */
const usersOf = ({ sandbox, ua }) => userLine(sandbox.sip, {
	more: `;call=101;dial=sip:5551234@127.0.0.1:${ua.port}` });

async function waitOnline(bridge) {
	await bridge.waitRegistered();
	await bridge.waitCloud('online');
}

class Rig {
	renewed = 0;

	constructor(parts) {
		Object.assign(this, parts);
	}

	/** Everything that must never be read anywhere. */
	async secrets() {
		const { application, users, accounts } = this.sandbox;
		const sasl = users.map(({ id, password }) =>
			`\0${id}-${application.id}\0${password}`);

		return [application.auth_key, application.auth_secret,
			...users.map(({ password }) => password), ...sasl,
			...accounts.map(({ password }) => password),
			...(await this.sandbox.sessions()).map(({ token }) => token)]
			.filter(Boolean);
	}

	async assertNoSecrets() {
		assertNoSecrets(this.bridge.log(), await this.secrets(),
			this.bridge.child.log);
	}

	/** The phone plays its tone in a call. */
	play(call) {
		this.ua.rtp.play(PHONE_HZ, call.remoteRtp);
		this.call = call;
		return call;
	}

	/** A call that both sides hear. */
	async phoneCallsApp(options) {
		await this.app.forget();
		const call = await this.ua.invite(this.bridge.uri, options);

		await this.app.waitIncoming();
		await this.app.accept();
		await call.wait('200');
		this.play(call);
		await this.app.waitConnected();
		return call;
	}

	async appCallsPhone(options) {
		await this.app.forget();
		await this.app.call(this.id, options);
		const call = await this.ua.waitInvite();

		call.ring();
		call.answer();
		await call.wait('ACK');
		this.play(call);
		await this.app.waitConnected();
		return call;
	}

	/** Both hear each other, now. */
	async assertTones(when = 'call', ms = 600) {
		const [app, phone] = await Promise.all([this.app.hear(ms),
			this.ua.rtp.hear(ms)]);

		assertTone(app, PHONE_HZ, `${when}, at the app`);
		assertTone(phone, APP_HZ, `${when}, at the phone`);
		return { app, phone };
	}

	/** Both hear each other, after some seconds at most. */
	waitTones(when = 'call', ms = PATIENCE) {
		return patiently(() => this.assertTones(when, 400), ms);
	}

	/** The phone hangs up; the app is told so by a signal. */
	async phoneHangsUp(call = this.call) {
		this.ua.rtp.hush();
		await call.bye();
		await this.app.waitClosed();
		await this.bridge.waitIdle();
	}

	async appHangsUp(call = this.call) {
		await this.app.hangup();
		await call.wait('BYE');
		this.ua.rtp.hush();
		await this.app.waitClosed();
		await this.bridge.waitIdle();
	}

	/** Whatever a test left behind. */
	async reset() {
		await this.sandbox.reset();
		this.ua.rtp.hush();
		if (!this.bridge.child.running()) return;
		await this.bridge.command('cube_hangup', 'all');
		this.ua.forget();
		await this.app?.reset();
	}

	/** Another bridge and another phone for the same app; see startRig. */
	async renew({ bridge = {}, ua = {} }) {
		await this.bridge.stop();
		this.ua.close();
		this.ua = await openSipUa(ua);
		this.bridge = await startRawBridge(this.sandbox, {
			name: `bridge-${++this.renewed}`, users: usersOf(this), ...bridge });
		await waitOnline(this.bridge);
	}

	async stop() {
		await this.browser?.close();
		await this.bridge?.stop();
		this.ua?.close();
		await this.sandbox?.stop();
	}
}

/**
 * Sandbox, bridge, phone and (unless app is false) alice in a browser.
 *
 * sandbox, bridge, ua: options of startTestSandbox, startRawBridge, openSipUa;
 *                      bridge may be what makes them of the parts so far
 * beforeApp(parts)     to be done before the browser is started
 * appOptions           as newUser() has them
 */
export async function startRig({ sandbox: sandboxOptions = {},
	bridge: bridgeOptions = {}, ua: uaOptions = {}, app = true,
	beforeApp = async () => {}, appOptions = {} } = {}) {
	const parts = { id: 200 };

	try {
		parts.sandbox = await startTestSandbox(sandboxOptions);
		parts.ua = await openSipUa(uaOptions);
		parts.bridge = await startRawBridge(parts.sandbox, {
			users: usersOf(parts),
			...(typeof bridgeOptions === 'function' ? bridgeOptions(parts)
				: bridgeOptions),
		});
		await waitOnline(parts.bridge);
		if (app) {
			await beforeApp(parts);
			parts.browser = await launch();
			parts.app = await parts.browser.newUser(parts.sandbox.page,
				'alice', 'alice-pass-1', { toneHz: APP_HZ, ...appOptions });
		}
		return new Rig(parts);
	} catch (error) {
		await new Rig(parts).stop();
		throw error;
	}
}
