// The hub's HTTP: who is let in by which door, and what is refused; requests as those who
// attack write them.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';
import tls from 'node:tls';
import { after, before, test } from 'node:test';

import { setKeys } from '../../contrib/sandbox/lib/bridge.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startHub } from './lib/hub.mjs';
import { ask, dial, parse, raw } from './lib/http.mjs';
import { freePort } from './lib/ports.mjs';

const BUSY = 40; // connections that the hub takes

let hub;
let door; // TCP on the loopback
let local; // Unix socket
const tokens = {};

const bearer = (role) => ({ Authorization: `Bearer ${tokens[role]}` });

async function makeToken(name, role, ...more) {
	const text = await hub.ctrl.command('hub_token', ['add', name, role, ...more]
		.join(' '));

	return /^(cube_[0-9a-f]{64})\n/m.exec(text)?.[1] ?? assert.fail(text);
}

const HALF_DAY = 43200; // [s]

before(async () => {
	const port = await freePort();

	door = { port };
	hub = await startHub({ connectycube_hub_http: `unix:/tmp/api-${port}.sock,`
		+ `127.0.0.1:${port}`,
	connectycube_hub_http_names: 'hub.example',
	connectycube_hub_http_connections: BUSY });
	local = { path: `/tmp/api-${port}.sock` };
	for (const role of ['readonly', 'operator', 'admin'])
		tokens[role] = await makeToken(role, role);
});

after(() => hub?.stop());

test('what lives says so, with all that browsers are to know', async () => {
	const { status, headers, body } = await ask(door, 'GET', '/healthz');

	assert.deepEqual([status, body], [200, 'ok\n']);
	assert.equal(headers['x-content-type-options'], 'nosniff');
	assert.equal(headers['cache-control'], 'no-store');
	assert.equal(headers['referrer-policy'], 'no-referrer');
	assert.match(headers['content-security-policy'],
		/^default-src 'none'.*frame-ancestors 'none'$/);
	assert.equal(headers['access-control-allow-origin'], undefined);
	assert.ok(Math.abs(new Date(headers.date) - Date.now()) < 60000);

	const head = await ask(door, 'HEAD', '/healthz');

	assert.deepEqual([head.status, head.headers['content-length'], head.body],
		[200, '3', '']);
	const options = await ask(door, 'OPTIONS', '/api/v1/session');

	assert.deepEqual([options.status, options.headers.allow],
		[204, 'GET, HEAD, POST, DELETE, OPTIONS']);
});

test('one after the other on a connection, also before the answer is there', async () => {
	const get = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
	const conn = await dial(door);

	conn.write(get + get + get.slice(0, 20));
	await conn.wait('two answers', ({ bytes }) =>
		bytes.toString().match(/ok\n/g)?.length === 2);
	conn.write(`${get.slice(20, -2)}Connection: close\r\n\r\n`);
	await conn.wait('end', ({ ended }) => ended);
	assert.deepEqual(parse(conn.bytes).map(({ status, headers }) =>
		[status, headers.connection]),
	[[200, 'keep-alive'], [200, 'keep-alive'], [200, 'close']]);
});

test('problems are said as RFC 9457 has it', async () => {
	for (const [method, path, options, status] of [
		['GET', '/nothing', {}, 404],
		['GET', '/api/v1/../session', {}, 400],
		['GET', '/api/v1/%2e%2e/session', {}, 400],
		['GET', '/api%2fv1/session', {}, 400],
		['PUT', '/healthz', {}, 405],
		['GET', `/${'a'.repeat(3000)}`, {}, 414],
		['GET', '/healthz', { headers: { 'X-Long': 'a'.repeat(9000) } }, 431],
		['GET', '/healthz', { headers: { Accept: 'application/json' } }, 406],
		['POST', '/api/v1/session', { body: '{"token":', }, 400],
		['POST', '/api/v1/session', { body: { other: 1 } }, 400],
		['POST', '/api/v1/session', { body: 'token=a',
			headers: { 'Content-Type': 'text/plain' } }, 415],
		['POST', '/api/v1/session', { body: 'x'.repeat(4096) }, 400],
		['POST', '/api/v1/session', { body: 'x'.repeat(4097) }, 413],
		['TRACE', '/healthz', {}, 501],
	]) {
		const reply = await ask(door, method, path, options);
		const what = `${method} ${path.slice(0, 40)}: ${reply.status}`;

		assert.equal(reply.status, status, what);
		assert.equal(reply.headers['content-type'], 'application/problem+json');
		assert.equal(reply.json.status, status);
		assert.equal(typeof reply.json.title, 'string');
		if (status === 405)
			assert.equal(reply.headers.allow, 'GET, HEAD, OPTIONS');
	}
});

