// `cube`, as an operator and his scripts use it: a real hub, a real bridge, real calls.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { CUBE, openCube } from './lib/cube.mjs';
import { record, startHub } from './lib/hub.mjs';
import { freePort } from './lib/ports.mjs';
import { startRig } from './lib/rig.mjs';

const dir = mkdtempSync(`${tmpdir()}/cube-`);

const { run, start, cube, said, json, soon, terminal, stop } = openCube({
	CUBE_SOCKET: `${dir}/api.sock` });

let hub;
let rig;
let port;

before(async () => {
	port = await freePort();
	hub = await startHub({ connectycube_hub_http:
		`unix:${dir}/api.sock,127.0.0.1:${port}` });
	rig = await startRig({ bridge: { keys: {
		module_app: ['connectycube.so', 'connectycube_link.so', 'account.so',
			'ctrl_tcp.so'],
		connectycube_link_socket: hub.socket, connectycube_link_name: 'sales',
		connectycube_link_spool: `${dir}/spool` } } });
});

after(async () => {
	await rig?.stop();
	await hub?.stop();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(async () => {
	stop();
	await rig.reset();
});

/** So many follow events now. */
const followed = (n) => until(`${n} follow`, async () =>
	new RegExp(`^http .* events=${n} `, 'm').test(await hub.status()),
{ timeout: 30000 });

test('a call, seen from its first ringing to its record', async () => {
	await until('all is well', async () => (await cube('status')).code === 0,
		{ timeout: 60000 });
	const tail = start('tail');
	const events = start('tail', '--json', '--type=call,call_ended');

	await followed(2);
	assert.match(await said('status'), new RegExp('^extensions {2}1 of 1 takes calls\n'
		+ 'calls {7}0 up, 0 not answered yet\nalarms {6}none\n\n'
		+ 'EXTENSION .*\n1000@\\S+ +Sales +registered +\\d+ s +online +\\d+ s +200 +0\n$'));
	assert.equal(await said('calls'), 'no calls\n');
	const call = await rig.phoneCallsApp();

	await rig.waitTones();
	const { calls: [{ id: callId }] } = await json('calls');
	// of a UUID as much as tells it from others
	const short = /@/.test(callId) ? callId : callId.slice(0, 8);

	assert.match(await soon(/PCMU opus .*\d\.\d +0\.0 %$/m, 'calls'), new RegExp('^ID +STATE +FOR .*\n'
		+ `${short} +up` + ' +0:\\d\\d +5551234 +app 101 +1000@\\S+ +PCMU opus +4\\.\\d +0\\.0 %\n$'));
	const detail = await soon(new RegExp('^phone +from it +PCMU/8000 +\\d+ +0 .* 4\\.\\d\\d'
		+ ' +-\\d+\\.\\d dB +64 kbit/s$', 'm'), 'calls', short);

	assert.match(detail, new RegExp(`^Call-ID +${call.id}$`, 'm'));
	assert.match(detail, /^app +app 101 +AEAD_AES_128_GCM .*transcoded +[▁-█.]+$/m);
	assert.match(await said('status'), /^calls +1 up, .*\n[^]* 200 +1\n$/m);

	const { legs, call_id: id } = await json('calls', callId);

	assert.equal(id, call.id);
	assert.ok(legs.every(({ samples }) => samples.length), JSON.stringify(legs));
	assert.deepEqual((await json('calls', '--extension', '1000')).calls.map((one) => one.id),
		[callId]);
	await rig.phoneHangsUp(call);
	await tail.wait(/over/);
	await events.wait(/call_ended/);
	const times = /^\d\d:\d\d:\d\d {2}/;

	assert.ok(tail.lines().every((line) => times.test(line)), tail.out);
	const told = tail.lines().map((line) => line.replace(times, ''))
		.filter((line) => line.startsWith('call '));

	assert.equal(told.length, new Set(told).size, 'told twice');
	assert.deepEqual(told.slice(-2), [`call ${callId} up: 5551234 to app 101`,
		`call ${callId} over: 5551234 to app 101`]);
	const all = events.lines().map((line) => JSON.parse(line));

	assert.ok(all.every(({ event, data }) => /^call/.test(event) && data.id === callId));
	assert.equal(all.at(-1).event, 'call_ended');
	await hub.waitIdle();
	assert.match(await soon(/5551234/, 'cdr', '--from', 'today'), new RegExp('^ID +BEGAN .*\n'
		+ '[0-9a-f]{8} +\\d\\d:\\d\\d:\\d\\d +5551234 +app 101 +1000@\\S+ +ANSWERED +0:\\d\\d +4\\.\\d +normal\n$'));
	assert.match(await said('today'), /^calls +1\n {2}ANSWERED +1\nASR +100\.0 %$/m);
	const { records: [one], next } = await json('cdr', '--number', '5551234');

	assert.deepEqual([one.call_id, next], [call.id, null]);
	const kept = await said('cdr', one.id.slice(0, 8));

	assert.match(kept, new RegExp(`^record +${one.id}\n[^]*^Call-ID +${call.id}$`, 'm'));
	assert.match(kept, /^phone +from it +PCMU\/8000 +\d+ +0 /m);
	assert.deepEqual(await json('cdr', one.id), one);
});

test('what callers call themselves does nothing to a terminal', async () => {
	const bridge = await hub.bridge('evil');
	const user = '666';

	await bridge.keep(record({ from: { side: 'phone', user: null, number: '+49301',
		name: '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eB\u00f6ll\n+1 900', uri: null },
	to: { side: 'app', user, number: null, name: null, uri: null } }));
	bridge.close();
	const out = await said('cdr', '--user', user);

	assert.match(out, /\+49301 \(�\[2J�\]0;owned��31m�Böll \+1 900\)/);
	assert.equal(out.split('\n').length, 3);
	// as JSON, on a terminal and not
	const text = await said('cdr', '--user', user, '--json');

	assert.equal(JSON.parse(text).records[0].from.name.slice(0, 4), '\u001b[2J');
	const shown = await terminal(`${CUBE} cdr --user ${user} --json`);

	assert.equal(JSON.parse(shown).records[0].from.name.slice(-6), '+1 900');
	assert.match(shown, /^[\n\r -~]*$/);
	// a locale without UTF-8 gets none
	const ascii = await run([CUBE, 'cdr', '--user', user], { LC_ALL: 'C' }).ended;

	assert.match(ascii.out, /\?\[2J.*B\?ll/);
	assert.match(ascii.out, /^[\n -~]*$/);
});

test('colours are for terminals, and for who wants them', async () => {
	assert.match(await terminal(`${CUBE} status`), /^\u001b\[32mextensions /);
	for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
		assert.doesNotMatch(await terminal(`${CUBE} status`, env), /\u001b/);
	assert.doesNotMatch(await terminal(`${CUBE} status --color never`), /\u001b/);
	assert.doesNotMatch(await said('status'), /\u001b/);
	assert.match(await said('status', '--color=always'), /\u001b\[32m/);
	// it fits
	const cut = await terminal(`stty cols 50; ${CUBE} cdr`, { NO_COLOR: '1' });

	assert.match(cut, /…/);
});

test('each door, and what is said of one that is closed', async () => {
	const wrong = async (code, pattern, args, env) => {
		const one = await run([CUBE, ...args], { CUBE_SOCKET: '', ...env }).ended;

		assert.deepEqual([one.code, one.out], [code, ''], one.err);
		assert.match(one.err, pattern);
	};
	const url = ['--url', `http://127.0.0.1:${port}`];
	const token = async (name, role) => {
		const text = await hub.ctrl.command('hub_token', `add ${name} ${role}`);
		const path = `${dir}/${name}`;

		writeFileSync(path, `${/^(cube_[0-9a-f]{64})\n/m.exec(text)[1]}\n`, { mode: 0o600 });
		return path;
	};
	const readonly = await token('looks', 'readonly');

	await wrong(69, /^cube: \/nowhere\/api.sock is not there: the hub does not run/,
		['status', '--socket', '/nowhere/api.sock']);
	await wrong(69, /api\.sock is not there/, ['tail']);
	await wrong(77, /the hub says: say a token.*\/hub_token add .* --token-file/,
		['status', ...url]);
	await wrong(77, /there is no such token/, ['status', ...url], { CUBE_TOKEN: 'cube_guess' });
	await wrong(2, /\/nothing: No such file/, ['status', '--token-file', '/nothing']);
	for (const host of ['192.0.2.1', '127.0.0.1.example', '127.example'])
		await wrong(2, /could read the token/, ['status', '--url', `http://${host}`],
			{ CUBE_TOKEN: 'x' });
	await wrong(69, /Connection refused|connect/i,
		['status', '--url', `http://127.0.0.1:${await freePort()}`]);
	assert.match(await said('status', ...url, '--token-file', readonly), /^extensions /);
	const env = await run([CUBE, 'calls', '--json'], { CUBE_SOCKET: '', CUBE_URL: url[1],
		CUBE_TOKEN_FILE: readonly }).ended;

	assert.deepEqual([env.code, env.out, env.err], [0, '{"calls":[]}\n', '']);
	await wrong(2, /--from yesterdy: is no time/, ['cdr', '--from', 'yesterdy']);
	await wrong(2, /no such command/, ['sttaus']);
	// what is written nowhere is said
	const full = await run(['sh', '-c', `${CUBE} status > /dev/full`]).ended;

	assert.equal(full.code, 74);
	assert.match(full.err, /cannot be written: No space left/);
});

test('tail goes on when the hub is started anew, and says what it cannot know', async () => {
	const tail = start('tail', '--type', 'alarm');
	const people = start('tail');

	await followed(2);
	// an alarm comes, of a bridge that has gone
	const passing = async () => {
		const bridge = await hub.bridge('passing', { v: 3 });

		bridge.send({ t: 'state', state: { draining: false, loop_stall_ms: 3, spool: {
			waiting: 0, lost: 0, works: true }, calls: [], extensions: [{
			extension: 'sip:9@pbx.example', calls: 0, sip: { registered: true, registers: true },
			cloud: { state: 'online', online: true } }] } });
		return bridge;
	};
	const bridge = await passing();

	await people.wait(/extension 9@pbx\.example registered, cloud online/);
	bridge.close();
	await tail.wait(/alarm bridge_gone on: passing/);
	assert.equal((await cube('status')).code, 1);
	const alarms = await cube('alarms');

	assert.equal(alarms.code, 1);
	assert.match(alarms.out, /^bridge_gone .* passing /m);
	await hub.again({});
	await people.wait(/gap: the hub was started anew; what was meanwhile is lost/);
	// what was told before that is told again
	await passing();
	await people.wait(/gap[^]*extension 9@pbx\.example registered, cloud online/);
	assert.match(people.err, /^cube: the hub has gone; it is waited for\n/);
});

test('help, man page, docs/CLI.md and completion know the same commands and options', async () => {
	const help = await said('help');
	const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, one]) => one);
	const man = readFileSync(`${REPO}/programs/cube/cube.1`, 'utf8').replaceAll('\\-', '-');
	const doc = readFileSync(`${REPO}/docs/CLI.md`, 'utf8');
	const options = new Set();

	assert.ok(commands.includes('status') && commands.includes('tail'), help);
	for (const command of commands) {
		const text = await said('help', ...command === 'help' ? [] : [command]);

		for (const [, one] of text.matchAll(/^ .*(--[a-z-]+)/gm)) options.add(one);
		assert.match(man, new RegExp(`^\\.(B|BI|BR) "?${command}\\b`, 'm'), command);
		assert.match(doc, new RegExp(`cube ${command}\\b`), command);
	}
	for (const option of options)
		assert.ok(man.includes(option), option);

	// what the guides have typed is a command, with options that it has
	let typed = 0;

	for (const guide of ['INSTALL', 'INSTALL.pt-BR', 'OPERATIONS', 'OPERATIONS.pt-BR']) {
		const text = readFileSync(`${REPO}/docs/${guide}.md`, 'utf8');

		for (const [block] of text.matchAll(/^```sh\n[^]*?^```$/gm))
			for (const [, command, rest] of block.matchAll(/^cube ([a-z]+)(.*)$/gm)) {
				const known = await said('help', command);

				for (const [option] of rest.matchAll(/--[a-z-]+/g))
					assert.ok(known.includes(` ${option}`), `${guide}: ${command} ${option}`);
				typed += 1;
			}
	}
	assert.ok(typed > 10, String(typed));

	const complete = async (...words) => {
		const { out, err } = await run(['bash', '--norc', '-c', `. ${REPO}/contrib/completion/cube
			COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cube; echo "\${COMPREPLY[*]}"`,
		'-', 'cube', ...words], { PATH: `${REPO}/build:${process.env.PATH}` }).ended;

		assert.equal(err, '');
		return out.trim().split(/\s+/).sort();
	};

	assert.deepEqual(await complete(''), [...commands].sort());
	assert.deepEqual(await complete('--json', 'ca'), ['call', 'calls']);
	assert.deepEqual(await complete('cdr', '--disp'), ['--disposition']);
	assert.deepEqual(await complete('cdr', '--disposition', 'A'), ['ANSWERED']);
	assert.deepEqual(await complete('tail', '--type', '=', 'al'), ['alarm']);
	assert.deepEqual(await complete('status', '--disp'), ['']);
	assert.ok((await complete('calls', '-e', '')).includes('1000'));
	assert.ok((await complete('check', '')).includes('1000'));
	assert.deepEqual(await complete('dnd', '1000', 'o'), ['off', 'on']);
	assert.deepEqual(await complete('record', '1', 'st'), ['start', 'stop']);
	assert.ok((await complete('fetch', '')).every((one) => /^[0-9a-f]{8}$/.test(one)));

	// channels, of which a transfer and a bridge may name two
	const channels = async (...words) => (await run(['bash', '--norc', '-c',
		`. ${REPO}/contrib/completion/cube
		cube() {
			[ "$*" = --help ] && { ${REPO}/build/cube --help; return; }
			echo '{"channels":[{"channel":"PJSIP/1-0a"},{"channel":"PJSIP/2-0b"}]}'
		}
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cube; echo "\${COMPREPLY[*]}"`,
		'-', 'cube', 'pbx', ...words]).ended).out.trim();

	assert.equal(await channels(''), 'hangup transfer bridge call');
	for (const words of [['hangup'], ['--extension', '1', 'hangup'], ['transfer'],
		['transfer', 'PJSIP/1-0a', '900'], ['bridge', 'PJSIP/1-0a']])
		assert.equal(await channels(...words, 'PJSIP/2'), 'PJSIP/2-0b', words.join());
	for (const words of [['hangup', 'PJSIP/1-0a'], ['transfer', 'PJSIP/1-0a']])
		assert.equal(await channels(...words, ''), '', words.join());

	// what a bridge has told the hub is not run by who types a tab
	const hostile = await run(['bash', '--norc', '-c', `. ${REPO}/contrib/completion/cube
		cube() {
			[ "$*" = --help ] && { ${REPO}/build/cube --help; return; }
			echo '[{"extension":"sip:$(touch ${dir}/touched)@h"},{"extension":"sip:7@h"}]'
		}
		COMP_WORDS=(cube check ''); COMP_CWORD=2; _cube; echo "\${COMPREPLY[*]}"`]).ended;

	assert.equal(hostile.out.trim(), '7');
	assert.ok(!existsSync(`${dir}/touched`));

	mkdirSync(`${dir}/etc/connectycube-bridge`, { recursive: true });
	writeFileSync(`${dir}/etc/connectycube-bridge/extensions.conf`, ['1000', '1001', '2000']
		.map((one) => `<sip:${one}@pbx>;cube_login=a;cube_password=b\n`).join(''), { mode: 0o640 });
	for (const command of ['show', 'remove'])
		assert.deepEqual(await complete('--root', dir, command, '1'), ['1000', '1001']);
	for (const words of [[], ['a.csv']])
		assert.deepEqual(await complete('import', ...words, `${REPO}/docs/CL`),
			[`${REPO}/docs/CLI.md`]);
});
