// Bad networks: 5 % of the packets are lost on one leg, in one direction, or all
// of them for a moment; the picture comes back by itself. Sound and signalling
// share the network, so they lose packets as well.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { canLose, lose } from './lib/loss.mjs';
import { APP_PICTURE, PHONE_PICTURE } from './lib/picture.mjs';
import { PHONE_PORTS } from './lib/phone.mjs';
import { startWorld } from './lib/world.mjs';

const skip = !canLose() && 'no network namespace, or no iptables';
const BRIDGE_RTP = '12000-12999';
const BRIDGE_ICE = '15000-15999';
const PHONES = { H264: '1001', VP8: '1002' };
const PART = 0.05;
const BURST = 400; // [ms]
const PATIENCE = 6000; // [ms]
const STEADY = 1000; // [ms] with half of the frames at least
const SOON = 2000; // [ms]
const FPS = 20;

/** Each way that packets go, and who looks at what comes. */
const WAYS = {
	'phone to bridge': { ports: { to: BRIDGE_RTP }, viewer: 'app' },
	'bridge to app': { ports: { from: BRIDGE_ICE }, viewer: 'app' },
	'app to bridge': { ports: { to: BRIDGE_ICE }, viewer: 'phone' },
	'bridge to phone': { ports: { to: PHONE_PORTS }, viewer: 'phone' },
};

let world;
let alice;
let ends = [];

before(async () => {
	if (skip) return;
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '10??' }],
		keys: { rtp_ports: BRIDGE_RTP, connectycube_ice_ports: BRIDGE_ICE } }],
		phone: { video: {}, accounts: Object.entries(PHONES).map(
			([codec, user]) => ({ user, params: `;video_codecs=${codec}` })) },
		apps: ['alice'],
	});
	({ apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => {
	ends.splice(0).forEach((end) => end());
	return world?.reset();
});

const viewerOf = ({ viewer }) => (viewer === 'app'
	? { eye: alice, colours: PHONE_PICTURE }
	: { eye: world.phone, colours: APP_PICTURE });

function begin(ports, part) {
	const end = lose(ports, part);

	ends.push(end);
	return () => {
		ends = ends.filter((one) => one !== end);
		end();
	};
}

/** Good pictures, one soon after the other, from when on? [ms] from now */
async function recovery({ eye, colours }) {
	const since = Date.now();
	const frames = [];

	while (Date.now() < since + PATIENCE) {
		frames.push(...(await eye.watch(STEADY + 200)).frames.filter(
			(frame) => frame.number >= 0 && frame.colours === colours));
		const first = frames.find(({ ms }) => frames.filter((one) =>
			one.ms >= ms && one.ms < ms + STEADY).length >= 0.5 * FPS);

		if (first) return first.ms - since;
	}
	throw new Error(`no recovery: ${JSON.stringify(frames)}`);
}

const isWell = (seen) => seen.fps >= 2 && seen.forward >= 3;

// What is measured is a matter of milliseconds, which a busy machine may spoil: of some, one has
// to be well

/** What is seen in two seconds of loss. */
async function seesWell({ eye }) {
	let seen;

	for (let i = 0; i < 4 && !(seen && isWell(seen)); i++)
		seen = await eye.see(2000);
	return seen;
}

/** How long it takes to recover once packets are lost no more. */
async function recovers(viewer, ports, part, ms) {
	let after = Infinity;

	for (let i = 0; i < 3 && after >= SOON; i++) {
		const end = begin(ports, part);

		await delay(ms);
		end();
		after = await recovery(viewer);
	}
	return after;
}

for (const [codec, user] of Object.entries(PHONES))
	test(`${codec}: loss and bursts on every way`, { skip }, async (t) => {
		await alice.prepare({ camera: { noise: true } }); // many packets
		await world.appCallsPhone(alice, { video: true,
			userInfo: { dial: user } });
		await world.assertPictures(alice, t);

		for (const [name, way] of Object.entries(WAYS)) {
			const viewer = viewerOf(way);
			const end = begin(way.ports, PART);
			const seen = await seesWell(viewer);

			end();
			let afterLoss = await recovery(viewer);

			if (afterLoss >= SOON)
				afterLoss = await recovers(viewer, way.ports, PART, 2000);
			const afterBurst = await recovers(viewer, way.ports, 1, BURST);
			const { rx, tx } = await alice.videoStats();

			t.diagnostic(`${name}: ${seen.fps} frames/s with 5 % loss, longest`
				+ ` gap ${seen.gapMs} ms; good ${afterLoss} ms after it,`
				+ ` ${afterBurst} ms after a burst of ${BURST} ms; app rx lost`
				+ ` ${rx.packetsLost} nack ${rx.nackCount} pli ${rx.pliCount},`
				+ ` tx nack ${tx.nackCount} pli ${tx.pliCount}`);
			// a phone that does not send again needs a keyframe each time
			assert.ok(isWell(seen), `${name}: ${JSON.stringify(seen)}`);
			assert.ok(afterLoss < SOON, `${name}: ${afterLoss} ms after loss`);
			assert.ok(afterBurst < SOON, `${name}: ${afterBurst} ms after burst`);
		}
		await world.end(alice, alice);
	});
