// "Who sees what", calls from the app: what it is told about a phone (SIPp) that
// rings, rejects, fails or does not answer.
//
// Extension 1000 (user 200) dials SIPp as 1001; 1010 (user 201) rings 5 s only.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { freePort } from './lib/ports.mjs';
import { registerSipp, startSipp } from './lib/sipp.mjs';
import { startWorld } from './lib/world.mjs';

let world;
let sandbox;
let alice;
let port;

before(async () => {
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', dial: '1001',
				dialable: '1009,4???,*31#' }] },
			{ users: [{ user: '1010', login: 'ext1010', dial: '1001' }],
				keys: { connectycube_ring_time: 5 } },
		],
		apps: ['alice'],
	});
	({ sandbox, apps: { alice } } = world);
	port = await freePort();
	await registerSipp(sandbox, '1001', port);
});

after(() => world?.stop());
afterEach(() => world.reset());

const callee = (scenario, values) => startSipp(sandbox, scenario,
	{ port, values });

/** The app calls and is rejected; returns the reject's userInfo. */
async function rejected(options, extension = 200) {
	const id = await alice.call(extension, options);
	const { info } = await alice.waitEvent('reject', { match: { id } });

	await alice.waitEvent('close', { any: true, match: { id } });
	return info;
}

test('486: rejected as busy', async () => {
	const sipp = await callee('uas-reject', { code: 486, reason: 'Busy Here' });
	const info = await rejected();

	await sipp.done();
	assert.deepEqual(info, { busy: 'true', sip_code: '486',
		reason: 'Busy Here' });
});

for (const [code, reason] of [[404, 'Not Found'], [480, 'Not at Home'],
	[408, 'Request Timeout'], [500, 'Server Internal Error'],
	[488, 'Not Acceptable Here'], [600, 'Busy Everywhere'],
	[603, 'Decline']])
	test(`${code}: rejected with code and reason`, async () => {
		const sipp = await callee('uas-reject', { code, reason });
		const info = await rejected();

		await sipp.done();
		assert.equal(info.busy, undefined);
		assert.equal(info.sip_code, String(code));
		assert.equal(info.reason, reason);
		// the code once, though baresip tells it with the reason
		assert.match(await world.bridge.command('cube_events', '5'),
			new RegExp(`ended: SIP: ${code} ${reason}$`, 'm'));
	});

test('503: rejected with what the SIP server makes of it', async () => {
	const sipp = await callee('uas-reject',
		{ code: 503, reason: 'Service Unavailable' });
	const info = await rejected();

	await sipp.done();
	// a proxy may not pass 503 on (RFC 3261, 16.7)
	assert.match(info.sip_code, /^50[03]$/);
	assert.ok(info.reason);
});

test('a number that nobody has: 404 from the SIP server', async () => {
	const info = await rejected({ userInfo: { dial: '4711' } });

	assert.deepEqual(info, { sip_code: '404', reason: 'Not Found' });
});

test('a number with a # is escaped', async () => {
	const info = await rejected({ userInfo: { dial: '*31#' } });

	assert.equal(info.sip_code, '404');
	assert.match(world.bridge.log(), /dialling sip:\*31%23@/);
});

test('a phone that is not registered: 480 from the SIP server', async () => {
	const info = await rejected({ userInfo: { dial: '1009' } });

	assert.equal(info.sip_code, '480');
});

test('the caller gives up: CANCEL', async () => {
	const sipp = await callee('uas-cancel');

	await alice.call(200);
	await sipp.wait('INVITE');
	await world.bridge.waitStatus('the phone rings', ({ calls: [call] }) =>
		call?.state === 'RINGING');
	await alice.hangup();
	await sipp.wait('CANCEL');
	await sipp.done();
	await world.bridge.waitIdle();
});

test('no answer within the ring time: CANCEL and reject', async () => {
	const sipp = await callee('uas-cancel');
	const info = await rejected({}, 201);

	await sipp.done();
	const [invite] = sipp.received('INVITE');
	const [cancel] = sipp.received('CANCEL');

	assert.ok(Math.abs(cancel.ms - invite.ms - 5000) < 500,
		`${cancel.ms - invite.ms} ms`);
	assert.equal(info.sip_code, '480');
	assert.match(info.reason, /no answer/i);
});

test('a repeated `call` does not ring twice', async () => {
	const sipp = await callee('uas-cancel');
	const since = await sandbox.mark('signals');
	const id = await alice.call(200);
	const first = await sandbox.waitSignal({ type: 'call', session: id },
		{ since });

	await sandbox.waitSignal({ type: 'call', session: id },
		{ since: first.seq });
	await alice.hangup();
	await sipp.done();
	assert.equal(sipp.received('INVITE').length, 1);
});

test('a `call` repeated after its reject does not ring again', async () => {
	const since = await sandbox.mark('signals');
	const first = await callee('uas-reject', { code: 486, reason: 'Busy' });

	await rejected();
	await first.done();
	const { xml } = await sandbox.waitSignal({ type: 'call' }, { since });
	const second = await callee('uas-cancel');
	const before = await world.bridge.log().length;

	assert.deepEqual(await sandbox.inject('ext1000', { xml }), { sent: 1 });
	await alice.call(200); // a new one rings, and comes after the old one
	await second.wait('INVITE');
	await alice.hangup();
	await second.done();
	assert.equal(world.bridge.log().slice(before)
		.match(/call from app user 101/g).length, 1);
});

test('a phone without a codec of ours: the call ends', async () => {
	const sipp = await callee('uas-answer',
		{ codecs: '3', maps: 'a=rtpmap:3 GSM/8000' });
	const id = await alice.call(200);

	await alice.waitEvent('close', { match: { id } });
	await sipp.done();
	await world.bridge.waitIdle();
});

test('an app without a codec of ours is rejected: 488', async () => {
	await alice.prepare({ codecs: { audio: ['CN'] } });
	const since = await sandbox.mark('signals');
	const info = await rejected();

	assert.equal(info.sip_code, '488');
	const { sdp } = await sandbox.waitSignal({ type: 'call' }, { since });

	assert.doesNotMatch(sdp, /opus|PCM|G722/);
});
