// Offers and answers in unusual places: an INVITE without SDP, and a re-INVITE
// that moves the phone's media.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openRtp } from './lib/rtp.mjs';
import { startSipp } from './lib/sipp.mjs';
import { APP_HZ, PHONE_HZ, assertTone, startWorld } from './lib/world.mjs';

let world;
let alice;
const sockets = [];

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101' }] }],
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => {
	sockets.splice(0).forEach((socket) => socket.close());
	return world.reset();
});

async function socket() {
	sockets.push(await openRtp());
	return sockets.at(-1);
}

/** A call that is answered: { sipp, port } with the bridge's RTP port. */
async function answered(scenario, values) {
	const sipp = await startSipp(world.sandbox, scenario, { values });

	await alice.waitIncoming();
	await alice.accept();
	const { text } = await sipp.wait('200');

	return { sipp, port: Number(/^m=audio (\d+)/m.exec(text)[1]) };
}

async function assertTones(rtp) {
	const [atApp, atPhone] = await Promise.all([alice.hear(1000),
		rtp.hear(1000)]);

	assertTone(atApp, PHONE_HZ);
	assertTone(atPhone, APP_HZ);
}

async function end(sipp) {
	await alice.hangup();
	await sipp.done();
	await world.bridge.waitIdle();
}

test('an INVITE without an offer: the answer comes in the ACK', async () => {
	const rtp = await socket();
	const { sipp, port } = await answered('uac-late', { rtp_port: rtp.port });

	await alice.waitConnected();
	rtp.play(PHONE_HZ, port);
	await assertTones(rtp);
	await end(sipp);
});

test('a re-INVITE moves the phone, and another one latches anew', async () => {
	const [before, moved, real] = [await socket(), await socket(),
		await socket()];
	const { sipp, port } = await answered('uac-moved',
		{ rtp_port: before.port, new_port: moved.port, wait: 2500 });

	await alice.waitConnected();
	before.play(PHONE_HZ, port);
	assertTone(await before.hear(500), APP_HZ);
	before.hush();

	// announced at one port, sent from another, as behind a new NAT binding
	await until('SIPp has moved', () => sipp.received('200').length === 2);
	real.play(PHONE_HZ, port);
	await assertTones(real);

	const { calls: [{ sip }] } = await world.bridge.status();

	assert.equal(sip.latched, true);
	assert.equal(sip.remote, `127.0.0.1:${real.port}`);
	await end(sipp);
});
