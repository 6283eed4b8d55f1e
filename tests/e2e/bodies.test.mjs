// SDP and bodies as phones and gateways write them: what is meant is done, what
// leaves nothing to be heard is refused, and no call is up and silent.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startRig } from './lib/rig.mjs';

const plain = (sdp) => sdp;

let rig;
let ua;

before(async () => {
	rig = await startRig();
	({ ua } = rig);
});

after(() => rig?.stop());
afterEach(() => {
	ua.edit = plain;
	ua.type = 'application/sdp';
	return rig.reset();
});

/** Edits of the phone's SDP. */
const swap = (...pairs) => (sdp) => pairs.reduce((text, [from, to]) =>
	text.replace(from, to), sdp);

const part = (type, body, more = '') => `--x y\r\nContent-Type: ${type}\r\n${more}`
	+ `\r\n${body}\r\n`;

const mixed = (...parts) => (sdp) => `${parts.map((one) => one(sdp)).join('')}--x y--\r\n`;

const FORMS = [
	['no line end at the end', (sdp) => sdp.replace(/\r\n$/, '')],
	['line feeds alone, a NUL at the end', (sdp) =>
		`${sdp.replaceAll('\r\n', '\n')}\0`],
	['two ports, a TTL, blanks', swap([/^(m=audio \d+) /m, '$1/2  '],
		[/^c=.*$/m, 'c=IN IP4 127.0.0.1/127 '])],
	['a profile in small letters', swap([/RTP\/AVP/, 'rtp/avp'])],
	['an address of the audio alone', swap([/^c=.*\r\n/m, ''],
		[/^(m=audio.*)$/m, '$1\r\nc=IN IP4 127.0.0.1/127/1'])],
	['rtpmap with blanks, fmtp in two lines, lines that are none',
		swap([/^(m=audio .*)$/m, '$1 101\r\na=rtpmap: 0  PCMU / 8000\r\n'
			+ 'a=rtpmap:101  telephone-event/8000\r\na=fmtp:101 0-11\r\n'
			+ 'a=fmtp:101 16\r\na=rtpmap:99\r\na=fmtp:99\r\na=rtcp:x\r\n'
			+ 'b=AS: 64.5\r\nnonsense'])],
];

test('offers in other spellings', async () => {
	for (const [what, edit] of FORMS) {
		ua.edit = edit;
		await rig.phoneCallsApp();
		await rig.waitTones(what);
		await rig.phoneHangsUp();
	}
});

test('answers in other spellings', async () => {
	for (const [what, edit] of FORMS) {
		ua.edit = edit;
		await rig.appCallsPhone();
		await rig.waitTones(what);
		await rig.appHangsUp();
	}
});

test('two lines of audio, the second one in use: it is taken', async () => {
	ua.edit = swap([/^m=audio.*$/m, 'm=audio 0 RTP/AVP 0\r\n$&']);
	await rig.app.forget();
	const call = await ua.invite(rig.bridge.uri);

	await rig.app.waitIncoming();
	await rig.app.accept();
	const { body } = await call.wait('200');
	const ports = [...body.matchAll(/^m=audio (\d+) /gm)].map(([, port]) =>
		Number(port));

	assert.equal(ports.length, 2, body);
	assert.ok(!ports[0] && ports[1], body);
	await call.bye();
	await rig.bridge.waitIdle();
});

test('bodies of several parts, in offers and answers', async () => {
	ua.type = 'multipart/mixed;boundary="x y"';
	ua.edit = mixed(() => part('application/isup;version=x', '\x01\x02',
		'Content-Disposition: signal;handling=optional\r\n'),
	(sdp) => part('application/sdp', sdp));
	await rig.phoneCallsApp();
	await rig.waitTones('offer');
	await rig.phoneHangsUp();
	await rig.appCallsPhone();
	await rig.waitTones('answer');
	await rig.appHangsUp();
});

test('what is no SDP: 415, and what would be taken', async () => {
	for (const [type, edit] of [
		['application/isup', plain],
		['text/plain', plain],
		['multipart/mixed;boundary="x y"', mixed(() =>
			part('application/isup', 'x',
				'Content-Disposition: signal;handling=required\r\n'))],
	]) {
		ua.type = type;
		ua.edit = edit;
		const { code, header } = await (await ua.invite(rig.bridge.uri))
			.wait('final');

		assert.equal(code, 415, type);
		assert.match(header('Accept'), /application\/sdp/);
	}
});

