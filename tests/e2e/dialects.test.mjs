// Phones and servers as they are (tests/dialects): each calls an app and is called
// by one. What it is answered is right in its dialect, both ends hear each other,
// keys arrive both ways, whoever hangs up. Two talk at once.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { freePort } from './lib/ports.mjs';
import { openRtp } from './lib/rtp.mjs';
import { audioLines, videoLines } from './lib/sipmsg.mjs';
import { startDialect } from './lib/sipp.mjs';
import { keyOf, newKey, srtpProtect, srtpUnprotect } from './lib/srtp.mjs';
import { APP_HZ, assertTone, startWorld } from './lib/world.mjs';

const LANES = [['1000', 'ext1000', 'alice'], ['1010', 'ext1010', 'bob']];

/**
 * What is agreed on with each: [payload type of the audio, of the keys], and the
 * keys' clock where it is not 8000 Hz. calls, called: the number is the phone's
 * own where it calls, and where it is called the bridge's, unless the phone takes
 * another one.
 */
const G711 = { u: 0, a: 8 };
const DIALECTS = {
	'grandstream-gxp': { calls: [G711.u, 101], called: [G711.u, 101] },
	'grandstream-gxv': { calls: [G711.u, 101], called: [G711.a, 101],
		video: 99 },
	'yealink-t': { calls: [9, 101], called: [9, 101] },
	'yealink-vp': { calls: [106, 101], called: ['opus', 101], video: 97 },
	'polycom-vvx': { calls: [9, 127], called: [G711.u, 101],
		srtp: { calls: 'RTP/SAVP' } },
	'cisco-spa': { calls: [G711.a, 101], called: [G711.a, 101] },
	'snom-d': { calls: [9, 101], called: [G711.a, 101], srtp: { calls: 'RTP/AVP', called: true } },
	'linphone': { calls: [96, 101, 48000], called: ['opus', 'keys', 48000] },
	'zoiper': { calls: [106, 98, 48000], called: [G711.a, 'keys'] },
	'microsip': { calls: [G711.a, 101], called: [G711.u, 101] },
	'bria': { calls: [120, 101], called: [9, 101] },
	'csipsimple': { calls: [G711.u, 101], called: [G711.u, 101] },
	'twilio': { calls: [G711.u, 101], called: [G711.u, 101],
		srtp: { calls: 'RTP/SAVP', called: true } },
	'3cx': { calls: [G711.a, 101], called: [G711.u, 101] },
	'freeswitch': { calls: [102, 103, 48000],
		called: ['opus', 'keys', 48000] },
};

let world;
let lanes;

before(async () => {
	const ports = await Promise.all(LANES.map(() => freePort()));

	world = await startWorld({
		bridges: [{ params: ';mediaenc=srtp', users: LANES.map(
			([user, login], i) => ({ user, login, call: String(101 + i),
				dial: `sip:1001@127.0.0.1:${ports[i]}` })) }],
		apps: LANES.map(([,, app]) => app),
	});
	lanes = LANES.map(([extension,, app], index) => ({ index, extension,
		app: world.apps[app], user: 200 + index, port: ports[index] }));
});

after(() => world?.stop());

const type = (lines, format) => Number(new RegExp(`^a=rtpmap:(\\d+) ${format}`,
	'mi').exec(lines.join('\n'))?.[1]);

/** The bridge's SDP in the one message that has it. */
const bridgeSdp = (sipp, what) => sipp.received(what)[0].text
	.split('\r\n\r\n')[1];

/** Its answer is one to this phone. */
function assertAnswer(answer, offered, { calls: [audio, keys, clock = 8000],
	srtp: { calls: srtp } = {}, video }) {
	const [media, ...lines] = audioLines(answer);
	const [, profile, first] = /^m=audio [1-9]\d* (\S+) (\d+)/.exec(media);

	assert.equal(Number(first), audio, answer);
	assert.equal(profile, srtp ?? 'RTP/AVP');
	assert.equal(type(lines, `telephone-event/${clock}`), keys, answer);
	assert.equal(Boolean(keyOf(answer)), Boolean(srtp), answer);
	assert.doesNotMatch(answer, /a=(sendonly|recvonly|inactive|rtcp-mux|ice-)/);
	// as many lines of media, in their order
	assert.deepEqual([...answer.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind),
		[...offered.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind));
	if (video)
		assert.match(videoLines(answer)[0],
			new RegExp(`^m=video [1-9]\\d* RTP/AVP ${video}`));
}

