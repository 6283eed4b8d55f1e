// contrib/check and /cube_check: what works, what does not and what to do about it,
// of a bridge that runs and of a profile that none runs with.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync,
	symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { freePorts, listening, start, until }
	from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { assertNoSecrets, startRig, userLine } from './lib/rig.mjs';
import { freePort } from './lib/ports.mjs';

const LONGEST = 40000; // [ms] that it may take

let rig;
let dir;
let turn;
let port;
let tlsPort;

before(async () => {
	[port, tlsPort] = await freePorts(2);
	rig = await startRig({ app: false, bridge: ({ sandbox: { sip } }) => ({
		users: userLine(sip, { more: ';call=101+login:bob' }),
		keys: { connectycube_ice_server: [`stun:127.0.0.1:${port}`,
			`turn:127.0.0.1:${port};user=bridge;pass=turn-s3cret`,
			`turn:127.0.0.1:${port}?transport=tcp`
			+ ';user=bridge;pass=turn-s3cret',
			`turns:127.0.0.1:${tlsPort};user=bridge;pass=turn-s3cret`] },
	}) });
	({ bridge: { dir } } = rig);
	const run = `${rig.sandbox.dir}/turn`;

	// by its second address it is somebody whom its certificate is not for
	turn = start('turn', ['turnserver', '-n', '--no-cli', '--no-dtls',
		'--listening-ip', '127.0.0.1', '--listening-ip', '127.0.0.2',
		'--relay-ip', '127.0.0.1', '--listening-port', String(port),
		'--tls-listening-port', String(tlsPort),
		'--cert', `${rig.sandbox.dir}/server.pem`,
		'--pkey', `${rig.sandbox.dir}/server.key`, '--min-port', '40000',
		'--max-port', '40099', '--lt-cred-mech', '--realm', 'sandbox',
		'--user', 'bridge:turn-s3cret', '--pidfile', `${run}.pid`,
		'--userdb', `${run}.db`, '--log-file', 'stdout'], `${run}.log`);
	for (const one of [port, tlsPort])
		await until('the TURN server listens', () => listening(one),
			{ child: turn });
});

after(async () => {
	await turn?.stop();
	await rig?.stop();
});

/** { status, lines } of contrib/check */
const check = (profile = dir, ...more) => new Promise((resolve) => {
	execFile(`${REPO}/contrib/check`, [...more, profile], { timeout: LONGEST },
		(error, stdout, stderr) => resolve({ status: error ? error.code : 0,
			text: stdout + stderr }));
});

const edit = (file, from, to) => {
	const text = readFileSync(`${dir}/${file}`, 'utf8');

	assert.ok(text.includes(from), `no ${from} in ${file}`);
	writeFileSync(`${dir}/${file}`, text.replaceAll(from, to));
};

const GOOD = new RegExp(['', '1000@\\S+: SIP: registered',
	'1000@\\S+: cloud: online as user 200',
	'1000@\\S+: call=101 \\(line 1\\): is user 101',
	'1000@\\S+: call=login:bob \\(line 1\\): is user 102',
	'1000@\\S+: no dial= \\(line 1\\): calls of apps to it are rejected',
	'stun:127.0.0.1:\\d+: sees us at 127.0.0.1:\\d+',
	'turn:127.0.0.1:\\d+: relays at 127.0.0.1:\\d+',
	'turn:127.0.0.1:\\d+ \\(TCP\\): relays at 127.0.0.1:\\d+',
	'turns:127.0.0.1:\\d+: relays at 127.0.0.1:\\d+']
	.join('\\nok {3}(sip:)?') + '\\n0 of 9 failed\\n$');

test('all is well: of a bridge that runs, and of one that does not', async () => {
	const { status, text } = await check();

	assert.match(text, /^ {5}of the bridge that runs/);
	assert.match(`\n${text}`, GOOD);
	assert.equal(status, 0);
	assert.ok(rig.bridge.child.running());
	assert.match(`\n${(await check(dir, '--ask')).text}`, GOOD);
	assert.match(rig.bridge.log(), /check: sip:1000@\S+: SIP: registered/);
	await rig.bridge.stop();
	assert.deepEqual(await check(dir, '--ask'), { status: 75, text: '' });

	const alone = await check();

	assert.match(`\n${alone.text}`, GOOD);
	assert.doesNotMatch(alone.text, /of the bridge that runs/);
	assert.equal(alone.status, 0);
	assert.deepEqual(await rig.sandbox.contacts('1000'), []);
});

