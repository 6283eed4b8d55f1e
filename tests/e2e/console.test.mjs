// userInfo.dial, and the console over ctrl_tcp.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { BUILD } from '../../contrib/sandbox/lib/template.mjs';
import { startWorld } from './lib/world.mjs';

let world;
let bridge;
let phone;
let alice;

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '1002,*99*,55?????????',
			department: 'Sales' }] }],
		phone: { accounts: [{ user: '1001' }, { user: '1002' },
			{ user: '1003' }] },
		apps: ['alice'],
	});
	({ bridge, phone, apps: { alice } } = world);
});

after(() => world?.stop());
afterEach(() => world.reset());

test('no userInfo.dial: the extension\'s own address', async () => {
	const { incoming } = await world.appCallsPhone(alice);

	assert.equal(incoming.accountaor, world.uri('1001'));
	await world.end(phone, alice);
});

test('userInfo.dial that `dialable` allows', async () => {
	const { incoming } = await world.appCallsPhone(alice,
		{ userInfo: { dial: '1002', name: 'Alice' } });

	assert.equal(incoming.accountaor, world.uri('1002'));
	await world.assertTones(alice);
	await world.end(phone, alice);
});

for (const dial of ['1003', 'sip:1003@127.0.0.1', '1002@127.0.0.1:5060',
	'1002;transport=tcp', '5512345678'])
	test(`userInfo.dial that is not allowed: ${dial}`, async () => {
		const dialled = bridge.log().length;

		await alice.call(200, { userInfo: { dial } });
		const { info } = await alice.waitEvent('reject');

		assert.equal(info.sip_code, '403');
		assert.equal(info.busy, undefined);
		await alice.waitEvent('close', { any: true });
		assert.doesNotMatch(bridge.log().slice(dialled), /dialling/);
	});

test('/cube_users shows the file, and no password', async () => {
	const text = await bridge.command('cube_users');

	for (const part of ['sip:1000@', '"Sales"', 'login=ext1000', 'call=101',
		'dial=1001', 'dialable=1002,*99*', 'department=Sales'])
		assert.ok(text.includes(part), `${part} is not in ${text}`);
	assert.doesNotMatch(text, /ext1000-pass/);
});

test('/cube_status without and with a call', async () => {
	const idle = await bridge.status();

	assert.equal(idle.uri, world.uri('1000'));
	assert.match(idle.cloud, /online/i);
	assert.equal(idle.registered, true);
	assert.deepEqual(idle.calls, []);
	const [nobody] = JSON.parse(await bridge.command('cube_status', 'json'))
		.extensions;

	assert.equal(nobody.uri, world.uri('1000'));
	assert.equal(nobody.name, 'Sales');
	assert.equal(nobody.cloud.state, idle.cloud);
	assert.equal(nobody.cloud.user, '200');
	assert.equal(nobody.sip.registered, true);
	assert.deepEqual(nobody.calls, []);

	await world.phoneCallsApp(alice);
	await world.assertTones(alice);
	const { calls: [call] } = await bridge.status();

	for (const { packets, lost } of [call.sip.rx, call.sip.tx, call.app.rx,
		call.app.tx]) {
		assert.ok(packets >= 40, call.text);
		assert.equal(lost, 0, call.text);
	}
	assert.match(call.text, /"Phone 1001"/);

	const { version, build, extensions: [{ calls: [same] }] } = JSON.parse(
		await bridge.command('cube_status', 'json'));

	assert.equal(version, 1);
	assert.equal(build, readFileSync(`${BUILD}/version`, 'utf8').trim());
	assert.ok((await bridge.command('cube_status'))
		.startsWith(`connectycube-bridge ${build}\n`));
	assert.equal(same.id, call.id);
	assert.equal(same.direction, 'sip-to-app');
	assert.equal(same.sip.name, 'Phone 1001');
	assert.equal(same.sip.path.remote, call.sip.remote);
	assert.equal(same.app.user, '101');
	assert.equal(same.app.video, null);
	for (const { audio } of [same.sip, same.app])
		for (const direction of [audio.rx, audio.tx]) {
			assert.ok(direction.packets >= 40, JSON.stringify(audio));
			assert.equal(direction.lost, 0);
			assert.ok(direction.mos === null // not known yet
				|| (direction.mos >= 1 && direction.mos <= 4.5),
			JSON.stringify(direction));
		}
	for (const seconds of [same.age_s, same.answered_s, same.media_s])
		assert.ok(seconds > 0 && seconds < 60, JSON.stringify(same));
	// nothing but this call's own packets came to its port
	assert.equal(call.sip.refused, 0, call.text);
	await world.end(phone, alice);
});

