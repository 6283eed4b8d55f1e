// The SIP leg over TCP and TLS, and with SDES-SRTP, in both directions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { startWorld } from './lib/world.mjs';

// phone: the number at the phone that calls the bridge and is called by it
const BRIDGES = {
	TCP: { user: '1000', id: 200, transport: 'tcp', phone: '1001' },
	TLS: { user: '1002', id: 202, transport: 'tls', phone: '1001' },
	'optional SRTP': { user: '1010', id: 201, params: ';mediaenc=srtp',
		phone: '1009' },
	'mandatory SRTP': { user: '1003', id: 203, transport: 'tls',
		params: ';mediaenc=srtp-mand', phone: '1004' },
};

let world;
let alice;

before(async () => {
	world = await startWorld({
		sandbox: {
			users: ['1002', '1003'].map((user) => ({
				id: BRIDGES[user === '1002' ? 'TLS' : 'mandatory SRTP'].id,
				login: `ext${user}`,
				password: `ext${user}-pass`,
				full_name: user,
			})),
			numbers: ['1004'],
		},
		bridges: Object.values(BRIDGES).map(
			({ user, transport, params, phone }) => ({
				transport,
				params,
				users: [{ user, login: `ext${user}`, call: '101',
					dial: phone }],
			})),
		phone: { accounts: [{ user: '1001' },
			{ user: '1009', params: ';mediaenc=srtp' },
			{ user: '1004', params: ';mediaenc=srtp-mand' }] },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/** How often the phone has turned on SRTP. */
const secured = () => (readFileSync(world.phone.child.log, 'utf8')
	.match(/srtp: audio: SRTP is Enabled/g) ?? []).length;

for (const [i, [name, { user, id, params, phone }]]
	of Object.entries(BRIDGES).entries()) {
	test(`${name}: the phone calls`, async () => {
		const before = secured();

		await world.phoneCallsApp(alice, { from: phone, extension: user });
		await world.assertTones(alice);
		assert.equal(secured() > before, Boolean(params));
		await world.end(world.phone, alice, world.bridges[i]);
	});

	test(`${name}: the app calls`, async () => {
		const before = secured();

		await world.appCallsPhone(alice, { extension: id });
		await world.assertTones(alice);
		assert.equal(secured() > before, Boolean(params));
		await world.end(alice, alice, world.bridges[i]);
	});
}

test('optional SRTP: a phone that insists on it calls', async () => {
	await world.phoneCallsApp(alice, { from: '1004', extension: '1010' });
	await world.assertTones(alice);
	await world.end(world.phone, alice, world.bridges[2]);
});

test('optional SRTP: a phone without it calls', async () => {
	await world.phoneCallsApp(alice, { from: '1001', extension: '1010' });
	await world.assertTones(alice);
	await world.end(world.phone, alice, world.bridges[2]);
});

test('mandatory SRTP: a phone without it is refused', async () => {
	await world.phone.dial('1001', '1003');
	const { param } = await world.phone.waitEvent('CALL_CLOSED');

	assert.match(param, /^488/);
	await world.bridges[3].waitIdle();
});