test('each door has its rule: a token, or who the kernel says it is', async () => {
	const who = (at, headers = {}) => ask(at, 'GET', '/api/v1/session', { headers });

	assert.equal((await who(door)).status, 401);
	assert.match((await who(door)).headers['www-authenticate'], /^Bearer/);
	assert.deepEqual((await who(local)).json,
		{ name: `uid:${process.getuid()}`, role: 'admin', session_s: HALF_DAY });
	// somebody else's request is passed on
	for (const name of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'])
		assert.equal((await who(local, { [name]: '192.0.2.1' })).status, 401);
	for (const role of Object.keys(tokens))
		for (const at of [door, local])
			assert.deepEqual((await who(at, bearer(role))).json,
				{ name: role, role, session_s: HALF_DAY });
	for (const wrong of ['Basic YTpi', `Bearer ${tokens.admin.slice(0, -1)}`,
		`Bearer ${tokens.admin}0`])
		assert.equal((await who(door, { Authorization: wrong })).status, 401);
});

test('names of others, and pages of others, are refused', async () => {
	const get = (Host, more = {}) => ask(door, 'GET', '/healthz',
		{ headers: { Host, ...more } });

	for (const host of ['evil.example', 'evil.example:8080', 'localhost.evil.example',
		'hub.example.evil', '127.0.0.1.nip.example', 'a@localhost'])
		assert.equal((await get(host)).status, 421, host);
	for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '[::1]:80',
		'hub.example', 'Hub.Example:443'])
		assert.equal((await get(host)).status, 200, host);

	const login = (headers) => ask(door, 'POST', '/api/v1/session',
		{ body: { token: tokens.readonly }, headers });

	for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' },
		{ Origin: 'http://localhost:81' }, { Origin: '' },
		{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }])
		assert.equal((await login(headers)).status, 403, JSON.stringify(headers));
	for (const headers of [{ Origin: 'http://localhost' },
		{ Origin: 'https://hub.example', Host: 'hub.example' },
		{ 'Sec-Fetch-Site': 'same-origin' }, {}])
		assert.equal((await login(headers)).status, 200, JSON.stringify(headers));
});

test('a page logs in by a token, and is what the token is, until it logs out', async () => {
	const body = { token: tokens.operator };
	const login = await ask(door, 'POST', '/api/v1/session', { body });
	const [, cookie] = /^(connectycube_hub=[0-9a-f]{64}); Path=\/; HttpOnly; SameSite=Strict$/
		.exec(login.headers['set-cookie']);
	const session = (method, headers = {}) => ask(door, method, '/api/v1/session',
		{ headers: { Cookie: cookie, ...headers } });

	assert.deepEqual(login.json, { name: 'operator', role: 'operator', session_s: HALF_DAY });
	assert.deepEqual((await session('GET')).json, login.json);
	// two of them: who set the other one?
	assert.equal((await session('GET', { Cookie: `${cookie}; ${cookie}` })).status, 401);
	assert.equal((await session('DELETE')).status, 403);
	assert.equal((await session('DELETE', { 'X-ConnectyCube': '1' })).status, 204);
	assert.equal((await session('GET')).status, 401);
});

test('who logs in as somebody else is nobody of before any more', async () => {
	const logIn = async (role, headers) => (await ask(door, 'POST', '/api/v1/session',
		{ body: { token: tokens[role] }, headers })).headers['set-cookie'].split(';')[0];
	const who = async (Cookie) => {
		const { status, json } = await ask(door, 'GET', '/api/v1/session',
			{ headers: { Cookie } });

		return status === 200 ? json.name : status;
	};
	const first = await logIn('admin');
	const other = await logIn('admin');
	const second = await logIn('readonly', { Cookie: first });

	assert.deepEqual(await Promise.all([first, second, other].map(who)),
		[401, 'readonly', 'admin']);
});

