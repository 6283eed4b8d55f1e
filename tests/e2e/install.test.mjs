// A new user's machine: what is installed starts nothing, whatever becomes of
// the installation; ports that somebody has are named and left alone; the same
// packages are not fetched twice. apt, dpkg and systemctl are stand-ins.

import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
	rmSync, utimesSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { choosePorts } from '../../contrib/sandbox/lib/ports.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';

const run = promisify(execFile);
const INSTALL = `${REPO}/contrib/apt-install`;

let dir;
let policy;
let env;

function script(name, text) {
	writeFileSync(`${dir}/bin/${name}`, `#!/bin/sh\n${text}\n`);
	chmodSync(`${dir}/bin/${name}`, 0o755);
}

before(() => {
	dir = mkdtempSync(`${tmpdir()}/install-`);
	mkdirSync(`${dir}/bin`);
	policy = `${dir}/policy-rc.d`;
	env = { ...process.env, PATH: `${dir}/bin:${process.env.PATH}`,
		POLICY: policy, LOCK: `${dir}/lock`, DIR: dir };
	// asks as a package's script does, and waits if it is told to
	script('apt-get', `case " $* " in
*" -s "*) echo "Inst kamailio (1)" ;;
*print-uris*) echo "'x' kamailio.deb 1000000 SHA256:0" ;;
*) echo "pmstatus:kamailio:50:half" >&3
   [ -e $DIR/wait ] && { touch $DIR/installing; sleep 20; }
   [ ! -e $DIR/fail ] || exit 100
   [ ! -e $DIR/half ] || { touch $DIR/installed; exit 100; }
   $POLICY kamailio start; echo $? > $DIR/answer
   touch $DIR/installed ;;
esac`);
	script('dpkg-query', `case "$*" in
*Priority*dbus) echo no:standard:dbus ;;
*Priority*udev) echo no:optional:systemd ;;
*Priority*) echo no:optional:kamailio ;;
*) echo "installed make"
   [ ! -e $DIR/installed ] ||
	printf 'installed %s\\n' dbus kamailio udev ;;
esac`);
	script('dpkg', `case "$1 $2" in
"-L kamailio") echo /lib/systemd/system/kamailio.service
   echo /lib/systemd/system/kamailio-static.service ;;
"-L "*) echo /lib/systemd/system/$2.service ;;
esac`);
	script('systemctl', `echo "$*" >> $DIR/systemctl
case "$*" in
*is-enabled*static*) echo static ;;
*is-enabled*) echo enabled ;;
esac`);
});

beforeEach(() => {
	for (const name of ['wait', 'installing', 'installed', 'fail', 'half',
		'answer', 'systemctl', 'policy-rc.d',
		'policy-rc.d.before-bridge'])
		rmSync(`${dir}/${name}`, { force: true });
});

after(() => rmSync(dir, { recursive: true, force: true }));

const ask = () => spawnSync(policy, ['kamailio', 'start'], { env }).status;

function writePolicy(status) {
	writeFileSync(policy, `#!/bin/sh\nexit ${status}\n`, { mode: 0o755 });
}

test('nothing is started now, nor with the next boot', async () => {
	const { stdout } = await run(INSTALL, ['kamailio'], { env });

	assert.equal(readFileSync(`${dir}/answer`, 'utf8').trim(), '101');
	assert.equal(existsSync(policy), false);
	assert.match(readFileSync(`${dir}/systemctl`, 'utf8'),
		/disable kamailio\.service/);
	// but what is not a server of ours is left alone
	assert.equal(stdout.match(/stays off/g).length, 1, stdout);
	assert.doesNotMatch(readFileSync(`${dir}/systemctl`, 'utf8'),
		/disable .*(dbus|udev|static)/);
	assert.match(stdout, /installing 1 packages, 1 MB to fetch/);
	assert.match(stdout, /installing 50 %/);
});

test('the policy that was there comes back, also after a failure', async () => {
	writePolicy(104);
	await run(INSTALL, ['kamailio'], { env });
	assert.equal(ask(), 104);
	writeFileSync(`${dir}/fail`, '');
	await assert.rejects(run(INSTALL, ['kamailio'], { env }), { code: 100 });
	assert.equal(ask(), 104);
});

test('what was installed before a failure stays off, too', async () => {
	writeFileSync(`${dir}/half`, '');
	await assert.rejects(run(INSTALL, ['kamailio'], { env }), { code: 100 });
	assert.match(readFileSync(`${dir}/systemctl`, 'utf8'),
		/disable kamailio\.service/);
	assert.equal(existsSync(policy), false);
});

