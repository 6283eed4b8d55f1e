// What a real Asterisk does to calls, and for them: session timers, reliable
// responses, transfers, hold with its music, announcements, texts and lamps. 1000 is
// the bridge's account as contrib/pbx/asterisk has it; 1010 is one of another bridge
// that Asterisk demands more of. 2000 and 2001 are desk phones.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { ROOT, SIP, SOUNDS, answers, openDesks, startAsterisk, ulawOnly, uri }
	from '../lib/asterisk.mjs';
import { startTestBridge } from '../lib/bridge.mjs';
import { toneWav } from '../lib/wav.mjs';
import { APP_HZ, assertTone, startWorld } from '../lib/world.mjs';

const DESK_HZ = 440;
const BOSS_HZ = 600;
const MUSIC_HZ = 800;
const PATIENCE = 20000; // [ms]
const SESSION = 90; // [s] Asterisk takes no less

let world;
let asterisk;
let alice; // who is called by 1000, and calls both
let bob; // who is called by 1010
let desks;
let desk;
let boss;
let strict; // the bridge of 1010

const more = () => ({
	'pjsip.conf': `
[1010](extension)
auth=1010
aors=1010
callerid=Support <1010>
100rel=required
timers=always
timers_min_se=${SESSION}
timers_sess_expires=${SESSION}
moh_passthrough=yes
connected_line_method=update

[1010](login)
username=1010
password=sip-1010

[1010](contact)
${desks.config}`,
	'extensions.conf': `
exten => _20XX,1,MessageSend(pjsip:\${EXTEN},\${MESSAGE(from)})

[extensions](+)
exten => _20XX,1,Dial(PJSIP/\${EXTEN},60)
; a phone passes a caller on to a call that it has with the bridge
exten => external_replaces,1,Dial(PJSIP/1000,60)
; "please hold the line"
exten => 3000,1,Progress()
 same => n,Playback(${SOUNDS}/music,noanswer)
 same => n,Dial(PJSIP/2000,60)
`,
	'musiconhold.conf': `
[default]
mode=files
directory=${SOUNDS}
`,
});

before(async () => {
	world = await startWorld({ sandbox: { sipPort: 0 }, apps: ['alice', 'bob'] });
	({ alice, bob } = world.apps);
	desks = await openDesks(['Desk', 'The Boss'], { message_context: 'messages' });
	[desk, boss] = desks.phones;
	// how Asterisk transcodes is not the point here, and it is busy enough
	asterisk = await startAsterisk(world.sandbox, { more: more(),
		edit: ulawOnly,
		files: { 'music.wav': toneWav(MUSIC_HZ, { seconds: 5 }) } });
	world.bridges = await Promise.all([
		startTestBridge(world.sandbox, { sip: SIP, name: 'bridge1',
			users: [{ user: '1000', login: 'ext1000', call: '101',
				callers: '101', dial: uri(2000), dialable: '2???,3???' }] }),
		startTestBridge(world.sandbox, { sip: SIP, name: 'bridge2',
			keys: { connectycube_transfer: 'pbx',
				connectycube_sip_timer_expires: SESSION,
				connectycube_early_media: 'accept',
				connectycube_presence_sip: 'publish' },
			users: [{ user: '1010', login: 'ext1010', call: '102',
				callers: '101,102', dial: uri(2000), dialable: '2???,3???' }] }),
	]);
	[, strict] = world.bridges;
	await asterisk.reachable(2);
});

after(async () => {
	await world?.stop();
	await asterisk?.stop();
	desks?.close();
});

afterEach(async () => {
	await world.reset();
	asterisk.cli('channel request hangup all');
	for (const phone of [desk, boss]) {
		phone.edit = (sdp) => sdp;
		phone.guard = () => null;
		phone.rtp.hush();
		phone.forget();
	}
});

// --- phones and apps ----------------------------------------------------------

/** A phone calls a number, an app accepts. */
async function phoneCalls(phone, number, app, hz = DESK_HZ) {
	await app.forget();
	const call = await phone.invite(uri(number));

	await app.waitIncoming();
	await app.accept();
	await call.wait('200');
	phone.rtp.play(hz, call.remoteRtp);
	await app.waitConnected();
	return call;
}

