// Hold as both sides do it: who holds is not heard and hears nothing, who is held
// is told and hears music. The phone holds by whichever re-INVITE it has; the app
// by a system message, of which the phone is told by re-INVITE, or hears music all
// the same. Either transfers what it holds, and to phones with other codecs.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { APP_HZ, PHONE_HZ, startRig, userLine, waitHears }
	from './lib/rig.mjs';
import { SMALL, assertAccessible, assertFits, focused } from './lib/look.mjs';
import { audioLines } from './lib/sipua.mjs';
import { refer, uriOf, waitProgress, watchStream } from './lib/transfer.mjs';
import { DESK_HZ, openDesk } from './lib/transferrig.mjs';
import { writeTone } from './lib/wav.mjs';

const MUSIC_HZ = 700;
const FRAME = 160; // of PCMU: 20 ms

const dir = mkdtempSync(`${tmpdir()}/hold-`);
let rig;
let desk; // whom the PBX knows as 1002

before(async () => {
	writeTone(`${dir}/music.wav`, MUSIC_HZ);
	rig = await startRig({ bridge: ({ sandbox, ua }) => ({
		keys: { connectycube_hold_music: `${dir}/music.wav` },
		users: userLine(sandbox.sip, { more: ';call=101;dialable=100?'
			+ `;dial=sip:5551234@127.0.0.1:${ua.port}` }) }) });
	desk = await openDesk(rig.sandbox);
});

after(async () => {
	desk?.close();
	await rig?.stop();
	rmSync(dir, { recursive: true });
});

afterEach(async () => {
	rig.ua.maps = [];
	rig.ua.edit = (sdp) => sdp;
	rig.ua.guard = () => null;
	Object.assign(desk, { formats: '0', maps: [] });
	desk.rtp.hush();
	desk.forget();
	await rig.reset();
	rig.ua.rtp.packets.length = 0;
});

const told = (event, since) => rig.sandbox.waitSignal({ type: 'system',
	system: (values) => values.event === event }, { since });

/** Nothing of a tone in what the phone was sent since packet `from`. */
const packetsSince = (from) => rig.ua.rtp.packets.slice(from)
	.filter(({ type }) => type === 0);

/** The phone got one stream, whatever was in it. (A busy machine loses some of
 * it on the way; test_call and test_player count every packet.) */
function assertOneStream() {
	const packets = rig.ua.rtp.packets.filter(({ type }) => type === 0);

	assert.equal(new Set(packets.map(({ ssrc }) => ssrc)).size, 1);
	packets.slice(1).forEach(({ sequence, data }, i) => {
		const count = sequence - packets[i].sequence & 0xffff;
		const step = (data.readUInt32BE(4) - packets[i].data.readUInt32BE(4)) | 0;

		assert.ok(count >= 1 && count < 1000, `a jump of ${count}`);
		assert.ok(step >= FRAME * count, `${step} for ${count} packets`);
	});
}

/** The longest pause in what the phone was sent since then, by its own time
 * [ms]. */
function longestGap(from) {
	const times = packetsSince(from).map(({ data }) => data.readUInt32BE(4));

	return Math.max(...times.slice(1).map((time, i) =>
		((time - times[i]) | 0) / 8));
}

const direction = (lines) => /^a=(sendrecv|sendonly|recvonly|inactive)$/m
	.exec(lines.join('\n'))?.[1] ?? 'sendrecv';

/** What a phone says to hold, and is answered. */
const HOLDS = [
	['sendonly', 'recvonly', { maps: ['a=sendonly'] }],
	['inactive', 'inactive', { maps: ['a=inactive'] }],
	['zeros', 'recvonly', { edit: (sdp) => sdp.replace('c=IN IP4 127.0.0.1',
		'c=IN IP4 0.0.0.0') }],
	['no offer', 'sendrecv', { maps: ['a=sendonly'], late: true }],
];

