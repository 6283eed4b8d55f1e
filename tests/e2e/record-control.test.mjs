// Who orders a recording, and what is heard and told of it: a prompt to both to its
// end before anything is kept, tones, keys of the phone, apps' requests, pauses.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openHub } from './lib/fakehub.mjs';
import { EVENTS } from './lib/keys.mjs';
import { startRig, userLine, waitHears } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { dominant, fromMulaw } from './lib/tone.mjs';
import { refer, uriOf } from './lib/transfer.mjs';
import { toneWav } from './lib/wav.mjs';

const PROMPT_HZ = 700;
const PROMPT_S = 2;
const BEEP_HZ = 1400;
const DESK_HZ = 600;
const DTMF_RELAY = 'application/dtmf-relay';

const dir = mkdtempSync(`${tmpdir()}/record-`);
const spool = `${dir}/spool`;
const base = {
	module_app: ['connectycube.so', 'connectycube_record.so', 'account.so',
		'ctrl_tcp.so'],
	connectycube_record_spool: spool,
	connectycube_record_calls: 'on_demand',
};
const PROMPT = { connectycube_record_prompt: `${dir}/prompt.wav` };
let rig;
let hub;
let desk; // who takes the phone's place

before(async () => {
	desk = await openSipUa({ user: '2000' });
	mkdirSync(spool);
	writeFileSync(`${dir}/prompt.wav`, toneWav(PROMPT_HZ, { seconds: PROMPT_S }));
	rig = await startRig({ ua: EVENTS, bridge: { keys: { ...base, ...PROMPT,
		connectycube_record_keys: '*1', connectycube_record_pause_keys: '*2',
		connectycube_record_tell_phone: 'info' } } });
});

after(async () => {
	desk?.close();
	await rig?.stop();
	await hub?.close();
	rmSync(dir, { recursive: true });
});

afterEach(async () => {
	desk.rtp.hush();
	await rig.reset();
	rig.ua.rtp.packets.length = 0;
	for (const name of readdirSync(spool)) rmSync(`${spool}/${name}`);
});

const files = () => readdirSync(spool).filter((name) => name.endsWith('.rec'));

/** The chunks of the only recording: [{ type, leg, us, content }]. */
function chunks() {
	const [name, ...more] = files();

	assert.ok(name && !more.length, `${more.length + !!name} recordings`);
	const data = readFileSync(`${spool}/${name}`);
	const found = [];

	for (let at = 16; at + 20 <= data.length;) {
		const length = data.readUInt32BE(at + 4);

		found.push({ type: data[at], leg: data[at + 1],
			us: Number(data.readBigUInt64BE(at + 8)),
			content: data.subarray(at + 16, at + 16 + length) });
		at += 20 + length;
	}
	return found;
}

const [RTP, PAUSE, RESUME, END] = [3, 4, 5, 7];
const ofType = (type) => chunks().filter((chunk) => chunk.type === type);
const began = () => JSON.parse(ofType(1)[0].content);

/** What the app is told of it next: its state. */
const told = (state, since) => rig.sandbox.waitSignal({ type: 'system',
	system: (values) => values.event === 'recording' && values.state === state },
{ since }).then(({ system }) => system);

/** What the phone was told of it, by INFO. */
const infos = (call) => call.messages.filter(({ method }) => method === 'INFO')
	.map((message) => message.header('Record')).filter(Boolean);

/** When the phone was sent a tone since packet `from`: [ms] of each packet, as its
 * stream has it. We may be late to see one, but not early: the quickest tells. */
function heardAt(hz, from) {
	const packets = rig.ua.rtp.packets.slice(from)
		.filter(({ type }) => type === 0);
	const media = ({ data }) => (data.readUInt32BE(4)
		- packets[0].data.readUInt32BE(4) | 0) / 8;
	const zero = Math.min(...packets.map((one) => one.ms - media(one)));

	return packets.filter(({ data }, i) => {
		const pair = [packets[i - 1]?.data, data].filter(Boolean);
		const samples = Float32Array.from(Buffer.concat(pair.map((one) =>
			one.subarray(12))), fromMulaw);

		return Math.abs(dominant(samples, 8000) - hz) < 20;
	}).map((one) => zero + media(one));
}

const record = (state, values) => rig.app.ask('record', { state, ...values });

async function press(call, keys) {
	for (const key of keys) await rig.ua.rtp.press(key, call.remoteRtp);
	rig.play(call);
}

