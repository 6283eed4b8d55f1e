// Signals and the log. SIGHUP reads the users file again and opens the log
// anew, and calls live on; SIGUSR1 and SIGUSR2 do nothing; SIGTERM and SIGINT
// hang up. Each line of the log has a time and a level, or the journal's
// priority.

import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { WATCHED, assertClean, waitStarted } from './lib/leak.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { until } from '../../contrib/sandbox/lib/process.mjs';

const STAMP = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d\\d:\\d\\d';

let rig;
let line; // of the users file, that is good

before(async () => {
	rig = await startRig({ bridge: {
		env: (dir) => {
			const { dev, ino } = statSync(`${dir}/bridge.log`);

			return { JOURNAL_STREAM: `${dev}:${ino}` };
		},
	} });
	line = rig.bridge.users();
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const kill = (signal) => process.kill(rig.bridge.child.pid, signal);

const reload = (lines, result) => rig.bridge.reload(lines, result);

test('SIGUSR1 and SIGUSR2 do nothing', async () => {
	const call = await rig.phoneCallsApp();
	const since = rig.bridge.log().length;

	kill('SIGUSR1');
	kill('SIGUSR2');
	await rig.bridge.waitLog(/signal 10 means nothing/, { since });
	await rig.bridge.waitLog(/signal 12 means nothing/, { since });
	await rig.waitTones();
	await rig.phoneHangsUp(call);
});

test('SIGHUP: the call lives on, the next one is by the new line',
	async () => {
		const call = await rig.phoneCallsApp();

		await rig.waitTones();
		await reload(line.replace(';call=101', ';call=102'));
		assert.match(await rig.bridge.command('cube_users'), / call=102 /);
		await rig.assertTones('after SIGHUP');
		await rig.phoneHangsUp(call);
		await reload(line);
		await rig.phoneHangsUp(await rig.phoneCallsApp());
		assert.equal((await rig.sandbox.online()).filter(({ user }) =>
			user === 200).length, 1);
	});

test('SIGHUP: a broken file changes nothing', async () => {
	for (const lines of [['# nobody'],
		[line.replace('cube_login', 'cube_logn')]]) {
		const since = await reload(lines, 'stays as it was');

		assert.match(rig.bridge.log().slice(since), /\/users: no usable line/);
		assert.equal((await rig.bridge.status()).cloud, 'online');
	}
	await reload(line);
	await rig.phoneHangsUp(await rig.phoneCallsApp());
});

test('SIGHUP: another cloud user comes at once, the old one goes with its call',
	async () => {
		const call = await rig.phoneCallsApp();
		const other = line.replaceAll('ext1000', 'ext1010');

		await rig.waitTones();
		await reload(other);
		await until('both are online', async () => {
			const online = (await rig.sandbox.online()).map(({ user }) =>
				user);

			return online.includes(200) && online.includes(201);
		});
		await rig.assertTones('after SIGHUP');
		rig.ua.rtp.hush();
		await call.bye();
		await rig.app.waitClosed();
		await until('the old one is offline', async () =>
			!(await rig.sandbox.online()).some(({ user }) => user === 200));

		await rig.phoneHangsUp(await rig.phoneCallsApp());
		await reload(line);
		await until('the first one is back', async () =>
			(await rig.sandbox.online()).some(({ user }) => user === 200));
		await rig.bridge.waitCloud('online');
	});

test('the journal gets a priority for each line, and no time', async () => {
	await rig.phoneHangsUp(await rig.phoneCallsApp());
	const lines = rig.bridge.log().split('\n').filter((one) =>
		one.includes('connectycube: '));

	assert.ok(lines.length > 10, `${lines.length} lines`);
	for (const one of lines) assert.match(one, /^<[3467]>connectycube: /);
	assert.ok(lines.some((one) => one.startsWith('<6>')));
	assert.ok(lines.some((one) => one.startsWith('<7>')));
	assert.match(rig.bridge.log(), /^<6>baresip is ready\.$/m);
});

/** When a cloud user came online; undefined if it is not. */
const onlineSince = async (id) => (await rig.sandbox.online()).find(({ user }) =>
	user === id)?.since;

/** How a call from the phone to an extension begins: 180, or why it is refused. */
async function dial(user) {
	const call = await rig.ua.invite(rig.bridge.uri.replace('1000', user));
	const { code } = await call.wait(['180', 'final']);

	if (code === 180) call.cancel();
	await call.wait('final');
	return code;
}

test('SIGHUP: a line goes while its call runs, and the other one stays; under '
	+ 'valgrind', async (t) => {
	const other = userLine(rig.sandbox.sip, { user: '1010', login: 'ext1010',
		more: ';call=102' });
	const bob = await rig.browser.newUser(rig.sandbox.page, 'bob', 'bob-pass-2');

	await rig.bridge.stop();
	rig.bridge = await startRawBridge(rig.sandbox, { name: 'removed', ...WATCHED,
		users: [line, other],
		prepare: (dir) => writeFileSync(`${dir}/accounts`, ['1000', '1010']
			.map((user) => `<sip:${user}@${rig.sandbox.sip}>;auth_user=${user}`
				+ `;auth_pass=sip-${user};regint=300\n`).join('')) });
	await waitStarted(rig.bridge, 2);

	const call = await rig.phoneCallsApp();
	const before = await onlineSince(201);

	await reload(other);
	await rig.bridge.waitLog(/sip:1000@\S+: has no line any more/);

	// nobody gets there any more, from either side; the call is as it was
	assert.equal(await dial('1000'), 404);
	await bob.call(200);
	assert.equal((await bob.waitEvent('reject')).info.sip_code, '404');
	assert.equal(await dial('1010'), 180);
	assert.equal((await call.reinvite()).code, 200);
	assert.ok(await onlineSince(200));
	rig.ua.rtp.hush();
	await call.bye();
	await rig.app.waitClosed();
	await until('its cloud user is offline', async () => !await onlineSince(200));
	assert.equal(await dial('1000'), 404);
	assert.equal(await dial('1010'), 180);
	assert.equal(await onlineSince(201), before);
	// as an account without a line is from the start
	assert.equal((await rig.sandbox.contacts('1000')).length, 1);

	// it comes back, and the one that has no call goes at once
	await reload(line);
	await until('the other cloud user is offline', async () => !await onlineSince(201));
	await until('the first one is back', () => onlineSince(200));
	await rig.bridge.waitCloud('online');
	assert.equal(await dial('1010'), 404);
	await rig.phoneHangsUp(await rig.phoneCallsApp());
	await assertClean(t, rig.bridge);
	await bob.close();
});

for (const signal of ['SIGTERM', 'SIGINT'])
	test(`${signal}: the phone gets a BYE, the app is told`, async () => {
		const file = `${rig.sandbox.dir}/${signal}.log`;

		await rig.bridge.stop();
		rig.bridge = await startRawBridge(rig.sandbox, { name: signal,
			users: line, keys: { connectycube_log_file: file } });
		await rig.bridge.waitCloud('online');
		await rig.bridge.waitRegistered();

		// a log of its own, which is moved away
		renameSync(file, `${file}.1`);
		kill('SIGHUP');
		await until('the new log', () => statSync(file,
			{ throwIfNoEntry: false })?.size);
		assert.equal(statSync(file).mode & 0o777, 0o600);

		const call = await rig.phoneCallsApp();

		kill(signal);
		await call.wait('BYE');
		rig.ua.rtp.hush();
		await rig.app.waitClosed();
		const [code] = await rig.bridge.child.exited;

		assert.equal(code, 0);
		for (const path of [file, `${file}.1`]) {
			const lines = readFileSync(path, 'utf8').split('\n')
				.filter(Boolean);

			assert.ok(lines.length > 3);
			for (const one of lines) assert.match(one,
				new RegExp(`^${STAMP} (DEBUG|INFO |WARN |ERROR) \\S`));
		}
		assert.doesNotMatch(rig.bridge.log(), /connectycube: /);
	});