/** An app calls an extension's user, the desk phone answers. */
async function appCalls(app, user, options) {
	await app.forget();
	await app.call(user, options);
	const call = await answers(desk, DESK_HZ);

	await app.waitConnected();
	return call;
}

/** Who hears what, after some seconds at most; or nothing. */
async function hears(who, hz, what) {
	const end = Date.now() + PATIENCE;

	for (;;) {
		const heard = await who.hear(400);

		try {
			if (hz) return assertTone(heard, hz);
			return assert.ok(heard.rms < 0.01, JSON.stringify(heard));
		} catch (error) {
			if (Date.now() > end)
				throw new Error(`${what}: ${error.message}`, { cause: error });
		}
	}
}

const told = async (app, event) => (await app.waitEvent(`told-${event}`)).told;

const tagOf = (header) => /;tag=([^;]+)/.exec(header)[1];

/** Refer-To of a call that a phone has made, as its other end knows it. */
const referTo = (call, address) => `Refer-To: <${address}?Replaces=`
	+ encodeURIComponent(`${call.id};to-tag=`
		+ tagOf(call.messages.find(({ code }) => code === 200).header('To'))
		+ `;from-tag=${tagOf(call.local)}`) + '>';

/** A phone has a call of it passed on, and hangs up when that is done. */
async function passOn(call, header) {
	assert.equal((await call.ask('REFER', { extra: [header] })).code, 202);
	return async () => {
		await until('NOTIFY 200', () => call.messages.some(({ method, body }) =>
			method === 'NOTIFY' && /^SIP\/2\.0 200/.test(body)),
		{ child: asterisk.child });
		await call.bye();
	};
}

const hold = (phone, call, direction) => {
	phone.edit = (sdp) => `${sdp}a=${direction}\r\n`;
	return call.reinvite();
};

// --- what Asterisk and the bridge have said -----------------------------------

const talk = (call) => asterisk.messages().filter(({ header }) =>
	header('Call-ID') === call);

/** Requests of a call that were answered 200: sent by Asterisk, or by the bridge. */
const done = (messages, sent, methods) => messages.filter((one) =>
	one.sent === sent && methods.includes(one.method)
	&& messages.some(({ code, sent: other, header }) => code === 200
		&& other !== sent && header('CSeq') === one.header('CSeq')));

/** The Call-ID of the last call between Asterisk and a bridge, begun by either. */
const lastCall = (sent, bridge) => asterisk.messages().filter((one) =>
	one.method === 'INVITE' && one.sent === sent && one.peer === bridge.sip)
	.at(-1).header('Call-ID');

// ------------------------------------------------------------------------------

test('sessions of 90 s are refreshed, by Asterisk and by us', async (t) => {
	await appCalls(alice, 201);
	const ours = lastCall(false, strict);
	const call = await boss.invite(uri(1010));

	await bob.waitIncoming();
	await bob.accept();
	await call.wait('200');
	boss.rtp.play(BOSS_HZ, call.remoteRtp);
	await bob.waitConnected();
	const theirs = lastCall(true, strict);
	const refreshed = (id, sent) => done(talk(id), sent, ['INVITE', 'UPDATE'])
		.filter(({ header }) => /;tag=/.test(header('To'))
			&& header('Session-Expires'));

	for (const id of [ours, theirs])
		t.diagnostic(talk(id).filter(({ header }) => header('Session-Expires'))
			.map(({ sent, what, header }) => `${sent ? '>' : '<'} ${what} `
			+ header('Session-Expires')).join('; '));
	await until('both have refreshed', () =>
		[true, false].every((sent) => [ours, theirs].some((id) =>
			refreshed(id, sent).length)),
	{ timeout: 1000 * SESSION, child: asterisk.child }).catch((error) => {
		t.diagnostic([ours, theirs].map((id) => talk(id).map(({ sent, what }) =>
			`${sent ? '>' : '<'} ${what}`).join('; ')).join('\n'));
		throw error;
	});
	for (const [app, hz] of [[alice, DESK_HZ], [bob, BOSS_HZ]])
		await hears(app, hz, 'refreshed');
	await hears(desk.rtp, APP_HZ, 'refreshed');
});

