// The services of an office under a real systemd: booted in a container that
// tests/systemd has made, beside the sandbox's PBX and cloud. Prints figures.
// (What looks at instances, and what they leave: systemdcheck.mjs.)

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { writeProfile } from '../contrib/sandbox/lib/bridge.mjs';
import { freePorts, until } from '../contrib/sandbox/lib/process.mjs';
import { REPO } from '../contrib/sandbox/lib/template.mjs';
import { launch } from './e2e/lib/browser.mjs';
import { openSipUa } from './e2e/lib/sipua.mjs';
import { DRAIN, NAMES, ROOT, cancelled, closeContainer, figure, inside, isWell, openContainer,
	others, port, sandbox, show, systemctl, ua, unit, waitUnit, waitWell } from './e2e/lib/container.mjs';

const EXPOSURE = 2; // at most, of systemd-analyze security

before(openContainer);
after(closeContainer);

test('booted: hub and instances are ready, registered and online', async () => {
	const hub = await waitUnit('has all bridges', 'connectycube-hub.service',
		({ StatusText }) => StatusText === `${NAMES.length} bridges, 0 records`);

	await Promise.all(NAMES.map(waitWell));
	const units = await Promise.all(NAMES.map((name) => show(unit(name))));
	const us = (one, key) => Number(one[`${key}TimestampMonotonic`]);
	const begin = Math.min(...units.map((one) => us(one, 'InactiveExit')));
	const ready = Math.max(...units.map((one) => us(one, 'ActiveEnter')));

	assert.equal(hub.ActiveState, 'active');
	assert.ok(units.every(({ NRestarts }) => NRestarts === '0'));
	figure(`${NAMES.length} instances ready ${((ready - begin) / 1e6).toFixed(1)} s`
		+ ' after the first one was started');
});

test('what systemd has to say of the units', async () => {
	// root's, and over at once
	const units = [['connectycube-hub.service', EXPOSURE], [unit(NAMES[0]), EXPOSURE],
		['connectycube-bridge-sync.service', 2.3],
		['connectycube-bridge-retry.service', 2.3]];

	for (const [one, most] of units) {
		const text = await inside('systemd-analyze', 'security', '--no-pager', one);
		const [, exposure] = /Overall exposure level for .*: ([\d.]+) /.exec(text);

		figure(`systemd-analyze security ${one}: ${exposure}`);
		assert.ok(Number(exposure) <= most, `${one}: ${exposure}`);
	}

	const said = await inside('journalctl', '-b', '--no-pager', '-o', 'cat', '_PID=1');

	assert.doesNotMatch(said, /connectycube.*(Unknown|ignor)/i);
});

test('an instance has its own secrets alone, and a user of its own', async () => {
	const units = await Promise.all(NAMES.map((name) => show(unit(name))));
	const uids = new Set();

	// what takes the place of a file is hidden by no mount, as the first one is
	await inside('cube', 'add', '1099', '--login', 'x', '--pbx', 'pbx.example',
		'auth_pass_file=/x', 'cube_password_file=/x');
	await inside('cube', 'remove', '1099');
	await inside('sh', '-c', 'cd /etc/connectycube-bridge && rm -f new.conf'
		+ ' && mkdir -p new/etc/connectycube-bridge && cube add 1 --root $PWD/new --pbx h'
		+ ' --login x auth_pass_file=/x cube_password_file=/x'
		+ ' && mv new/etc/connectycube-bridge/extensions.conf new.conf && rm -r new');

	for (const [i, { MainPID }] of units.entries()) {
		const status = await inside('cat', `/proc/${MainPID}/status`);
		const [, uid] = /^Uid:\t(\d+)/m.exec(status);
		const [, gid] = /^Gid:\t(\d+)/m.exec(status);
		const as = (...argv) => inside('nsenter', '-t', MainPID, '-m', '-S', uid, '-G',
			gid, ...argv);
		const fails = (path, why) => assert.rejects(as('cat', path), why, path);
		const folder = '/run/connectycube-bridge/instances';
		const other = NAMES[(i + 1) % NAMES.length];

		uids.add(uid);
		assert.match(status, /^CapEff:\t0+$/m);
		assert.equal((await as('ls', folder)).trim(), NAMES[i]);
		assert.match(await as('cat', `${folder}/${NAMES[i]}/accounts`),
			new RegExp(`auth_pass="?sip-${NAMES[i]}`));
		await fails(`${folder}/${other}/accounts`, /No such file/);
		await fails(`/var/lib/connectycube-bridge/${other}/accounts`, /denied|No such/);
		await fails('/etc/connectycube-bridge/extensions.conf', /denied/);
		await fails('/etc/connectycube-bridge/common.conf', /denied/);
		await fails('/etc/connectycube-bridge/new.conf', /denied/);
		await assert.rejects(as('touch', `${folder}/${NAMES[i]}/users`),
			/Read-only|denied/);
		await assert.rejects(as('touch', '/run/connectycube-bridge/x'), /Read-only|denied/);
		// systemd's own: what is of other users is not to be seen
		await assert.rejects(as('ls', `/proc/${units[(i + 1) % NAMES.length].MainPID}`),
			/No such file/);
	}
	assert.equal(uids.size, NAMES.length);
	// nor does anybody else of the group come through
	await assert.rejects(inside('setpriv', '--reuid', '65534', '--regid',
		'connectycube-bridge', '--clear-groups', 'ls',
		'/run/connectycube-bridge/instances'), /denied/);
});

