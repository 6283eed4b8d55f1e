// The app is gone without a word: ICE is lost for 30 s, then the phone hears BYE.
// Two calls at once, one in each direction, because it takes its time.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { openRtp } from './lib/rtp.mjs';
import { startSipp } from './lib/sipp.mjs';
import { startWorld } from './lib/world.mjs';

const LOST = 30000; // [ms]
const NOTICE = 15000; // [ms] until ICE notices, at most

let world;
let alice;
let bob;

before(async () => {
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', call: '101' }] },
			{ users: [{ user: '1010', login: 'ext1010', dial: '1001' }] },
		],
		phone: { accounts: [{ user: '1001' }] },
		apps: ['alice', 'bob'],
	});
	({ apps: { alice, bob } } = world);
});

after(() => world?.stop());

test('an app that is gone: BYE after 30 s, whoever called', async () => {
	const rtp = await openRtp();
	const sipp = await startSipp(world.sandbox, 'uac-answered',
		{ extension: '1000', values: { rtp_port: rtp.port } });

	await alice.waitIncoming();
	await alice.accept();
	await Promise.all([alice.waitConnected(), sipp.wait('200')]);
	await world.appCallsPhone(bob, { extension: 201 });
	await world.assertTones(bob);

	const since = await world.sandbox.mark('signals');
	const begin = Date.now();

	await Promise.all([alice.close(), bob.close()]);
	delete world.apps.alice;
	delete world.apps.bob;

	await Promise.all(world.bridges.map((bridge) => bridge.waitStatus(
		'the bridge sees the path lost', ({ calls: [call] }) => call.app.lost,
		{ timeout: NOTICE })));
	const [bye, closed] = await Promise.all([
		sipp.wait('BYE', LOST + NOTICE),
		world.phone.waitEvent('CALL_CLOSED', LOST + NOTICE)]);

	for (const { ms } of [bye, closed]) {
		const took = ms - begin;

		assert.ok(took > LOST * 0.9 && took < LOST + NOTICE, `${took} ms`);
	}
	await sipp.done();
	rtp.close();
	await Promise.all(world.bridges.map((bridge) => bridge.waitIdle()));
	const types = (await world.sandbox.entries('signals', since))
		.map(({ type }) => type);

	assert.ok(types.filter((type) => type === 'hangUp').length <= 2, types);
});