test('the phone holds in every way: the app is told, hears music, and the phone '
	+ 'again', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	for (const [name, answer, { maps = [], edit = (sdp) => sdp, late }] of HOLDS) {
		let since = await rig.sandbox.mark('signals');

		rig.ua.rtp.hush();
		Object.assign(rig.ua, { maps, edit });
		assert.equal((await call.reinvite({ late })).code, 200, name);
		assert.equal(direction(call.remoteAudio), answer, name);
		await told('held', since);
		await waitHears(rig.app, MUSIC_HZ, `${name}: music at the app`);
		const { calls: [{ text, sip }] } = await rig.bridge.status();

		assert.match(text, /^ {4}SIP .*\(holds\)/m, name);
		assert.match(text, / on hold$/m, name);

		since = await rig.sandbox.mark('signals');
		Object.assign(rig.ua, { maps: [], edit: (sdp) => sdp });
		assert.equal((await call.reinvite({ late })).code, 200, name);
		assert.equal(direction(call.remoteAudio), 'sendrecv', name);
		assert.equal((await rig.bridge.status()).calls[0].sip.tx.packets
			- sip.tx.packets < 50, true, `${name}: the phone was sent something`);
		await told('resumed', since);
		rig.play(call);
		await rig.waitTones(`after ${name}`);
	}
	assertOneStream();
	await rig.phoneHangsUp();
});

test('a phone that holds has music of its own: the app hears that', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	rig.ua.maps = ['a=sendonly'];
	await call.reinvite();
	await waitHears(rig.app, PHONE_HZ, "the phone's music");
	rig.ua.rtp.hush();
	await waitHears(rig.app, MUSIC_HZ, 'ours when that stops');
	rig.play(call);
	await waitHears(rig.app, PHONE_HZ, "the phone's music again");
	await rig.phoneHangsUp();
});

/** The last re-INVITE that the phone got. */
const invites = (call) => call.messages.filter(({ method }) =>
	method === 'INVITE');

test('the app holds: the phone is told by re-INVITE and hears music', async () => {
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	const before = invites(call).length;
	let from = rig.ua.rtp.packets.length;

	rig.ua.maps = ['a=recvonly'];
	assert.equal((await rig.app.ask('hold')).event, 'done');
	await until('a re-INVITE', () => invites(call).length === before + 1);
	assert.equal(direction(call.remoteAudio), 'sendonly');
	await waitHears(rig.ua.rtp, MUSIC_HZ, 'music at the phone');
	assert.ok(longestGap(from) < 500, `a gap of ${longestGap(from)} ms`);
	assert.match((await rig.bridge.status()).calls[0].text,
		/^ {4}app .*\(holds\)/m);

	// once is enough; a refresh of the phone's changes nothing
	assert.equal((await rig.app.ask('hold')).event, 'done');
	rig.ua.maps = [];
	assert.equal((await call.reinvite()).code, 200);
	assert.equal(direction(call.remoteAudio), 'sendonly');
	const { app } = (await rig.bridge.status()).calls[0];

	await waitHears(rig.ua.rtp, MUSIC_HZ, 'still music');
	assert.equal((await rig.bridge.status()).calls[0].app.tx.packets,
		app.tx.packets, 'who holds hears something');

	from = rig.ua.rtp.packets.length;
	assert.equal((await rig.app.ask('resume')).event, 'done');
	await until('a re-INVITE', () => invites(call).length === before + 2);
	assert.equal(direction(call.remoteAudio), 'sendrecv');
	await rig.waitTones('resumed');
	assert.ok(longestGap(from) < 500, `a gap of ${longestGap(from)} ms`);
	assertOneStream();
	await rig.appHangsUp();
});

test('a phone that refuses to be held hears music all the same', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	let asked = 0;

	rig.ua.guard = ({ method }) => {
		if (method !== 'INVITE') return null;
		asked++;
		return { code: 488 };
	};
	assert.equal((await rig.app.ask('hold')).event, 'done');
	await waitHears(rig.ua.rtp, MUSIC_HZ, 'music at the phone');
	await rig.bridge.waitLog(/does not want to be told that it is on hold \(488/);
	const { app } = (await rig.bridge.status()).calls[0];

	await waitHears(rig.ua.rtp, MUSIC_HZ, 'still music');
	assert.equal((await rig.bridge.status()).calls[0].app.tx.packets,
		app.tx.packets, 'who holds hears something');
	assert.equal((await rig.app.ask('resume')).event, 'done');
	await rig.waitTones('resumed');
	assert.equal(asked, 1);
	assertOneStream();
	await rig.phoneHangsUp(call);
});

