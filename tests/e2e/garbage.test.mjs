// Garbage while a call is up: stanzas, signals, SDP and candidates from the cloud,
// RTP and RTCP at the phone's side, datagrams at the app's side. Everybody goes on
// hearing everybody, and nothing else happens.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';

import { startRig } from './lib/rig.mjs';

const OUT_OF_APP = 'x=1';
let rig;
let call;
let session;
let socket; // somebody who is no part of any call

before(async () => {
	rig = await startRig({ bridge: { keys: { connectycube_retry_max: 2 } } });
	await rig.sandbox.addUsers([{ id: 666, login: 'stranger',
		password: 'stranger-pass', full_name: 'Stranger' }]);
	socket = createSocket('udp4');
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
});

after(async () => {
	socket?.close();
	await rig?.stop();
});

afterEach(() => rig.reset());

async function startCall() {
	call = await rig.phoneCallsApp();
	session = (await rig.bridge.status()).calls[0].app.session;
	await rig.waitTones('before');
}

/** The call is up and heard, nothing else is going on, the link is there. */
async function assertUnharmed(what) {
	await rig.bridge.assertAlive();
	await rig.assertTones(what);
	const { cloud, calls } = await rig.bridge.waitStatus(`${what}: one call`,
		(status) => status.calls.length === 1);

	assert.equal(calls[0].state, 'ESTABLISHED', what);
	assert.equal(calls[0].app.session, session, what);
	assert.equal(cloud, 'online', what);
	assert.ok(!call.messages.some(({ method }) => method === 'BYE'), what);
}

const escape = (text) => text.replace(/[&<>"\r\n]/g, (c) =>
	`&#${c.charCodeAt()};`);

/** A signal from anybody; parts that are null are left out. */
function signal({ from = '101-5476@localhost/x', type = 'call', id = session,
	sdp = null, candidates = null, callType = 2, caller = 101, info = '', kind = 'headline',
	raw = '' }) {
	const tag = (name, value) => (value === null ? ''
		: `<${name}>${escape(String(value))}</${name}>`);

	return `<message xmlns="jabber:client" type="${kind}" from="${from}"
		id="${randomBytes(12).toString('hex')}"><extraParams>${info}
		${tag('sessionID', id)}${tag('callType', callType)}
		${tag('callerID', caller)}${tag('sdp', sdp)}
		<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
		${tag('signalType', type)}<platform>web</platform>
		${candidates === null ? '' : `<iceCandidates>${candidates
		.map((one) => `<iceCandidate><sdpMLineIndex/><sdpMid>0</sdpMid>${
			tag('candidate', one)}</iceCandidate>`).join('')}</iceCandidates>`}
		${raw}</extraParams></message>`.replace(/\n\t*/g, ' ');
}

const SDP = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0',
	'a=group:BUNDLE 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
	'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendrecv', 'a=rtcp-mux',
	'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuvwx',
	`a=fingerprint:sha-256 ${Array(32).fill('AA').join(':')}`,
	'a=setup:active', 'a=rtpmap:111 opus/48000/2', ''].join('\r\n');

const inject = (xml) => rig.sandbox.inject(rig.id, { xml });
const stranger = '666-5476@localhost/y';

