// What registrars do that our Kamailio does not: challenges of every kind,
// Retry-After, short and odd expiry, redirection, Service-Route, NAT.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { answers, digest, isRight as isDigestRight } from './lib/digest.mjs';
import { useLone } from './lib/lone.mjs';
import { accept, isOurs, openRegistrar } from './lib/registrar.mjs';
import { startRawBridge } from './lib/rig.mjs';

const lone = useLone();
const { opened } = lone;

async function registrarWith(answer) {
	const registrar = await openRegistrar({ answer });

	opened.push(registrar);
	return registrar;
}

async function start(answer, { host = '127.0.0.1', params = '',
	...options } = {}) {
	const registrar = await registrarWith(answer);
	const bridge = await startRawBridge(
		{ ...lone.sandbox, sip: `${host}:${registrar.port}` },
		{ name: 'bridge', account: { params: `;regint=60${params}` },
			...options });

	opened.push(bridge);
	return { registrar, bridge };
}

const contact = (request) => request.all('Contact').join(',');

/** The time between the last two REGISTERs [ms]. */
const pause = (registers) => registers.at(-1).ms - registers.at(-2).ms;

// --- challenges ---------------------------------------------------------------

/** Is a request's answer to a challenge right? */
function isRight(request, name = 'Authorization') {
	const [answer] = answers(request, [name]);
	const [user, password] = ['1000', 'sip-1000'];

	assert.equal(answer.username, user);
	return isDigestRight(request, answer, { user, password });
}

const CHALLENGES = [
	['SHA-256', [digest('SHA-256', ', qop="auth"'), digest('MD5')]],
	['MD5', [digest('MD5', ', qop="auth-int,auth", opaque="o"'),
		digest('SHA-256')]],
	['SHA-256', [digest('SHA3-999'), 'WWW-Authenticate: Bearer x="y"',
		'WWW-Authenticate: Basic realm="a,b"', 'WWW-Authenticate: nonsense',
		digest('sha-256', ', qop=auth'), digest('MD5')]],
	['MD5', [digest('MD5', ', qop="auth-int"'), digest('')]],
	['SHA-512-256', [digest('SHA-512-256', ', qop="auth", userhash=false')]],
	['MD5-sess', [digest('"MD5-sess"', ', qop="auth"')]],
];

test('the topmost challenge that is known is answered', async () => {
	const taken = [];
	const { registrar } = await start((request) => {
		const [, list] = CHALLENGES[taken.length % CHALLENGES.length];

		if (!request.header('Authorization'))
			return { code: 401, reason: 'Unauthorized', headers: list };
		taken.push(isRight(request));
		return { code: 200, headers: ['Expires: 2'] };
	});

	await until('all kinds were answered', () =>
		taken.length >= CHALLENGES.length, { timeout: 30000 });
	assert.deepEqual(taken.slice(0, CHALLENGES.length)
		.map((one) => String(one).toLowerCase()),
	CHALLENGES.map(([name]) => name.toLowerCase()));
	assert.ok(registrar.registers.length <= 2 * taken.length + 1);
});

test('a stranger\'s answer to nothing makes nobody register', async () => {
	const { registrar, bridge } = await start((request) => accept(request));
	const aor = `<sip:1000@127.0.0.1:${registrar.port}>`;
	const stranger = createSocket('udp4');

	opened.push(stranger);
	await bridge.waitRegistered();
	stranger.bind(0, '127.0.0.2');
	await once(stranger, 'listening');
	stranger.send(['SIP/2.0 200 OK',
		'Via: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKnone',
		`From: ${aor};tag=1`, `To: ${aor};tag=2`, 'Call-ID: none',
		'CSeq: 1 REGISTER', 'Content-Length: 0', '', ''].join('\r\n'),
	bridge.port, '127.0.0.1');
	// it would be a second later
	await delay(2500);
	assert.equal(registrar.registers.length, 1);
});

test('a wrong password is tried once, and not soon again; nothing of it is '
	+ 'in the log', async () => {
	const { registrar, bridge } = await start((request) => ({ code: 401,
		reason: 'Unauthorized', headers: [digest('MD5')] }),
	{ account: { password: 'wrong-password', params: ';regint=60' } });
	const [, wait] = await bridge.waitLog(
		/401 Unauthorized .*wrong user name or password; again in (\d+) s/);
	const { registers } = registrar;

	assert.equal(registers.length, 2);
	assert.equal(registers.filter((one) => one.header('Authorization')).length,
		1);
	assert.ok(wait >= 15 && wait <= 60, `${wait} s`);
	assert.ok(!bridge.log().includes('wrong-password'));
});