test('reload: ready all the time', async () => {
	const [{ MainPID }] = [await show(unit('1000'))];

	await systemctl('reload', unit('1000'));
	const now = await waitWell('1000');

	assert.equal(now.MainPID, MainPID);
	assert.match(await inside('journalctl', '--no-pager', '-u', unit('1000')),
		/SIGHUP: .* has been read again/);
});

test('kill -9: back within 3 s, and nobody else has noticed', async () => {
	const { MainPID } = await show(unit('1000'));
	const rest = await others('1000');

	await inside('kill', '-9', MainPID);
	const { seconds, NRestarts } = await waitUnit('is back', unit('1000'),
		(one) => one.MainPID !== MainPID && isWell(one));

	figure(`killed: registered and online again after ${seconds.toFixed(1)} s`);
	assert.ok(seconds < 3, `${seconds} s`);
	assert.equal(NRestarts, '1');
	assert.deepEqual(await others('1000'), rest);
});

test('SIGSTOP: the watchdog ends it, and it is started again', async () => {
	const { MainPID } = await show(unit('1001'));
	const rest = await others('1001');

	await inside('kill', '-STOP', MainPID);
	const { seconds } = await waitUnit('is back', unit('1001'),
		(one) => one.MainPID !== MainPID && isWell(one));

	figure(`stopped: registered and online again after ${seconds.toFixed(1)} s`);
	assert.match(await inside('journalctl', '--no-pager', '-u', unit('1001')),
		/Watchdog timeout/);
	assert.deepEqual(await others('1001'), rest);
});

test('a mistake in config (78): it is not started again', async () => {
	const file = '/run/connectycube-bridge/instances/1004/config';
	const { MainPID, NRestarts } = await show(unit('1004'));
	const rest = await others('1004');

	await inside('cp', '-a', file, '/run/kept');
	await inside('sh', '-c', `echo 'connectycube_ring_time soon' >> ${file}`);
	await inside('kill', '-9', MainPID);
	const failed = await waitUnit('has failed', unit('1004'), (one) =>
		one.ActiveState === 'failed' && one.ExecMainStatus === '78');

	// it was started once, for it had been killed, and that was all
	assert.equal(Number(failed.NRestarts), Number(NRestarts) + 1);
	await delay(3000);
	const later = await show(unit('1004'));

	assert.equal(later.ActiveState, 'failed');
	assert.equal(later.NRestarts, failed.NRestarts);
	assert.deepEqual(await others('1004'), rest);

	await inside('cp', '-a', '/run/kept', file);
	await systemctl('start', unit('1004'));
	await waitWell('1004');
});

test('the hub is started anew: nobody notices, and nothing is lost', async () => {
	const rest = await others();

	await systemctl('stop', 'connectycube-hub.service');
	const call = await ua.invite(`sip:1000@127.0.0.1:${port('1000')}`);

	await call.wait('180');
	call.cancel();
	await call.wait('final');
	const begin = Date.now();

	await systemctl('start', 'connectycube-hub.service');
	figure(`hub ready ${((Date.now() - begin) / 1000).toFixed(1)} s after its start`);
	await until('the record is there', () => cancelled() === 1, { timeout: 40000 });
	await waitWell('1000');
	assert.deepEqual(await others(), rest);
});

