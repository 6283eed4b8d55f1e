// Media through a TURN server (coturn), over UDP, TCP and TLS, and a TURN server
// that refuses, or that is refused for its certificate: the app is reached on the
// direct path all the same. The servers with TLS have nothing else.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { listening, start, until }
	from '../../contrib/sandbox/lib/process.mjs';
import { startTestBridge } from './lib/bridge.mjs';
import { freePort } from './lib/ports.mjs';
import { startWorld } from './lib/world.mjs';

const SECRET = 'turn-s3cret';

let world;
let turns = {};
let bridge;

/** A coturn; returns { child, port } */
async function startTurn(name, flags) {
	const { dir } = world.sandbox;
	const port = await freePort();
	const child = start(name, ['turnserver', '-n', '--no-cli', '--no-dtls',
		'--allow-loopback-peers', '--listening-ip', '127.0.0.1',
		'--relay-ip', '127.0.0.1', '--listening-port', String(port),
		'--tls-listening-port', String(port), '--min-port', '40000',
		'--max-port', '40999', '--lt-cred-mech', '--realm', 'sandbox',
		'--user', `bridge:${SECRET}`, '--pidfile', `${dir}/${name}.pid`,
		'--userdb', `${dir}/${name}.db`, '--log-file', 'stdout', ...flags],
	`${dir}/${name}.log`);

	await until(`${name} listens`, () => listening(port), { child });
	return { child, port };
}

function startTls(name, certificate) {
	const path = `${world.sandbox.dir}/${certificate}`;

	return startTurn(name, ['--no-udp', '--no-tcp', '--cert', `${path}.pem`,
		'--pkey', `${path}.key`]);
}

before(async () => {
	world = await startWorld({ phone: { accounts: [{ user: '1001' }] },
		apps: ['alice'] });

	turns = {
		plain: await startTurn('turn', ['--no-tls']),
		tls: await startTls('turn-tls', 'server'),
		stranger: await startTls('turn-stranger', 'unknown-ca'),
	};
});

after(async () => {
	for (const { child } of Object.values(turns)) await child.stop();
	await world?.stop();
});

afterEach(async () => {
	await world.reset();
	await bridge?.stop();
	world.bridges = [];
});

async function startBridge(name, keys) {
	bridge = await startTestBridge(world.sandbox, { name, keys, users: [
		{ user: '1000', login: 'ext1000', call: '101', dial: '1001' }] });
	world.bridges = [bridge];
}

async function callThrough() {
	const alice = world.apps.alice;

	await world.phoneCallsApp(alice);
	await world.assertTones(alice);

	const { calls: [call] } = await bridge.status();

	await world.end(alice, alice);
	return call.text;
}

for (const [name, uri] of [
	['UDP', () => `turn:127.0.0.1:${turns.plain.port}?transport=udp`],
	['TCP', () => `turn:127.0.0.1:${turns.plain.port}?transport=tcp`],
	['TLS', () => `turns:localhost:${turns.tls.port}`],
])
	test(`a call whose media goes through TURN over ${name}`, async () => {
		await startBridge(`turn-${name}`, {
			connectycube_ice_server: `${uri()};user=bridge;pass=${SECRET}`,
			connectycube_relay_only: 'yes',
		});
		assert.match(await callThrough(), /ice=connected relay /);
		assert.doesNotMatch(bridge.log(), new RegExp(SECRET));
		assert.doesNotMatch(bridge.log(), /not used/);
	});

test('a TURN server that refuses us does not keep a call from its direct path',
	async () => {
		await startBridge('turn-refused', {
			connectycube_ice_server: `turn:127.0.0.1:${turns.plain.port}`
				+ ';user=bridge;pass=wrong',
		});
		assert.match(await callThrough(), /ice=connected host /);
	});

test('a TURN server whose certificate is not to be trusted is not used',
	async () => {
		const { port } = turns.stranger;

		await startBridge('turn-stranger', {
			connectycube_ice_server: `turns:localhost:${port}`
				+ `;user=bridge;pass=${SECRET}`,
		});
		assert.match(await callThrough(), /ice=connected host /);
		await bridge.waitLog(new RegExp(`turns:localhost:${port}: not used:`
			+ ' its certificate .* is refused: unable to get local issuer'));
		assert.doesNotMatch(bridge.log(), new RegExp(SECRET));
	});