test('challenges that nobody knows: said so', async () => {
	const { bridge } = await start(() => ({ code: 401, reason: 'Unauthorized',
		headers: [digest('SHA3-999'), 'WWW-Authenticate: Bearer x="y"'] }));

	await bridge.waitLog(/401 Unauthorized .*no digest algorithm that is known/);
});

test('a nonce that is stale is no wrong password', async () => {
	let stale = 0;
	const { bridge } = await start((request) => {
		if (request.header('Authorization') && stale++)
			return accept(request);
		return { code: 401, reason: 'Unauthorized', headers: [digest('MD5',
			stale ? ', stale=TRUE' : '')] };
	});

	await bridge.waitRegistered();
});

// --- time ---------------------------------------------------------------------

test('Retry-After, then soon: no failure waits for long', async () => {
	let count = 0;
	const { registrar, bridge } = await start((request) => {
		if (!isOurs(request.header)) return { code: 500 };
		if (++count === 1)
			return { code: 503, headers: ['Retry-After: 3 (soon)'] };
		return count < 4 ? { code: 500 } : accept(request);
	});

	await registrar.wait('the second REGISTER', ({ length }) => length > 1);
	assert.ok(pause(registrar.registers) >= 3000);
	assert.ok(pause(registrar.registers) < 6000);
	await bridge.waitRegistered({ timeout: 30000 });
});

for (const [what, answer, asked] of [
	['Expires alone', () => ({ code: 200, headers: ['Expires: 2'] })],
	['our contact with another address', ({ header }) => ({ code: 200,
		headers: ['Contact: <sip:other@192.0.2.1>;expires=3000, '
			+ header('Contact').replace(/@[^;>]*/, '@192.0.2.7:9')
				.replace(/expires=\d+/, 'expires=2')] })],
	['423', ({ header }) => (header('Expires') === '100'
		? { code: 200, headers: ['Expires: 2'] }
		: { code: 423, headers: ['Min-Expires: 100'] }), '100'],
])
	test(`${what}: refreshed in time`, async () => {
		const { registrar } = await start((request) =>
			(isOurs(request.header) ? answer(request)
				: { code: 500 }));

		await registrar.wait('the third REGISTER', ({ length }) => length > 2);
		assert.ok(pause(registrar.registers) < 2500);
		if (asked)
			assert.equal(registrar.registers.at(-1).header('Expires'), asked);
	});

// --- the way there, and back ----------------------------------------------------

for (const transport of ['udp', 'tcp'])
	test(`a NAT is kept open, ${transport}; a lost connection is noticed; `
		+ 'what is registered is taken back', async () => {
		const { registrar, bridge } = await start(undefined, { transport,
			keys: { connectycube_sip_keepalive: 1 } });

		await until('three keep-alives', () => registrar.pings.length >= 3,
			{ timeout: 15000 });
		const [{ from: { port } }] = registrar.registers;

		for (const { from } of registrar.pings) assert.equal(from.port, port);
		assert.equal(registrar.registers.length, 1);
		if (transport === 'tcp') {
			registrar.cut();
			await registrar.wait('a new connection', ({ length }) =>
				length > 1);
			await bridge.waitRegistered();
		}
		const bound = contact(registrar.registers.at(-1)).match(/<.*?>/)[0];

		await bridge.stop();
		assert.equal(contact(registrar.registers.at(-1)), `${bound};expires=0`);
	});

for (const [what, registers] of [['never answered', false],
	['answers no more', true]])
	test(`it ends at once if the registrar ${what}`, async () => {
		let silent = !registers;
		const { registrar, bridge } = await start((request) =>
			silent ? undefined : accept(request));

		await registrar.wait('a REGISTER', ({ length }) => length);
		if (registers) await bridge.waitRegistered();
		silent = true;

		const begin = performance.now();

		await bridge.stop();
		// a transaction would be waited for for 32 s
		assert.ok(performance.now() - begin < 10000);
		assert.equal(registrar.registers.some((one) =>
			/expires=0/.test(contact(one))), registers);
	});

test('302 is followed, to the best that can be used', async () => {
	const other = await registrarWith((request) => accept(request));
	const { registrar, bridge } = await start(() => ({ code: 302, headers: [
		'Contact: <mailto:a@b>, <sip:127.0.0.1:9>;q=0.1, '
		+ `<sip:127.0.0.1:${other.port};transport=tcp>;q=0.9`] }));

	await bridge.waitRegistered();
	assert.equal(other.registers[0].from.transport, 'tcp');
	assert.equal(registrar.registers.length, 1);
});