test('malformed messages on the chat link', async () => {
	await startCall();
	for (const [what, raw] of [
		['no XML', 'hello'],
		['nothing', ' '],
		['an unclosed element', '<message type="headline"><extraParams>'],
		['crossed elements', '<message><a></message></a>'],
		['a wrong entity', '<message>&nope;</message>'],
		['a DTD', '<!DOCTYPE a [<!ENTITY b "c">]><message>&b;</message>'],
		['an entity bomb', `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${
			Array.from({ length: 9 }, (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${
				`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]><a>&j;</a>`],
		['two elements', '<presence xmlns="jabber:client"/><presence/>'],
		['deep nesting', '<a>'.repeat(5000) + '</a>'.repeat(5000)],
		['many attributes', `<message ${Array.from({ length: 3000 }, (_, i) =>
			`a${i}="b"`).join(' ')}/>`],
		['an unknown stanza', '<what xmlns="jabber:client"/>'],
		['bytes that are no UTF-8', '<message>\u00ff\u0000\u0001</message>'],
	]) {
		const since = await rig.sandbox.mark('events');

		await rig.sandbox.inject(rig.id, { raw });

		// It may be thrown away, or the link made anew; calls go on in both.
		await rig.bridge.assertAlive();
		await rig.assertTones(what, 300);
		if ((await rig.sandbox.entries('events', since)).length
			|| (await rig.bridge.status()).cloud !== 'online')
			await rig.sandbox.waitOnline(rig.id);
		await rig.bridge.waitCloud('online');
	}
	await assertUnharmed('malformed messages');
	await rig.phoneHangsUp();
});

test('a message of more than 256 kB', async () => {
	await startCall();
	await rig.sandbox.inject(rig.id, { raw:
		`<message xmlns="jabber:client"><body>${'x'.repeat(400000)}</body></message>` });
	await rig.assertTones('huge message');
	await rig.bridge.waitCloud('online');
	await rig.sandbox.waitOnline(rig.id);
	await assertUnharmed('huge message');
	await rig.phoneHangsUp();
});

test('signals with parts missing, wrong or of unknown calls', async () => {
	await startCall();
	const unknown = () => randomUUID();

	for (const [what, xml] of [
		['no type', signal({ type: null })],
		['an unknown type', signal({ type: 'teleport' })],
		['no session', signal({ id: null, type: 'hangUp' })],
		['an empty session', signal({ id: '', type: 'hangUp' })],
		['a long session', signal({ id: 'x'.repeat(5000), type: 'hangUp' })],
		['hangUp of another call', signal({ id: unknown(), type: 'hangUp' })],
		['accept of another call', signal({ id: unknown(), type: 'accept',
			sdp: SDP })],
		['reject of another call', signal({ id: unknown(), type: 'reject' })],
		['candidates of another call', signal({ id: unknown(),
			type: 'iceCandidates', candidates: ['candidate:1'] })],
		['restart of another call', signal({ id: unknown(), type: 'iceRestart',
			sdp: SDP })],
		['call without SDP', signal({ id: unknown(), type: 'call' })],
		['accept without SDP', signal({ type: 'accept' })],
		['restart without SDP', signal({ type: 'iceRestart' })],
		['restart with no SDP', signal({ type: 'iceRestart', sdp: 'v=0' })],
		['restartAccept unasked', signal({ type: 'iceRestartAccept', sdp: SDP })],
		['no candidates', signal({ type: 'iceCandidates' })],
		['an empty list', signal({ type: 'iceCandidates', candidates: [] })],
		['an error message', signal({ type: 'hangUp', kind: 'error' })],
		['delayed', signal({ type: 'hangUp',
			raw: '' }).replace('</message>', '<delay xmlns="urn:xmpp:delay"'
			+ ' stamp="2020-01-01T00:00:00Z"/></message>')],
		['another module', signal({ type: 'hangUp' })
			.replace('WebRTCVideoChat', 'Chess')],
		['no parameters', '<message xmlns="jabber:client" type="headline"/>'],
		['from nobody', signal({ type: 'hangUp', from: '' })],
		['from the server', signal({ type: 'hangUp', from: 'localhost' })],
		['callType and callerID that are no numbers', signal({ id: unknown(),
			type: 'call', callType: 'loud', caller: 'me' })],
		['deep userInfo', signal({ id: unknown(), type: 'call',
			info: `<userInfo>${'<a>'.repeat(200)}x${'</a>'.repeat(200)}</userInfo>` })],
		['much userInfo', signal({ type: 'update', info: `<userInfo>${
			Array.from({ length: 500 }, (_, i) => `<k${i}>v</k${i}>`).join('')
		}</userInfo>` })],
	]) {
		await inject(xml);
		await rig.bridge.assertAlive();
		assert.equal((await rig.bridge.status()).calls.length, 1, what);
	}
	await assertUnharmed('broken signals');
	await rig.phoneHangsUp();
});

test('signals of a stranger about this very call', async () => {
	await startCall();
	for (const type of ['accept', 'reject', 'hangUp', 'iceCandidates',
		'iceRestart', 'iceRestartAccept', 'update', 'call']) {
		await inject(signal({ type, from: stranger, caller: 666, sdp: SDP,
			candidates: ['candidate:1 1 udp 1 127.0.0.1 9 typ host'] }));
		await rig.bridge.assertAlive();
	}
	// and of another device of alice's, which lost the race
	for (const type of ['accept', 'reject'])
		await inject(signal({ type, from: '101-5476@localhost/other', sdp: SDP }));
	await assertUnharmed('strangers');
	await rig.phoneHangsUp();
});

test('SDP garbage: such calls are refused, this one goes on', async () => {
	await startCall();
	const cut = (pattern) => SDP.split('\r\n').filter((line) =>
		!pattern.test(line)).join('\r\n');

	for (const [what, sdp] of [
		['no SDP', 'hello'],
		['zeroes', '0'.repeat(2000)],
		['only a version', 'v=0\r\n'],
		['no media', 'v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'],
		['no fingerprint', cut(/fingerprint/)],
		['no ufrag', cut(/ufrag/)],
		['no password', cut(/ice-pwd/)],
		['a short fingerprint', SDP.replace(/(sha-256) .*/, '$1 AA:BB')],
		['an unknown hash', SDP.replace('sha-256', 'md5')],
		['an unknown codec only', SDP.replace('opus', 'ISAC')],
		['a payload type of 300', SDP.replaceAll('111', '300')],
		['no payload type', SDP.replace('SAVPF 111', 'SAVPF')],
		['port 99999', SDP.replace('audio 9', 'audio 99999')],
		['RTP without encryption', SDP.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP')],
		['300 media lines', SDP + 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n'
			.repeat(300)],
		['long lines', `${SDP}a=x:${'y'.repeat(60000)}\r\n`],
		['1000 formats', SDP.replace('SAVPF 111', `SAVPF ${
			Array.from({ length: 1000 }, (_, i) => i % 128).join(' ')}`)],
		['noise', randomBytes(1000).toString('latin1')
			.replace(/[^\x20-\x7e\n]/g, '~')],
	]) {
		const id = randomUUID();

		await inject(signal({ type: 'call', id, sdp, from: stranger,
			caller: 666 }));
		await rig.bridge.assertAlive();
	}
	// some are good enough to ring the phone; it does not answer
	await rig.bridge.command('cube_status');
	for (;;) {
		const others = (await rig.bridge.status()).calls.filter(({ app }) =>
			app.session !== session);

		if (!others.length) break;
		await rig.bridge.command('cube_hangup', String(others[0].id));
	}
	await assertUnharmed('SDP garbage');
	await rig.phoneHangsUp();
});

test('candidate garbage for this call, from its own app', async () => {
	await startCall();
	const good = (await rig.sandbox.entries('signals')).findLast(({ type, from }) =>
		type === 'iceCandidates' && from.startsWith('101-'));
	const far = (list) => signal({ type: 'iceCandidates', from: good.from,
		candidates: list });

	for (const list of [
		['', ' ', 'candidate:', 'candidate:1', OUT_OF_APP, 'a=candidate:1 1 udp'],
		['candidate:1 1 udp 4294967296 127.0.0.1 99999 typ host'],
		['candidate:1 1 udp -1 127.0.0.1 -9 typ host'],
		['candidate:1 3 udp 1 127.0.0.1 9 typ host'],
		['candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active'],
		['candidate:1 1 udp 1 nohost.invalid 9 typ host'],
		['candidate:1 1 udp 1 4b0e3a3c-0000-4000-8000-000000000000.local 9 typ host'],
		['candidate:1 1 udp 1 999.1.1.1 9 typ host'],
		['candidate:1 1 udp 1 ::ffff:127.0.0.1 9 typ srflx raddr'],
		[`candidate:${'1'.repeat(5000)} 1 udp 1 127.0.0.1 9 typ host`],
		['candidate:1 1 udp 1 127.0.0.1 9 typ nonsense'],
		Array.from({ length: 1000 }, (_, i) =>
			`candidate:${i} 1 udp ${i} 127.0.0.1 ${20000 + i} typ host`),
	]) {
		await inject(far(list));
		await rig.bridge.assertAlive();
	}
	// malformed elements around them
	await inject(signal({ type: 'iceCandidates', from: good.from,
		raw: '<iceCandidates><iceCandidate><sdpMLineIndex>x</sdpMLineIndex>'
		+ '<sdpMid>999</sdpMid><candidate><b/></candidate></iceCandidate>'
		+ '<iceCandidate/><other/></iceCandidates>' }));
	await assertUnharmed('candidate garbage');
	await rig.phoneHangsUp();
});

/** Datagrams that no call is made of. */
function noise() {
	const stun = (type, length = 0, cookie = 0x2112a442) => {
		const data = Buffer.alloc(20 + length);

		data.writeUInt16BE(type, 0);
		data.writeUInt16BE(length, 2);
		data.writeUInt32BE(cookie >>> 0, 4);
		randomBytes(12).copy(data, 8);
		return data;
	};
	const attribute = (data, type, length) => {
		data.writeUInt16BE(type, 20);
		data.writeUInt16BE(length, 22);
		return data;
	};
	const rtp = (type, length = 160, first = 0x80) => {
		const data = randomBytes(12 + length);

		data[0] = first;
		data[1] = type;
		return data;
	};
	const dtls = (content, version, length, real = length) => {
		const data = randomBytes(13 + real);

		data[0] = content;
		data.writeUInt16BE(version, 1);
		data.fill(0, 3, 11);
		data.writeUInt16BE(length, 11);
		return data;
	};

	return [
		Buffer.alloc(0), Buffer.from([0]), Buffer.from([0x80]),
		Buffer.from([0x80, 0]), Buffer.alloc(11, 0x80), Buffer.alloc(1500),
		Buffer.alloc(1500, 0xff), Buffer.from('\r\n\r\n'), Buffer.from('hello'),
		randomBytes(12), randomBytes(200), randomBytes(9000),
		// RTP: no payload, CSRCs and extensions that are not there, padding
		rtp(0, 0), rtp(0), rtp(8), rtp(127), rtp(0x80 | 111), rtp(111, 1),
		rtp(0, 4, 0x8f), rtp(0, 2, 0x90), rtp(111, 4, 0xa0), rtp(0, 160, 0x40),
		rtp(0, 1400), rtp(101, 3),
		// RTCP: SR, RR, SDES, BYE, APP, feedback with lengths that lie
		...[200, 201, 202, 203, 204, 205, 206, 207].flatMap((type) => [
			rtp(type, 0), rtp(type, 16), rtp(type, 100, 0x9f)]),
		Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 0]),
		// STUN: requests, answers, wrong lengths and attributes
		stun(0x0001), stun(0x0101), stun(0x0111), stun(0x0011),
		stun(0x0001, 4, 0), attribute(stun(0x0001, 8), 0x0006, 4),
		attribute(stun(0x0001, 8), 0x0006, 65535),
		attribute(stun(0x0001, 28), 0x0008, 20),
		attribute(stun(0x0101, 16), 0x0020, 8), stun(0x0001).subarray(0, 19),
		stun(0x0001, 100).subarray(0, 40),
		// DTLS: handshake, alert, change cipher spec, application data
		dtls(22, 0xfefd, 100), dtls(22, 0xfeff, 65535, 20), dtls(21, 0xfefd, 2),
		dtls(20, 0xfefd, 1), dtls(23, 0xfefd, 200), dtls(22, 0x0303, 10),
		dtls(22, 0xfefd, 0), dtls(22, 0xfefd, 100).subarray(0, 12),
	];
}

const send = (data, port) => new Promise((resolve, reject) => {
	socket.send(data, port, '127.0.0.1', (error) =>
		(error ? reject(error) : resolve()));
});

test('garbage at the phone\'s side: RTP and RTCP ports', async () => {
	await startCall();
	const port = call.remoteRtp;

	for (let round = 0; round < 5; round++)
		for (const data of noise())
			for (const target of [port, port + 1]) {
				await send(data, target); // a stranger's
				await rig.ua.rtp.send(data, target); // the phone's own
			}
	await assertUnharmed('garbage at the SIP leg');

	const [{ sip }] = (await rig.bridge.status()).calls;

	assert.ok(sip.refused > 100, `only ${sip.refused} refused`);
	assert.equal(sip.remote, `127.0.0.1:${rig.ua.rtp.port}`);
	await rig.phoneHangsUp();
});

/** Where the app's packets go, as its browser sees it. */
async function webrtcPort() {
	const stats = await rig.app.stats();
	const pair = stats.find(({ type, state, nominated }) =>
		type === 'candidate-pair' && state === 'succeeded' && nominated);
	const remote = stats.find(({ id }) => id === pair.remoteCandidateId);

	assert.equal(remote.address ?? remote.ip, '127.0.0.1');
	return remote.port;
}

test('garbage at the app\'s side: STUN, DTLS and RTP look-alikes', async () => {
	await startCall();
	const port = await webrtcPort();

	for (let round = 0; round < 5; round++)
		for (const data of noise()) await send(data, port);
	await assertUnharmed('garbage at the WebRTC leg');
	await rig.appHangsUp();
});

test('garbage while DTLS and ICE are being set up', async () => {
	const done = { now: false };
	const since = await rig.sandbox.mark('signals');
	const begin = rig.phoneCallsApp();

	// the bridge's candidate stands in its `call`
	const { sdp } = await rig.sandbox.waitSignal({ type: 'call' }, { since });
	const port = Number(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/i
		.exec(sdp)[1]);
	const flood = (async () => {
		while (!done.now) {
			for (const data of noise()) await send(data, port);
			await new Promise((resolve) => setImmediate(resolve));
		}
	})();

	try {
		call = await begin;
	} finally {
		done.now = true;
		await flood;
	}
	session = (await rig.bridge.status()).calls[0].app.session;
	await rig.waitTones('garbage during the set-up');
	await assertUnharmed('garbage during the set-up');
	await rig.phoneHangsUp();
});

test('after all this: calls both ways, and no secret in the log', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	await rig.phoneHangsUp();
	await rig.appCallsPhone();
	await rig.waitTones();
	await rig.appHangsUp();
	await rig.assertNoSecrets();
});