test('a token that is removed is none, nor is a session of it', async () => {
	const token = await makeToken('guest', 'readonly', '30');
	const login = await ask(door, 'POST', '/api/v1/session', { body: { token } });
	const [cookie] = login.headers['set-cookie'].split(';');
	const get = (headers) => ask(door, 'GET', '/api/v1/session', { headers });

	assert.equal((await get({ Cookie: cookie })).status, 200);
	assert.match(await hub.ctrl.command('hub_token', 'list'),
		/^guest +readonly made=\d{4}-\d\d-\d\d ends=\d{4}-\d\d-\d\d$/m);
	await hub.ctrl.command('hub_token', 'remove guest');
	assert.equal((await get({ Cookie: cookie })).status, 401);
	assert.equal((await get({ Authorization: `Bearer ${token}` })).status, 401);

	const path = `${hub.dir}/tokens`;

	await until('it is on the disk', () => existsSync(path)
		&& /^admin admin /m.test(readFileSync(path, 'utf8'))
		&& !/^guest /m.test(readFileSync(path, 'utf8')));
	assert.equal(statSync(path).mode & 0o777, 0o600);
	for (const one of [...Object.values(tokens), token]) {
		assert.ok(!readFileSync(path, 'utf8').includes(one));
		assert.ok(!hub.logText().includes(one));
	}
	for (const wrong of ['', 'add x', 'add x root', 'add a/b admin', 'add y admin 0x',
		'add admin admin', 'remove nobody', 'list all'])
		assert.doesNotMatch(await hub.ctrl.command('hub_token', wrong), /cube_/, wrong);
});

test('who changes something is written down, what he sends is not', async () => {
	const lines = () => readFileSync(`${hub.dir}/audit.jsonl`, 'utf8').split('\n')
		.slice(0, -1).map((line) => JSON.parse(line));

	const find = (...wanted) => until(wanted.join(' '), () => lines().find(
		({ who, method, status }) => [who, method, status].join() === wanted.join()));
	const login = await find('operator', 'POST', 200);

	assert.equal(typeof login.t, 'number');
	assert.deepEqual({ ...login, t: 0 }, { t: 0, who: 'operator', role: 'operator',
		from: '127.0.0.1', method: 'POST', path: '/api/v1/session', status: 200 });
	await find('operator', 'DELETE', 204);

	// of those whom nobody knows: what they have guessed, and no more (see the first test)
	await ask(door, 'POST', '/api/v1/session', { body: { token: 'guess' } });
	await find('', 'POST', 401);
	assert.deepEqual(lines().filter(({ who, status }) => !who && status !== 401), []);
	assert.equal(statSync(`${hub.dir}/audit.jsonl`).mode & 0o777, 0o600);
	assert.match(hub.logText(),
		/hub: http: operator \(operator\) from 127\.0\.0\.1: DELETE \/api\/v1\/session: 204/);
});

test('nobody does more than can be written down', async () => {
	const read = () => readFileSync(`${hub.dir}/audit.jsonl`, 'utf8')
		.match(/"path":"\/api\/v1\/calls\/flood\/hangup"/g)?.length ?? 0;
	const many = 3000;
	const conn = await dial(door);

	conn.write((`POST /api/v1/calls/flood/hangup HTTP/1.1\r\nHost: localhost\r\n`
		+ `Authorization: Bearer ${tokens.operator}\r\n\r\n`).repeat(many));
	const heads = () => conn.bytes.toString('latin1').match(/HTTP\/1\.1 \d+/g) ?? [];

	await until('all are answered', () => heads().length === many, { timeout: 60000 });
	conn.socket.destroy();
	const done = heads().filter((one) => one.endsWith('404')).length;

	assert.ok(heads().every((one) => / (404|503)$/.test(one)));
	// each is on the disk before the next is begun: how long, the disk knows
	for (let had = read(); had < done; had = read()) {
		const before = had;

		await until(`one more than ${had} of ${done} lines`, () => read() > before,
			{ timeout: 60000 });
	}
	assert.equal(read(), done);
});

