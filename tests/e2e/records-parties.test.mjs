// Records of calls, field by field, as those who took part have seen them: who
// called whom and who took it, when, what was heard, how it ended.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { openHub } from './lib/fakehub.mjs';
import { startRig, userLine } from './lib/rig.mjs';
import { UNREPORTED, appOf, assertIs, atLeast, between, dialogOf, expectAudio,
	expectLeg, expectMedia, expectRecord, expectSent, phoneOf }
	from './lib/witness.mjs';

const dir = mkdtempSync(`${tmpdir()}/parties-`);
const SOON = 2000; // [ms] until what is known here is known there, and back

let hub;
let rig;
let line; // of the users file, as it was

const keys = {
	module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_link_socket: `${dir}/hub.sock`,
	connectycube_link_spool: `${dir}/spool`, connectycube_department: 'Sales',
	connectycube_flight_dir: `${dir}/flight`,
};

before(async () => {
	hub = await openHub(`${dir}/hub.sock`);
	rig = await startRig({ bridge: { keys } });
	line = rig.bridge.users();
});

after(async () => {
	await rig?.stop();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

/** The users file with another plan; where the sandbox's journal is then. */
async function plan(call) {
	await rig.bridge.reload(line.replace('call=101', `call=${call}`));
	return rig.sandbox.mark('signals');
}

const recordOf = (call) => hub.waitRecord(({ call_id: id }) => id === call.id);

const extension = () => `sip:1000@${rig.sandbox.sip}`;
const addr = () => `127.0.0.1:${rig.ua.port}`;
const jid = (user) => new RegExp(`^${user}-5476@[^/]+/.+`);
const audioTo = ({ rtp }) => rtp.packets.filter(({ type }) => type === 0).length;

/** So many packets of 20 ms, of what lies between two times. */
const packetsOf = (from, to) => between(0.7 * (to - from) / 20 - 10,
	(to - from) / 20 + 25);

/** The app's media, a browser that reports. */
const browserMedia = (from, to) => expectMedia({
	rx: expectAudio('opus/48000/2', packetsOf(from, to)),
	tx: expectSent('opus/48000/2', packetsOf(from, to), {
		mos: (v) => v === null || v > 3, mos_avg: (v) => v === null || v > 3,
		mos_min: (v) => v === null || v > 1, lost: (v) => v === null || v < 9,
		jitter_ms: (v) => v === null || v >= 0,
		jitter_avg_ms: (v) => v === null || v >= 0,
		jitter_max_ms: (v) => v === null || v >= 0 }),
	rtt_ms: (v) => v === null || v > 0, rtt_avg_ms: (v) => v === null || v > 0,
	rtt_max_ms: (v) => v === null || v > 0, first_rtp: between(from, to),
	srtp: /^AE(AD_AES|S_CM)/, ice_local: 'host', ice_remote: /^(host|prflx)$/,
});

/** The media of a phone that plays from when it was answered. */
const phoneMedia = (from, to, more = {}) => expectMedia({
	rx: expectAudio('PCMU/8000', packetsOf(from, to)),
	tx: expectSent('PCMU/8000', packetsOf(from, to), UNREPORTED),
	first_rtp: between(from, to), ...more,
});

test('a phone calls, the app answers, the phone hangs up', async () => {
	await rig.app.forget();
	const call = await rig.ua.invite(rig.bridge.uri, {
		from: '"Ann B\u00f6ll" <sip:5551234@127.0.0.1>'.normalize(),
		extra: ['User-Agent: Snom/9.1'] });
	const ringing = await call.wait('180');
	const { id: session } = await rig.app.waitIncoming();
	const accepted = Date.now();

	await rig.app.accept();
	const ok = await call.wait('200');

	rig.play(call);
	await rig.app.waitConnected();
	await rig.waitTones();
	const heard = Date.now();

	await rig.phoneHangsUp(call);
	const record = await recordOf(call);
	const over = Date.now();
	const ends = dialogOf(call);

	assertIs(record, expectRecord({
		extension: extension(), ...ends, session,
		direction: 'sip-to-app', from: phoneOf(rig.ua, { name: 'Ann B\u00f6ll' }),
		to: appOf('101'), dialled: '1000', agent: 'Snom/9.1', addr: addr(),
		platform: 'web', users: ['101'],
		t_start: between(call.sentMs, ringing.ms),
		t_ring: between(call.sentMs, ringing.ms),
		t_answer: between(accepted, ok.ms), t_media: between(ok.ms - SOON, heard),
		t_end: between(heard, over),
		legs: [
			expectLeg({ side: 'phone', remote: /^sip:5551234@127/, ...ends,
				media: phoneMedia(ok.ms, over) }),
			expectLeg({ side: 'app', remote: jid(101), session,
				t_new: between(call.sentMs, ringing.ms),
				t_answer: between(accepted, ok.ms),
				media: browserMedia(ok.ms, over) }),
		],
	}));
});
