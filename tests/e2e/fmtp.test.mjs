// What each side is told of the other's wishes: the limits of Opus (RFC 7587)
// and packet times. Chromium obeys, and who asked for it gets it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { audioLines, openSipUa } from './lib/sipua.mjs';
import { startWorld } from './lib/world.mjs';

const OPUS = 96; // the payload type of our phone
const HEADER = 12;

const opusPhone = (fmtp) => ({ formats: String(OPUS),
	maps: [`a=rtpmap:${OPUS} opus/48000/2`, `a=fmtp:${OPUS} ${fmtp}`] });

let world;
let alice;
let bob;
let dialled; // a phone that alice calls
const uas = [];

before(async () => {
	dialled = await openSipUa(opusPhone('useinbandfec=1'));
	world = await startWorld({
		bridges: [
			{ users: [{ user: '1000', login: 'ext1000', call: '101',
				dial: `sip:1@127.0.0.1:${dialled.port}`, dialable: '10??' }] },
			{ users: [{ user: '1010', login: 'ext1010', call: '102',
				dial: '1001', dialable: '10??' }],
			keys: { connectycube_codec_policy: 'relay' } },
		],
		phone: { accounts: [
			{ user: '1001', codecs: 'PCMU', params: ';ptime=30' },
			{ user: '1002', codecs: 'PCMA', params: ';ptime=40' },
			{ user: '1003', codecs: 'G722/16000/1', params: ';ptime=30' },
		] },
		apps: ['alice', 'bob'],
	});
	({ apps: { alice, bob } } = world);
});

after(() => {
	dialled?.close();
	return world?.stop();
});
afterEach(() => {
	uas.splice(0).forEach((ua) => ua.close());
	return world.reset();
});

/** A phone calls and is answered: { ua, call, sdp } with what the app saw. */
async function called(app, bridge, options) {
	const ua = await openSipUa(options);

	uas.push(ua);
	const call = await ua.invite(`sip:${bridge === world.bridge ? '1000'
		: '1010'}@${bridge.sip}`);

	await app.waitIncoming();
	await app.accept();
	await call.wait('200');
	await app.waitConnected();
	return { ua, call, sdp: audioLines(await app.remoteSdp()) };
}

async function end(app, bridge) {
	await app.hangup();
	await app.waitClosed();
	await bridge.waitIdle();
}

/** The parameters of Opus in an SDP: { maxaveragebitrate: '16000', ... }. */
function opusFmtp(lines) {
	const [, type] = /^a=rtpmap:(\d+) opus\//m.exec(lines.join('\n'));
	const [, fmtp] = new RegExp(`^a=fmtp:${type} (.*)$`, 'm')
		.exec(lines.join('\n'));

	return Object.fromEntries(fmtp.split(';').map((one) => one.split('=')));
}

const attribute = (lines, name) => lines.find((line) =>
	line.startsWith(`a=${name}:`))?.split(':')[1];

/**
 * What comes in 3 s, once all is quiet: { bitrate, steps, lengths }; and what is
 * counted elsewhere { before, after } them.
 */
async function listen({ rtp }, type, count = () => {}) {
	const wanted = () => rtp.packets.filter((packet) => packet.type === type);

	await until('packets come', () => wanted().length > 20);
	await delay(1000);
	const before = await count();
	const begin = wanted().length;
	const since = Date.now();

	await delay(3000);
	const seconds = (Date.now() - since) / 1000;
	const packets = wanted().slice(begin);
	const after = await count();
	const bytes = packets.reduce((sum, { data }) =>
		sum + data.length - HEADER, 0);
	const steps = packets.slice(1).map(({ data }, i) =>
		data.readUInt32BE(4) - packets[i].data.readUInt32BE(4));

	return { before, after, bitrate: bytes * 8 / seconds,
		steps: [...new Set(steps)],
		lengths: [...new Set(packets.map(({ data }) => data.length - HEADER))] };
}

test('Opus is forwarded: the phone\'s limits reach the app', async (t) => {
	const { ua, call, sdp } = await called(alice, world.bridge, { ptime: 40,
		...opusPhone('maxplaybackrate=16000; maxaveragebitrate=16000;'
			+ ' stereo=1; usedtx=1') });

	t.diagnostic(sdp.join(' | '));
	t.diagnostic(call.remoteAudio.join(' | '));
	assert.deepEqual(opusFmtp(sdp), { minptime: '10',
		maxplaybackrate: '16000', maxaveragebitrate: '16000',
		useinbandfec: '0', usedtx: '1', stereo: '0' });
	assert.equal(attribute(sdp, 'ptime'), '40');
	assert.equal(attribute(sdp, 'maxptime'), '60');

	// and Chromium's reach the phone
	assert.deepEqual(opusFmtp(call.remoteAudio), { useinbandfec: '1',
		usedtx: '0', stereo: '0' });
	assert.equal(attribute(call.remoteAudio, 'maxptime'), '60');

	const { bitrate, steps } = await listen(ua, OPUS);

	t.diagnostic(`${bitrate} bit/s, ${steps}`);
	assert.ok(bitrate > 8000 && bitrate < 17500, `${bitrate} bit/s`);
	assert.deepEqual(steps, [1920]);
	await end(alice, world.bridge);
});

