// Packages of two versions under a real systemd: cube upgrade, cube rollback and apt,
// with calls. tests/systemd has installed the lower one. Prints figures.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../contrib/sandbox/lib/process.mjs';
import { launch } from './e2e/lib/browser.mjs';
import { NAMES, ROOT, closeContainer, figure, inside, openContainer, port, sandbox, show, ua, unit,
	waitUnit, waitWell } from './e2e/lib/container.mjs';

const [LOW, HIGH] = process.env.SYSTEMD_VERSIONS.split(' ');
const PACKAGES = ['connectycube-bridge', 'connectycube-bridge-hub'];
const HUB = 'connectycube-hub.service';
const WAIT = 15; // [s]; less than connectycube_drain_time
const GAP = 500; // most that a call of others may be without media [ms]
const LAST = NAMES.at(-1);

let browser;
let app;

before(async () => {
	await openContainer();
	browser = await launch();
	app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1', { toneHz: 440 });
});
after(async () => {
	await browser?.close();
	await closeContainer();
});

/** A command of the container: its status, its stdout, and all that it says. */
async function run(...argv) {
	const { code, out } = await inside('DEBIAN_FRONTEND=noninteractive', 'sh', '-c',
		'"$@" 2> /run/said', 'sh', ...argv).then((text) => ({ code: 0, out: text }),
		(error) => ({ code: error.code, out: error.stdout }));

	return { code, out, said: out + await inside('cat', '/run/said') };
}

const cube = (...argv) => run('cube', ...argv);

/** Packages of ours, of a version, for apt. */
const ours = (version) => PACKAGES.map((name) => `${name}=${version}`);

/** Processes of all of them, by name. */
const pids = async () => Object.fromEntries(await Promise.all([...NAMES.map((name) =>
	[name, unit(name)]), ['hub', HUB]].map(async ([name, one]) =>
	[name, (await show(one)).MainPID])));

/** What a process runs: the file of its module. */
async function module(name, pid) {
	const so = name === 'hub' ? 'connectycube_hub' : 'connectycube';
	const maps = await inside('cat', `/proc/${pid}/maps`);

	return new RegExp(`/\\S+/${so}\\.so( \\(deleted\\))?$`, 'm').exec(maps)[0];
}

/** Which of them run a kept version, those that were replaced, and what is installed. */
async function runs() {
	const all = { kept: [], replaced: [], installed: [] };

	for (const [name, pid] of Object.entries(await pids())) {
		const file = await module(name, pid);
		const kept = name === 'hub' ? (await inside('cat', `/proc/${pid}/mountinfo`))
			.includes('/versions/') : file.includes('/versions/');

		all[kept ? 'kept' : file.endsWith(')') ? 'replaced' : 'installed'].push(name);
	}
	return all;
}

const records = (where) => Number(execFileSync('sqlite3', ['-readonly',
	`${ROOT}/var/lib/connectycube-hub/records.db`,
	`SELECT count(*) FROM records WHERE ${where}`], { encoding: 'utf8' }));

/** All are well, and the hub has all of them. */
async function allWell() {
	await Promise.all(NAMES.map(waitWell));
	await waitUnit('has all bridges', HUB, ({ ActiveState, StatusText }) =>
		ActiveState === 'active' && StatusText.startsWith(`${NAMES.length} bridges`));
}

/** The longest time without a packet at the phone [ms]. */
function gap(from, to) {
	const at = [from, ...ua.rtp.packets.map(({ ms }) => ms)
		.filter((ms) => ms >= from && ms <= to), to];

	return Math.max(...at.slice(1).map((ms, i) => ms - at[i]));
}

/** The phone calls the app by an instance; there is media both ways. */
async function talk(name) {
	await app.reset();
	const call = await ua.invite(`sip:${name}@127.0.0.1:${port(name)}`);

	await app.waitIncoming();
	await app.accept();
	await call.wait('200');
	ua.rtp.play(1000, call.remoteRtp);
	await app.waitConnected();
	await until('the phone hears', () => ua.rtp.packets.length > 50);
	return call;
}

/** They run what they should: no process is of before. */
async function assertNew(before_) {
	for (const [name, pid] of Object.entries(await pids()))
		assert.notEqual(pid, before_[name], name);
}

test('upgrade: a call of another instance has its media all the time, one of the own'
	+ ' instance ends by --wait, and the hub is last', async () => {
	await allWell();
	const before_ = await pids();
	const call = await talk(LAST);
	const heard = await app.audioStats();
	const begin = Date.now();
	const upgrading = cube('upgrade', '--version', HIGH, '--wait', WAIT);

	await waitUnit('takes no more calls', unit(LAST), ({ StatusText }) =>
		/ 1 call, no more calls are taken/.test(StatusText), 180000);
	const turn = Date.now();
	const now = await pids();
	const { packets, lost } = await app.audioStats();

	// all others have had their turn, the hub not yet
	for (const name of NAMES) assert.equal(now[name] === before_[name], name === LAST, name);
	assert.equal(now.hub, before_.hub);
	await call.wait('BYE', (WAIT + 20) * 1000);
	const end = Date.now();

	ua.rtp.hush();
	const { code, said } = await upgrading;

	assert.equal(code, 0, said);
	figure(`upgrade of apt and ${NAMES.length - 1} instances: ${((turn - begin) / 1000)
		.toFixed(1)} s, in which a call of another one was ${gap(begin, turn)
		} ms without media at most; its app lost ${lost - heard.lost} of ${
		packets - heard.packets} packets`);
	figure(`its own instance's turn: it ended after ${((end - turn) / 1000).toFixed(1)
		} s (--wait ${WAIT}), ${gap(turn, end)} ms without media at most`);
	assert.ok(gap(begin, turn) < GAP);
	assert.ok(end - turn > (WAIT - 2) * 1000, `${end - turn} ms`);
	assert.match(said, new RegExp(`${LAST}: 1 call has not ended within ${WAIT} s`));
	assert.match(said, /^hub +active 5 bridges, \d+ records?$/m);
	await allWell();
	await assertNew(before_);
	assert.deepEqual((await runs()).installed, [...NAMES, 'hub']);
	assert.match(await inside('dpkg-query', '-W', ...PACKAGES),
		new RegExp(`\t${RegExp.escape?.(HIGH) ?? HIGH.replace(/[.+]/g, '\\$&')}$`, 'm'));
	// its record has come, once, through a hub that was started anew
	await until('the record is there', () => records("disposition='ANSWERED'") === 1,
		{ timeout: 40000 });
});

