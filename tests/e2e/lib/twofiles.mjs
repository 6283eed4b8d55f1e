// An office of two files, common.conf and extensions.conf, and the instances that
// `cube sync` makes of them: started as systemd would, without it.
//
//	const office = await openTwoFiles(sandbox, { count: 50 });
//	await office.sync();                 // what systemd would be told is done
//	await office.allOnline();
//	const calls = await office.callAll();  // each extension is in one, with media
//
// Extension 2000 calls the cloud user of 2001, and so on: what is an app for one bridge
// is the next one, and behind each there is a phone that sends a tone.

import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync,
	writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { linkModules } from '../../../contrib/sandbox/lib/modules.mjs';
import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { CUBE } from './cube.mjs';
import { openSipUa } from './sipua.mjs';
import { BARESIP } from './rig.mjs';

const INSTANCE = `${REPO}/contrib/systemd/instance`;
const FIRST = 2000;
const RESTART_MS = 500; // RestartSec= of the unit

const run = promisify(execFile);

/** Numbers that the sandbox has to know (startTestSandbox). */
export const officeNumbers = (count) => Array.from({ length: count },
	(_, i) => String(FIRST + i));

/** An instance: what systemd has a unit for. */
class Instance {
	stopped = false;
	starts = [];

	constructor(office, name) {
		Object.assign(this, { office, name, state: `${office.root}/var/lib/connectycube-bridge/${name}`,
			run: `${office.root}/run/connectycube-bridge/run/${name}`,
			log: `${office.sandbox.dir}/instance-${name}.log` });
		mkdirSync(this.state, { recursive: true });
		mkdirSync(this.run, { recursive: true });
	}

	#env() {
		return [`STATE_DIRECTORY=${this.state}`, `RUNTIME_DIRECTORY=${this.run}`,
			`INSTANCES=${this.office.root}/run/connectycube-bridge/instances`];
	}

	start() {
		this.stopped = false;
		appendFileSync(this.log, '');
		this.from = statSync(this.log).size;
		this.starts.push(Date.now());
		this.child = start(this.name, ['env', ...this.#env(), 'sh', '-c',
			`"${INSTANCE}" start "${this.name}" && exec ${BARESIP} -f "${this.state}"`], this.log);
		this.ended = this.#watch(this.child);
	}

	/** Restart=on-failure */
	async #watch(child) {
		await child.exited;
		await run('env', [...this.#env(),
			`SERVICE_RESULT=${this.stopped ? 'success' : 'signal'}`, INSTANCE, 'stop',
			this.name]);
		if (this.stopped) return;
		await delay(RESTART_MS);
		if (!this.stopped) this.start();
	}

	async stop() {
		this.stopped = true;
		await this.child?.stop();
		await this.ended;
	}

	get pid() {
		return this.child.pid;
	}

	/** What it has said since its last start. */
	logged() {
		return readFileSync(this.log, 'utf8').slice(this.from);
	}
}

/** Is this the tone? [Hz] */
const isTone = ({ hz, rms }, wanted) => rms > 0.05 && Math.abs(hz - wanted) < 15;

/** A chain: a phone, an extension, the cloud, the next extension, another phone. */
class Chain {
	constructor(office, [from, to], [caller, called]) {
		Object.assign(this, { office, from, to, caller, called });
	}

	async call() {
		this.out = await this.caller.invite(this.office.uri(this.from));
		this.in = await this.called.waitInvite(60000);
		this.in.answer();
		await this.out.wait('200', 60000);
		await until('the called phone knows where media goes', () => this.in.remoteRtp);
		this.caller.rtp.play(this.tones[0], this.out.remoteRtp);
		this.called.rtp.play(this.tones[1], this.in.remoteRtp);
	}

	get tones() {
		return [700, 1100];
	}

	/** Both hear each other. */
	async hears() {
		await Promise.all([[this.called, this.tones[0]], [this.caller, this.tones[1]]].map(
			([phone, hz]) => until(`${this.from} and ${this.to} hear each other`, async () =>
				isTone(await phone.rtp.hear(400), hz), { timeout: 60000 })));
	}

	/** The longest time that one of them got nothing since then [ms] */
	gap(since) {
		return Math.max(...[this.caller, this.called].map(({ rtp }) => {
			const times = [since, ...rtp.packets.map(({ ms }) => ms)
				.filter((ms) => ms >= since), Date.now()];

			return Math.max(...times.slice(1).map((ms, i) => ms - times[i]));
		}));
	}

	#hush() {
		this.caller.rtp.hush();
		this.called.rtp.hush();
	}

	async end() {
		this.#hush();
		await this.out.bye();
		await this.in.wait('BYE');
	}

	/** Its bridge is dead, so that only one of the phones can hang up. */
	async abandon() {
		this.#hush();
		await this.in.bye();
	}
}

class TwoFiles {
	instances = new Map();

	constructor(sandbox, count, phones) {
		Object.assign(this, { sandbox, count, phones, root: `${sandbox.dir}/office` });
		this.numbers = officeNumbers(count);
	}

	get etc() {
		return `${this.root}/etc/connectycube-bridge`;
	}

	userOf(number) {
		return 5000 + Number(number);
	}

