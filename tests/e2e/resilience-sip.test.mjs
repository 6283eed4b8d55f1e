// The SIP server refuses the bridge, goes away and comes back: the process lives
// and registers again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { listening, start, until }
	from '../../contrib/sandbox/lib/process.mjs';
import { assertNoSecrets, startRawBridge, userLine } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { openSipUa } from './lib/sipua.mjs';

let sandbox;
let ua;
let server = null; // Kamailio, once a test has started it anew
const bridges = [];

before(async () => {
	sandbox = await startTestSandbox();
	ua = await openSipUa();
});

after(async () => {
	await Promise.all([...bridges, server].map((one) => one?.stop()));
	ua?.close();
	await sandbox?.stop();
});

async function startBridge(options) {
	const bridge = await startRawBridge(sandbox, {
		users: userLine(sandbox.sip, { more: ';call=101' }),
		keys: { connectycube_retry_max: 2 },
		...options,
	});

	bridges.push(bridge);
	return bridge;
}

/** A phone behind the SIP server calls the extension, and hears ringing. */
async function assertRings() {
	const call = await ua.invite(`sip:1000@${sandbox.sip}`);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
}

const kamailioPid = () => Number(readFileSync(`${sandbox.dir}/kamailio.pid`));

const port = () => Number(sandbox.sip.split(':')[1]);

async function stopKamailio() {
	if (server) await server.stop();
	else process.kill(kamailioPid(), 'SIGTERM');
	await until('Kamailio is gone', async () => !await listening(port()));
}

async function startKamailio() {
	const { dir } = sandbox;

	server = start('kamailio', ['kamailio', '-DD', '-E', '-m', '32', '-M', '8',
		'-f', `${dir}/kamailio.cfg`, '-P', `${dir}/kamailio.pid`, '-Y', dir],
	`${dir}/kamailio-2.log`);
	await until('Kamailio listens', () => listening(port()), { child: server });
}

test('a wrong SIP password: said so, and the process lives', async () => {
	const bridge = await startBridge({ name: 'wrong',
		account: { password: 'wrong-sip-password' } });

	await bridge.waitLog(/1000@.*40[13] /);
	await bridge.waitCloud('online');
	assert.equal((await bridge.status()).registered, false);
	assert.match(await bridge.command('cube_status'), /SIP\s+not registered/);
	assert.equal(JSON.parse(await bridge.command('cube_status', 'json'))
		.extensions[0].sip.registered, false);
	await bridge.assertAlive();
	assertNoSecrets(bridge.log(), ['wrong-sip-password']);
	await bridge.stop();
});

test('no SIP server at the start: registers once there is one', async () => {
	await stopKamailio();
	const bridge = await startBridge({ name: 'early', transport: 'tcp',
		account: { params: ';regint=10' } });

	await bridge.waitCloud('online');
	await bridge.assertAlive();
	assert.equal((await bridge.status()).registered, false);
	await startKamailio();
	await bridge.waitRegistered({ timeout: 75000 });
	await assertRings();
	await bridge.stop();
});

// Only the next REGISTER can find out that a registrar has lost its memory.
for (const transport of ['tcp', 'udp']) {
	test(`the SIP server restarts, ${transport}: registered again`, async () => {
		const bridge = await startBridge({ name: `restart-${transport}`,
			transport, account: { params: ';regint=5' } });

		await bridge.waitRegistered();
		await bridge.waitCloud('online');
		await assertRings();
		await stopKamailio();
		await startKamailio();

		// its list of phones is empty again
		await until('the extension is registered at the new server',
			async () => {
				const call = await ua.invite(`sip:1000@${sandbox.sip}`);
				const { code } = await call.wait(['180', 'final']);

				if (code !== 180) return false;
				call.cancel();
				assert.equal((await call.wait('final')).code, 487);
				return true;
			}, { child: bridge.child, timeout: 60000 });
		await bridge.waitRegistered();
		assertNoSecrets(bridge.log(), ['sip-1000', 'ext1000-pass']);
		await bridge.stop();
	});
}
