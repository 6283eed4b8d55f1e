// The log as files of their own: what goes where, how much is said, what happens
// to them when they are moved away, get long, or the disk is full.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync,
	symlinkSync, unlinkSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { start as run, until } from '../../contrib/sandbox/lib/process.mjs';
import { fakeApp } from './lib/fakeapp.mjs';
import { BARESIP, assertNoSecrets, startRawBridge, startRig, userLine }
	from './lib/rig.mjs';

const AREAS = ['bridge', 'sip', 'cloud', 'media'];

let rig;
let sandbox;

const start = (name, keys) => ({ name, argv: [BARESIP], keys,
	users: userLine(sandbox.sip, { more: ';call=104' }) });

before(async () => {
	rig = await startRig({ app: false, bridge: (parts) => {
		({ sandbox } = parts);
		return start('bridge', { connectycube_log: 'files' });
	} });
});

after(() => rig?.stop());
afterEach(() => rig.reset());

const path = (area, { bridge = rig.bridge, more = '' } = {}) =>
	`${bridge.dir}/log/${area}.log${more}`;
const lines = (area, options) => readFileSync(path(area, options), 'utf8')
	.split('\n').slice(0, -1);
const waitLine = (area, pattern, options) => until(`${area}.log: ${pattern}`,
	() => lines(area, options).find((line) => pattern.test(line)));

/** A call that the app rejects; its number. */
async function rejected(bridge = rig.bridge) {
	const since = await sandbox.mark('signals');
	const call = await rig.ua.invite(bridge.uri);
	const app = fakeApp(sandbox, '104');
	const { session } = await app.waitCall({ since });

	await call.wait('180');
	await app.reject(session, { busy: 'true' });
	assert.equal((await call.wait('final')).code, 486);
	await bridge.waitIdle();
	return session;
}

