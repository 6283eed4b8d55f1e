// The office's commands as an administrator uses them: extensions of a table, checked
// before anything runs, their passwords encrypted, then in operation; a backup of all of
// it. No secret gets anywhere.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { openCube } from './lib/cube.mjs';
import { BARESIP } from './lib/rig.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { officeNumbers, openTwoFiles } from './lib/twofiles.mjs';

const CREDS = existsSync('/usr/bin/systemd-creds');

let sandbox;
let office;
let cube;
let wrong;
let all = '';

before(async () => {
	sandbox = await startTestSandbox({ numbers: officeNumbers(2) });
	office = await openTwoFiles(sandbox, { count: 2 });
	// that of a bridge which is checked says who it is, and must find its modules
	writeFileSync(`${sandbox.dir}/uids`, '');
	writeFileSync(`${sandbox.dir}/baresip`, `#!/bin/sh\nid -u >> ${sandbox.dir}/uids\n`
		+ `exec ${BARESIP} "$@"\n`, { mode: 0o755 });
	chmodSync(`${sandbox.dir}/uids`, 0o666);
	chmodSync(sandbox.dir, 0o711);
	cube = openCube({ CUBE_SOCKET: `${sandbox.dir}/no-api.sock`, CUBE_SHARE: `${REPO}/contrib`,
		BARESIP: `${sandbox.dir}/baresip` });
	// where nobody but the office's own may write
	mkdirSync(`${sandbox.dir}/raw`, { mode: 0o700 });
	office.write(['# our office'], { module_app: 'connectycube_record.so',
		connectycube_record_spool: `${sandbox.dir}/raw` });
});

after(async () => {
	cube?.stop();
	await office?.close();
	await sandbox?.stop();
});

async function run(...args) {
	const one = await cube.cube(...args, '--root', office.root);

	all += one.out + one.err;
	return one;
}

async function done(...args) {
	const { code, out, err } = await run(...args);

	assert.equal(code, 0, `${args.join(' ')}: ${code}: ${out}${err}`);
	return out;
}

const other = (number) => office.numbers.find((one) => one !== number);
const lines = () => readFileSync(`${office.etc}/extensions.conf`, 'utf8');

test('a table becomes extensions', async () => {
	const table = `${sandbox.dir}/table.csv`;
	const phone = (number) => office.phones[office.numbers.indexOf(number)].port;

	// as FreePBX exports them, with our columns behind
	writeFileSync(table, ['extension,password,name,tech,dial,secret,cube_login,cube_password,call',
		...office.numbers.map((number) => `${number},,Desk ${number},pjsip,sip:5551234@127.0.0.1:${phone(number)},`
			+ `sip-${number},office${number},office${number}-pass,${office.userOf(other(number))}`),
		'2002,,Fax,virtual,,,,,', '2003,,Ann,pjsip,,x,,,', ''].join('\n'));

	const asked = await run('import', table, '--pbx', sandbox.sip);

	assert.equal(asked.code, 1);
	assert.match(asked.err, /nothing is changed: --yes does it/);
	assert.equal(lines(), '# our office\n');

	const taken = await run('import', table, '--pbx', sandbox.sip, '--yes');

	assert.equal(taken.code, 1);
	assert.match(taken.err, /table\.csv:4: 2002: is left out: is no SIP extension/);
	assert.match(taken.err, /table\.csv:5: 2003: cube_password=/);
	assert.match(taken.out, /^2 extensions, 1 left out, 1 wrong \(columns of FreePBX\)$/m);
	assert.deepEqual(JSON.parse(await done('list', '--json')).map(({ extension, good }) =>
		[extension, good]), office.numbers.map((number) => [number, true]));
});

test('all is checked before anything runs, and what is wrong has a remedy', async () => {
	const good = await done('check');

	assert.match(good, /^2000$[^]*ok {4}sip:2000@\S+: SIP: registered$/m);
	assert.match(good, /^2001$[^]*: cloud: online as user 7001$/m);

	const uids = readFileSync(`${sandbox.dir}/uids`, 'utf8');

	assert.match(uids, process.getuid() ? /^\d+\n\d+\n$/ : /^([1-9]\d*)\n\1\n$/);

	const before = lines();

	writeFileSync(`${office.etc}/extensions.conf`, before.replace('sip-2001', 'wr0ng'));
	wrong = await run('check', '2001', '--json');
	writeFileSync(`${office.etc}/extensions.conf`, before);

	const [{ extension, ok, lines: said }] = JSON.parse(wrong.out);

	assert.equal(wrong.code, 1);
	assert.equal(extension, '2001');
	assert.equal(ok, false);
	assert.ok(said.some((one) => !one.ok && / in extensions\.conf:\d+/.test(one.remedy)
		&& /SIP: not registered \(401/.test(one.text)), wrong.out);
	assert.deepEqual(['/dev/shm', '/run'].flatMap((at) => readdirSync(at))
		.filter((name) => name.startsWith('cube-check')), []);
});

test('passwords are encrypted', { skip: !CREDS && 'no systemd-creds' }, async () => {
	assert.match(await done('secret'), /^2000: auth_pass is encrypted\n/);
	assert.match(lines(), /;auth_pass_cred=2000\.auth_pass;/);
	assert.doesNotMatch(lines(), /sip-2000|office2000-pass/);
});

test('the bridges have them, and calls', async () => {
	await office.sync();
	await office.allOnline();

	const [chain] = await office.callAll();

	await chain.end();
});

test('a bridge that runs is asked, not started twice', async () => {
	const out = await done('check', '2000');

	assert.match(out, /ok {4}sip:2000@\S+: SIP: registered/);

	// nor is one started in its folder when it does not answer
	const uids = readFileSync(`${sandbox.dir}/uids`, 'utf8');

	process.kill(office.pids[0], 'SIGSTOP');
	const hung = await run('check', '2000').finally(() =>
		process.kill(office.pids[0], 'SIGCONT'));

	assert.equal(hung.code, 1);
	assert.match(hung.out, /^2000$\n +FAIL +it runs, but does not answer at its console\n/m);
	assert.equal(readFileSync(`${sandbox.dir}/uids`, 'utf8'), uids);
	await office.allOnline();
});

test('one comes and one goes, the others run on', async () => {
	const pids = office.pids;

	writeFileSync(`${sandbox.dir}/passwords`, 'sip-2001\noffice2001-pass\n');
	await done('remove', '2001');
	assert.deepEqual(await office.sync(), { 2000: 'unchanged', 2001: 'stop' });
	await done('add', '2001', '--login', 'office2001', '--call', String(office.userOf('2000')),
		'--passwords', `${sandbox.dir}/passwords`);
	assert.deepEqual(await office.sync(), { 2000: 'unchanged', 2001: 'start' });
	await office.allOnline();
	assert.equal(office.pids[0], pids[0]);
});

test('a backup, and back', async () => {
	const file = `${sandbox.dir}/office.tar`;
	const root = `${sandbox.dir}/other`;

	await done('backup', file);
	assert.match(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }),
		CREDS ? /^office\/credstore\/2000\.auth_pass$/m : /^office\/extensions\.conf$/m);

	const { code, err } = await cube.cube('restore', file, '--root', root);

	assert.equal(code, 0, err);
	assert.equal(readFileSync(`${root}/etc/connectycube-bridge/extensions.conf`, 'utf8'), lines());
});

test('nothing that was said had a secret in it', () => {
	assert.doesNotMatch(all, /sip-200\d|office200\d-pass|wr0ng/);
});
