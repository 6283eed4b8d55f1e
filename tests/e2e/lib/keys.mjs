// For tests of keys (DTMF): a phone that has telephone-event, what an app sends and
// hears, and a bridge and a phone for each test.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startRig } from './rig.mjs';

export const EVENTS = { formats: '0 101',
	maps: ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000',
		'a=fmtp:101 0-15'] };

/** The keys of [{ key }], in their order. */
export const names = (keys) => keys.map(({ key }) => key).join('');

/** The keys that a baresip phone is told of. */
export async function assertPhoneGets(phone, wanted) {
	let got = '';

	while (got.length < wanted.length) {
		got += (await phone.waitEvent('CALL_DTMF_START')).param;
		await phone.waitEvent('CALL_DTMF_END');
	}
	assert.equal(got, wanted);
}

// what a starved browser breaks off a key; none that was pressed is so short [ms]
const SPLINTER = 80;

/**
 * An app hears keys that are pressed, each once: at least min and at most max long
 * [ms]. A starved browser may play a key too short, in splinters or not at all, so it
 * has three tries; it plays none twice or too long, and no other one. after: it
 * listens so much longer. Returns the number of tries.
 */
export async function assertHeard(app, wanted, press,
	{ min = 0, max = Infinity, after } = {}) {
	const some = new RegExp(`^${[...wanted].map((key) => `[${key}]?`).join('')}$`);
	let heard;

	for (let tries = 1; tries <= 3; tries++) {
		heard = await app.hearKeys(press, after);
		assert.match(names(heard.filter(({ ms }) => ms >= SPLINTER)), some,
			JSON.stringify(heard));
		assert.ok(heard.every(({ ms }) => ms <= max), JSON.stringify(heard));
		if (names(heard) === wanted && heard.every(({ ms }) => ms >= min))
			return tries;
	}
	assert.fail(`not ${wanted}: ${JSON.stringify(heard)}`);
}

/** The app sends an `update` signal, which the web SDK has no function for. */
export async function update(sandbox, { id, user, message }, keys) {
	const { from } = (await sandbox.entries('signals')).findLast((signal) =>
		signal.session === id && signal.from.startsWith('101-'));

	await sandbox.inject(user, { xml: `<message xmlns="jabber:client"
		type="headline" id="${message ?? keys}" from="${from}"><extraParams>
		<userInfo><dtmf>${keys}</dtmf></userInfo><sessionID>${id}</sessionID>
		<callType>2</callType><callerID>101</callerID>
		<moduleIdentifier>WebRTCVideoChat</moduleIdentifier>
		<signalType>update</signalType><platform>web</platform>
		</extraParams></message>`.replace(/\n\t*/g, ' ') });
}

let rig;

after(() => rig?.stop());

/** A test with a bridge and a phone of its own; sandbox and app are the file's. */
export const rigTest = (name, options, run) => test(name, async () => {
	if (rig) await rig.renew(options);
	else rig = await startRig(options);

	try {
		await run(rig);
	} finally {
		await rig.reset();
	}
});
