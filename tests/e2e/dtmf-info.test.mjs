// Keys by SIP INFO with either body, from the phone and towards it.

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { EVENTS, assertHeard, rigTest, update } from './lib/keys.mjs';

/** The app of a rig's one call sends an `update` signal. */
const updateRig = async ({ sandbox, bridge, id: user }, keys) =>
	update(sandbox, { user,
		id: (await bridge.status()).calls[0].app.session }, keys);

/** The INFO that came to a phone, once there are so many. */
function waitInfos({ messages }, count) {
	return until(`${count} INFO have come`, () => {
		const infos = messages.filter(({ method }) => method === 'INFO');

		return infos.length >= count && infos;
	});
}

rigTest('SIP INFO with either body reaches the app', { ua: EVENTS }, async (rig) => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	await assertHeard(rig.app, '6*9', async () => {
		assert.equal(await call.info('application/dtmf-relay',
			'Signal=6\r\nDuration=200\r\n'), 200);
		await setTimeout(400); // as fingers do
		assert.equal(await call.info('application/dtmf-relay',
			'Signal= *\r\nDuration= 200\r\n'), 200);
		await setTimeout(400);
		assert.equal(await call.info('application/dtmf', '9\r\n'), 200);
	}, { after: 3000 }); // the first waits for its twin
	assert.equal(await call.info('application/dtmf-relay', 'nothing'),
		400);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

rigTest('a phone without telephone-event is told by SIP INFO', {}, async (rig) => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	await rig.app.dtmf('5');
	const { body, header } = await call.wait('INFO');

	assert.equal(header('Content-Type'), 'application/dtmf-relay');
	assert.match(body, /^Signal=5\r\nDuration=[1-4]\d\d\r\n$/);
	await rig.waitTones('after the key');
	await rig.appHangsUp();
});

rigTest('a lost INFO does not change the order of keys', {}, async (rig) => {
	const call = await rig.appCallsPhone();
	let lost = 0;

	rig.ua.network = ({ method }) => (method === 'INFO' && lost++ < 1
		? 'lost' : null);
	await updateRig(rig, '123456');
	const infos = await waitInfos(call, 6);

	assert.equal(lost, 7);
	assert.deepEqual(infos.map(({ body }) => body), [...'123456'].map((key) =>
		`Signal=${key}\r\nDuration=160\r\n`));
	// a gateway has to play them: the second came when the first was answered,
	// and a busy phone's stamps are late, never early
	for (let i = 2; i < infos.length; i++)
		assert.ok(infos[i].ms - infos[0].ms >= 160 * (i - 1),
			`${i}: ${infos[i].ms - infos[0].ms} ms`);

	// more than may wait: told, and not which; the call ends amid them
	await updateRig(rig, '7'.repeat(40));
	await waitInfos(call, 7);
	await rig.bridge.waitLog(/\d+ of 40 keys did not reach the phone/);
	await rig.phoneHangsUp();
	await rig.bridge.assertAlive();
});

for (const [how, type, wanted] of [
	['info', 'application/dtmf-relay', /^Signal=(.)\r\nDuration=[1-4]\d\d\r\n$/],
	['info-dtmf', 'application/dtmf', /^(.)\r\n$/],
])
	rigTest(`connectycube_dtmf_sip ${how}`, { ua: EVENTS,
		bridge: { keys: { connectycube_dtmf_sip: how } } }, async (rig) => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		await rig.app.dtmf('1D');
		await waitInfos(call, 2);
		await updateRig(rig, '0');
		const infos = await waitInfos(call, 3);

		assert.equal(infos.map(({ body }) => wanted.exec(body)?.[1])
			.join(''), '1D0');
		for (const { header } of infos)
			assert.equal(header('Content-Type'), type);
		assert.equal(rig.ua.rtp.keys().length, 0);
		await rig.waitTones('after the keys');
		await rig.phoneHangsUp();
	});
