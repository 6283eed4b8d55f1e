// SDES-SRTP towards phones that do it in other ways, wrongly, or not at all. What
// is to be encrypted never goes, and is never taken, in the clear; what is not
// agreed on is never played.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { audioLines } from './lib/sipua.mjs';
import { SUITE, keyOf, newKey, srtpProtect, srtpUnprotect } from './lib/srtp.mjs';

const MAND = ';regint=300;mediaenc=srtp-mand';
const OPT = ';regint=300;mediaenc=srtp';
const LACKED = `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${
	Buffer.alloc(46, 7).toString('base64')}`;
const plain = (data) => data;

let rig;
let optional; // the bridge whose phone may have SRTP or not
let mandatory;
let ua;

before(async () => {
	rig = await startRig({ bridge: { account: { params: MAND } } });
	({ ua, bridge: mandatory } = rig);
	optional = await startRawBridge(rig.sandbox, { name: 'optional',
		account: { user: '1010', params: OPT },
		users: userLine(rig.sandbox.sip, { user: '1010', login: 'ext1010',
			more: `;call=101;dial=sip:5551234@127.0.0.1:${ua.port}` }) });
	await optional.waitRegistered();
	await optional.waitCloud('online');
});

after(async () => {
	await optional?.stop();
	await rig?.stop();
});

afterEach(async () => {
	clear();
	await optional.command('cube_hangup', 'all');
	await rig.reset();
});

/** What the phone says from now on: a profile, and lines of its audio. */
function say(proto, ...lines) {
	ua.edit = (sdp) => sdp.replace(/^(m=audio \d+) \S+(.*)$/m,
		[`$1 ${proto}$2`, ...lines].join('\r\n'));
}

function clear() {
	ua.edit = plain;
	ua.rtp.hush();
	ua.rtp.protect = plain;
	ua.rtp.unprotect = plain;
	ua.rtp.packets.length = 0;
	ua.rtp.unreadable.length = 0;
}

const crypto = (key, more = '') => `a=crypto:1 ${SUITE} inline:${key}${more}`;
const proto = (sdp) => audioLines(sdp)[0].split(' ')[2];
const uri = (bridge) => (bridge === mandatory ? bridge.uri
	: bridge.uri.replace('1000', '1010'));

/** The phone seals with one key and opens with that of an SDP. */
function seal(key, sdp) {
	ua.rtp.protect = srtpProtect(key);
	ua.rtp.unprotect = srtpUnprotect(keyOf(sdp));
}

/** A call of the phone's that the app takes; resolves with { call, answer }. */
async function answered(bridge) {
	await rig.app.forget();
	const call = await ua.invite(uri(bridge));

	await rig.app.waitIncoming();
	await rig.app.accept();
	const { body: answer } = await call.wait('200');

	return { call, answer };
}

async function talk({ call }) {
	ua.rtp.play(1000, call.remoteRtp);
	await rig.app.waitConnected();
	await rig.waitTones();
}

async function end(bridge, { call }) {
	ua.rtp.hush();
	await call.bye();
	await rig.app.waitClosed();
	await bridge.waitIdle();
}

async function refused(bridge) {
	const since = await rig.sandbox.mark('signals');
	const call = await ua.invite(uri(bridge));
	const { code } = await call.wait('final');

	assert.equal(code, 488);
	assert.deepEqual((await rig.sandbox.entries('signals', since))
		.filter(({ type }) => type === 'call'), [], 'somebody was rung');
}

test('mandatory: offers without a key that can be used are refused', async () => {
	for (const lines of [['RTP/SAVP'], ['RTP/SAVP', LACKED], ['RTP/AVP'],
		['RTP/AVP', LACKED], ['RTP/SAVP', crypto(newKey(), '|2^31|1:1')],
		['RTP/SAVP', crypto('AAAA')], ['RTP/SAVPF'],
		['UDP/TLS/RTP/SAVP', 'a=setup:actpass']]) {
		say(...lines);
		await refused(mandatory);
	}
});

test('optional: RTP/SAVP without a key that can be used is refused', async () => {
	for (const lines of [['RTP/SAVP'], ['RTP/SAVP', LACKED],
		['RTP/SAVP', crypto(newKey(), '|2^31|1:1')]]) {
		say(...lines);
		await refused(optional);
	}
});