test('what is required is done: reliable ringing, both ways', async () => {
	const call = await phoneCalls(boss, 1010, bob, BOSS_HZ);
	const theirs = talk(lastCall(true, strict));
	const [invite] = theirs;

	assert.match(invite.header('Require') ?? '', /100rel/);
	assert.ok(theirs.some(({ sent, code, header }) => !sent && code === 180
		&& header('RSeq') && header('Require') === '100rel'));
	assert.equal(done(theirs, true, ['PRACK']).length, 1);
	await hears(bob, BOSS_HZ, 'the app');
	await call.bye();
	await bob.waitClosed();

	await appCalls(alice, 201);
	const ours = talk(lastCall(false, strict));

	assert.ok(done(ours, false, ['PRACK']).length >= 1);
	await hears(alice, DESK_HZ, 'the app');
	await hears(desk.rtp, APP_HZ, 'the phone');
	await alice.hangup();
});

test('a phone behind Asterisk holds, and passes the app on, attended: who is heard,'
	+ ' and who it is', async () => {
	const call = await phoneCalls(desk, 1000, alice);

	await hears(alice, DESK_HZ, 'the app');
	const [{ id }] = (await world.bridges[0].status()).calls;

	assert.equal((await hold(desk, call, 'sendonly')).code, 200);
	desk.rtp.hush();
	await hears(alice, MUSIC_HZ, 'on hold, by music of Asterisk');
	desk.edit = (sdp) => sdp;
	const second = await desk.invite(uri(2001));

	await answers(boss, BOSS_HZ);
	await second.wait('200');
	await (await passOn(call, referTo(second, uri(2001))))();
	await hears(alice, BOSS_HZ, 'the app');
	await hears(boss.rtp, APP_HZ, 'the boss');
	const { name, number } = await told(alice, 'identity');

	assert.deepEqual({ name, number }, { name: 'The Boss', number: '2001' });
	assert.deepEqual((await world.bridges[0].status()).calls.map((one) =>
		one.id), [id]);
	await alice.hangup();
});

test('Asterisk passes hold on, and who is heard after a transfer by UPDATE',
	async () => {
		const call = await phoneCalls(desk, 1010, bob);

		await hears(bob, DESK_HZ, 'the app');
		assert.equal((await hold(desk, call, 'sendonly')).code, 200);
		await told(bob, 'held');
		assert.equal((await hold(desk, call, 'sendrecv')).code, 200);
		await told(bob, 'resumed');
		await hears(bob, DESK_HZ, 'resumed');
		desk.edit = (sdp) => sdp;
		const passed = await passOn(call, `Refer-To: <${uri(2001)}>`);

		await answers(boss, BOSS_HZ);
		await passed();
		await hears(bob, BOSS_HZ, 'the app');
		const { number } = await told(bob, 'identity');

		assert.equal(number, '2001');
		assert.ok(done(talk(lastCall(true, strict)), true, ['UPDATE'])
			.some(({ header }) =>
				/2001/.test(header('P-Asserted-Identity') ?? '')));
		await bob.hangup();
	});

test('the app holds: Asterisk plays its music to the phone', async () => {
	await appCalls(alice, 200);
	await hears(desk.rtp, APP_HZ, 'the phone');
	assert.equal((await alice.ask('hold')).event, 'done');
	await hears(desk.rtp, MUSIC_HZ, 'the phone, on hold');
	assert.equal((await alice.ask('resume')).event, 'done');
	await hears(desk.rtp, APP_HZ, 'the phone, resumed');
	await hears(alice, DESK_HZ, 'the app, resumed');
	await alice.hangup();
});

test('Asterisk sends INVITE with Replaces: its call takes the place of ours',
	async () => {
		const { sip } = world.bridges[0];

		await alice.forget();
		// not through Asterisk, which knows nothing of this call
		const call = await desk.invite(`sip:1000@${sip}`);

		await alice.waitIncoming();
		await alice.accept();
		await call.wait('200');
		desk.rtp.play(DESK_HZ, call.remoteRtp);
		await alice.waitConnected();
		const [{ id }] = (await world.bridges[0].status()).calls;
		const second = await desk.invite(uri(2001));

		await answers(boss, BOSS_HZ);
		await second.wait('200');
		await passOn(second, referTo(call, `sip:1000@${sip}`));
		await call.wait('BYE');
		desk.rtp.hush();
		await hears(alice, BOSS_HZ, 'the app');
		await hears(boss.rtp, APP_HZ, 'the boss');
		assert.ok(talk(lastCall(true, world.bridges[0]))[0].header('Replaces'));
		assert.deepEqual((await world.bridges[0].status()).calls.map((one) =>
			one.id), [id]);
		await alice.hangup();
	});