test('a recording is made for the hub, whose user is another one', async () => {
	const browser = await launch();
	const spool = '/var/spool/connectycube-bridge';
	const files = async () => (await inside('find', spool, '-name', '*.rec')).split('\n')
		.filter(Boolean);

	try {
		const app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
			{ toneHz: 440 });
		const call = await ua.invite(`sip:1003@127.0.0.1:${port('1003')}`);

		await app.waitIncoming();
		await app.accept();
		await call.wait('200');
		ua.rtp.play(1000, call.remoteRtp);
		await app.waitConnected();
		await until('it is being made', async () => (await files()).length);
		const [file] = await files();

		// each has a folder of its own, and sees no other one
		assert.ok(file.startsWith(`${spool}/from/1003/`), file);
		const { MainPID } = await show(unit('1001'));

		assert.equal(await inside('nsenter', '-t', MainPID, '-m', 'find', spool, '-name',
			'*.rec'), '');
		assert.equal((await inside('stat', '-c', '%a %G', file)).trim(),
			'640 connectycube-bridge');
		ua.rtp.hush();
		await call.bye();
		await app.waitClosed();
		await waitWell('1003');
		const taken = `${spool}/${file.split('/').pop()}`;

		await until('the hub has collected it', async () => (await files()).includes(taken),
			{ timeout: 60000 });
		await inside('setpriv', '--reuid', 'connectycube-hub', '--regid',
			'connectycube-hub', '--init-groups', 'sh', '-c',
			`cat ${taken} > /dev/null && mv ${taken} ${taken}.moved`);
	} finally {
		await browser.close();
	}
});

test('a folder of one\'s own, as docs/OFFICE.md has it', async () => {
	const name = 'connectycube-bridge-folder@.service';
	const folder = '/etc/connectycube/1010';
	const [sipPort] = await freePorts(2);
	const ca = '/etc/connectycube-bridge/ca.pem';

	writeProfile(`${ROOT}${folder}`, sandbox, { port: sipPort,
		account: { user: '1010', password: 'sip-1010' },
		users: `"Own" <sip:1010@${sandbox.sip}>;cube_login=ext1010`
			+ ';cube_password=ext1010-pass;call=101',
		keys: { module_path: '/usr/lib/baresip/modules', sip_cafile: ca,
			connectycube_ca_file: ca } });
	mkdirSync(`${ROOT}/etc/systemd/system/${name}.d`, { recursive: true });
	cpSync(`${REPO}/contrib/systemd/${name}`, `${ROOT}/etc/systemd/system/${name}`);
	writeFileSync(`${ROOT}/etc/systemd/system/${name}.d/user.conf`,
		'[Service]\nUser=cube\nGroup=cube\n');
	await inside('sh', '-c', 'id -u cube >/dev/null 2>&1 || useradd --system'
		+ ' --user-group --no-create-home --shell /usr/sbin/nologin cube'
		+ '; install -d -m 0750 -g cube /etc/connectycube'
		+ `; chown -R cube: ${folder}`);
	await systemctl('daemon-reload');
	await systemctl('start', 'connectycube-bridge-folder@1010');
	const { MainPID } = await waitUnit('is registered and online',
		'connectycube-bridge-folder@1010.service', isWell);

	await systemctl('reload', 'connectycube-bridge-folder@1010');
	const now = await waitUnit('goes on', 'connectycube-bridge-folder@1010.service',
		isWell);

	assert.equal(now.MainPID, MainPID);
	await systemctl('stop', 'connectycube-bridge-folder@1010');
	assert.equal((await show('connectycube-bridge-folder@1010.service')).Result,
		'success');
});

test('stop: its call goes on, beyond TimeoutStopSec=, and no other is taken',
	async () => {
		const uri = `sip:1002@127.0.0.1:${port('1002')}`;
		const call = await ua.invite(uri);
		const rest = await others('1002');

		await call.wait('180');
		await systemctl('stop', '--no-block', unit('1002'));
		await waitUnit('drains', unit('1002'), ({ ActiveState, StatusText }) =>
			ActiveState === 'deactivating' && / 1 call, ends when they have$/
				.test(StatusText));
		const refused = await ua.invite(uri);

		assert.equal((await refused.wait('final')).code, 503);
		const { TimeoutStopUSec } = await show(unit('1002'));

		assert.equal(TimeoutStopUSec, '20s');
		await delay(23000);
		assert.equal((await show(unit('1002'))).ActiveState, 'deactivating');

		call.cancel();
		const stopped = await waitUnit('has stopped', unit('1002'),
			({ ActiveState }) => ActiveState === 'inactive');

		assert.equal(stopped.Result, 'success');
		assert.equal(stopped.ExecMainStatus, '0');
		// and its record has been handed on
		assert.equal(cancelled(), 2);
		figure(`drained: ended ${stopped.seconds.toFixed(1)} s after its last call`);
		assert.deepEqual(await others('1002'), rest);
	});

