// Media through a TURN server (coturn), over UDP and over TCP, and a TURN
// server that refuses: the app is reached on the direct path all the same.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { listening, start, until }
	from '../../contrib/sandbox/lib/process.mjs';
import { startTestBridge } from './lib/bridge.mjs';
import { freePort } from './lib/ports.mjs';
import { startWorld } from './lib/world.mjs';

const SECRET = 'turn-s3cret';

let world;
let turn;
let port;
let bridge;

before(async () => {
	world = await startWorld({ phone: { accounts: [{ user: '1001' }] },
		apps: ['alice'] });

	port = await freePort();
	turn = start('turnserver', ['turnserver', '-n', '--no-cli', '--no-tls',
		'--no-dtls', '--allow-loopback-peers', '--listening-ip', '127.0.0.1',
		'--relay-ip', '127.0.0.1', '--listening-port', String(port),
		'--min-port', '40000', '--max-port', '40999', '--lt-cred-mech',
		'--realm', 'sandbox', '--user', `bridge:${SECRET}`,
		'--pidfile', `${world.sandbox.dir}/turn.pid`,
		'--userdb', `${world.sandbox.dir}/turn.db`, '--log-file', 'stdout'],
	`${world.sandbox.dir}/turn.log`);
	await until('coturn listens', () => listening(port), { child: turn });
});

after(async () => {
	await turn?.stop();
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

for (const transport of ['udp', 'tcp'])
	test(`a call whose media goes through TURN over ${transport}`, async () => {
		await startBridge(`turn-${transport}`, {
			connectycube_ice_server: `turn:127.0.0.1:${port}`
				+ `?transport=${transport};user=bridge;pass=${SECRET}`,
			connectycube_relay_only: 'yes',
		});
		assert.match(await callThrough(), /ice=connected relay /);
		assert.doesNotMatch(bridge.log(), new RegExp(SECRET));
	});

test('a TURN server that refuses us does not keep a call from its direct path',
	async () => {
		await startBridge('turn-refused', {
			connectycube_ice_server: `turn:127.0.0.1:${port}`
				+ ';user=bridge;pass=wrong',
		});
		assert.match(await callThrough(), /ice=connected host /);
	});