test('an app records: both hear the prompt to its end before anything is kept, and '
	+ 'are told of all', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	let since = await rig.sandbox.mark('signals');
	const from = rig.ua.rtp.packets.length;
	const started = told('started', since);

	assert.equal((await record('start')).event, 'done');
	assert.equal((await record('start')).event, 'done', 'a second time');
	await Promise.all([waitHears(rig.app, PROMPT_HZ, 'the prompt at the app'),
		waitHears(rig.ua.rtp, PROMPT_HZ, 'the prompt at the phone')]);
	assert.deepEqual(files(), []);
	assert.match(await rig.bridge.command('cube_record'),
		/call \d+: to be recorded, by app, a party is to hear the prompt/);

	await started;
	const played = heardAt(PROMPT_HZ, from);

	// a busy machine loses some packets on the way
	assert.ok(played.length >= PROMPT_S * 50 * 0.9, `${played.length} packets`);
	assert.ok(began().t_start >= played.at(-1) - 40, 'recorded before the prompt'
		+ ` was over: ${played.at(-1) - began().t_start} ms`);
	assert.equal(began().by, 'app');
	await rig.waitTones('recorded');
	await until('packets in the file', () => new Set(ofType(RTP)
		.map(({ leg }) => leg)).size === 2);
	await until('the phone is told', () => infos(call).length === 1);

	for (const [state, event] of [['pause', 'paused'],
		['resume', 'resumed']]) {
		since = await rig.sandbox.mark('signals');
		assert.equal((await record(state)).event, 'done');
		await told(event, since);
	}
	await until('INFO', () => infos(call).length === 3);

	// a PBX has put somebody else behind the phone, and says so
	since = await rig.sandbox.mark('signals');
	assert.equal((await call.ask('UPDATE', { extra: [
		'P-Asserted-Identity: "Dora" <sip:91004@pbx>'] })).code, 200);
	await told('paused', since);
	await told('resumed', since);
	await until('INFO', () => infos(call).length === 5);

	// another phone takes its place: nothing of it before it has heard it, too
	since = await rig.sandbox.mark('signals');
	await refer(call, `<${uriOf(desk)}>`);
	const invite = await desk.waitInvite();

	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	await told('paused', since);
	await waitHears(desk.rtp, PROMPT_HZ, 'the prompt at the desk');
	await told('resumed', since);
	await waitHears(rig.app, DESK_HZ, 'the desk at the app');
	await until('it is recorded', () => ofType(RTP).some(({ leg }) => leg === 3));
	const resumed = ofType(RESUME).at(-1);

	assert.ok(ofType(RTP).every(({ leg, us }) => leg !== 3 || us >= resumed.us));

	since = await rig.sandbox.mark('signals');
	assert.equal((await record('stop')).event, 'done');
	assert.equal((await told('ended', since)).reason, 'stopped by app');
	await until('INFO', () => infos(invite).length === 3);
	assert.deepEqual([infos(call), infos(invite)],
		[['on', 'paused', 'on', 'paused', 'on'], ['paused', 'on', 'off']]);
	assert.deepEqual([PAUSE, RESUME, END].map((type) => ofType(type).length),
		[3, 3, 1]);

	assert.match((await record('fly')).error, /^state: start, stop, pause or/);
	assert.match((await record('start', { mode: 'smell' })).error, /^mode: /);
	assert.match((await record('pause')).error, /^nothing is recorded$/);
	await rig.appHangsUp(invite);
});

test('keys of the phone, by INFO and by RFC 4733, begin, pause and end it',
	async () => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		let since = await rig.sandbox.mark('signals');

		for (const key of '*1')
			assert.equal(await call.info(DTMF_RELAY,
				`Signal=${key}\r\nDuration=160\r\n`), 200);
		await told('started', since);
		assert.equal(began().by, 'phone');

		since = await rig.sandbox.mark('signals');
		await press(call, '5*2');
		await told('paused', since);

		since = await rig.sandbox.mark('signals');
		await press(call, '*1');
		assert.equal((await told('ended', since)).reason, 'stopped by phone');

		// ctrl_tcp writes commands to the log, with what stands behind them
		const from = rig.bridge.log().length;

		await assert.rejects(rig.bridge.command('nothing', 'dtmf *1'));
		await rig.bridge.waitLog(/handle_command.*'nothing \*{3}/, { since: from });
		assert.doesNotMatch(rig.bridge.log().replace(/^.*_keys.*$/gm, ''),
			/\*1|\*2/);
		await rig.phoneHangsUp();
	});

test('a prompt that is left before its end: nothing is recorded', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const since = rig.bridge.log().length;

	assert.equal((await record('start')).event, 'done');
	await waitHears(rig.ua.rtp, PROMPT_HZ, 'the prompt at the phone');
	await rig.phoneHangsUp(call);
	await rig.bridge.waitLog(/is not recorded: the call was over before/, { since });
	assert.deepEqual(files(), []);
});