/** cube of the container, with an apt-get that does as it is told; what it says */
async function cube(apt, ...argv) {
	const bin = `${ROOT}/run-bin`;

	mkdirSync(bin, { recursive: true });
	writeFileSync(`${bin}/apt-get`, `#!/bin/sh\n${apt}\n`, { mode: 0o755 });
	return inside('PATH=/run-bin:/usr/sbin:/usr/bin:/sbin:/bin', 'cube', ...argv)
		.then((said) => ({ code: 0, said }), ({ code, stdout, stderr }) =>
			({ code, said: stdout + stderr }));
}

const pids = async () => Object.fromEntries(await Promise.all(NAMES.map(async (name) =>
	[name, (await show(unit(name))).MainPID])));

const runsOld = (pid) => inside('grep', '-c', '/versions/', `/proc/${pid}/maps`)
	.then(() => true, () => false);

test('upgrade: the first that fails is put back; then one after the other, when its'
	+ ' calls have ended; and back', async () => {
	const module = '/usr/lib/baresip/modules/connectycube.so';

	await systemctl('start', unit('1002'));
	await Promise.all(NAMES.map(waitWell));
	const before_ = await pids();
	const bad = await cube(`cp ${module} /run/good && cp /bin/true ${module}.x`
		+ ` && mv ${module}.x ${module}`, 'upgrade', '--wait', '0', 'x');
	const after_ = await pids();

	assert.equal(bad.code, 1, bad.said);
	assert.match(bad.said, /^1000 +is what it was again$/m);
	for (const name of NAMES.slice(1)) assert.equal(after_[name], before_[name], name);
	await waitWell('1000');
	assert.ok(await runsOld(after_['1000']));

	// one that dies meanwhile comes back as it was
	await inside('kill', '-9', after_['1004']);
	await waitUnit('is back', unit('1004'), (one) => one.MainPID !== after_['1004']
		&& isWell(one));

	const call = await ua.invite(`sip:1001@127.0.0.1:${port('1001')}`);
	const begin = Date.now();

	await call.wait('180');
	const good = cube(`cp /run/good ${module}.x && mv ${module}.x ${module}`, 'upgrade', 'y');

	await waitUnit('takes no more calls', unit('1001'), ({ StatusText }) =>
		/ 1 call, no more calls are taken/.test(StatusText));
	const waits = await pids();

	assert.notEqual(waits['1000'], after_['1000']);
	assert.equal(waits['1002'], after_['1002']);
	call.cancel();
	const { code, said } = await good;

	assert.equal(code, 0, said);
	figure(`upgraded: ${NAMES.length} instances, one after the other, in ${
		((Date.now() - begin) / 1000).toFixed(1)} s`);
	await Promise.all(NAMES.map(waitWell));
	for (const pid of Object.values(await pids())) assert.ok(!await runsOld(pid));

	const back = await cube('false', 'rollback');

	assert.equal(back.code, 0, back.said);
	await Promise.all(NAMES.map(waitWell));
	for (const pid of Object.values(await pids())) assert.ok(await runsOld(pid));
});

test('upgrade: interrupted it leaves calls alone; its limit ends them', async () => {
	const call = await ua.invite(`sip:1000@127.0.0.1:${port('1000')}`);

	await call.wait('180');
	const before_ = await pids();
	const going = cube('false', 'upgrade');

	await waitUnit('takes no more calls', unit('1000'), ({ StatusText }) =>
		/ 1 call, no more calls are taken/.test(StatusText));
	await inside('sh', '-c', 'for p in /proc/[0-9]*; do'
		+ ' [ "$(cat $p/comm)" != cube ] || kill -INT ${p#/proc/}; done');
	const broken = await going;

	assert.equal(broken.code, 1, broken.said);
	assert.match(broken.said, /^1000 +takes calls again, and is what it was$/m);
	await waitUnit('takes calls again', unit('1000'), ({ StatusText }) =>
		/ 1 call$/.test(StatusText));
	assert.deepEqual(await pids(), before_);

	// though it would wait for them DRAIN seconds when it is stopped
	const begin = Date.now();
	const { code, said } = await cube('false', 'upgrade', '--wait', '1');

	assert.equal(code, 0, said);
	assert.ok(Date.now() - begin < DRAIN * 500, `${Date.now() - begin} ms`);
	await call.wait('final');
	await Promise.all(NAMES.map(waitWell));
	for (const pid of Object.values(await pids())) assert.ok(!await runsOld(pid));
});