test('both hold: nobody hears anything until both are back', async () => {
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const { page } = rig.app;
	const shown = (pattern) => until(`the page shows ${pattern}`, async () =>
		pattern.test(await page.innerText('#progress')));

	rig.ua.maps = ['a=recvonly'];
	await page.click('#hold');
	await until('a re-INVITE', () => invites(call).length === 1);
	await shown(/hears music/);
	assert.equal(await page.getAttribute('#hold', 'aria-pressed'), 'true');
	rig.ua.rtp.hush();
	rig.ua.maps = ['a=sendonly'];
	assert.equal((await call.reinvite()).code, 200);
	assert.equal(direction(call.remoteAudio), 'inactive');
	let last;

	await rig.bridge.waitStatus('silence both ways', ({ calls: [one] }) => {
		const sent = `${one.sip.tx.packets} ${one.app.tx.packets}`;
		const still = last === sent;

		last = sent;
		return still;
	});

	// the app is back first: it is held by the phone now
	rig.ua.maps = ['a=sendonly'];
	await page.click('#hold');
	await waitHears(rig.app, MUSIC_HZ, 'music at the app');
	await shown(/^You are on hold$/);
	rig.ua.maps = [];
	assert.equal((await call.reinvite()).code, 200);
	rig.play(call);
	await rig.waitTones('both back');
	await shown(/^Connected$/);
	assertOneStream();
	await rig.phoneHangsUp();
});

test('the page by its keys: hold, a transfer that fails, one that does not',
	async () => {
		const { page } = rig.app;
		const [shown, spoken] = ['#progress', '#error'].map((at) => (text) =>
			until(`the page shows ${text}`, async () =>
				(await page.innerText(at)).includes(text)));
		const press = async (id) => {
			await page.focus(id);
			await page.keyboard.press('Enter');
		};
		const pressed = () => page.getAttribute('#hold', 'aria-pressed');
		const expanded = () => page.getAttribute('#transfer', 'aria-expanded');

		await page.setViewportSize(SMALL);
		await rig.app.forget();
		await page.click('#dial button[name="audio"]');
		const call = await rig.ua.waitInvite();

		assert.equal(await page.isVisible('#hold'), false, 'nobody to hold');
		call.answer();
		await call.wait('ACK');
		await rig.app.waitConnected();
		rig.play(call);
		await rig.waitTones();
		assert.equal(await pressed(), 'false');
		await press('#hold');
		await shown('hears music');
		assert.equal(direction(call.remoteAudio), 'sendonly');
		assert.equal(await pressed(), 'true');
		assert.equal(await focused(page), 'hold');
		await assertFits(page, 'on hold');
		await assertAccessible(page, 'on hold');
		await press('#hold');
		await until('the phone is told', () =>
			direction(call.remoteAudio) === 'sendrecv');
		assert.equal(await pressed(), 'false');

		// Esc leaves what was opened, not the call
		await page.click('#keys');
		await press('#transfer');
		assert.equal(await focused(page), 'target');
		assert.equal(await expanded(), 'true');
		assert.equal(await page.isVisible('#keypad'), false);
		await assertFits(page, 'transfer');
		await assertAccessible(page, 'transfer');
		await page.keyboard.press('Escape');
		assert.equal(await focused(page), 'transfer');
		assert.equal(await expanded(), 'false');

		const order = async (target) => {
			await press('#transfer');
			await page.fill('#transfer-to input', target);
			await page.keyboard.press('Enter');
		};

		await order('+4930');
		await spoken('dialable=');
		await page.keyboard.press('Escape');
		await order('1002');
		const refused = await desk.waitInvite();

		refused.ring();
		await shown('it rings there');
		assert.equal(await focused(page), 'transfer');
		refused.reject(486, 'Busy Here');
		await spoken('The transfer failed');
		await shown('Connected');
		await rig.waitTones('after a transfer that failed');

		await order('1002');
		await deskAnswers(await desk.waitInvite());
		await until('the page says so', async () => /passed the call on/.test(
			await page.innerText('#last')));
		assert.equal(await focused(page), 'audio');
		await waitHears(rig.ua.rtp, DESK_HZ, 'the new phone');
		await call.bye();
		await rig.bridge.waitIdle();
	});

/** Another phone takes the call, and plays its tone. */
async function deskAnswers(invite) {
	assert.equal(direction(invite.remoteAudio), 'sendrecv');
	invite.answer();
	await invite.wait('ACK');
	desk.rtp.play(DESK_HZ, invite.remoteRtp);
}