test('root who runs it leaves nothing behind that the folder\'s owner could not use',
	{ skip: process.getuid() !== 0 }, async () => {
		const [NOBODY, above] = [65534, mkdtempSync(`${tmpdir()}/check-`)];
		const copy = `${above}/1000`;

		try {
			execFileSync('cp', ['-r', dir, copy]);
			execFileSync('cp', [`${rig.sandbox.dir}/ca.pem`, copy]);
			writeFileSync(`${copy}/config`, readFileSync(`${copy}/config`, 'utf8')
				.replaceAll(`${rig.sandbox.dir}/ca.pem`, `${copy}/ca.pem`)
				.replaceAll(`${dir}/modules`, `${copy}/modules`)
				.replace(/^module_app\s+connectycube\.so$/m,
					'$&\nmodule_app connectycube_link.so'));
			// that a file of his leads to one of root's makes him no root
			renameSync(`${copy}/config`, `${above}/config`);
			chmodSync(`${above}/config`, 0o644);
			symlinkSync(`${above}/config`, `${copy}/config`);
			execFileSync('chown', ['-hR', String(NOBODY), copy]);
			chmodSync(above, 0o755);

			const { status, text } = await check(copy);

			assert.match(`\n${text}`, GOOD);
			assert.equal(status, 0);
			const names = readdirSync(copy);

			assert.ok(names.includes('spool'), names.join());
			for (const name of names)
				assert.equal(lstatSync(`${copy}/${name}`).uid, NOBODY, name);
		} finally {
			rmSync(above, { recursive: true });
		}
	});

test('nothing is: each with its remedy', async () => {
	edit('users', 'login:bob', 'login:nobody+7');
	edit('accounts', 'sip-1000', 'wrong-pass');
	edit('config', 'turn-s3cret', 'wrong-too');
	const nobody = await freePort();

	edit('config', `stun:127.0.0.1:${port}`, `stun:127.0.0.1:${nobody}`);
	edit('config', 'turns:127.0.0.1', 'turns:127.0.0.2');
	const { status, text } = await check();

	assert.equal(status, 1);
	for (const line of [
		/^FAIL sip:1000@\S+: SIP: not registered .*\n {5}-> .*auth_pass=/m,
		/^ok {3}sip:1000@\S+: cloud: online/m,
		/^ok {3}.*call=101 /m,
		/^FAIL .*login:nobody \(line 1\): there is no such user.*\n {5}-> .*call=/m,
		/^FAIL .*call=7 \(line 1\): there is no such user/m,
		/^FAIL stun:.*\n {5}-> .*firewall/m,
		/^FAIL turn:\S+: 401 .*\n {5}-> .*user= and pass=/m,
		/^FAIL turn:\S+ \(TCP\): 401 /m,
		/^FAIL turns:\S+: its certificate .* is refused: .*\n {5}-> .*ca_file.*name/m,
		/^7 of 10 failed$/m,
	])
		assert.match(text, line);

	edit('config', `stun:127.0.0.1:${nobody}`, `stun:127.0.0.1:${port}`);
	edit('users', 'ext1000-pass', 'not-that');
	edit('accounts', 'regint=300', 'regint=0');
	edit('config', 'turns:127.0.0.2', 'turns:127.0.0.1');
	edit('config', '#connectycube_ice_ca_file\tPATH',
		`connectycube_ice_ca_file ${rig.sandbox.dir}/stranger.pem`);
	const login = await check();

	assert.equal(login.status, 1);
	assert.match(login.text, /^ok {3}\S+: SIP: does not register \(regint=0/m);
	assert.match(login.text, new RegExp('^FAIL .*: cloud: ext1000 cannot log in'
		+ ' \\(.*\\n {5}-> .*cube_password=', 'm'));
	assert.match(login.text, new RegExp('^FAIL turns:\\S+: its certificate .* is'
		+ ' refused: unable to get local issuer', 'm'));
	assert.match(login.text, /^FAIL .*call=101 .*: not looked up/m);
	assertNoSecrets(text + login.text, ['wrong-pass', 'wrong-too', 'not-that',
		'turn-s3cret'], 'the report');

	edit('config', 'connectycube_app_id', 'connectycube_app_idd');
	const config = await check();

	assert.equal(config.status, 78);
	assert.match(config.text, /connectycube_app_id/);
});