test('fail2ban has who is refused of the journal, and nobody else', async () => {
	const stranger = await openSipUa({ host: '127.0.0.2' });
	const log = `${ROOT}/run-bin/journal`;
	const filter = `${REPO}/contrib/fail2ban/connectycube-bridge.conf`;
	const journal = () => inside('journalctl', '--no-pager', '-o', 'short-iso', '_COMM=baresip');

	try {
		const call = await stranger.invite(`sip:1003@127.0.0.1:${port('1003')}`);

		assert.equal((await call.wait('final')).code, 403);
		await until('the journal has it', async () =>
			/ at 127\.0\.0\.2 to 1003 refused/.test(await journal()));
		writeFileSync(log, await journal());
		// common.conf is Debian's, which is looked for beside the filter
		const dir = `${ROOT}/run-bin/fail2ban/filter.d`;

		mkdirSync(dir, { recursive: true });
		cpSync('/etc/fail2ban/filter.d/common.conf', `${dir}/common.conf`);
		cpSync(filter, `${dir}/connectycube-bridge.conf`);
		assert.equal(execFileSync('fail2ban-regex', ['--usedns', 'no', '-o', 'ip', log,
			`${dir}/connectycube-bridge.conf`], { encoding: 'utf8' }), '127.0.0.2\n');
	} finally {
		stranger.close();
	}
});

test('all are started anew with their target: one after the other', async () => {
	const started = async () => (await Promise.all(NAMES.map((name) => show(unit(name)))))
		.map((one) => Number(one.ExecMainStartTimestampMonotonic) / 1000).sort((a, b) => a - b);
	const before = await started();

	await systemctl('restart', 'connectycube-bridge.target');
	await until('all are new', async () => (await started())[0] > before.at(-1));
	await Promise.all(NAMES.map(waitWell));
	const times = await started();
	const spread = times.at(-1) - times[0];

	figure(`${NAMES.length} instances were started anew within ${spread.toFixed(0)} ms`);
	assert.ok(spread > 250, `${times}`);
});

test('one that is stopped while it waits for its turn has not failed', async () => {
	const turn = '/run/connectycube-bridge/instances/1004/delay';

	await inside('sh', '-c', `echo 60000 > ${turn}`);
	await systemctl('restart', '--no-block', unit('1004'));
	await waitUnit('waits', unit('1004'), ({ SubState }) => SubState === 'start-pre');
	await systemctl('stop', unit('1004'));
	const { ActiveState, Result } = await show(unit('1004'));

	assert.deepEqual([ActiveState, Result], ['inactive', 'success']);
	await inside('rm', turn);
	await systemctl('start', unit('1004'));
	await waitWell('1004');
});

test('all stop with their target, and the hub', async () => {
	const begin = Date.now();

	await systemctl('stop', 'connectycube-bridge.target');
	for (const name of NAMES) {
		const { Result } = await waitUnit('has stopped', unit(name),
			({ ActiveState }) => ActiveState === 'inactive');

		assert.equal(Result, 'success');
	}
	await systemctl('stop', 'connectycube-hub.service');
	assert.equal((await show('connectycube-hub.service')).Result, 'success');
	figure(`stopped without calls, all of them: ${
		((Date.now() - begin) / 1000).toFixed(1)} s`);
	for (const name of NAMES) assert.deepEqual(await sandbox.contacts(name), []);
});

test('what is restored beside the same lines runs again, as cube restore says it', async () => {
	const file = '/var/tmp/office.tar';

	await inside('rm', '-f', file);
	await inside('cube', 'backup', file);
	const said = await inside('cube', 'restore', file, '--force');
	const [, command] = /to put it to work: (.*)$/m.exec(said);

	await inside('sh', '-c', command);
	await Promise.all(NAMES.map(waitWell));
	await systemctl('stop', 'connectycube-bridge.target', 'connectycube-hub.service');
	for (const name of NAMES)
		await waitUnit('has stopped', unit(name), ({ ActiveState }) =>
			ActiveState === 'inactive');
});