test('redirected in a circle: not for ever', async () => {
	const { registrar, bridge } = await start((request, { port }) => ({
		code: 301, headers: [`Contact: <sip:127.0.0.1:${port}>`] }));

	await bridge.waitLog(/301 .*again in/);
	assert.equal(registrar.registers.length, 6);
});

test('connectycube_sip_contact received: where the registrar sees us',
	async () => {
		const { registrar, bridge } = await start((request) => ({
			...accept(request), received: ';received=192.0.2.7' }),
		{ keys: { connectycube_sip_contact: 'received' } });

		await registrar.wait('a second REGISTER', ({ length }) => length > 1);
		const [first, second] = registrar.registers;
		const [mapped, old] = contact(second).split(', ');

		assert.match(mapped, new RegExp(
			`^<sip:[^@]+@192\\.0\\.2\\.7:${bridge.port}>;expires=60`));
		assert.equal(old, `${contact(first).match(/<.*?>/)[0]};expires=0`);
		await bridge.waitRegistered();
		assert.equal(registrar.registers.length, 2);
	});

test('a call is challenged: the topmost that is known is answered', async () => {
	let list;
	const { registrar, bridge } = await start((request) => {
		if (request.method !== 'INVITE') return accept(request);
		return request.header('Proxy-Authorization') ? { code: 404 }
			: { code: 407, headers: list.map((one) =>
				one.replace('WWW', 'Proxy')) };
	}, { keys: { module: ['g711.so', 'menu.so'] } });
	const invites = () => registrar.requests.filter(({ method }) =>
		method === 'INVITE');

	await bridge.waitRegistered();
	for (const [i, [name, challenges]] of CHALLENGES.entries()) {
		list = challenges;
		await bridge.command('dial',
			`sip:4711@127.0.0.1:${registrar.port}`);
		await until('an INVITE with an answer', () =>
			invites().length === 2 * i + 2, { child: bridge.child });
		const [first, second] = invites().slice(2 * i);

		assert.ok(!first.header('Proxy-Authorization'));
		assert.equal(String(isRight(second, 'Proxy-Authorization'))
			.toLowerCase(), name.toLowerCase());
		assert.ok(!second.text.includes('~cube'));
	}
	assert.ok(!bridge.log().includes('sip-1000'));
});

test('calls go by Service-Route', async () => {
	const { registrar, bridge } = await start((request, { port }) =>
		(request.method === 'REGISTER' ? accept(request, [
			`Service-Route: <sip:orig@127.0.0.1:${port};lr>,`
				+ ' <sip:second.invalid;lr;x=1>'])
			: { code: 404 }), { keys: { module: ['g711.so', 'menu.so'] } });

	await bridge.waitRegistered();
	await bridge.command('dial', 'sip:4711@callee.invalid');
	await until('the INVITE', () => registrar.requests.some(({ method }) =>
		method === 'INVITE'));
	const invite = registrar.requests.find(({ method }) => method === 'INVITE');

	assert.match(invite.uri, /^sip:4711@callee\.invalid(;|$)/);
	assert.equal(invite.all('Route').join(', '),
		`<sip:orig@127.0.0.1:${registrar.port};lr>, `
		+ '<sip:second.invalid;x=1;lr>');
});

test('a registrar that only /etc/hosts knows, for calls, too',
	{ skip: !process.env.E2E_NETNS && 'needs a namespace of its own' },
	async () => {
		const hosts = `${lone.sandbox.dir}/hosts`;

		writeFileSync(hosts, '127.0.0.1 localhost\n127.0.0.1 PBX.lan pbx\n');
		execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
		try {
			const { registrar, bridge } = await start((request) =>
				(request.method === 'REGISTER' ? accept(request)
					: { code: 404 }),
			{ host: 'pbx.lan', keys: { module: ['g711.so', 'menu.so'] } });

			await bridge.waitRegistered();
			assert.match(registrar.registers[0].first,
				/^REGISTER sip:pbx\.lan:\d+/);
			await bridge.command('dial', `sip:4711@pbx.lan:${registrar.port}`);
			await until('the INVITE', () => registrar.requests.some(
				({ method }) => method === 'INVITE'));
		} finally {
			execFileSync('umount', ['/etc/hosts']);
		}
	});
