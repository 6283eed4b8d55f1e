// Keys of phones with Opus: telephone-events have the clock of what they go with
// (RFC 4733, 2.1), whoever offered them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { assertHeard, names } from './lib/keys.mjs';
import { startRig } from './lib/rig.mjs';

const OPUS = 'opus/48000/2';
const EVENT = 'telephone-event/48000';
const OLD_EVENT = 'telephone-event/8000';

const PHONES = {
	'48000 alone': { formats: '111 110', maps: [`a=rtpmap:111 ${OPUS}`,
		`a=rtpmap:110 ${EVENT}`, 'a=fmtp:110 0-15'] },
	'8000 and 48000': { formats: '111 101 110', maps: [`a=rtpmap:111 ${OPUS}`,
		`a=rtpmap:101 ${OLD_EVENT}`, 'a=fmtp:101 0-15',
		`a=rtpmap:110 ${EVENT}`, 'a=fmtp:110 0-15'] },
};

/** The call is up, and Opus goes both ways. */
async function settle({ app, ua: { rtp } }, call) {
	rtp.playOpus(call.remoteRtp, call.remoteType(OPUS));
	await until('Opus comes from the app', () =>
		rtp.packets.some(({ type }) => type === 111));
	await until('Opus reaches the app', async () =>
		(await app.audioStats()).packets > 20);
}

async function assertKeys({ app, ua: { rtp } }, call) {
	await assertHeard(app, '7C', async () => {
		for (const key of '7C') {
			await rtp.press(key, call.remoteRtp, { clock: 48000,
				type: call.remoteType(EVENT) });
			// as phones do: Chromium fills a hole after a key with what sounds
			// like another key
			rtp.playOpus(call.remoteRtp, call.remoteType(OPUS));
			await setTimeout(200);
		}
	});

	await app.dtmf('29#');
	await until('three keys have come', () => {
		const keys = rtp.keys(110, 48000);

		return keys.length === 3 && keys.every(({ ends }) => ends === 3);
	});
	assert.equal(names(rtp.keys(110, 48000)), '29#');
	for (const { ms } of rtp.keys(110, 48000))
		assert.ok(ms >= 100 && ms <= 400, `${ms} ms`);
	assert.equal(rtp.keys(101).length, 0);
}

for (const [what, phone] of Object.entries(PHONES))
	test(`an Opus phone with events of ${what}`, async (t) => {
		const rig = await startRig({ ua: phone });

		try {
			await t.test('offers them', async () => {
				const call = await rig.phoneCallsApp();

				await settle(rig, call);
				await assertKeys(rig, call);
				await rig.phoneHangsUp();
			});
			rig.ua.rtp.packets.length = 0;
			await t.test('answers with them', async () => {
				const call = await rig.appCallsPhone();
				const [, formats] = /^m=audio \d+ RTP\/AVP (.*)$/m
					.exec(call.messages[0].body);

				// codecs, keys as ever, then what not every phone has
				assert.ok(formats.trim().endsWith(' 101 110 13'), formats);
				await settle(rig, call);
				await assertKeys(rig, call);
				await rig.appHangsUp();
			});
		} finally {
			await rig.stop();
		}
	});