test('what two programs would read differently is refused, and the connection ends',
	async () => {
		const host = 'Host: localhost\r\n';
		const get = `GET /healthz HTTP/1.1\r\n${host}`;
		const post = `POST /api/v1/session HTTP/1.1\r\n${host}`;
		const next = `GET /smuggled HTTP/1.1\r\n${host}\r\n`;

		for (const [text, status] of [
			[`${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
			[`${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`, 400],
			[`${post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 411],
			[`${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
			[`${post}Content-Length: 3\r\nContent-Length: 3\r\n\r\n{}\n`, 400],
			[`${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}\n`, 400],
			[`${post}Content-Length: 3,3\r\n\r\n{}\n`, 400],
			[`${post}Content-Length: +3\r\n\r\n{}\n`, 400],
			[`${get}X: 1\r\n Content-Length: 3\r\n\r\n`, 400],
			[`${get}X: 1\n\r\n`, 400],
			['GET /healthz HTTP/1.1\nHost: localhost\n\n', 400],
			[`${get}X: 1\rContent-Length: 3\r\n\r\n`, 400],
			[`${get}X: \0\r\n\r\n`, 400],
			[`${get}garbage\r\nX-Two: 2\r\n\r\n`, 400],
			[`GET /x/../healthz HTTP/1.1\r\n${host}\r\n`, 400],
			[`GET /x%2f..%2fhealthz HTTP/1.1\r\n${host}\r\n`, 400],
			[`${get}${host}\r\n`, 400],
			['GET /healthz HTTP/1.1\r\n\r\n', 400],
			['GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
			['GET /healthz\r\n\r\n', 400],
			['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
			['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n', 400],
		]) {
			const replies = await raw(door, text + next);

			assert.deepEqual(replies.map((one) => one.status), [status],
				JSON.stringify(text));
			assert.equal(replies[0].headers.connection, 'close');
		}
	});

test('10 MB are refused before they are there; 100 Continue is said to who waits',
	async () => {
		const big = await dial(door);
		const size = 10 << 20;

		big.write('POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n'
			+ `Content-Length: ${size}\r\n\r\n`);
		await big.wait('answer', ({ bytes }) => bytes.includes('\r\n\r\n'));
		big.write(Buffer.alloc(size));
		big.socket.end();
		await big.wait('end', ({ ended }) => ended);
		assert.equal(parse(big.bytes)[0].status, 413);

		const body = JSON.stringify({ token: tokens.readonly });
		const waits = await dial(door);

		waits.write('POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n'
			+ 'Expect: 100-continue\r\nConnection: close\r\n'
			+ `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
		await waits.wait('100', ({ bytes }) => bytes.includes('\r\n\r\n'));
		waits.write(body);
		await waits.wait('end', ({ ended }) => ended);
		assert.deepEqual(parse(waits.bytes).map(({ status }) => status), [100, 200]);

		// nobody unknown has his body read
		const stranger = await dial(door);

		stranger.write('DELETE /api/v1/session HTTP/1.1\r\nHost: localhost\r\n'
			+ 'Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n');
		await stranger.wait('answer', ({ bytes }) => bytes.includes('\r\n\r\n'));
		stranger.socket.end();
		await stranger.wait('end', ({ ended }) => ended);
		assert.deepEqual(parse(stranger.bytes).map(({ status }) => status), [401]);
	});

test('who is wrong too often has to wait; who is right has not', async () => {
	const wrong = () => ask(door, 'GET', '/api/v1/session',
		{ headers: { Authorization: 'Bearer guess' } });
	let reply;

	// those that were wrong further up may be forgotten meanwhile
	for (let i = 0; i < 24 && reply?.status !== 429; i += 1)
		reply = await wrong();
	assert.equal(reply.status, 429);
	assert.ok(Number(reply.headers['retry-after']) > 0);
	assert.equal((await ask(door, 'GET', '/api/v1/session',
		{ headers: bearer('readonly') })).status, 200);
});

test('/metrics is there, for those who may', async () => {
	assert.equal((await ask(door, 'GET', '/metrics')).status, 401);
	const { status, headers, body } = await ask(door, 'GET', '/metrics',
		{ headers: bearer('readonly') });

	assert.equal(status, 200);
	assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
	assert.match(body, /^connectycube_build_info\{/m);
});

test('who is one too many is told so; one place free, and he is served', async () => {
	const conns = [];

	// one that is over has its place until the hub has seen its end
	await hub.waitStatus(/^http .*connections=0 /m);
	for (let i = 0; i < BUSY; i += 1) conns.push(await dial(door));
	const { status, headers } = await ask(door, 'GET', '/healthz');

	assert.equal(status, 503);
	assert.ok(Number(headers['retry-after']) > 0);
	// who runs the hub comes in all the same
	assert.equal((await ask(local, 'GET', '/api/v1/session')).json.role, 'admin');
	for (const { socket } of conns) socket.destroy();
	await until('there is room', async () =>
		(await ask(door, 'GET', '/healthz')).status === 200);
});

test('off this machine: with TLS and a token, or not at all', async () => {
	const port = await freePort();
	const pem = { cert: `${hub.dir}/cert.pem`, key: `${hub.dir}/key.pem` };
	const dir = mkdtempSync(`${tmpdir()}/refused-`);
	const refused = (keys) => {
		writeFileSync(`${dir}/config`, setKeys(readFileSync(`${hub.dir}/config`,
			'utf8'), { ctrl_tcp_listen: '127.0.0.1:0',
			connectycube_link_socket: `${dir}/hub.sock`,
			connectycube_hub_http: `0.0.0.0:${port}`, ...keys }),
		{ mode: 0o600 });
		return spawnSync('baresip', ['-f', dir], { encoding: 'utf8',
			timeout: 30000 });
	};

	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt',
		'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=hub.example',
		'-keyout', pem.key, '-out', pem.cert], { stdio: 'pipe' });
	const secure = { connectycube_hub_http_cert: pem.cert,
		connectycube_hub_http_key: pem.key };

	// what is wrong in the configuration has its line, and its key
	const at = (key, why) => new RegExp(`WARN  connectycube: ${dir}/config:\\d+: `
		+ `connectycube_hub_${key}: ${why}`);

	writeFileSync(`${dir}/wrong`, 'no token\n', { mode: 0o600 });
	for (const [keys, code, why] of [
		[{}, 78, at('http', 'others .* could listen')],
		[secure, 78, at('http', '.*there is no token')],
		[{ connectycube_hub_http_cert: pem.cert }, 78,
			at('http_cert', 'connectycube_hub_http_key is missing')],
		[{ connectycube_hub_http_key: pem.key }, 78,
			at('http_key', 'connectycube_hub_http_cert is missing')],
		[{ connectycube_hub_http: 'localhost' }, 78,
			at('http', 'localhost: is neither unix:/PATH nor')],
		[{ connectycube_hub_http: 'unix:api.sock' }, 78,
			at('http', '.*path as a whole')],
		[{ connectycube_hub_http: [1, 2, 3, 4, 5].map((n) =>
			`unix:${dir}/${n}`).join() }, 78, at('http', 'there are more than 4')],
		[{ connectycube_hub_tokens: `${dir}/wrong` }, 78,
			at('tokens', `${dir}/wrong: line 1: `)],
		[{ connectycube_hub_http: `127.0.0.1:${door.port}` }, 69,
			/Address already in use/],
		[{ ...secure, connectycube_hub_tokens: `${hub.dir}/tokens`,
			connectycube_hub_http_key: pem.cert }, 78,
		at('http_key', '.*pem: ')],
	]) {
		const end = refused(keys);

		assert.equal(end.status, code, end.stdout);
		assert.match(end.stdout, why);
	}
	rmSync(dir, { recursive: true });

	await hub.again({ connectycube_hub_http: `0.0.0.0:${port}`, ...secure });
	const connect = (options) => tls.connect({ ...options,
		rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
	const get = (headers) => ask({ port }, 'GET', '/api/v1/session',
		{ headers, connect });

	assert.equal((await get({})).status, 401);
	assert.deepEqual((await get(bearer('admin'))).json,
		{ name: 'admin', role: 'admin', session_s: HALF_DAY });
	const login = await ask({ port }, 'POST', '/api/v1/session',
		{ body: { token: tokens.readonly }, connect });

	const [, name, value] = /^(__Host-connectycube_hub)=([0-9a-f]{64}); Path=\/; HttpOnly; SameSite=Strict; Secure$/
		.exec(login.headers['set-cookie']);

	assert.equal((await get({ Cookie: `${name}=${value}` })).status, 200);
	// this one, others than us could have set
	assert.equal((await get({ Cookie: `connectycube_hub=${value}` })).status, 401);
	// in the clear it gets nothing
	const plain = await dial({ port });

	plain.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
	await plain.wait('end', ({ ended }) => ended);
	assert.doesNotMatch(plain.bytes.toString('latin1'), /HTTP/);
});
