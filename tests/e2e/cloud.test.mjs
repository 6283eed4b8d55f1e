// The sandbox cloud's REST API, its faults and its certificates; no browser.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { after, afterEach, before, test } from 'node:test';

import { startTestSandbox } from './lib/sandbox.mjs';

const SECRET = 'secret-local';
let sandbox;

before(async () => {
	sandbox = await startTestSandbox({ authSecret: SECRET, sipPort: 0 });
});

after(() => sandbox?.stop());
afterEach(() => sandbox.reset());

async function rest(method, path, { token, body } = {}) {
	const answer = await fetch(new URL(path, sandbox.page), {
		method,
		headers: {
			'Content-Type': 'application/json',
			...(token ? { 'CB-Token': token } : {}),
		},
		body: body && JSON.stringify(body),
	});
	const text = await answer.text();

	return { status: answer.status, headers: answer.headers,
		data: text ? JSON.parse(text) : null };
}

function signed(user) {
	const body = {
		application_id: sandbox.application.id,
		auth_key: sandbox.application.auth_key,
		timestamp: 1795373218,
		nonce: 4711,
		user,
	};
	const parts = Object.entries(body).flatMap(([key, value]) =>
		(value && typeof value === 'object'
			? Object.entries(value).map(([k, v]) => `${key}[${k}]=${v}`)
			: value === undefined ? [] : [`${key}=${value}`]));

	return { ...body, signature: createHmac('sha1', SECRET)
		.update(parts.sort().join('&')).digest('hex') };
}

async function logIn(login = 'bob', password = 'bob-pass-2') {
	const { data } = await rest('POST', '/session.json',
		{ body: signed({ login, password }) });

	return data.session;
}

test('a session is made, read and ended', async () => {
	const session = await logIn();

	assert.equal(session.user_id, 102);
	assert.equal(session.user.login, 'bob');
	assert.match(session.token, /^[0-9a-f]{40}$/);

	const { token } = session;
	const read = await rest('GET', '/session.json', { token });

	assert.equal(read.data.session.token, token);
	assert.equal((await rest('DELETE', '/session.json', { token })).status, 200);
	assert.equal((await rest('GET', '/session.json', { token })).status, 401);
});

test('wrong credentials, application and signature', async () => {
	const create = (body) => rest('POST', '/session.json', { body });
	const user = { login: 'bob', password: 'wrong' };
	const good = signed();

	assert.equal((await create(signed(user))).status, 401);
	assert.equal((await create({ ...good, auth_key: 'x' })).status, 422);
	assert.equal((await create({ ...good, nonce: 1 })).status, 422);
	assert.equal((await create({ ...good, signature: undefined })).status, 422);
	assert.equal((await create(good)).status, 201);
});

test('an application session becomes a user session', async () => {
	const { data } = await rest('POST', '/session.json', { body: signed() });
	const { token, user_id } = data.session;

	assert.equal(user_id, 0);
	assert.equal((await rest('GET', '/users/v2.json', { token })).status, 403);

	const login = await rest('POST', '/login.json', { token,
		body: { email: 'alice@sandbox.invalid', password: 'alice-pass-1' } });

	assert.equal(login.status, 202);
	assert.equal(login.data.user.id, 101);
	assert.equal((await rest('GET', '/users/v2.json', { token })).status, 200);
});

test('users by id and login, in pages', async () => {
	const { token } = await logIn();
	const find = async (query) => {
		const { data } = await rest('GET', `/users/v2.json?${query}`, { token });

		return data.items.map(({ id }) => id);
	};

	assert.deepEqual(await find('id[in][]=103&id[in][]=101'), [101, 103]);
	assert.deepEqual(await find('id=101,102'), [101, 102]);
	assert.deepEqual(await find('login[in][]=bob&login[in][]=nobody'), [102]);
	assert.deepEqual(await find('login=nobody'), []);
	assert.deepEqual(await find('limit=1&offset=1'), [102]);
});

test('a push is recorded', async () => {
	const { token } = await logIn();
	const event = { notification_type: 'push', environment: 'development',
		user: { ids: [101] }, message: 'e30=' };
	const { status, data } = await rest('POST', '/events.json',
		{ token, body: { event } });

	assert.equal(status, 201);
	assert.equal(data[0].event.user_id, 102);
	const push = await sandbox.waitEntry('pushes', { from: 102 });

	assert.deepEqual(push.event, event);
});

test('an expired token', async () => {
	const { token } = await logIn();

	assert.deepEqual(await sandbox.expire({ token }), { expired: 1 });
	const { status, data } = await rest('GET', '/session.json', { token });

	assert.equal(status, 401);
	assert.deepEqual(data,
		{ errors: { base: ['Required session does not exist'] } });
});

test('answers refused, delayed and wrong', async () => {
	await sandbox.refuseLogins({ user: 'bob', via: 'rest' });
	assert.equal(await logIn(), undefined);
	assert.equal((await logIn('alice', 'alice-pass-1')).user_id, 101);
	await sandbox.reset();

	await sandbox.restFault({ path: '/session', status: 429, retry_after: 3,
		times: 1 });
	const slow = await rest('POST', '/session.json', { body: signed() });

	assert.equal(slow.status, 429);
	assert.equal(slow.headers.get('retry-after'), '3');

	await sandbox.restFault({ delay_ms: 300, times: 1 });
	const begin = Date.now();

	assert.ok((await logIn()).token);
	assert.ok(Date.now() - begin >= 295);
	assert.ok(Date.now() - begin < 1000);
});

test('only the good certificate is good', async () => {
	const ca = readFileSync(sandbox.ca_file);
	const open = (url) => new Promise((resolve) => {
		https.get(`${url}/sandbox/config`, { ca }, (answer) => {
			answer.resume();
			resolve(answer.statusCode);
		}).on('error', ({ code }) => resolve(code));
	});

	assert.equal(await open(sandbox.api_url), 200);
	assert.match(await open(sandbox.unknown_ca_url),
		/UNABLE_TO_(VERIFY|GET_ISSUER)/);
	assert.equal(await open(sandbox.wrong_host_url),
		'ERR_TLS_CERT_ALTNAME_INVALID');
});

test('the control endpoint wants JSON', async () => {
	const answer = await fetch(`${sandbox.control}/reset`,
		{ method: 'POST', body: '{}' });

	assert.equal(answer.status, 415);
	await assert.rejects(sandbox.drop({ user: 'nobody' }), /unknown user/);
});
