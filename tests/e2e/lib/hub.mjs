// A hub with a profile made from profiles/hub, and bridges that talk to it by hand.
//
//	const hub = await startHub();
//	const bridge = await hub.bridge('1001');
//	await bridge.keep(record());     // sent, and acknowledged

import { randomUUID } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { setKeys } from '../../../contrib/sandbox/lib/bridge.mjs';
import { linkModules } from '../../../contrib/sandbox/lib/modules.mjs';
import { listening, start, until }
	from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { stopWhole } from './crash.mjs';
import { connectCtrl } from './ctrl.mjs';
import { freePort } from './ports.mjs';

const TIMEOUT = 30000; // [ms]

/** A record as bridges make them (connectycube_link/recordjson.c). */
export function record(more = {}) {
	const t = Date.now();

	return {
		v: 1, id: randomUUID(), linked_id: null, host: 'host',
		extension: 'sip:1001@pbx.example', call_id: 'abc@192.0.2.1',
		session: null, direction: 'sip-to-app',
		from: { side: 'phone', user: null, name: 'Böll, "Ann"',
			uri: 'sip:+4930123@pbx.example' },
		to: { side: 'app', user: '777', name: null, uri: null },
		t_start: t - 9000, t_ring: t - 8500, t_early: null,
		t_answer: t - 6000, t_media: t - 5900, t_end: t,
		pdd_ms: 500, ring_ms: 2500, setup_ms: 100, bill_ms: 6000,
		hold_ms: 0, hold_count: 0, push_to_online_ms: null,
		disposition: 'ANSWERED', class: 'success', reason: 'phone-hangup',
		sip_code: null, q850: 16, hung_up_by: 'phone',
		legs: [], transfers: [], keys: { phone: 0, app: 0 },
		...more,
	};
}

/** One that says what a test lets it say. */
export class RawBridge {
	#socket;
	#text = '';
	#wake = new Set();

	lines = [];
	closed = false;

	constructor(socket) {
		this.#socket = socket;
		socket.setEncoding('utf8');
		socket.on('data', (data) => this.#receive(data));
		socket.on('error', () => {});
		socket.on('close', () => {
			this.closed = true;
			this.#tell();
		});
	}

	#tell() {
		for (const wake of this.#wake) wake();
	}

	#receive(data) {
		const parts = (this.#text + data).split('\n');

		this.#text = parts.pop();
		this.lines.push(...parts.map((line) => JSON.parse(line)));
		this.#tell();
	}

	write(text) {
		this.#socket.write(text);
	}

	send(message) {
		this.write(`${JSON.stringify(message)}\n`);
	}

	hello(more = {}) {
		this.send({ t: 'hello', v: 1, min: 1, name: '1001', ...more });
	}

	record(one) {
		this.send({ t: 'record', id: one.id, record: one });
	}

	/** Wait until check(this) is truthy; returns that. */
	wait(what, check, timeout = TIMEOUT) {
		return new Promise((resolve, reject) => {
			const done = (settle, value) => {
				clearTimeout(timer);
				this.#wake.delete(wake);
				settle(value);
			};
			const timer = setTimeout(() => done(reject, new Error(
				`no ${what}; got ${JSON.stringify(this.lines.slice(-3))}`)),
			timeout);
			const wake = () => {
				const result = check(this);

				if (result) done(resolve, result);
			};

			this.#wake.add(wake);
			wake();
		});
	}

	/** The first message of a type. */
	waitMessage(type, more = {}) {
		return this.wait(`${type} ${JSON.stringify(more)}`, () =>
			this.lines.find((line) => line.t === type
				&& Object.entries(more).every(([k, v]) => line[k] === v)));
	}

	/** Send a record and wait until the hub has it. */
	async keep(one) {
		this.record(one);
		await this.waitMessage('ack', { id: one.id });
	}

	/** The reason why it was sent away, and the end of the connection. */
	async waitBye() {
		const { text } = await this.waitMessage('bye');

		await this.wait('end', () => this.closed);
		return text;
	}

	/** Takes nothing any more. */
	pause() {
		this.#socket.pause();
	}

	close() {
		this.#socket.destroy();
	}
}

export async function connectRaw(path) {
	for (;;) {
		const socket = net.connect(path);
		const bridge = new RawBridge(socket);
		const error = await new Promise((resolve) => {
			socket.once('connect', () => resolve(null));
			socket.once('error', resolve);
		});

		if (!error) return bridge;
		// more at once than wait to be let in: the hub comes for them
		if (error.code !== 'EAGAIN') throw error;
		await new Promise(setImmediate);
	}
}

class Hub {
	#ctrlPort;