/** Audio goes to the phone, from there back to the app; keys go both ways. */
async function talk({ app, index }, rtp, port, [audio, keys, clock = 8000]) {
	const packets = () => rtp.packets.filter((packet) => packet.type === audio);

	rtp.echo(audio, port);
	await app.waitConnected();
	await until('the app hears itself', async () => {
		try {
			assertTone(await app.hear(400), APP_HZ);
			return true;
		} catch {
			return false;
		}
	});
	await until(`audio of type ${audio}`, () => packets().length > 20);
	await app.ask('dtmf', { keys: '5' });
	await until('the phone gets the key', () =>
		rtp.keys(keys, clock).some(({ key, ends }) => key === '5' && ends === 3));
	await rtp.press('7', port, { ms: 100, type: keys, clock });
	await world.bridge.waitStatus('the key is passed on',
		({ calls: [{ text }] }) => /keys=\d+/.exec(text)[0] === 'keys=1',
		{ index });
	assert.deepEqual(rtp.unreadable, []);
	rtp.hush();
}

/** What every dialect has: its RTP socket, and its key of SRTP. */
async function openPhone() {
	const rtp = await openRtp();
	const key = newKey();

	return { rtp, key, keys: { rtp_port: rtp.port, rtcp_port: rtp.port + 1,
		video_port: 9, srtp_key: key } };
}

/** What it sends and takes is SRTP, with a key of its own and that of an SDP. */
function seal({ rtp, key }, sdp) {
	rtp.protect = srtpProtect(key);
	rtp.unprotect = srtpUnprotect(keyOf(sdp));
}

async function calls(name, lane, one) {
	const dialect = DIALECTS[name];

	await lane.app.forget();
	const sipp = await startDialect(world.sandbox, name, 'calls', {
		extension: lane.extension, keys: one.keys,
		...(/twilio|3cx|freeswitch/.test(name) && { server: world.bridge.sip }) });

	await lane.app.waitIncoming();
	await lane.app.accept();
	await sipp.wait('200');
	const answer = bridgeSdp(sipp, '200');

	assertAnswer(answer, sipp.messages()[0].text, dialect);
	if (dialect.srtp?.calls) seal(one, answer);
	await talk(lane, one.rtp, Number(/^m=audio (\d+)/m.exec(answer)[1]),
		dialect.calls);
	if (name === 'twilio') await lane.app.hangup();
	else sipp.hangUp();
	await Promise.all([sipp.done(), lane.app.waitClosed()]);
}

async function called(name, lane, one) {
	const dialect = DIALECTS[name];
	const sipp = await startDialect(world.sandbox, name, 'called',
		{ port: lane.port, keys: one.keys });

	await lane.app.forget();
	await lane.app.call(lane.user);
	await sipp.wait('ACK');
	const offer = bridgeSdp(sipp, 'INVITE');
	const types = { opus: type([offer], 'opus/48000'),
		keys: type([offer], 'telephone-event/48000') };
	const [audio, keys, clock] = dialect.called;

	if (dialect.srtp?.called) seal(one, offer);
	await talk(lane, one.rtp, Number(/^m=audio (\d+)/m.exec(offer)[1]),
		[types[audio] ?? audio, types[keys] ?? keys, clock]);
	await lane.app.hangup();
	await Promise.all([sipp.done(), lane.app.waitClosed()]);
}

test('every dialect has its two files', () => {
	assert.deepEqual(readdirSync(`${REPO}/tests/dialects`).sort(),
		Object.keys(DIALECTS).flatMap((name) =>
			[`${name}-called.xml`, `${name}-calls.xml`]).sort());
});

// each lane has one call at a time
const queue = Object.keys(DIALECTS).flatMap((name) =>
	[[name, calls], [name, called]]);

test('dialects', { concurrency: LANES.length }, async (t) => {
	const free = [...lanes];

	await Promise.all(queue.map(([name, way]) =>
		t.test(`${name} ${way.name}`, async () => {
			const lane = free.pop();
			const one = await openPhone();

			try {
				await way(name, lane, one);
			} finally {
				one.rtp.close();
				await world.bridge.waitStatus('the call is gone',
					(status) => !status.calls.length, { index: lane.index })
					.catch(() => world.bridge.command('cube_hangup', 'all'));
				await lane.app.reset();
				free.push(lane);
			}
		})));
});
