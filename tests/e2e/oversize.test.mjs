// Packets that hold more samples than a codec module has room for: g726.so of
// baresip does not look.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { startRig } from './lib/rig.mjs';

const TYPE = 97;
let rig;

before(async () => {
	rig = await startRig({
		bridge: { keys: { module: ['g711.so', 'g726.so'] } },
		ua: { formats: String(TYPE), maps: [`a=rtpmap:${TYPE} G726-16/8000`] },
	});
});

after(() => rig?.stop());

/** An RTP packet of so many bytes, and four times as many samples. */
function packet(sequence, length) {
	const data = Buffer.alloc(12 + length, 0x55);

	data[0] = 0x80;
	data[1] = TYPE;
	data.writeUInt16BE(sequence, 2);
	data.writeUInt32BE(sequence * length * 4, 4);
	data.writeUInt32BE(0x12345678, 8);
	return data;
}

test('the longest packets are dropped, nothing is overwritten', async () => {
	const call = await rig.ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.accept();
	const { body } = await call.wait('200');

	assert.match(body, new RegExp(`^a=rtpmap:${TYPE} G726-16/8000`, 'm'));
	await rig.app.waitConnected();
	for (let i = 0; i < 200; i++) {
		await rig.ua.rtp.send(packet(i, i < 100 ? 40 : 1460), call.remoteRtp);
		await setTimeout(2); // within the socket's buffer
	}
	const { calls: [{ text }] } = await rig.bridge.waitStatus('most have come',
		({ calls: [{ sip }] }) => sip.rx.packets >= 150);

	assert.match(text, /rx {2}G726-16.* dropped=\d\d/);
	await call.bye();
	await rig.bridge.waitIdle();
	await rig.bridge.assertAlive();
});
