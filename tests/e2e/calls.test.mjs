// The main job: a SIP phone and an app talk to each other, whoever calls and
// whoever hangs up. The phone plays 440 Hz, the app 1000 Hz.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { PHONE_HZ, assertTone, startWorld } from './lib/world.mjs';

/** What costs least, and is chosen by who is DTLS' server. */
const FAST_SRTP = /srtp=AEAD_AES_128_GCM/;

let world;
let phone;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', name: 'Sales',
			call: '101', dial: '1001', department: '"Vendas & Cia"' }] }],
		phone: { accounts: [{ user: '1001', codecs: 'PCMU',
			display: 'João <Silva> & "Co"'.replaceAll('"', '\'') }] },
		apps: ['alice'],
	});
	({ phone, apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/** The signals of the last call, as "TYPE from>to". */
async function signals(session) {
	const entries = await world.sandbox.entries('signals');
	const name = (jid) => jid.split('-', 1)[0];

	return entries.filter((entry) => entry.session === session)
		.map(({ type, from, to }) => `${type} ${name(from)}>${name(to)}`);
}

test('a phone calls the app, both hear, the phone hangs up', async () => {
	const { id, user, video, info } = await world.phoneCallsApp(alice);

	assert.equal(user, 200);
	assert.equal(video, false);
	assert.equal(info.number, '1001');
	assert.equal(info.uri, world.uri('1001'));
	assert.equal(info.name, 'João <Silva> & \'Co\'');
	assert.equal(info.extension, 'Sales');
	assert.equal(info.department, 'Vendas & Cia');
	await world.assertTones(alice);

	const { calls: [call] } = await world.bridge.status();

	assert.equal(call.state, 'ESTABLISHED');
	assert.equal(call.way, 'SIP->app');
	assert.match(call.sip.rx.codec, /^PCMU/);
	assert.match(call.app.tx.codec, /^opus/);
	assert.equal(call.app.user, '101');
	assert.equal(call.app.session, id);
	assert.match(call.text, FAST_SRTP);

	await world.end(phone, alice);
	await alice.waitEvent('stop', { any: true, match: { id } });
	assert.equal((await signals(id)).at(-1), 'hangUp 200>101');
});

test('a phone calls the app, both hear, the app hangs up', async () => {
	await world.phoneCallsApp(alice);
	await world.assertTones(alice);
	await world.end(alice, alice);
});

test('the app calls the phone, both hear, the app hangs up', async () => {
	const { incoming } = await world.appCallsPhone(alice);

	assert.equal(incoming.peeruri, world.uri('1000'));
	await world.assertTones(alice);

	const { calls: [call] } = await world.bridge.status();

	assert.equal(call.state, 'ESTABLISHED');
	assert.equal(call.way, 'app->SIP');
	assert.match(call.text, FAST_SRTP);
	await world.end(alice, alice);
});

test('the app calls the phone, both hear, the phone hangs up', async () => {
	const { id } = await world.appCallsPhone(alice);

	await world.assertTones(alice);
	await world.end(phone, alice);
	await alice.waitEvent('stop', { any: true, match: { id } });
	assert.equal((await signals(id)).at(-1), 'hangUp 200>101');
});

test('a video call from the app is answered with sound', async () => {
	const { id } = await world.appCallsPhone(alice, { video: true });
	const { tracks } = await alice.waitEvent('remote-stream',
		{ any: true, match: { id } });

	assert.ok(tracks.includes('audio'), `tracks: ${tracks}`);
	await world.assertTones(alice);

	const accept = await world.sandbox.waitSignal({ type: 'accept',
		session: id });

	assert.match(accept.sdp, /^m=video [1-9]/m);
	assert.match(accept.sdp.split(/^m=video/m)[1], /^a=sendrecv/m);
	await world.end(phone, alice);
});

test('sound goes on for a while, without holes', async () => {
	await world.phoneCallsApp(alice);
	await alice.hear(500); // until the jitter buffer is at ease
	const heard = await alice.hear(5000);

	assertTone(heard, PHONE_HZ);
	assert.ok(heard.silentMs <= 60, JSON.stringify(heard));
	const { lost } = await alice.audioStats();

	assert.equal(lost, 0);
	await world.end(phone, alice);
});

test('ten calls one after the other leave nothing behind', async () => {
	for (let i = 0; i < 5; i++) {
		await world.phoneCallsApp(alice);
		await world.end(i % 2 ? alice : phone, alice);
		await world.appCallsPhone(alice);
		await world.end(i % 2 ? alice : phone, alice);
	}
	assert.equal((await world.bridge.status()).calls.length, 0);
});
