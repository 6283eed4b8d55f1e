// An office under a real systemd, as systemd.mjs has it: cube check of services that
// stop and fail, what a removed extension leaves, one that has nowhere to record.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../contrib/sandbox/lib/process.mjs';
import { record } from './e2e/lib/hub.mjs';
import { NAMES, ROOT, closeContainer, inside, openContainer, show, systemctl, unit, waitUnit,
	waitWell } from './e2e/lib/container.mjs';

const SPOOL = '/var/spool/connectycube-bridge';

before(async () => {
	await openContainer();
	await Promise.all(NAMES.map(waitWell));
});

after(closeContainer);

test('whose folder to record into is missing sees no other one\'s, and says so', async () => {
	await inside('mv', `${SPOOL}/from/1003`, `${SPOOL}/from/x`);
	await inside('touch', `${SPOOL}/from/x/secret.rec`);
	await systemctl('restart', unit('1003')).catch(() => {});
	await until('it says so', async () => /nothing can be recorded: there was no folder \S+\/1003/
		.test(await inside('journalctl', '--no-pager', '-u', unit('1003'))));
	const { MainPID } = await show(unit('1003'));

	if (MainPID !== '0')
		await assert.rejects(inside('nsenter', '-t', MainPID, '-m', 'ls', SPOOL),
			/No such file/);

	// and so it gets well
	await inside('cube', 'sync');
	assert.equal((await inside('stat', '-c', '%a', `${SPOOL}/from/1003`)).trim(), '2770');
	await systemctl('restart', unit('1003'));
	await waitWell('1003');
	const again = await show(unit('1003'));

	assert.equal(await inside('nsenter', '-t', again.MainPID, '-m', 'ls', SPOOL), '');
	await inside('rm', '-r', `${SPOOL}/from/x`);
});

/** What cube check says of the office, and its status. */
const check = (...argv) => inside('cube', 'check', ...argv).then((out) =>
	({ code: 0, out }), ({ code, stdout }) => ({ code, out: stdout }));

test('cube check goes on when the last instance ends meanwhile', async () => {
	await systemctl('stop', 'connectycube-bridge.target', 'connectycube-hub.service');
	await systemctl('start', unit('1004'));
	await waitWell('1004');
	const going = check('--alone');

	await until('it has begun', () => inside('sh', '-c',
		'ls -d /run/cube-check.*/run /dev/shm/cube-check.*/run')
		.then((found) => found, ({ stdout }) => stdout));
	await systemctl('stop', unit('1004'));
	const { code, out } = await going;

	for (const name of NAMES)
		assert.match(out, new RegExp(`sip:${name}@.*SIP: registered`), out);
	assert.equal(code, 0, out);
	assert.equal(await inside('ls', '/dev/shm'), '');
	assert.doesNotMatch(await inside('ls', '/run'), /cube-check/);
});

test('cube check says which service has failed, though it could work; by the hub, too',
	async () => {
		const failed = /FAIL +its service \S+@1003\.service has failed\n +journalctl -u /;

		await inside('sh', '-c', 'echo connectycube_app_id x'
			+ ' >> /run/connectycube-bridge/instances/1003/config');
		await systemctl('start', unit('1003')).catch(() => {});
		await waitUnit('has failed', unit('1003'), ({ ActiveState }) =>
			ActiveState === 'failed');
		const alone = await check('--alone', '1003');

		assert.equal(alone.code, 1);
		assert.match(alone.out, /ok +sip:1003@.*SIP: registered/);
		assert.match(alone.out, failed);

		await systemctl('start', 'connectycube-hub', unit('1004'));
		await waitWell('1004');
		await waitUnit('has a bridge', 'connectycube-hub.service',
			({ StatusText }) => /^1 bridge,/.test(StatusText));
		const all = await check();

		assert.equal(all.code, 1);
		assert.match(all.out, /^1004@.*\n +ok +sip:1004@.*SIP: registered$/m);
		assert.match(all.out, /call=101 \(extensions\.conf:5\): is user 101/);
		assert.match(all.out, failed);
	});

test('what a removed extension has left comes to the hub', async () => {
	const one = record();
	const spool = '/var/lib/private/connectycube-bridge/1004/spool';
	const left = 'connectycube-bridge-left@1004.service';
	const stored = () => Number(execFileSync('sqlite3', ['-readonly',
		`${ROOT}/var/lib/connectycube-hub/records.db`,
		`SELECT count(*) FROM records WHERE id='${one.id}'`], { encoding: 'utf8' }));

	await systemctl('stop', 'connectycube-hub.service');
	writeFileSync(`${ROOT}${spool}/1-${one.id}.json`, JSON.stringify(one));
	await inside('chown', `--reference=${spool}`, `${spool}/1-${one.id}.json`);
	await inside('cube', 'remove', '1004', '--sync');
	await waitUnit('waits for the hub', left, ({ ActiveState, Result }) =>
		ActiveState === 'activating' && Result === 'exit-code');
	assert.equal((await show(unit('1004'))).ActiveState, 'inactive');

	await systemctl('start', 'connectycube-hub.service');
	await inside('cube', 'sync');
	await until('the hub has it', () => stored() === 1, { timeout: 60000 });
	await waitUnit('is done', left, ({ ActiveState }) => ActiveState === 'inactive');
	assert.equal((await inside('find', spool, '-name', '*.json')), '');
});
