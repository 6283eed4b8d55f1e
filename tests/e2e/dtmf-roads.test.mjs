// Keys of phones that send them by more than one road, and of those that reach an
// app without telephone-event: as system messages and `update` signals, which can be
// counted.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { EVENTS, assertHeard } from './lib/keys.mjs';
import { startRig } from './lib/rig.mjs';

const TONES = { 2: [697, 1336], 5: [770, 1336], '#': [941, 1477] };
const WITH_EVENTS = EVENTS.formats;
const WITHOUT = '0';
const DTMF_RELAY = 'application/dtmf-relay';
const WINDOW = 1000; // [ms] in which a key by two roads is one

let rig;
let rtp;
let begin; // of the call, in the journal of signals

async function start(options) {
	rig = await startRig({ ua: EVENTS, ...options });
	({ rtp } = rig.ua);
	await rig.app.page.evaluate(canForgetEvents);
}

before(() => start({}));

after(() => rig?.stop());
afterEach(() => rig.reset());

/** In the page: telephone-event can be unknown to the app. */
function canForgetEvents() {
	const proto = RTCPeerConnection.prototype;
	const { setRemoteDescription } = proto;

	proto.setRemoteDescription = function ({ type, sdp }) {
		const types = [...sdp.matchAll(/^a=rtpmap:(\d+) telephone-event/gm)]
			.map(([, one]) => one).join('|');
		const without = sdp
			.replace(new RegExp(`^a=(rtpmap|fmtp):(${types}) .*\\r?\\n`, 'gm'), '')
			.replace(/^m=audio.*/gm, (line) =>
				line.replace(new RegExp(` (${types})(?= |\\r|$)`, 'g'), ''));

		return setRemoteDescription.call(this,
			{ type, sdp: window.noEvents ? without : sdp });
	};
}

const setEvents = (on) => rig.app.page.evaluate((value) => {
	window.noEvents = !value;
}, on);

/** A call with a phone, and an app that has no telephone-event. */
async function callPlainApp(formats) {
	rig.ua.formats = formats;
	await setEvents(false);
	begin = await rig.sandbox.mark('signals');
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	return call;
}

/** The keys that `update` signals told the app of. */
const toldKeys = async () => (await rig.sandbox.entries('signals', begin))
	.filter(({ type, from }) => type === 'update' && from.startsWith('200-'))
	.map(({ user_info: { dtmf } }) => dtmf).join('');

/** These keys and, for as long as they could be doubled, no more. */
async function assertTold(wanted) {
	await until(`the app is told ${wanted.length} keys`, async () =>
		(await toldKeys()).length >= wanted.length);
	await setTimeout(WINDOW + 500);
	assert.equal(await toldKeys(), wanted);
}

const info = (call, key, ms) => call.info(DTMF_RELAY,
	`Signal=${key}\r\nDuration=${ms}\r\n`);

/** A tone for 200 ms; `down` is done while it begins, `up` when it is over. */
async function pressTone(key, call, { down, up }) {
	rtp.play(TONES[key], call.remoteRtp);
	await down?.();
	await setTimeout(200);
	rtp.play(0, call.remoteRtp);
	await up?.();
	await setTimeout(250);
}

test('an app without telephone-event is told by messages and signals', async () => {
	const call = await callPlainApp(WITH_EVENTS);
	const { id } = (await rig.app.state()).call;

	for (const key of '44*') {
		await rtp.press(key, call.remoteRtp);
		await setTimeout(100);
	}
	await assertTold('44*');
	assert.equal(await info(call, 'B', 200), 200);
	await assertTold('44*B');
	// what the SDK delivers, in order
	for (const key of '44*B')
		assert.deepEqual((await rig.app.waitEvent('told-keys')).told,
			{ bridge: '1', event: 'keys', session_id: id, keys: key });
	rtp.play(1000, call.remoteRtp);
	await rig.waitTones('after the keys');
	await rig.phoneHangsUp();
});

// telephone-event and INFO at once, and INFO when the key is up
for (const [when, press] of Object.entries({
	down: async (call, key, ms = 200) => {
		await info(call, key, ms);
		await rtp.press(key, call.remoteRtp, { ms });
	},
	up: async (call, key, ms = 200) => {
		await rtp.press(key, call.remoteRtp, { ms });
		await info(call, key, ms);
	},
})) {
	test(`events and INFO with the key ${when}: once, by update`, async () => {
		const call = await callPlainApp(WITH_EVENTS);

		for (const key of '552#') {
			await press(call, key);
			await setTimeout(150);
		}
		await assertTold('552#');
		await rig.phoneHangsUp();
	});

	test(`a held key by events and INFO with the key ${when}: once`, async () => {
		const call = await callPlainApp(WITH_EVENTS);

		await press(call, '8', WINDOW + 500);
		await press(call, '1');
		await assertTold('81');
		await rig.phoneHangsUp();
	});

	test(`events and INFO with the key ${when}: once, by event`, async () => {
		rig.ua.formats = WITH_EVENTS;
		await setEvents(true);
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		// one right behind another would be heard as a longer one
		await assertHeard(rig.app, '552#', async () => {
			for (const key of '552#') {
				await press(call, key);
				rtp.play(0, call.remoteRtp); // or Chromium stretches the tone
				await setTimeout(250);
			}
		}, { max: 399 });
		await rig.phoneHangsUp();
	});
}

test('tones and INFO are heard once', async () => {
	const call = await callPlainApp(WITHOUT);

	for (const key of '552')
		await pressTone(key, call, { down: () => info(call, key, 200) });
	await pressTone('#', call, { up: () => info(call, '#', 200) });
	await assertTold('552#');
	await rig.phoneHangsUp();
});

test('INFO alone is at once, but for its first key', async () => {
	const call = await callPlainApp(WITH_EVENTS);

	await info(call, '1', 200);
	await assertTold('1');

	const since = await rig.sandbox.mark('signals');

	await info(call, '1', 200);
	await rig.sandbox.waitSignal({ type: 'update' },
		{ since, timeout: WINDOW / 2 });
	await info(call, '1', 200);
	await assertTold('111');
	await rig.phoneHangsUp();
});

test('connectycube_dtmf_info no', async () => {
	await rig.stop();
	await start({ bridge: { keys: { connectycube_dtmf_info: 'no' } } });
	const call = await callPlainApp(WITHOUT);

	assert.equal(await info(call, '1', 200), 415);
	assert.equal(await call.info('application/dtmf', '2'), 415);
	for (const { header } of call.messages.filter(({ code }) => code === 415))
		assert.equal(header('Accept'), 'application/media_control+xml');
	await pressTone('5', call, {});
	await assertTold('5');
	await rig.phoneHangsUp();
});