test('the phone holds and transfers, as phones do: music until the new one is '
	+ 'there', async () => {
	const call = await rig.appCallsPhone();

	rig.ua.rtp.hush();
	rig.ua.maps = ['a=sendonly'];
	await call.reinvite();
	await waitHears(rig.app, MUSIC_HZ, 'music at the app');
	await refer(call, `<${uriOf(desk)}>`);
	await call.bye();
	const invite = await desk.waitInvite();

	invite.ring();
	await waitHears(rig.app, MUSIC_HZ, 'music while it rings');
	const since = await rig.sandbox.mark('signals');

	await deskAnswers(invite);
	await told('resumed', since);
	await waitHears(rig.app, DESK_HZ, 'the new phone');
	await waitHears(desk.rtp, APP_HZ, 'the app');
	assert.equal(invites(invite).length, 1, 'the new one was held');
	await invite.bye();
	await rig.app.waitClosed();
	await rig.bridge.waitIdle();
});

test('the app holds and transfers: the phone is back for the new one',
	async () => {
		const call = await rig.appCallsPhone();

		rig.ua.maps = ['a=recvonly'];
		await rig.app.ask('hold');
		await waitHears(rig.ua.rtp, MUSIC_HZ, 'music at the phone');
		assert.equal(direction(call.remoteAudio), 'sendonly');
		await rig.app.ask('transfer', { target: '1002' });
		(await desk.waitInvite()).reject(486, 'Busy Here');
		await waitProgress(rig.app, 'failed');
		await waitHears(rig.ua.rtp, MUSIC_HZ, 'still music');
		assert.equal(direction(call.remoteAudio), 'sendonly');

		rig.ua.maps = [];
		await rig.app.ask('transfer', { target: '1002' });
		const invite = await desk.waitInvite();

		await deskAnswers(invite);
		await until('the phone is told', () =>
			direction(call.remoteAudio) === 'sendrecv');
		await waitHears(rig.ua.rtp, DESK_HZ, 'the new phone');
		await waitHears(desk.rtp, PHONE_HZ, 'the phone');
		assertOneStream();

		// who holds and stays still holds when another one comes
		rig.ua.rtp.hush();
		rig.ua.maps = ['a=sendonly'];
		desk.maps = ['a=recvonly'];
		await call.reinvite();
		await waitHears(desk.rtp, MUSIC_HZ, 'music at the new phone');
		assert.equal(direction(invite.remoteAudio), 'sendonly');
		desk.maps = [];
		await refer(invite, `<${uriOf(desk)}>`);
		const third = await desk.waitInvite();

		desk.rtp.hush();
		await deskAnswers(third);
		await invite.wait('BYE');
		await until('the third is told', () =>
			direction(third.remoteAudio) === 'sendonly');
		await waitHears(desk.rtp, MUSIC_HZ, 'music at the third');
		rig.ua.maps = [];
		await call.reinvite();
		rig.play(call);
		await until('the third is back', () =>
			direction(third.remoteAudio) === 'sendrecv');
		await waitHears(desk.rtp, PHONE_HZ, 'the phone again');
		await waitHears(rig.ua.rtp, DESK_HZ, 'the third');
		assert.deepEqual(invites(third).map(({ body }) =>
			direction(audioLines(body))),
		['sendrecv', 'sendonly', 'sendrecv']);
		await third.bye();
		await call.wait('BYE');
		await rig.bridge.waitIdle();
	});

/** Phones with no codec in common with the one that stays, which hears itself
 * from them. */
const OTHERS = [['G722', '9', 9], ['Opus', '111', 111, 'opus/48000/2']];

for (const [name, formats, type, map] of OTHERS)
	test(`transferred from an app with PCMA to a phone with ${name}: no gap`,
		async () => {
			await rig.app.prepare({ codecs: { audio: ['PCMA'] } });
			Object.assign(desk, { formats,
				maps: map ? [`a=rtpmap:${formats} ${map}`] : [] });
			await rig.appCallsPhone();
			await rig.waitTones();
			const [{ id }] = (await rig.bridge.status()).calls;
			const assertNoGap = watchStream(rig.ua.rtp);

			await rig.app.ask('transfer', { target: '1002' });
			const invite = await desk.waitInvite();

			desk.rtp.echo(type, invite.remoteRtp);
			invite.answer();
			await rig.app.waitClosed();
			await waitHears(rig.ua.rtp, PHONE_HZ, `itself from ${name}`);
			assertNoGap();
			assert.equal((await rig.bridge.status()).calls[0].id, id);
			rig.ua.rtp.hush();
			await rig.call.bye();
			await invite.wait('BYE');
			await rig.bridge.waitIdle();
		});