test('without the prompt there are calls, and no recordings', async () => {
	await rig.renew({ bridge: { keys: { ...base, connectycube_record_prompt:
		`${dir}/none.wav`, connectycube_record_calls: 'always' } } });
	const since = await rig.sandbox.mark('signals');
	const call = await rig.phoneCallsApp();

	assert.equal((await told('failed', since)).reason, 'there is no prompt');
	await rig.waitTones();
	assert.match((await record('stop')).error, /^forbidden/);
	assert.match(rig.bridge.log(), /none\.wav: .*; nothing is recorded without/);
	assert.deepEqual(files(), []);

	// now it is there; what is broken then does not take its place
	const hup = async (file, pattern) => {
		const from = rig.bridge.log().length;

		writeFileSync(`${dir}/none.wav`, file);
		process.kill(rig.bridge.child.pid, 'SIGHUP');
		await rig.bridge.waitLog(pattern, { since: from });
	};

	await hup(toneWav(PROMPT_HZ, { seconds: 0.5 }),
		/record_prompt: \S+none\.wav has been read again/);
	await hup('RIFF    WAVE? no',
		/config:\d+: connectycube_record_prompt: \S+none\.wav: .*; what it was before is played/);
	const again = await rig.sandbox.mark('signals');

	assert.equal((await record('start')).event, 'done');
	await told('started', again);
	await rig.phoneHangsUp(call);
});

test('a tone each so often; a=record in SDP; keys that are tones; and who may not', async () => {
	hub = await openHub(`${dir}/hub.sock`);
	await rig.renew({ bridge: { keys: { ...base, connectycube_record_beep: 1,
		connectycube_record_keys: '*1',
		module_app: [...base.module_app].toSpliced(1, 0,
			'connectycube_link.so'),
		connectycube_link_socket: `${dir}/hub.sock`,
		connectycube_record_tell_phone: 'sdp' } } });
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	let since = await rig.sandbox.mark('signals');
	const from = rig.ua.rtp.packets.length;
	const attribute = () => /^a=record:(\w+)/m.exec(
		call.remoteAudio.join('\n'))?.[1];

	const { calls: [{ id }] } = await rig.bridge.status();
	const order = async (params) => (await hub.order('record', params)).word;

	await hub.wait('the bridge', ({ t }) => t === 'hello');
	assert.deepEqual([await order({ call: id, state: 'fly' }),
		await order({ state: 'start' }), await order({ call: id + 1,
			state: 'start' }), await order({ call: id, state: 'start' })],
	['invalid', 'invalid', 'not_found', 'ok']);
	await told('started', since);
	assert.equal(began().by, 'api');
	await until('a=record:on', () => attribute() === 'on');
	await until('two tones', () => {
		const at = heardAt(BEEP_HZ, from);

		// none of them covers more than a quarter of a second
		assert.ok(at.every((ms, i) => !at[i + 13] || at[i + 13] - ms > 250));
		return at.some((ms, i) => ms - at[i - 1] > 500);
	});
	await rig.waitTones('between tones');

	// the phone hears it in its music, too, while the app holds
	const held = rig.ua.rtp.packets.length;

	assert.equal((await rig.app.ask('hold')).event, 'done');
	await until('a tone while it is held', () =>
		heardAt(BEEP_HZ, held + 25).length > 2);
	assert.equal((await rig.app.ask('resume')).event, 'done');

	since = await rig.sandbox.mark('signals');
	assert.match(await rig.bridge.command('cube_record', 'pause'), /paused/);
	await told('paused', since);
	await until('a=record:paused', () => attribute() === 'paused');
	await rig.bridge.command('cube_record', 'stop');
	await until('a=record:off', () => attribute() === 'off');

	// this phone has keys as tones only
	since = await rig.sandbox.mark('signals');
	for (const tones of [[941, 1209], [697, 1209]]) {
		const at = rig.ua.rtp.sent + 10;

		rig.ua.rtp.play(tones, call.remoteRtp);
		await until('200 ms of it', () => rig.ua.rtp.sent >= at);
		rig.ua.rtp.play(0, call.remoteRtp);
		await until('200 ms without', () => rig.ua.rtp.sent >= at + 10);
	}
	await told('started', since);
	rig.play(call);

	await rig.bridge.reload(userLine(rig.sandbox.sip, {
		more: `;call=101;dial=sip:5551234@127.0.0.1:${rig.ua.port}`
			+ ';record=off' }));
	assert.match((await record('start')).error, /^forbidden$/);
	assert.match(await rig.bridge.command('cube_record', 'start'), /forbidden/);
	assert.equal(await order({ call: id, state: 'start' }), 'forbidden');
	await rig.phoneHangsUp(call);

	// and the call's record tells of it
	const { recordings } = await hub.waitRecord(({ call_id: its }) =>
		its === call.id);
	const [one] = recordings;

	assert.deepEqual(recordings.map(({ mode, by, state }) => [mode, by, state]),
		[['audio', 'api', 'complete'], ['audio', 'phone', 'complete']]);
	assert.ok(one.paused_ms > 0 && one.t_end - one.t_start > one.paused_ms);
	assert.ok(files().includes(`${one.id}.rec`));
});