	/** Its line in extensions.conf. more: further parameters */
	line(number, more = '') {
		const index = this.numbers.indexOf(number);
		const other = this.numbers[index ^ 1];

		return `"Desk ${number}" <sip:${number}@${this.sandbox.sip}>;auth_user=${number}`
			+ `;auth_pass=sip-${number};regint=300;cube_login=office${number}`
			+ `;cube_password=office${number}-pass;call=${this.userOf(other)}`
			+ `;dial=sip:5551234@127.0.0.1:${this.phones[index].port}${more}`;
	}

	write(lines = this.numbers.map((number) => this.line(number)), keys = {}) {
		const { sandbox } = this;

		mkdirSync(this.etc, { recursive: true });
		writeFileSync(`${this.etc}/extensions.conf`, `${lines.join('\n')}\n`, { mode: 0o640 });
		writeFileSync(`${this.etc}/common.conf`, Object.entries({
			net_interface: '127.0.0.1',
			module_path: `${sandbox.dir}/office-modules`,
			sip_cafile: sandbox.ca_file,
			connectycube_api_url: sandbox.api_url,
			connectycube_chat_url: sandbox.chat_url,
			connectycube_chat_domain: sandbox.chat_domain,
			connectycube_app_id: sandbox.application.id,
			connectycube_auth_key: sandbox.application.auth_key,
			connectycube_ca_file: sandbox.ca_file,
			connectycube_loopback: 'yes',
			connectycube_codec_policy: 'relay',
			connectycube_link_socket: `${sandbox.dir}/no-hub.sock`,
			...keys }).map(([key, value]) => `${key}\t${value}\n`).join(''), { mode: 0o640 });
	}

	/** cube sync, and what systemd would do then; { name: action } */
	async sync(expected = 0) {
		const { stdout, code = 0 } = await run(CUBE, ['sync', '--root', this.root, '--json'])
			.catch((error) => error);

		if (code !== expected) throw new Error(`cube sync: status ${code}`);
		const { instances, faults } = JSON.parse(stdout);

		this.faults = faults;
		await Promise.all(instances.map(({ name, action }) => this.#act(name, action)));
		return Object.fromEntries(instances.map(({ name, action }) => [name, action]));
	}

	async #act(name, action) {
		const one = this.instances.get(name) ?? new Instance(this, name);

		this.instances.set(name, one);
		if (action === 'stop' || action === 'restart') await one.stop();
		if (action === 'start' || action === 'restart') one.start();
		if (action === 'reload') process.kill(one.pid, 'SIGHUP');
		if (action === 'stop') this.instances.delete(name);
	}

	/** SIP users with a contact. */
	async registered() {
		const { stdout } = await run('kamcmd', ['-s', `unix:${this.sandbox.dir}/kamailio.ctl`,
			'ul.dump'], { maxBuffer: 1 << 24 });

		return new Set([...stdout.matchAll(/AoR: (\S+)/g)].map(([, user]) => user));
	}

	/** Those that are registered and online. */
	async up() {
		const [sip, cloud] = await Promise.all([this.registered(), this.sandbox.online()]);
		const users = new Set(cloud.filter(({ available }) => available)
			.map(({ user }) => user));

		return this.numbers.filter((number) => sip.has(number)
			&& users.has(this.userOf(number)));
	}

	async allOnline(timeout = 60000) {
		await until(`all ${this.count} are registered and online`, async () =>
			(await this.up()).length === this.count, { timeout });
	}

	/** Where an extension listens: as its config says. */
	uri(number) {
		const name = this.instances.has(number) ? number : 'all';
		const [, at] = /^sip_listen\s+(\S+)/m.exec(readFileSync(
			`${this.root}/run/connectycube-bridge/instances/${name}/config`, 'utf8'));

		return `sip:${number}@${at}`;
	}

	get chains() {
		return Array.from({ length: this.count / 2 }, (_, i) => new Chain(this,
			this.numbers.slice(2 * i, 2 * i + 2), this.phones.slice(2 * i, 2 * i + 2)));
	}

	/** Every extension is in a call, with media at both ends. */
	async callAll() {
		const { chains } = this;

		await Promise.all(chains.map((chain) => chain.call()));
		await Promise.all(chains.map((chain) => chain.hears()));
		return chains;
	}

	/** Kill one, which is back then; how long that took [ms] */
	async kill(number) {
		const one = this.instances.get(number);
		const begin = Date.now();

		process.kill(one.pid, 'SIGKILL');
		await until('it runs again', () => one.starts.length > 1);
		await until(`${number} is back`, () => /: cloud: online$/m.test(one.logged())
			&& /: \{UDP\} 200 OK/.test(one.logged()), { child: one.child });
		return Date.now() - begin;
	}

	get pids() {
		return [...this.instances.values()].map(({ pid }) => pid);
	}

	async stop() {
		await Promise.all([...this.instances.values()].map((one) => one.stop()));
		this.instances.clear();
	}

	async close() {
		await this.stop();
		for (const phone of this.phones) phone.close();
	}
}

/** count: an even number of extensions; the sandbox has officeNumbers(count). */
export async function openTwoFiles(sandbox, { count }) {
	const phones = await Promise.all(Array.from({ length: count }, () => openSipUa()));
	const office = new TwoFiles(sandbox, count, phones);

	await sandbox.addUsers(office.numbers.map((number) => ({ id: office.userOf(number),
		login: `office${number}`, password: `office${number}-pass`,
		full_name: `Desk ${number}` })));
	rmSync(office.root, { recursive: true, force: true });
	linkModules(`${sandbox.dir}/office-modules`);
	return office;
}
