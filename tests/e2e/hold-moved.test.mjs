// Who is on hold, or alone until a transfer is through, hears music wherever its
// media goes meanwhile, in whatever codec, and however its re-INVITEs and ours
// meet. The music is read again when its file has changed. Nobody hears the app,
// which is none.

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { patiently } from './lib/patiently.mjs';
import { assertTone, startRig, userLine, waitHears } from './lib/rig.mjs';
import { openRtp } from './lib/rtp.mjs';
import { writeTone } from './lib/wav.mjs';
import { DESK_HZ, openDesk } from './lib/transferrig.mjs';

const MUSIC_HZ = 700;
const OTHER_HZ = 1300;
const PCMA = 8;

const dir = mkdtempSync(`${tmpdir()}/hold-moved-`);
const file = `${dir}/music.wav`;
let rig;
let desk; // whom the PBX knows as 1002
let app;
let asked = 0; // how often

before(async () => {
	writeTone(file, MUSIC_HZ);
	rig = await startRig({ app: false, bridge: ({ sandbox }) => ({
		keys: { connectycube_hold_music: file },
		users: userLine(sandbox.sip, { more: ';call=101;dialable=100?' }) }) });
	desk = await openDesk(rig.sandbox);
	app = fakeApp(rig.sandbox, '101');
});

after(async () => {
	desk?.close();
	await rig?.stop();
	rmSync(dir, { recursive: true });
});

afterEach(async () => {
	Object.assign(rig.ua, { formats: '0', maps: [], edit: (sdp) => sdp,
		guard: () => null, network: () => null });
	rig.ua.rtp.packets.length = 0;
	desk.rtp.hush();
	desk.forget();
	await rig.reset();
});

/** A phone's call that the app has taken: { call, ask }. */
async function talk() {
	const since = await rig.sandbox.mark('signals');
	const call = await rig.ua.invite(rig.bridge.uri);
	const { session } = await app.waitCall({ since });

	await app.accept(session);
	await call.wait('200');
	const ask = async (action, values = {}) => {
		const from = await rig.sandbox.mark('signals');

		await app.ask(action, { session_id: session, request_id: `r${++asked}`,
			...values });
		return app.waitSystem('done', { since: from });
	};

	return { call, ask, session };
}

const direction = (call) => /^a=(sendrecv|sendonly|recvonly|inactive)$/m
	.exec(call.remoteAudio.join('\n'))?.[1] ?? 'sendrecv';

const waitDirection = (call, wanted) => until(`the phone is told ${wanted}`,
	() => direction(call) === wanted);

async function held() {
	const parts = await talk();

	rig.ua.maps = ['a=recvonly'];
	await parts.ask('hold');
	await waitDirection(parts.call, 'sendonly');
	await waitHears(rig.ua.rtp, MUSIC_HZ, 'music');
	return parts;
}

const timeOf = ({ data }) => data.readUInt32BE(4);

/** Whatever is sent to somebody is of one type from some packet on. */
const waitType = (rtp, type) => until(`payload type ${type}`, () =>
	rtp.packets.length > 10 && rtp.packets.slice(-10).every((packet) =>
		packet.type === type));

/** It is heard, but it is no music. */
function assertSoft({ hz, rms }, wanted, where) {
	assert.ok(Math.abs(hz - wanted) <= 10 && rms > 0.005 && rms < 0.05,
		`${where}: ${hz} Hz at ${rms}, not softly ${wanted} Hz`);
}

test('the music is read again when its file has changed', async () => {
	const hup = async (pattern) => {
		const since = rig.bridge.log().length;

		process.kill(rig.bridge.child.pid, 'SIGHUP');
		await rig.bridge.waitLog(pattern, { since });
		return rig.bridge.log().slice(since);
	};
	const { call, ask } = await held();
	const again = async (hz, check = assertTone) => {
		rig.ua.maps = [];
		await ask('resume');
		await waitDirection(call, 'sendrecv');
		rig.ua.maps = ['a=recvonly'];
		await ask('hold');
		await patiently(async () => check(await rig.ua.rtp.hear(300), hz,
			'music'), 20000);
	};

	// as it was: logs have been rotated
	assert.doesNotMatch(await hup(/users has been read again/), /music/);

	writeTone(`${dir}/new`, OTHER_HZ);
	renameSync(`${dir}/new`, file);
	await hup(/hold_music: \S+\/music.wav has been read again: 0 s/);
	await waitHears(rig.ua.rtp, MUSIC_HZ, 'until the hold is over, the old');
	await again(OTHER_HZ);

	writeFileSync(file, 'RIFF    WAVE? no');
	assert.match(await hup(/hears a tone/),
		/config:\d+: connectycube_hold_music: \S+\/music.wav: .*; who is on hold hears a tone/);
	rmSync(file);
	await hup(/music.wav: No such file or directory; who is on hold hears/);
	await again(440, assertSoft); // the first of our own two notes
	writeTone(file, MUSIC_HZ);
	await hup(/has been read again: 0 s/);
	await again(MUSIC_HZ);
	await call.bye();
	await rig.bridge.waitIdle();
});