test('audio without an address: refused, not silent', async () => {
	ua.edit = swap([/^c=.*$/m, 'c=IN IP4 phone.invalid']);
	assert.equal((await (await ua.invite(rig.bridge.uri)).wait('final')).code,
		488);
	await rig.bridge.waitLog(/c= line has a host's name/);
});

test('a re-INVITE with nothing acceptable: 488, the call goes on', async () => {
	const call = await rig.phoneCallsApp();
	const image = 'm=image 40000 udptl t38';

	await rig.waitTones('before');
	for (const [what, edit] of [
		['T.38', swap([/^m=audio.*$/m, `m=audio 0 RTP/AVP 0\r\n${image}`])],
		['T.38 in front', swap([/^m=audio.*$/m,
			`${image}\r\nm=audio 0 RTP/AVP 0`])],
		['another kind of line in its place', swap([/^m=audio.*$/m,
			`${image}\r\n$&`])],
		['G.723 alone', swap([/^(m=audio.*AVP) .*$/m, '$1 4'])],
		['no media', (sdp) => sdp.replace(/m=audio[^]*/, '')],
		['keys alone', swap([/^(m=audio.*AVP) .*$/m,
			'$1 101\r\na=rtpmap:101 telephone-event/8000'])],
		['broken', () => 'hello'],
	]) {
		ua.edit = edit;
		assert.equal((await call.reinvite()).code, 488, what);
		await rig.assertTones(what, 400);
	}

	ua.edit = plain;
	ua.type = 'application/isup';
	assert.equal((await call.reinvite()).code, 415);
	ua.type = 'application/sdp';
	assert.equal((await call.reinvite()).code, 200);
	await rig.waitTones('after');
	await rig.phoneHangsUp();
});

test('answers that leave nothing to be heard end the call', async () => {
	for (const [what, edit] of [
		['port 0', swap([/^(m=audio) \d+/m, '$1 0'])],
		['a codec that was not offered', swap([/^(m=audio.*AVP) .*$/m,
			'$1 120\r\na=rtpmap:120 iLBC/8000'])],
		['no address', swap([/^c=.*$/m, 'c=IN IP4 phone.invalid'])],
		['no SDP', () => ''],
	]) {
		await rig.app.forget();
		await rig.app.call(rig.id);
		const call = await ua.waitInvite();

		ua.edit = edit;
		call.ring();
		call.answer();
		await call.wait('ACK');
		await call.wait('BYE');
		await rig.app.waitClosed();
		await rig.bridge.waitIdle();
		ua.edit = plain;
		assert.ok(what);
	}
});

test('a gateway that answers in its 183 alone', async () => {
	await rig.app.forget();
	await rig.app.call(rig.id);
	const call = await ua.waitInvite();

	call.progress();
	call.answer({ body: '' });
	await call.wait('ACK');
	ua.rtp.play(1000, call.remoteRtp);
	await rig.app.waitConnected();
	rig.call = call;
	await rig.waitTones();
	await rig.appHangsUp();
});

test('an answer with numbers of its own for what was offered', async () => {
	await rig.app.forget();
	await rig.app.call(rig.id);
	const call = await ua.waitInvite();

	// unknown ones beside it, and the keys where the phone has them
	ua.edit = swap([/^(m=audio.*AVP) .*$/m, '$1 120 0 97\r\n'
		+ 'a=rtpmap:120 iLBC/8000\r\na=rtpmap:97 telephone-event/8000']);
	call.answer();
	await call.wait('ACK');
	ua.rtp.play(1000, call.remoteRtp);
	await rig.app.waitConnected();
	rig.call = call;
	await rig.waitTones();
	const heard = await rig.app.hearKeys(async () => {
		await ua.rtp.press('5', call.remoteRtp, { type: 97 });
		ua.rtp.play(0, call.remoteRtp);
	});

	assert.deepEqual(heard.map(({ key }) => key), ['5']);
	await rig.appHangsUp();
});
