// The bridge gets another address: it registers anew, with a contact that can
// be called, and its chat link is there at once, not when a timer looks. SIP
// goes by UDP, TCP and TLS at once, to a registrar that takes one contact only,
// which a bridge that is killed must find again; the cloud is reached from the
// address that goes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { HOME, SERVER, canNat, startNet } from './lib/nat.mjs';
import { freePort } from './lib/ports.mjs';
import { startWorld } from './lib/world.mjs';

// [ms] from the new address on, on a busy machine, too: what was measured is told.
// What polls takes 60 s, TCP much longer
const SOON = 10000;
const HOME_TOO = '10.1.0.3';

const USERS = [
	{ user: '1000', id: 200, transport: 'udp' },
	{ user: '1010', id: 201, transport: 'tcp' },
	{ user: '1002', id: 202, transport: 'tls' },
];

const skip = !canNat() && 'needs networks of its own';

let net;
let world;
let alice;

before(async () => {
	if (skip) return;
	net = await startNet(process.env.E2E_DIR);
	for (const user of USERS) user.port = await freePort();

	world = await startWorld({
		sandbox: {
			address: SERVER,
			maxContacts: 1,
			users: [{ id: 202, login: 'ext1002', password: 'ext1002-pass',
				full_name: '1002' }],
		},
		beforeBridges: ({ sandbox }) =>
			net.publish(Number(new URL(sandbox.api_url).port)),
		bridges: USERS.map(({ user, transport, port }) => ({
			transport,
			users: [{ user, login: `ext${user}`, call: '101', dial: '1001' }],
			keys: ({ api_url, chat_url }) => ({
				sip_listen: `0.0.0.0:${port}`,
				net_interface: '',
				connectycube_api_url: api_url.replace('localhost', SERVER),
				connectycube_chat_url: chat_url.replace('localhost', SERVER),
			}),
		})),
		phone: { accounts: [{ user: '1001' }] },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
}, { timeout: 60000 });

after(async () => {
	await world?.stop();
	await net?.stop();
});

/** All are registered from an address, and at no other one: when [ms]. */
async function registeredAt(address) {
	await Promise.all(USERS.map(({ user }) => until(`${user} is at ${address}`,
		async () => {
			const contacts = await world.sandbox.contacts(user);

			return contacts.length === 1
				&& contacts[0].includes(`@${address}:`);
		})));
	return Date.now();
}

/** All have a chat session since an event: when the last one came [ms]. */
async function onlineSince(since) {
	const entries = await Promise.all(USERS.map(({ id }) =>
		world.sandbox.waitEntry('events', { event: 'online',
			jid: (jid) => jid.startsWith(`${id}-`) }, { since })));

	return Math.max(...entries.map(({ ms }) => ms));
}

/** Contacts and chat sessions are those of the new address, soon after `begin`
 * [ms]; since: mark of the events before. */
async function assertMoved(t, address, { begin, since }) {
	const [sip, chat] = (await Promise.all([registeredAt(address),
		onlineSince(since)])).map((ms) => ms - begin);

	t.diagnostic(`registered after ${sip} ms, online after ${chat} ms`);
	assert.ok(sip < SOON, `registered after ${sip} ms`);
	assert.ok(chat < SOON, `online after ${chat} ms`);
}

/** Every bridge takes the calls that its registrar sends it. */
async function assertReached() {
	for (const [i, { user }] of USERS.entries()) {
		await world.phoneCallsApp(alice, { extension: user });
		await world.end(world.phone, alice, world.bridges[i]);
	}
}

test('another address, in a call: SIP and chat are there at once', { skip },
	async (t) => {
		await registeredAt(HOME);
		await world.phoneCallsApp(alice);
		await world.assertTones(alice);

		const since = await world.sandbox.mark('events');
		const begin = Date.now();

		net.move('home', HOME, HOME_TOO);
		await assertMoved(t, HOME_TOO, { begin, since });
		// the phone by a re-INVITE, the app by an ICE restart
		await world.waitTones(alice);
		t.diagnostic(`both heard after ${Date.now() - begin} ms`);
		await world.end(world.phone, alice);
		await assertReached();
		for (const [i, { id }] of USERS.entries()) {
			await world.appCallsPhone(alice, { extension: id });
			await world.end(alice, alice, world.bridges[i]);
		}
	});

test('no address for a while, then one: SIP and chat are there at once',
	{ skip }, async (t) => {
		const since = await world.sandbox.mark('events');

		net.leave('home', HOME_TOO);
		for (const bridge of world.bridges)
			await bridge.waitStatus('the chat link is down', ({ cloud }) =>
				cloud !== 'online');

		const begin = Date.now();

		net.join('home', HOME);
		await assertMoved(t, HOME, { begin, since });
		await assertReached();
	});

// for a second or two nothing can be bound to it
test('an address of IPv6 comes: SIP is there at once', { skip }, async (t) => {
	const begin = Date.now();

	net.add('home', 'fd00:1::2/64');
	for (const [i, { port }] of USERS.entries()) {
		await until('it is there by IPv6, too', () => execFileSync('ss',
			['-Hlun', 'src', `[fd00:1::2]:${port}`]).length);
		await until('and registered since', () => {
			const log = world.bridges[i].log();

			return log.lastIndexOf(' 200 OK ')
				> log.lastIndexOf('SIP is at all addresses');
		});
	}
	const took = Date.now() - begin;

	t.diagnostic(`registered after ${took} ms`);
	assert.ok(took < SOON, `registered after ${took} ms`);
	await assertReached();
});

test('killed and started anew: the same contact, which is taken and called',
	{ skip }, async () => {
		const contacts = () => Promise.all(USERS.map(({ user }) =>
			world.sandbox.contacts(user)));
		const before = await contacts();

		await Promise.all(world.bridges.map((bridge) =>
			bridge.killAndStart()));
		assert.deepEqual(await contacts(), before);
		for (const one of before) assert.equal(one.length, 1);
		await assertReached();
	});