test('the policy that was there is never gone', async () => {
	writePolicy(104);
	script('mv', 'case $1 in *.new) exit 1 ;; esac; exec /bin/mv "$@"');
	try {
		await assert.rejects(run(INSTALL, ['kamailio'], { env }),
			{ code: 1 });
		assert.equal(ask(), 104);
		assert.equal(existsSync(`${policy}.before-bridge`), false);
		assert.equal(existsSync(`${policy}.new`), false);
	}
	finally {
		rmSync(`${dir}/bin/mv`);
	}
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'])
	test(`the policy that was there comes back after ${signal}`, async () => {
		writePolicy(104);
		writeFileSync(`${dir}/wait`, '');
		const child = spawn(INSTALL, ['kamailio'], { env, detached: true,
			stdio: 'ignore' });

		await until('it installs', () => existsSync(`${dir}/installing`));
		assert.equal(ask(), 101, 'while it installs');
		process.kill(-child.pid, signal);
		await once(child, 'exit');
		// killed, nobody could clean up: the first who asks does
		await until('the old answer', () => ask() === 104);
		assert.match(readFileSync(policy, 'utf8'), /^#!\/bin\/sh\nexit 104/);
		assert.equal(existsSync(`${policy}.before-bridge`), false);
	});

test('a taken port is named with its owner, another one is chosen', async () => {
	const tcp = net.createServer().listen(0, '0.0.0.0');
	const udp = createSocket('udp4');
	const said = [];

	await once(tcp, 'listening');
	const { port } = tcp.address();

	udp.bind(port + 1, '127.0.0.1');
	await once(udp, 'listening');
	const chosen = await choosePorts({ http: port, sip: port + 1,
		bridge: [port + 2, 2], off: 0 }, (line) => said.push(line));

	tcp.close();
	udp.close();
	assert.equal(said.length, 2, said.join('; '));
	for (const [i, number] of [port, port + 1].entries())
		assert.match(said[i], new RegExp(`^port ${number} is taken by `
			+ `\\S+ \\(process ${process.pid}\\): using \\d+$`));
	assert.equal(chosen.off, 0);
	assert.equal(chosen.bridge, port + 2);
	const all = [chosen.http, chosen.sip, chosen.bridge, chosen.bridge + 1];

	assert.equal(new Set(all).size, 4, JSON.stringify(chosen));
	assert.ok(all.every((one) => one > port + 1), JSON.stringify(chosen));
});

test('a machine without localhost is told so before anything is fetched',
	async () => {
		for (const name of ['npm', 'apt-get', 'apt-cache', 'dpkg-query'])
			script(name, `echo ${name} >> $DIR/fetched; exit 1`);
		script('getent', 'exit 2');
		try {
			await assert.rejects(run(`${REPO}/contrib/deps`, ['run'], { env }),
				({ stderr }) => /localhost is not known/.test(stderr));
			assert.equal(existsSync(`${dir}/fetched`), false);
		} finally {
			rmSync(`${dir}/bin/getent`);
		}
	});

test('after `make test` nothing is fetched for `make run`', async () => {
	const repo = `${dir}/repo`;

	mkdirSync(`${repo}/contrib`, { recursive: true });
	mkdirSync(`${repo}/node_modules`);
	cpSync(`${REPO}/contrib/deps`, `${repo}/contrib/deps`);
	writeFileSync(`${repo}/package-lock.json`, '{}');
	utimesSync(`${repo}/package-lock.json`, 1, 1);
	writeFileSync(`${repo}/node_modules/.deps--include=dev`, '');
	script('dpkg-query', 'echo "install ok installed"');
	for (const name of ['npm', 'apt-get', 'apt-cache'])
		script(name, `echo ${name} >> $DIR/fetched; exit 1`);
	await run(`${repo}/contrib/deps`, ['run'], { env });
	assert.equal(existsSync(`${dir}/fetched`), false);
	// but what is newer is
	writeFileSync(`${repo}/package-lock.json`, '{ }');
	utimesSync(`${repo}/package-lock.json`, 4e9, 4e9);
	await assert.rejects(run(`${repo}/contrib/deps`, ['run'], { env }));
	assert.match(readFileSync(`${dir}/fetched`, 'utf8'), /^npm$/m);
});
