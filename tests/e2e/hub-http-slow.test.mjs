// The hub's HTTP and those who are slow: heads and bodies byte by byte, events that
// nobody reads; what holds on for long; and a hub with too few file descriptors.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, test } from 'node:test';

import { setKeys } from '../../contrib/sandbox/lib/bridge.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startHub } from './lib/hub.mjs';
import { ask, dial, parse } from './lib/http.mjs';
import { openOffice } from './lib/office.mjs';
import { freePort } from './lib/ports.mjs';

const SLOW = { timeout: 90000 };
const EXTENSIONS = 150;

let hub;
let door;
let token;

const makeToken = async () => /^(cube_[0-9a-f]{64})\n/m.exec(
	await hub.ctrl.command('hub_token', 'add wall readonly'))[1];

before(async () => {
	door = { port: await freePort() };
	hub = await startHub({ connectycube_hub_http: `127.0.0.1:${door.port}` });
	token = await makeToken();
});

after(() => hub?.stop());

const head = (method, path, ...more) => [`${method} ${path} HTTP/1.1`,
	'Host: localhost', ...more, '', ''].join('\r\n');

/** Follow events: text() is what came. */
async function follow(connect) {
	const conn = await dial(door, connect);

	conn.text = () => conn.bytes.toString();
	conn.write(head('GET', '/api/v1/events', `Authorization: Bearer ${token}`));
	await conn.wait('its head', () => conn.text().includes('\r\n\r\n'));
	assert.match(conn.text(), /^HTTP\/1\.1 200 /);
	return conn;
}

/** Write something, then a byte now and then; the reply at the end. */
async function trickle(text) {
	const conn = await dial(door);
	const timer = setInterval(() => conn.write('x'), 500);

	conn.write(text);
	try {
		await until(`an answer to ${text.slice(0, 20)}`, () => conn.ended, SLOW);
	} finally {
		clearInterval(timer);
		conn.socket.destroy();
	}
	return parse(conn.bytes);
}

test('slow heads and bodies: 408, though a byte comes now and then; others are served',
	async () => {
		const slow = [
			'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
			'G',
			head('POST', '/api/v1/session', 'Content-Type: application/json',
				'Content-Length: 1000'),
		].map(trickle);
		let all = false;
		const done = Promise.all(slow).then((replies) => {
			all = true;
			return replies;
		});

		while (!all) {
			assert.equal((await ask(door, 'GET', '/healthz')).status, 200);
			await Promise.race([done, until('a while', () => all,
				{ timeout: 1000 }).catch(() => {})]);
		}
		for (const replies of await done) {
			assert.deepEqual(replies.map(({ status }) => status), [408]);
			assert.equal(replies[0].headers.connection, 'close');
			assert.equal(replies[0].json.status, 408);
		}
	});

const state = (round) => ({ t: 'state', state: { draining: false, calls: [],
	spool: { waiting: 0, lost: 0, works: true },
	extensions: Array.from({ length: EXTENSIONS }, (_, n) => ({
		extension: `sip:${n}@pbx.example`, name: `${round} ${'x'.repeat(80)}`,
		dnd: 'y'.repeat(150), calls: 0,
		sip: { registered: true, registers: true },
		cloud: { state: 'online', error: 'z'.repeat(150) } })) } });

/** Asks on one connection, whatever is answered, until it is killed. */
const FLOOD = `const socket = require('net').connect(Number(process.argv[1]), '127.0.0.1');
const many = 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'.repeat(1500);
const pump = () => { while (socket.write(many)); };
socket.once('data', () => console.log('it is answered')).resume();
socket.on('connect', pump).on('drain', pump);`;

test('who asks faster than he is answered holds up nobody', async () => {
	const flood = spawn(process.execPath, ['-e', FLOOD, door.port],
		{ stdio: ['ignore', 'pipe', 'inherit'] });

	try {
		await once(flood.stdout, 'data');
		for (let i = 0; i < 20; i += 1)
			assert.equal((await ask(door, 'GET', '/healthz')).status, 200);
		await hub.waitStatus(/^http .*connections=1 /m);
		assert.equal(flood.exitCode, null);
	} finally {
		flood.kill();
		await once(flood, 'exit');
	}
});

test('nor do those who ask for very much', async () => {
	const office = await openOffice(hub, { bridges: 50, calls: 6 });
	const many = head('GET', '/api/v1/calls', `Authorization: Bearer ${token}`).repeat(50);
	const one = async () => (await ask(door, 'GET', '/api/v1/calls',
		{ headers: { Authorization: `Bearer ${token}` } })).body;

	office.tell();
	await until('all calls are there', async () => JSON.parse(await one()).calls.length
		=== 300);
	const size = (await one()).length;
	let taken = 0;
	const conns = Array.from({ length: 8 }, () => {
		const socket = net.connect(door.port, '127.0.0.1');

		socket.on('error', () => {}).on('data', (data) => { taken += data.length; });
		socket.write(many);
		return socket;
	});

	try {
		await until('they are answered', () => taken > size);
		const had = taken;

		for (let i = 0; i < 5; i += 1) await hub.status();
		// the loop turns: otherwise all of it would have been answered first
		assert.ok(taken - had < 100 * size, `${(taken - had) / size} meanwhile`);
	} finally {
		for (const socket of conns) socket.destroy();
		office.close();
	}
});