test('a word that a command does not know is answered', async () => {
	for (const name of ['cube_users', 'cube_help'])
		assert.match(await bridge.command(name, 'x'),
			new RegExp(`^usage: /${name} \\(nothing comes after it\\)`, 'm'));
	for (const [name, ...words] of [['cube_status', 'x'], ['cube_events', '3 x'],
		['cube_check', 'x'], ['cube_log', 'sip info x'], ['cube_flight', '1 x'],
		['cube_hangup', ''], ['cube_transfer', '1 app 100 x'],
		['cube_transfer', 'x 1 app 100'], ['cube_dnd', 'on all x y'],
		['cube_drain', 'x'], ['cube_call', '101 x y'], ['cube_dial', '']])
		assert.match(await bridge.command(name, ...words),
			/usage|no such extension|flight|off \(/, `${name} ${words}`);
	assert.match(await bridge.command('cube_log', 'sip info'), /^sip +info$/m);
});

/** What `/cube_events` shows: `[number, name, text]` of each. */
const events = async (max = '') =>
	[...(await bridge.command('cube_events', max)).matchAll(
		/^(\d+) \d{4}-\d\d-\d\d [\d:]+\.\d{3} (\S+) {2}(.*)$/gm)]
		.map(([, seq, name, text]) => [Number(seq), name, text]);

test('/cube_events tells a call\'s life, in order and as the log does', async () => {
	const [[since]] = await events('1');

	await world.phoneCallsApp(alice);
	await world.assertTones(alice);
	const { calls: [{ id }] } = await bridge.status();

	await world.end(phone, alice);
	await alice.call(200, { userInfo: { dial: '1003' } });
	await alice.waitEvent('reject');

	const all = (await events('128')).filter(([seq]) => seq > since);
	const seqs = all.map(([seq]) => seq);

	assert.deepEqual(seqs, seqs.map((unused, i) => since + 1 + i));
	assert.deepEqual(all.filter(([, , text]) =>
		text.startsWith(`call ${id}: `)).map(([, name]) => name), [
		'call.new', 'leg.new', 'call.ringing', 'leg.answered', 'call.answered',
		'media.up', 'quality', 'quality', 'call.ended']);
	assert.deepEqual(all.slice(-2).map(([, name]) => name),
		['call.refused', 'security.user']);
	for (const [, , text] of all.slice(-2))
		assert.match(text, /app user 101 .*: .*1003 is not in dialable=/);
	for (const [, name, text] of all)
		if (name.startsWith('call.'))
			assert.ok(bridge.log().includes(text), text);

	assert.equal((await events('3')).length, 3);
	const lines = (await bridge.command('cube_events', 'json 3')).trim()
		.split('\n').map((line) => JSON.parse(line));

	assert.deepEqual(lines.map(({ seq, type }) => [seq, type]),
		all.slice(-3).map(([seq, name]) => [seq, name]));
	for (const bad of ['0', 'x', '-1', '1 2', 'json x', 'jsonx', 'json 0'])
		assert.match(await bridge.command('cube_events', bad), /usage/);
});

test('help says what every command is for', async () => {
	const text = await bridge.command('cube_help');

	for (const name of ['cube_status', 'cube_events', 'cube_users',
		'cube_call', 'cube_hangup'])
		assert.match(text, new RegExp(`^/${name} .*\\w`, 'm'));
	assert.match(await bridge.command('cube_status', 'xml'), /usage/);
});

test('/cube_call rings the app, then the phone; /cube_hangup', async () => {
	const [, id] = /^call (\d+)/.exec(
		await bridge.command('cube_call', '101'));
	const { info, user } = await alice.waitIncoming();

	assert.equal(user, 200);
	assert.equal(info.name, 'Sales');
	await alice.accept();
	await phone.waitIncoming();
	await phone.accept();
	await Promise.all([phone.waitEvent('CALL_ESTABLISHED'),
		alice.waitConnected()]);
	await world.assertTones(alice);
	assert.match(await bridge.command('cube_hangup', id), /ended/);
	await Promise.all([alice.waitClosed(), phone.waitEvent('CALL_CLOSED')]);
	await bridge.waitIdle();
});

test('/cube_call: the app rejects, the phone is left alone', async () => {
	await bridge.command('cube_call', '101');
	await alice.waitIncoming();
	await alice.reject();
	await bridge.waitIdle();
	await phone.quiet();
});

test('/cube_hangup all, while it rings', async () => {
	await phone.dial('1001', '1000');
	await alice.waitIncoming();
	assert.match(await bridge.command('cube_hangup', 'all'), /1 call/);
	await Promise.all([alice.waitClosed(), phone.waitEvent('CALL_CLOSED')]);
});

test('commands that make no sense', async () => {
	assert.match(await bridge.command('cube_call', 'alice'), /usage/);
	assert.match(await bridge.command('cube_call', 'alice101'), /usage/);
	assert.match(await bridge.command('cube_call', '1'.repeat(1200)),
		/usage/);
	assert.match(await bridge.command('cube_call', '101 sip:9@x'),
		/no such extension/);
	assert.match(await bridge.command('cube_hangup', '4711'), /no call/);
});