test('the media of a phone on hold moves: the music does, too', async () => {
	const other = await openRtp(0, '127.0.0.2');

	try {
		const { call, ask } = await held();

		rig.ua.edit = (sdp) => sdp.replace('c=IN IP4 127.0.0.1',
			'c=IN IP4 127.0.0.2').replace(`m=audio ${rig.ua.rtp.port}`,
			`m=audio ${other.port}`);
		assert.equal((await call.reinvite()).code, 200);
		await waitHears(other, MUSIC_HZ, 'music where it is now');
		// and in another codec, as one stream
		rig.ua.formats = '8';
		assert.equal((await call.reinvite()).code, 200);
		assert.equal(direction(call), 'sendonly');
		await waitType(other, PCMA);
		rig.ua.formats = '0';
		assert.equal((await call.reinvite()).code, 200);
		await waitHears(other, MUSIC_HZ, 'music in the codec before');
		// by the stream's own time: a busy machine reads packets late
		const begin = timeOf(other.packets[0]);

		assert.ok(rig.ua.rtp.packets.every((packet) =>
			(timeOf(packet) - begin | 0) < 0), 'it is sent where it was, too');
		assert.equal(new Set(other.packets.map(({ ssrc }) => ssrc)).size, 1);

		rig.ua.maps = [];
		await ask('resume');
		await waitDirection(call, 'sendrecv');
		await call.bye();
		await rig.bridge.waitIdle();
	} finally {
		other.close();
	}
});

test('re-INVITEs that cross: 491 both ways, and all is told in the end',
	async () => {
		const { call, ask } = await talk();
		let lost = true;
		let refused = 0;

		// ours is on its way when the phone's comes
		rig.ua.network = ({ method }, way) => (lost && way === 'in'
			&& method === 'INVITE' ? 'lost' : null);
		rig.ua.guard = ({ method }) => (method === 'INVITE' && !refused++
			? { code: 491, reason: 'Request Pending' } : null);
		rig.ua.maps = ['a=recvonly'];
		await ask('hold');
		await waitHears(rig.ua.rtp, MUSIC_HZ, 'music before the phone knows');
		assert.equal((await call.reinvite()).code, 491);
		lost = false;
		await until('the phone refuses', () => refused);

		// the phone tries again first
		rig.ua.maps = ['a=inactive'];
		await until('the phone holds', async () => (await call.reinvite({
			body: call.sdp().replace('inactive', 'sendonly') })).code === 200);
		// our answer has told it that we hold, too: nothing is asked again
		assert.equal(direction(call), 'inactive');
		await rig.bridge.waitStatus('both hold', ({ calls: [{ text }] }) =>
			(text.match(/\(holds\)/g) ?? []).length === 2);

		rig.ua.maps = [];
		await until('the phone is back', async () =>
			(await call.reinvite()).code === 200);
		assert.equal(direction(call), 'sendonly');
		await waitHears(rig.ua.rtp, MUSIC_HZ, 'music');

		// back before the phone was told
		refused = 0;
		await ask('resume');
		await until('the phone refuses', () => refused);
		await ask('hold');
		await ask('resume');
		await waitDirection(call, 'sendrecv');
		await call.bye();
		await rig.bridge.waitIdle();
	});

test('the app leaves while it transfers: the phone alone moves, and changes its '
	+ 'codec', async () => {
	const other = await openRtp();

	try {
		const { call, ask, session } = await talk();

		await ask('transfer', { target: '1002' });
		const invite = await desk.waitInvite();

		invite.ring();
		await app.signal('hangUp', session);
		await waitHears(rig.ua.rtp, MUSIC_HZ, 'music, alone');
		rig.ua.edit = (sdp) => sdp.replace(`m=audio ${rig.ua.rtp.port}`,
			`m=audio ${other.port}`);
		rig.ua.formats = '8';
		assert.equal((await call.reinvite()).code, 200);
		await waitType(other, PCMA);

		// it holds, alone, and is back
		rig.ua.maps = ['a=sendonly'];
		rig.ua.formats = '0';
		assert.equal((await call.reinvite()).code, 200);
		rig.ua.maps = [];
		assert.equal((await call.reinvite()).code, 200);
		await waitHears(other, MUSIC_HZ, 'music, after its own hold');

		desk.rtp.play(DESK_HZ, invite.remoteRtp);
		invite.answer();
		await waitHears(other, DESK_HZ, 'the new phone');
		assert.equal(new Set(other.packets.map(({ ssrc }) => ssrc)).size, 1);
		await call.bye();
		await invite.wait('BYE');
		await rig.bridge.waitIdle();
	} finally {
		other.close();
	}
});