test('mandatory: RTP/AVP with a key, and all that follows is SRTP', async () => {
	const keys = [newKey(), newKey()];

	say('RTP/AVP', LACKED, crypto(keys[0]));
	const one = await answered(mandatory);

	assert.equal(proto(one.answer), 'RTP/AVP');
	assert.match(one.answer, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/m);
	seal(keys[0], one.answer);
	await talk(one);

	// a new key: what comes is heard on, ours stays or is told
	say('RTP/SAVP', crypto(keys[1]));
	const { code, body } = await one.call.reinvite();

	assert.equal(code, 200);
	assert.equal(proto(body), 'RTP/SAVP');
	seal(keys[1], body);
	await rig.assertTones('new key');

	// none: refused, and the call goes on as it was
	for (const lines of [['RTP/AVP'], ['RTP/SAVP'], ['RTP/SAVP', LACKED]]) {
		say(...lines);
		assert.equal((await one.call.reinvite()).code, 488);
	}
	await rig.assertTones('after what was refused');

	// plain RTP, from the very phone
	const { refused: before } = (await mandatory.status()).calls[0].sip;

	ua.rtp.protect = plain;
	await until('plain RTP is refused', async () =>
		(await mandatory.status()).calls[0].sip.refused > before + 10);
	assert.equal(ua.rtp.unreadable.length, 0, 'something came that is no SRTP');
	assert.doesNotMatch(mandatory.log(), new RegExp(
		keys[1].slice(0, 20).replace(/[+/]/g, '\\$&')));
	await end(mandatory, one);
});

test('mandatory: an answer without a key ends the call, nothing is sent', async () => {
	for (const lines of [['RTP/SAVP'], ['RTP/AVP'], ['RTP/SAVP', LACKED],
		['RTP/SAVP', crypto(newKey(), '|1:1')]]) {
		await rig.app.forget();
		await rig.app.call(rig.id);
		const call = await ua.waitInvite();
		const { body } = call.messages[0];

		assert.equal(proto(body), 'RTP/SAVP');
		assert.ok(keyOf(body));
		say(...lines);
		call.answer();
		ua.rtp.play(1000, call.remoteRtp);
		await call.wait('ACK');
		await call.wait('BYE');
		await rig.app.waitClosed();
		await mandatory.waitIdle();
		assert.equal(ua.rtp.packets.length, 0, `sent in the clear: ${lines}`);
		clear();
	}
});

test('mandatory: the app calls a phone that answers RTP/AVP with a key', async () => {
	const key = newKey();

	await rig.app.forget();
	await rig.app.call(rig.id);
	const call = await ua.waitInvite();

	seal(key, call.messages[0].body);
	say('RTP/AVP', crypto(key));
	call.answer();
	await call.wait('ACK');
	await talk({ call });
	assert.equal(ua.rtp.unreadable.length, 0);
	await end(mandatory, { call });
});

test('optional: RTP/SAVP, RTP/AVP, and back within one call', async () => {
	const keys = [newKey(), newKey()];

	say('RTP/SAVP', crypto(keys[0]));
	const one = await answered(optional);

	seal(keys[0], one.answer);
	await talk(one);
	assert.equal(ua.rtp.unreadable.length, 0);

	say('RTP/AVP');
	const { code, body } = await one.call.reinvite();

	assert.equal(code, 200);
	assert.equal(proto(body), 'RTP/AVP');
	assert.equal(keyOf(body), undefined);
	ua.rtp.protect = plain;
	ua.rtp.unprotect = plain;
	await rig.waitTones('plain');

	say('RTP/AVP', crypto(keys[1]));
	const { body: again } = await one.call.reinvite();

	assert.ok(keyOf(again));
	seal(keys[1], again);
	await rig.waitTones('encrypted again');
	await end(optional, one);
});

test('optional: no key was offered, none is in the answer', async () => {
	for (const lines of [[], [LACKED]]) {
		say('RTP/AVP', ...lines);
		const one = await answered(optional);

		assert.equal(keyOf(one.answer), undefined);
		await talk(one);
		await end(optional, one);
		clear();
	}
});
