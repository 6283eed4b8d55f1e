// What the hub's API is and what is documented of it are the same; and who is let in to
// what, of all that there is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, dial, parse } from './lib/http.mjs';
import { startHub } from './lib/hub.mjs';
import { openapi, operations } from './lib/openapi.mjs';
import { freePort } from './lib/ports.mjs';

const ROLES = ['readonly', 'operator', 'admin'];
const tokens = {};
let hub;
let door;

before(async () => {
	door = { port: await freePort() };
	hub = await startHub({ connectycube_hub_http: `127.0.0.1:${door.port}` });
	for (const role of ROLES) {
		const text = await hub.ctrl.command('hub_token', `add ${role} ${role}`);

		[, tokens[role]] = /^(cube_[0-9a-f]{64})\n/m.exec(text);
	}
});

after(() => hub?.stop());

const bearer = (role) => ({ Authorization: `Bearer ${tokens[role]}` });
const target = (path) => path.replace(/\{\w+\}/g, 'x');
const name = ({ method, path }) => `${method} ${path}`;
const changes = ({ method }) => method !== 'GET';
/** Those that need somebody who is known. */
const guarded = operations.filter(({ role }) => role !== 'anybody');

test('each route is documented, and each that is documented is there', async () => {
	const text = await hub.ctrl.command('hub_routes');
	const routes = text.trim().split('\n').map((line) => line.split(' '))
		// files of the dashboard's page are none of the API
		.filter(([, path]) => path.startsWith('/api/')
			|| ['/healthz', '/readyz', '/metrics'].includes(path))
		.map(([method, path, role]) => `${method} ${path} ${role}`);

	assert.deepEqual(routes.sort(), operations.map((one) =>
		`${one.method} ${one.path.replace(/\{\w+\}/g, '{}')} ${one.role}`).sort());
	const served = await ask(door, 'GET', '/api/v1/openapi.json',
		{ headers: bearer('readonly') });

	assert.deepEqual(served.json, openapi);
	for (const { path } of operations) {
		const { status, headers } = await ask(door, 'OPTIONS', target(path));
		const wanted = operations.filter((one) => one.path === path)
			.map(({ method }) => method);

		assert.equal(status, 204);
		assert.deepEqual(headers.allow.split(', ').filter((one) =>
			!['HEAD', 'OPTIONS'].includes(one)).sort(), wanted.sort(), path);
	}
});

test('the page has words for each alarm that there is, and no others', async () => {
	for (const language of ['en', 'pt']) {
		const { body } = await ask(door, 'GET', `/page/texts.${language}.js`);
		const words = [...body.matchAll(/^\t'alarm\.(\w+)':/gm)].map(([, one]) => one)
			.filter((one) => one !== 'calls');

		assert.deepEqual(words.sort(), [...openapi.components.schemas.Alarm.properties
			.alarm.enum].sort());
	}
});

test('the document is whole: parameters, ids, references', () => {
	const ids = operations.map(({ operation }) => operation.operationId);

	assert.equal(new Set(ids).size, ids.length);
	for (const { path, operation } of operations) {
		const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);

		assert.deepEqual((operation.parameters ?? []).filter((one) =>
			one.in === 'path').map((one) => one.name), named, path);
	}
	for (const [, ref] of JSON.stringify(openapi).matchAll(/"\$ref":"#\/([^"]+)"/g))
		assert.ok(ref.split('/').reduce((at, part) => at?.[part], openapi), ref);
});

test('without a token, or with a lower role, nobody is let in to anything', async () => {
	for (const one of guarded) {
		const at = target(one.path);
		const body = changes(one) ? {} : undefined;
		const stranger = await ask(door, one.method, at, { body });

		assert.equal(stranger.status, 401, name(one));
		assert.match(stranger.headers['www-authenticate'], /^Bearer/);
		for (const role of ROLES.slice(0, ROLES.indexOf(one.role)))
			assert.equal((await ask(door, one.method, at,
				{ body, headers: bearer(role) })).status, 403, `${role}: ${name(one)}`);
	}
});

test('pages of others, and names of others, are let in to nothing', async () => {
	for (const one of guarded) {
		const at = target(one.path);
		const get = (headers) => ask(door, one.method, at, { body: changes(one) ? {}
			: undefined, headers: { ...bearer('admin'), ...headers } });

		assert.equal((await get({ Host: 'evil.example' })).status, 421, name(one));
		if (!changes(one)) continue;
		for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' },
			{ 'Sec-Fetch-Site': 'cross-site' }])
			assert.equal((await get(headers)).status, 403, name(one));
	}
	// by a cookie, a header is needed that pages of others cannot send
	const login = await ask(door, 'POST', '/api/v1/session',
		{ body: { token: tokens.admin } });
	const [Cookie] = login.headers['set-cookie'].split(';');

	for (const one of guarded.filter(changes))
		assert.equal((await ask(door, one.method, target(one.path),
			{ body: {}, headers: { Cookie } })).status, 403, name(one));
});

test('bodies of 10 MB are refused, also while they come', async () => {
	for (const one of operations.filter(changes)) {
		const big = await dial(door);
		const size = 10 << 20;

		big.write(`${one.method} ${target(one.path)} HTTP/1.1\r\nHost: localhost\r\n`
			+ `Authorization: Bearer ${tokens.admin}\r\n`
			+ `Content-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`);
		await big.wait('answer', ({ bytes }) => bytes.includes('\r\n\r\n'));
		big.write(Buffer.alloc(size));
		big.socket.end();
		await big.wait('end', ({ ended }) => ended);
		assert.equal(parse(big.bytes)[0].status, 413, name(one));
	}
	assert.equal((await ask(door, 'GET', '/healthz')).status, 200);
});