test('nothing to do; rollback to the version before, and back; old versions go',
	async () => {
		const before_ = await pids();
		const same = await cube('upgrade');

		assert.equal(same.code, 0, same.said);
		assert.deepEqual(await pids(), before_);

		const dry = JSON.parse((await cube('rollback', '--dry-run', '--json')).out);

		assert.ok(dry.dry_run && dry.instances.every(({ action }) => action === 'changed'));
		assert.deepEqual(await pids(), before_);

		const back = await cube('rollback');

		assert.equal(back.code, 0, back.said);
		await allWell();
		assert.deepEqual((await runs()).kept, [...NAMES, 'hub']);

		const again = await cube('upgrade');

		assert.equal(again.code, 0, again.said);
		await allWell();
		assert.deepEqual((await runs()).installed, [...NAMES, 'hub']);
		assert.equal((await inside('ls', '/usr/lib/connectycube-bridge/versions')).trim()
			.split('\n').length, 1);
	});

test('apt alone changes nothing that runs; then cube upgrade does', async () => {
	const before_ = await pids();
	const apt = await run('apt-get', 'install', '-y', '--allow-downgrades', ...ours(LOW));

	assert.equal(apt.code, 0, apt.said);
	assert.deepEqual(await pids(), before_);
	assert.deepEqual((await runs()).replaced, [...NAMES, 'hub']);

	const { code, out, said } = await cube('upgrade', '--json');

	assert.equal(code, 0, said);
	assert.ok(JSON.parse(out).instances.every(({ action }) => action === 'changed'), out);
	assert.equal(JSON.parse(out).hub.action, 'changed');
	await allWell();
	await assertNew(before_);
	assert.deepEqual((await runs()).installed, [...NAMES, 'hub']);
});

/** Packages whose module, of the bridge or the hub, is none. */
function breakPackages(so) {
	return PACKAGES.map((name) => {
		const file = execFileSync('sh', ['-c', `ls ${ROOT}/debs/${name}_${HIGH}_*.deb`],
			{ encoding: 'utf8' }).trim();
		const tree = `${ROOT}/var/tmp/${so}.${name}`;
		const control = `${tree}/DEBIAN/control`;

		execFileSync('rm', ['-rf', tree]);
		execFileSync('dpkg-deb', ['-R', file, tree]);
		writeFileSync(control, readFileSync(control, 'utf8').replaceAll(HIGH, `${HIGH}+${so}`));
		if (name === PACKAGES[so === 'hub' ? 1 : 0])
			copyFileSync('/bin/true', `${tree}/usr/lib/baresip/modules/connectycube${
				so === 'hub' ? '_hub' : ''}.so`);
		execFileSync('dpkg-deb', ['--root-owner-group', '-b', tree, `${tree}.deb`]);
		return `/var/tmp/${so}.${name}.deb`;
	});
}

test('a bridge that does not run: it is put back, and is the end of it', async () => {
	const before_ = await pids();
	const { code, said } = await cube('upgrade', '--wait', '0', ...breakPackages('bad'));
	const now = await pids();

	assert.equal(code, 1, said);
	assert.match(said, new RegExp(`^${NAMES[0]} +is what it was again$`, 'm'));
	for (const [name, pid] of Object.entries(now))
		assert.equal(pid === before_[name], name !== NAMES[0], name);
	await allWell();
	assert.ok((await runs()).kept.includes(NAMES[0]));

	// and so is one that dies, or all of them at boot
	await inside('kill', '-9', now[LAST]);
	await waitUnit('is back', unit(LAST), (one) => one.MainPID !== now[LAST]
		&& one.ActiveState === 'active');
	await allWell();
	assert.ok((await runs()).kept.includes(LAST));
});

test('a hub that does not run: it is put back, and bridges have it again', async () => {
	const { hub } = await pids();
	const { code, said } = await cube('upgrade', '--wait', '0', ...breakPackages('hub'));

	assert.equal(code, 1, said);
	assert.match(said, /^hub +is what it was again$/m);
	await allWell();
	assert.notEqual((await pids()).hub, hub);
	assert.deepEqual((await runs()).installed, NAMES);
	assert.deepEqual((await runs()).kept, ['hub']);

	const good = await cube('upgrade', '--version', HIGH);

	assert.equal(good.code, 0, good.said);
	await allWell();
	assert.deepEqual((await runs()).installed, [...NAMES, 'hub']);
});
