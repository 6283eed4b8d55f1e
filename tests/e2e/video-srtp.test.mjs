// Video with SDES-SRTP on the SIP leg, offered and insisted on, both directions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { startWorld } from './lib/world.mjs';

// phone: the number at the phone that calls the bridge and is called by it
const BRIDGES = {
	'optional SRTP': { user: '1000', id: 200, params: ';mediaenc=srtp',
		phone: '1009' },
	'mandatory SRTP': { user: '1010', id: 201, params: ';mediaenc=srtp-mand',
		phone: '1004' },
};

let world;
let alice;

before(async () => {
	world = await startWorld({
		sandbox: { numbers: ['1004'] },
		bridges: Object.values(BRIDGES).map(({ user, params, phone }) => ({
			params,
			users: [{ user, login: `ext${user}`, call: '101',
				dial: phone }],
		})),
		phone: { video: {}, accounts: Object.values(BRIDGES).map(
			({ phone, params }) => ({ user: phone, params })) },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

/** How often the phone has turned on SRTP for video. */
const secured = () => (readFileSync(world.phone.child.log, 'utf8')
	.match(/srtp: video: SRTP is Enabled/g) ?? []).length;

for (const [i, [name, { user, id, phone }]]
	of Object.entries(BRIDGES).entries()) {
	test(`${name}: the phone calls`, async () => {
		const before = secured();

		await world.phoneCallsApp(alice, { from: phone, extension: user });
		await world.assertPictures(alice);
		await world.assertTones(alice);
		assert.ok(secured() > before);
		await world.end(world.phone, alice, world.bridges[i]);
	});

	test(`${name}: the app calls`, async () => {
		const before = secured();

		await world.appCallsPhone(alice, { extension: id, video: true });
		await world.assertPictures(alice);
		await world.assertTones(alice);
		assert.ok(secured() > before);
		await world.end(alice, alice, world.bridges[i]);
	});
}