/** Reads so many bytes when it is told to; its kernel takes little before that. */
const READER = `use Socket; $| = 1;
socket(S, PF_INET, SOCK_STREAM, 0) and setsockopt(S, SOL_SOCKET, SO_RCVBUF, 2048)
	and connect(S, pack_sockaddr_in(shift, inet_aton("127.0.0.1"))) or die;
syswrite(S, shift);
while (my $n = <STDIN>) {
	while ($n > 0) { $n -= sysread(S, my $said, $n) || last; }
	print "read\\n";
}`;

async function openReader(port, text) {
	const child = spawn('perl', ['-e', READER, port, text],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
	let lines = 0;

	child.stdout.on('data', (data) => { lines += data.toString().split('\n').length - 1; });
	return { stop: () => child.kill(), async read(n) {
		const had = lines;

		child.stdin.write(`${n}\n`);
		await until('it has read', () => lines > had);
	} };
}

test('who takes an answer byte by byte is dropped; who is slow is not', async () => {
	const port = await freePort();
	const slow = await startHub({ connectycube_hub_http: `127.0.0.1:${port}` },
		{ clock: true });

	try {
		const [secret] = /^cube_[0-9a-f]{64}$/m.exec(
			await slow.ctrl.command('hub_token', 'add slow readonly'));
		// more than all buffers on the way have room for
		const all = head('GET', '/api/v1/openapi.json',
			`Authorization: Bearer ${secret}`).repeat(400);
		const rounds = async (most, bytes) => {
			const reader = await openReader(port, all);

			await slow.waitStatus(/^http .*connections=1 /m);
			for (let i = 0; i < most; i += 1) {
				await slow.pass(20000);
				await reader.read(bytes);
				if (/^http .*connections=0 /m.test(await slow.status())) {
					reader.stop();
					return i;
				}
			}
			reader.stop();
			await slow.waitStatus(/^http .*connections=0 /m);
			return most;
		};

		assert.equal(await rounds(8, 100000), 8);
		assert.ok(await rounds(12, 4096) < 12, 'it is dropped');
	} finally {
		await slow.stop();
	}
});

test('events: a comment when nothing happens; who reads none of them is dropped',
	async () => {
		const quiet = await follow();

		await until('a heartbeat', () => /\n:[^\n]*\n\n/.test(quiet.text()), SLOW);
		const deaf = await follow();
		const bridge = await hub.bridge('1001', { v: 3 });
		const said = new RegExp(`"name": ?"${99} x`);

		deaf.socket.pause();
		for (let round = 0; round < 100; round++) bridge.send(state(round));
		await until('who reads has all', () => said.test(quiet.text().slice(-50000)),
			SLOW);
		deaf.socket.resume();
		await until('who did not is dropped', () => deaf.ended, SLOW);
		assert.doesNotMatch(deaf.text().slice(-50000), said);
		assert.equal(quiet.ended, false);
		assert.equal((await ask(door, 'GET', '/healthz')).status, 200);
		quiet.socket.destroy();
		bridge.close();
	});

test('fewer file descriptors than connections: it does not start, and says which keys',
	() => {
		const dir = mkdtempSync(`${tmpdir()}/fds-`);

		writeFileSync(`${dir}/config`, setKeys(readFileSync(`${hub.dir}/config`, 'utf8'),
			{ ctrl_tcp_listen: '127.0.0.1:0', connectycube_link_socket: `${dir}/hub.sock`,
				connectycube_hub_http: `unix:${dir}/api.sock` }), { mode: 0o600 });
		const { status, stdout } = spawnSync('prlimit', ['--nofile=300:300', 'baresip',
			'-f', dir], { encoding: 'utf8', timeout: 30000 });

		rmSync(dir, { recursive: true });
		assert.equal(status, 78, stdout);
		assert.match(stdout, /connectycube_hub_bridges: 256 of these, 128 of connectycube_hub_http_connections and 136 .* are 520 file descriptors, and this process may have 300 /);
	});

test('a new certificate: SIGHUP, and who comes then sees it; who is here stays',
	async () => {
		const pem = { cert: `${hub.dir}/cert.pem`, key: `${hub.dir}/key.pem` };
		const make = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec',
			'-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj',
			`/CN=${name}`, '-keyout', pem.key, '-out', pem.cert], { stdio: 'pipe' });
		const connect = (options) => tls.connect({ ...options,
			rejectUnauthorized: false });
		const name = async () => {
			const { socket } = await dial(door, connect);
			const { CN } = socket.getPeerCertificate().subject;

			socket.destroy();
			return CN;
		};

		make('one.example');
		await hub.again({ connectycube_hub_http_cert: pem.cert,
			connectycube_hub_http_key: pem.key });
		assert.equal(await name(), 'one.example');
		const here = await follow(connect);

		make('two.example');
		process.kill(hub.child.pid, 'SIGHUP');
		await until('the new one', async () => await name() === 'two.example', SLOW);

		// half of one is none: that there was stays
		writeFileSync(pem.cert, 'nothing\n');
		process.kill(hub.child.pid, 'SIGHUP');
		await until('it says so', () =>
			/WARN .*cert\.pem/.test(readFileSync(hub.child.log, 'utf8')), SLOW);
		assert.equal(await name(), 'two.example');
		assert.equal(here.ended, false);
		here.socket.destroy();
	});