test('Opus is forwarded: nothing is limited that the phone does not limit',
	async (t) => {
		const { ua, sdp } = await called(alice, world.bridge,
			opusPhone('useinbandfec=1'));

		assert.deepEqual(opusFmtp(sdp), { minptime: '10', useinbandfec: '1',
			usedtx: '0', stereo: '0' });
		assert.equal(attribute(sdp, 'ptime'), '20');

		const { bitrate, steps } = await listen(ua, OPUS);

		t.diagnostic(`${bitrate} bit/s, ${steps}`);
		assert.ok(bitrate > 20000, `${bitrate} bit/s`);
		assert.deepEqual(steps, [960]);
		await end(alice, world.bridge);
	});

test('a phone at 8 kHz: the app sends no more than that can carry',
	async (t) => {
		const { ua, sdp } = await called(alice, world.bridge, { ptime: 30,
			formats: '0 13' });

		t.diagnostic(sdp.join(' | '));
		assert.deepEqual(opusFmtp(sdp), { minptime: '10',
			maxplaybackrate: '8000', maxaveragebitrate: '24000',
			useinbandfec: '1', usedtx: '1', stereo: '0' });

		const sent = async () => (await alice.stats()).find(({ type, kind }) =>
			type === 'outbound-rtp' && kind === 'audio');
		const { steps, lengths, before: first, after: last }
			= await listen(ua, 0, sent);

		// transcoded, in packets of the length that the phone asked for
		assert.deepEqual({ steps, lengths }, { steps: [240], lengths: [240] });

		const bitrate = (last.bytesSent - first.bytesSent) * 8000
			/ (last.timestamp - first.timestamp);

		t.diagnostic(`${bitrate} bit/s`);
		assert.ok(bitrate > 15000 && bitrate < 26000, `${bitrate} bit/s`);
		await end(alice, world.bridge);
	});

for (const [codec, { type, user, ptime }] of Object.entries({
	PCMU: { type: 0, user: '1001', ptime: 30 },
	PCMA: { type: 8, user: '1002', ptime: 40 },
	G722: { type: 9, user: '1003', ptime: 30 } })) {
	test(`relay: a ${codec} phone asks for ${ptime} ms and gets it`,
		async (t) => {
			const { ua, sdp } = await called(bob, world.bridges[1],
				{ formats: String(type), ptime });

			t.diagnostic(sdp.join(' | '));
			assert.equal(attribute(sdp, 'ptime'), String(ptime));
			const { steps, lengths } = await listen(ua, type);

			assert.deepEqual({ steps, lengths },
				{ steps: [ptime * 8], lengths: [ptime * 8] });
			const { calls: [{ sip }] } = await world.bridges[1].status();

			assert.equal(sip.forwarded, true);
			await end(bob, world.bridges[1]);
		});

	for (const [policy, i] of [['opus', 0], ['relay', 1]])
		test(`${policy}: tones with a ${codec} phone at ${ptime} ms`, async () => {
			const app = i ? bob : alice;
			const extension = i ? '1010' : '1000';

			await world.phoneCallsApp(app, { from: user, extension });
			await world.waitTones(app);
			await world.end(world.phone, app, world.bridges[i]);

			await world.appCallsPhone(app, { extension: i ? 201 : 200,
				userInfo: { dial: user } });
			await world.waitTones(app);
			await world.end(app, app, world.bridges[i]);
		});
}

test('relay: the app asks for 40 ms and gets it', async (t) => {
	await bob.prepare({ audioLines: ['a=ptime:40'] });
	const { ua, call } = await called(bob, world.bridges[1], { formats: '0' });

	t.diagnostic(call.remoteAudio.join(' | '));
	assert.equal(attribute(call.remoteAudio, 'ptime'), '40');

	// a phone that sends 20 ms all the same
	ua.rtp.play(440, call.remoteRtp);
	const heard = await bob.hear(1000);

	assert.ok(Math.abs(heard.hz - 440) < 6, JSON.stringify(heard));
	const { calls: [{ sip, app }] } = await world.bridges[1].status();

	assert.ok(Math.abs(sip.rx.packets / app.tx.packets - 2) < 0.1,
		`${sip.rx.packets} packets in, ${app.tx.packets} out`);
	await end(bob, world.bridges[1]);
});

test('an app\'s limits reach a phone that it calls', async (t) => {
	await alice.prepare({ audioLines: ['a=fmtp:111 maxaveragebitrate=12000;'
		+ 'maxplaybackrate=8000;usedtx=1'] });
	await alice.call(200);
	const call = await dialled.waitInvite();
	const lines = audioLines(call.messages[0].body);

	t.diagnostic(lines.join(' | '));
	const { maxaveragebitrate, maxplaybackrate, usedtx, stereo }
		= opusFmtp(lines);

	assert.deepEqual([maxaveragebitrate, maxplaybackrate, usedtx, stereo],
		['12000', '8000', '1', '0']);
	assert.equal(attribute(lines, 'ptime'), '20');
	assert.equal(attribute(lines, 'maxptime'), '60');
	call.answer();
	await alice.waitConnected();
	assert.equal(opusFmtp(audioLines(await alice.remoteSdp())).useinbandfec,
		'1');
	await end(alice, world.bridge);
});

test('an app at 8 kHz: a phone with Opus need not send more', async () => {
	await alice.prepare({ codecs: { audio: ['PCMU'] } });
	const { call } = await called(alice, world.bridge,
		opusPhone('useinbandfec=1'));

	assert.deepEqual(opusFmtp(call.remoteAudio), { maxplaybackrate: '8000',
		maxaveragebitrate: '24000', useinbandfec: '1', usedtx: '0',
		stereo: '0' });
	await end(alice, world.bridge);
});