test('the app passes the phone on: Asterisk is asked to, by REFER', async () => {
	const call = await appCalls(alice, 201);

	await hears(alice, DESK_HZ, 'the app');
	// to a number that Asterisk has not: as it was
	await alice.ask('transfer', { target: '3999' });
	let state;

	do ({ state } = await told(alice, 'transfer'));
	while (state !== 'failed');
	await hears(alice, DESK_HZ, 'the app, afterwards');

	await alice.ask('transfer', { target: '2001' });
	await answers(boss, BOSS_HZ);
	do ({ state } = await told(alice, 'transfer'));
	while (!['done', 'failed'].includes(state));
	assert.equal(state, 'done');
	await alice.waitClosed();
	await hears(desk.rtp, BOSS_HZ, 'the phone');
	await hears(boss.rtp, DESK_HZ, 'the boss');
	await strict.waitIdle();
	await call.bye();
});

test('an announcement of Asterisk\'s is heard before anybody answers', async () => {
	await alice.forget();
	const id = await alice.call(201, { userInfo: { dial: '3000' } });

	await alice.waitConnected();
	await hears(alice, MUSIC_HZ, 'the announcement');
	const { calls: [{ state }] } = await strict.status();

	assert.equal(state, 'RINGING');
	await answers(desk, DESK_HZ);
	await hears(alice, DESK_HZ, 'who answers');
	await hears(desk.rtp, APP_HZ, 'the phone');
	assert.deepEqual((await alice.events()).filter((event) =>
		event.name === 'told-early' && event.id === id)
		.map((event) => event.told.state), ['playing', 'answered']);
	await alice.hangup();
});

test('texts pass through Asterisk, both ways', async () => {
	await alice.page.evaluate(() => {
		window.texts = [];
		ConnectyCube.chat.onMessageListener = (_, { body, extension }) =>
			window.texts.push({ body, number: extension.number });
	});
	const { code } = await desk.query(uri(1000), 'MESSAGE',
		{ type: 'text/plain', body: 'Lunch?' });

	assert.ok(code === 200 || code === 202, code);
	await alice.page.waitForFunction(() => window.texts.length, null,
		{ polling: 20 });
	assert.deepEqual(await alice.page.evaluate(() => window.texts),
		[{ body: 'Lunch?', number: '2000' }]);

	const asked = [];

	desk.guard = (request) => request.method === 'MESSAGE'
		&& asked.push(request) && { code: 200 };
	await alice.page.evaluate(() => ConnectyCube.chat.send(200,
		{ type: 'chat', body: 'At one', extension: {}, markable: 1 }));
	await until('the phone has the text', () => asked.length,
		{ child: asterisk.child });
	assert.equal(asked[0].body, 'At one');
	assert.match(asked[0].header('From'), /1000@/);
});

test('lamps: a phone that has subscribed at Asterisk sees the bridge\'s call; of'
	+ ' what the bridge publishes Asterisk takes nothing', async () => {
	await asterisk.lamp('1000', 'Idle');
	const lamp = desk.open(uri(1000));

	assert.equal((await lamp.ask('SUBSCRIBE', { extra: ['Event: dialog',
		'Expires: 600', 'Accept: application/dialog-info+xml'] })).code, 200);
	const state = (wanted) => until(`the lamp is ${wanted}`, () =>
		lamp.messages.some(({ method, body }) => method === 'NOTIFY'
			&& body.includes(`<state>${wanted}<`)), { child: asterisk.child });

	await state('terminated');
	const call = await phoneCalls(boss, 1000, alice, BOSS_HZ);

	await state('confirmed');
	await call.bye();
	await alice.waitClosed();
	assert.match(strict.log(), /takes no PUBLISH/);
});