test('each area has its file, and a call its number in all of them', async () => {
	await rejected();
	const ended = await waitLine('bridge', / event=call\.ended /);
	const [, number] = / bridge call=(\d+) /.exec(ended);

	assert.match(ended, / INFO {2}bridge call=\d+ event=call\.ended msg="ended: /);
	assert.match(ended, / by=app sip_code=486 reason=busy /);
	assert.equal(lines('bridge').filter((line) => line.includes(
		` call=${number} event=call.new `)).length, 1);
	await waitLine('cloud', / cloud msg="online as 200-/);
	await waitLine('sip', / sip (call=\d+ )?id=\w+ msg="sip:1000@.*: incoming call /);
	await waitLine('sip', / sip msg=".* 200 OK .*\[\d+ binding/);
	for (const area of AREAS)
		for (const line of lines(area))
			assert.match(line, new RegExp('^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+[+-]'
				+ `\\d\\d:\\d\\d (DEBUG|INFO |WARN |ERROR) ${area} `));
	assert.match(rig.bridge.log(), /the log is in .*\/log\/\*\.log from now on/);
	assert.doesNotMatch(rig.bridge.log(), /call \d+: /);
});

test('/cube_log: levels by area, at once', async () => {
	assert.match(await rig.bridge.command('cube_log'),
		/^log to .*\/log\n.*10240 KiB.*\nbridge +info\nsip +info\ncloud +info\n/);
	assert.ok(!lines('cloud').some((line) => line.includes(' DEBUG ')));
	assert.match(await rig.bridge.command('cube_log', 'cloud debug'),
		/\nsip +info\ncloud +debug\nmedia +info\n/);
	const session = await rejected();

	const line = await waitLine('cloud', new RegExp(
		` DEBUG cloud call=\\d+ id=${session} msg=`));

	assert.ok(line);
	for (const area of ['bridge', 'sip', 'media'])
		assert.ok(!lines(area).some((one) => one.includes(' DEBUG ')), area);
	for (const wrong of ['cloud', 'clouds debug', 'cloud loud', '; debug'])
		assert.match(await rig.bridge.command('cube_log', wrong), /^usage: /);
	assert.match(await rig.bridge.command('cube_log', 'all warning'),
		/\nbridge +warning\nsip +warning\ncloud +warning\nmedia +warning\n/);
	const before = lines('bridge').length;

	await rejected();
	await rig.bridge.command('cube_log', 'all info');
	assert.equal(lines('bridge').length, before);
});

test('SIGHUP opens them anew', async () => {
	for (const area of AREAS)
		renameSync(path(area), path(area, { more: '.old' }));
	process.kill(rig.bridge.child.pid, 'SIGHUP');
	await until('new files', () => AREAS.every((area) => existsSync(path(area))));
	const old = lines('bridge', { more: '.old' }).length;

	await rejected();
	await waitLine('bridge', / event=call\.ended /);
	assert.equal(lines('bridge', { more: '.old' }).length, old);
});

test('a full disk costs lines and no call; how many is told', async () => {
	const since = rig.bridge.log().length;

	unlinkSync(path('bridge'));
	symlinkSync('/dev/full', path('bridge'));
	process.kill(rig.bridge.child.pid, 'SIGHUP');
	await rejected();
	await rig.bridge.waitLog(
		/ WARN {2}connectycube: bridge log cannot be written: No space left/,
		{ since });
	assert.match(await rig.bridge.command('cube_log'),
		/^bridge +info \(\d+ lines? w(as|ere) lost\)$/m);

	unlinkSync(path('bridge'));
	process.kill(rig.bridge.child.pid, 'SIGHUP');
	await until('the file is back', () => existsSync(path('bridge')));
	await rejected();
	await waitLine('bridge', / msg="[1-9]\d* lines? w(as|ere) lost here: /);
	await waitLine('bridge', / event=call\.ended /);
	assert.equal(rig.bridge.log().slice(since).match(/cannot be written/g).length,
		1);
});

test('JSON, and no longer than it may be', async () => {
	const bridge = await startRawBridge(sandbox, start('json', {
		connectycube_log: 'files', connectycube_log_format: 'json',
		connectycube_log_size: 2, connectycube_log_keep: 1,
		connectycube_log_level: 'debug,media=error' }));

	try {
		await bridge.waitCloud('online');
		for (let i = 0; i < 3; i++) await rejected(bridge);
		await until('it is moved away', () =>
			existsSync(path('bridge', { bridge, more: '.1' })));
		for (const name of readdirSync(`${bridge.dir}/log`)) {
			const file = `${bridge.dir}/log/${name}`;

			assert.match(name, /^(bridge|sip|cloud|media)\.log(\.1)?$/);
			assert.ok(statSync(file).size <= 2048, name);
			for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
				if (name.startsWith('media')) {
					assert.equal(line, '');
					continue;
				}
				const { area, level, time, msg } = JSON.parse(line);

				assert.ok(name.startsWith(area), line);
				assert.match(level, /^(debug|info|warning)$/);
				assert.ok(Math.abs(Date.now() - time) < 300000, line);
				assert.ok(msg, line);
			}
		}
	} finally {
		await bridge.stop();
	}
});

test('a folder that cannot be written: said, and it goes on', async () => {
	const bridge = await startRawBridge(sandbox, start('nowhere', {
		connectycube_log: 'files', connectycube_log_dir: '/dev/null/log' }));

	try {
		await bridge.waitCloud('online');
		await rejected(bridge);
		await bridge.waitLog(/ INFO {2}connectycube: call \d+: ended: /);
		assert.match(bridge.log(), new RegExp(' WARN {2}connectycube:'
			+ ' connectycube_log files: /dev/null/log: Not a directory; the log'
			+ ' goes to stdout'));
	} finally {
		await bridge.stop();
	}
});

test('baresip -s: messages, without what is secret in them', async () => {
	const bridge = await startRawBridge(sandbox, { ...start('traced', {}),
		argv: [BARESIP, '-s'] });

	try {
		await bridge.waitRegistered();
		await bridge.waitCloud('online');
		const call = await rejected(bridge);

		assert.ok(call);
		await bridge.waitLog(/SIP out .*\n.*REGISTER sip:/);
		await bridge.waitLog(/SIP in .*\n.*INVITE sip:/);
		await bridge.waitLog(/Authorization: Digest \*\*\*/);
		assert.doesNotMatch(bridge.log(), /response="|a=ice-pwd:[^*]/);
		// a line of theirs is not one of ours
		assert.match(bridge.log(), / DEBUG \| Call-ID: /);
		assert.doesNotMatch(bridge.log(), / DEBUG (Call-ID|Via|Contact|v=0)/);
		// baresip's own form of them
		assert.doesNotMatch(bridge.log(), /^(TX|RX) |\|(TX|RX)|^UDP [\d.]+:\d+ ->/m);
		assertNoSecrets(bridge.log(), await rig.secrets(), bridge.child.log);
	} finally {
		await bridge.stop();
	}
});

/** A journald: what it is sent is in a file. argv: who finds it where it always is. */
async function startJournald() {
	const dir = `${sandbox.dir}/journald`;
	const program = `use IO::Socket::UNIX; use IO::Handle;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
		open(my $f, '>>', $ARGV[1]) or die; $f->autoflush(1);
		my $got;
		print $f "$got\\n" while defined $s->recv($got, 1 << 18);`;

	mkdirSync(dir);
	const child = run('journald', ['perl', '-e', program, `${dir}/socket`,
		`${dir}/got`], `${dir}/log`);

	await until('journald listens', () => existsSync(`${dir}/got`), { child });
	return { child, text: () => readFileSync(`${dir}/got`, 'latin1'),
		argv: ['unshare', '-m', 'sh', '-c', `mount -t tmpfs none /run
			mkdir -p /run/systemd/journal
			mount --bind ${dir} /run/systemd/journal
			exec "$@"`, 'sh', BARESIP, '-v'] };
}

test('journald: fields, its own levels, and no secrets', async () => {
	const journald = await startJournald();
	const bridge = await startRawBridge(sandbox, { ...start('journal', {
		connectycube_log: 'journald', connectycube_log_level: 'trace' }),
	argv: journald.argv });

	try {
		await bridge.waitCloud('online');
		const session = await rejected(bridge);

		await until('the end of the call', () =>
			/^CUBE_EVENT=call\.ended$/m.test(journald.text()));
		const text = journald.text();

		assert.match(text, new RegExp(`^CUBE_CALL=\\d+$`, 'm'));
		assert.match(text, /^PRIORITY=[67]$/m);
		assert.match(text, /^CUBE_AREA=sip$/m);
		assert.ok(text.includes(session));
		assert.match(text, /Authorization: Digest \*\*\*/);
		assert.doesNotMatch(text, /response="/);
		assertNoSecrets(text, await rig.secrets(), 'the journal');
		assert.match(bridge.log(), /the log is in the journal from now on/);
	} finally {
		await bridge.stop();
		await journald.child.stop();
	}
});

test('no secrets', async () => {
	for (const area of AREAS)
		assertNoSecrets(lines(area).join('\n'), await rig.secrets(), area);
});