	env = []; // what is before its command
	options = []; // of baresip

	constructor(dir, ctrlPort) {
		this.#ctrlPort = ctrlPort;
		this.dir = dir;
		this.log = `${dir}/hub.log`;
		this.socket = `${dir}/run/hub.sock`;
		this.db = `${dir}/records.db`;
		this.jsonl = `${dir}/records.jsonl`;
		this.csv = `${dir}/records.csv`;
	}

	/** Its time is ours: pass(); libraries' as well, or not. */
	takeClock(how) {
		this.fifo = `${this.dir}/clock`;
		this.ahead = 0;
		this.wrong = 0;
		execFileSync('mkfifo', [this.fifo]);
		this.env = ['env', `LD_PRELOAD=${REPO}/build/clockshim.so`,
			`CLOCK_SHIM=${this.fifo}`, 'CLOCK_SHIM_ALL=1',
			...(how === 'libraries' ? ['CLOCK_SHIM_MONO=1'] : [])];
	}

	/** Start it; ctrl is its console. */
	async start() {
		if (this.fifo) this.ahead = this.wrong = 0;
		this.child = start('the hub', [...this.env, 'baresip',
			...this.options, '-f', this.dir], this.log);
		await until('the hub\'s console', () => listening(this.#ctrlPort),
			{ child: this.child, timeout: TIMEOUT });
		this.ctrl = await connectCtrl(this.#ctrlPort);
	}

	/** Time has passed [ms]; what was to happen in it happens now. */
	async pass(ms) {
		this.ahead += ms;
		const line = `${this.ahead} ${this.wrong}\n`;

		appendFileSync(this.fifo, line);
		await until('it has passed', () => existsSync(`${this.fifo}.seen`)
			&& readFileSync(`${this.fifo}.seen`, 'utf8').endsWith(line));
		await this.status(); // wakes it
	}

	/** Somebody sets the wall clock; that is so far ahead [ms]. */
	async setClock(ms) {
		this.wrong = ms;
		await this.pass(0);
	}

	/** As if its clock had been right for a day. */
	async trustClock() {
		await until('it looks at the clock', () =>
			this.query("SELECT * FROM clocks WHERE name='wall'").length);
		await this.kill();
		execFileSync('sqlite3', [this.db, 'INSERT OR REPLACE INTO clocks'
			+ ` VALUES('wall',${Date.now()},86400000)`]);
		await this.start();
	}

	/** Start it again, with other keys. */
	async again(keys) {
		this.ctrl.close();
		await stopWhole(this.child);
		writeFileSync(`${this.dir}/config`, setKeys(
			readFileSync(`${this.dir}/config`, 'utf8'), keys), { mode: 0o600 });
		await this.start();
	}

	async kill() {
		this.ctrl.close();
		process.kill(this.child.pid, 'SIGKILL');
		await this.child.exited;
	}

	/** A bridge that has said hello. */
	async bridge(name = '1001', more = {}) {
		const bridge = await connectRaw(this.socket);

		bridge.hello({ name, ...more });
		await bridge.wait('hello', () => bridge.closed
			|| bridge.lines.some(({ t }) => t === 'hello'));
		if (!bridge.lines.some(({ t }) => t === 'hello'))
			throw Object.assign(new Error(`no hello, but ${
				JSON.stringify(bridge.lines)}; of the log:\n${
				this.logText().slice(-2000)}`), { code: 'ECONNRESET' });
		return bridge;
	}

	status() {
		return this.ctrl.command('hub_status');
	}

	waitStatus(pattern, timeout = TIMEOUT) {
		return until(`hub_status: ${pattern}`, async () =>
			pattern.exec(await this.status()),
		{ child: this.child, timeout });
	}

	/** All sinks have all records. */
	async waitIdle() {
		await until('no record waits', async () => {
			const text = await this.status();

			return text.match(/^(records|sink {4}(jsonl|csv)) .*waiting=0 /gm)
				?.length === 3;
		}, { child: this.child, timeout: TIMEOUT });
	}

	/** Rows; there are none before the hub has made the table. */
	query(sql) {
		const { status, stdout, stderr } = spawnSync('sqlite3', ['-json',
			'-readonly', '-cmd', '.timeout 60000', this.db, sql],
		{ encoding: 'utf8' });

		if (status && /no such table|unable to open/.test(stderr))
			return [];
		if (status !== 0)
			throw new Error(`sqlite3: ${sql}: ${stderr}`);
		return JSON.parse(stdout || '[]');
	}

	/** Change the database, as nobody should. */
	change(sql) {
		execFileSync('sqlite3', ['-cmd', '.timeout 60000', this.db, sql]);
	}

	logText() {
		return readFileSync(this.log, 'utf8');
	}

	/** The ids in each place, in their order: a file's only when it is at rest. */
	ids() {
		const hub = this;
		const lines = (path) => {
			const all = (existsSync(path) ? readFileSync(path, 'utf8') : '')
				.split(/\r?\n/);

			if (all.pop() !== '')
				throw new Error(`${path}: its last line has no end`);
			return all;
		};

		return {
			get db() {
				return hub.query('SELECT id FROM records ORDER BY seq')
					.map(({ id }) => id);
			},
			get jsonl() {
				return lines(hub.jsonl).map((line) => JSON.parse(line).id);
			},
			get csv() {
				return lines(hub.csv).slice(1)
					.map((line) => /^"([^"]+)",/.exec(line)[1]);
			},
		};
	}

	async stop() {
		this.ctrl?.close();
		await stopWhole(this.child);
		rmSync(this.dir, { recursive: true });
	}
}

/**
 * A hub that runs; keys are of its config, or what makes them of its folder. clock: its time is passed by pass(), with
 * 'libraries' that of those, too. options: of baresip.
 */
export async function startHub(keys = {}, { clock = false, options = [],
	env = {} } = {}) {
	const dir = mkdtempSync(`${tmpdir()}/hub-`);
	const ctrlPort = await freePort();
	const hub = new Hub(dir, ctrlPort);

	hub.options = options;
	hub.env = ['env', ...Object.entries(env).map(([key, value]) =>
		`${key}=${value}`)];
	if (clock) hub.takeClock(clock);

	linkModules(`${dir}/modules`);
	writeFileSync(`${dir}/config`, setKeys(
		readFileSync(`${REPO}/profiles/hub/config`, 'utf8'), {
			module_path: `${dir}/modules`,
			ctrl_tcp_listen: `127.0.0.1:${ctrlPort}`,
			connectycube_link_socket: hub.socket,
			connectycube_hub_jsonl: hub.jsonl,
			connectycube_hub_csv: hub.csv,
			...typeof keys === 'function' ? keys(dir) : keys,
		}) + 'module_app\tctrl_tcp.so\n', { mode: 0o600 });
	await hub.start();
	return hub;
}

/**
 * A bridge that has records to bring, and does not forget one before it is
 * acknowledged: whenever the hub has gone, it comes back and brings the rest.
 */
export class FaithfulBridge {
	constructor(hub, name, records, { window = 8 } = {}) {
		Object.assign(this, { hub, name, window });
		this.waiting = new Map(records.map((one) => [one.id, one]));
		this.acks = 0;
	}

	async #bring() {
		const bridge = await this.hub.bridge(this.name);
		const flying = new Set();

		try {
			while (this.waiting.size) {
				for (const [id, one] of this.waiting) {
					if (flying.size >= this.window) break;
					if (!flying.has(id)) bridge.record(one);
					flying.add(id);
				}
				await bridge.wait('ack or end', () => bridge.closed
					|| bridge.lines.some(({ t, id }) => t === 'ack'
						&& flying.has(id)));
				for (const { t, id } of bridge.lines.splice(0)) {
					if (t !== 'ack') continue;
					if (this.waiting.delete(id)) this.acks += 1;
					flying.delete(id);
				}
				if (bridge.closed) return;
			}
		} finally {
			bridge.close();
		}
	}

	/** Until all has been acknowledged. */
	async run() {
		const end = Date.now() + 120000;

		while (this.waiting.size) {
			if (Date.now() > end)
				throw new Error(`${this.name}: ${this.waiting.size} records`
					+ ' were never acknowledged');
			try {
				await this.#bring();
			} catch (error) {
				if (!/ECONN|ENOENT|EPIPE/.test(error.code)) throw error;
				await delay(20); // as bridges do
			}
		}
	}
}
