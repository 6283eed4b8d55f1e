// Alarms go out by the local sendmail, which here is a program that keeps what it gets: few
// mails, whatever happens, and nothing of a mail's text becomes a command or a head.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startHub } from './lib/hub.mjs';
import { openOffice } from './lib/office.mjs';

const WAIT = { timeout: 60000 };

let dir;
let hub;
let office;
let timer;

const program = () => `${dir}/sendmail`;
const mails = () => readdirSync(dir).filter((name) => /^mail\.\d+$/.test(name)).sort()
	.map((name) => readFileSync(`${dir}/${name}`, 'utf8'));

/** A sendmail that keeps its arguments and its input, unless it is to fail. */
function makeProgram() {
	writeFileSync(program(), `#!/bin/sh
[ -e '${dir}/fail' ] && { echo 'no queue' >&2; exit 75; }
n=$(ls '${dir}' | grep -c '^mail\\.')
{ printf 'ARGS %s\\n' "$*"; cat; } > '${dir}/tmp'
mv '${dir}/tmp' '${dir}/mail.'$((n + 1))
`);
	chmodSync(program(), 0o755);
}

const mailed = (pattern) => until(`a mail ${pattern}`, () =>
	mails().find((text) => pattern.test(text)), WAIT);

before(async () => {
	dir = mkdtempSync(`${tmpdir()}/mail-`);
	makeProgram();
	hub = await startHub({ connectycube_hub_http: 'none',
		connectycube_hub_alarm_mail: 'lead@example.com,root',
		connectycube_hub_alarm_sendmail: program(),
		connectycube_hub_alarm_every: 1 });
	office = await openOffice(hub, { bridges: 4, calls: 1 });
	timer = setInterval(() => office.tell(), 1000);
});

after(async () => {
	clearInterval(timer);
	office?.close();
	await hub?.stop();
	rmSync(dir, { recursive: true, force: true });
});

test('what comes together is one mail: what, who, since when, and why', async () => {
	for (const one of office.bridges.slice(0, 3)) one.cloud = 'refused';
	const text = await mailed(/cloud_refused/);

	assert.match(text, /^ARGS -i -- lead@example\.com root\nTo: lead@example\.com,root\n/);
	assert.match(text, /\nSubject: \[[^\]]+\] ConnectyCube bridge: alarms: 3 new, 0 over\n/);
	assert.match(text, /\nAuto-Submitted: auto-generated\n/);
	for (const number of [1001, 1002, 1003])
		assert.match(text, new RegExp(`\\n  cloud_refused sip:${number}@pbx\\.example:`
			+ ` wrong login or password, bridge office-${number}, since 20\\d\\d-`));
	assert.equal(mails().length, 1);
});

test('what is right again is told; what fails is told later, and said once', async () => {
	writeFileSync(`${dir}/fail`, '');
	office.bridges[0].cloud = 'online';
	await until('it is said', () => /alarms cannot be told by mail: .*no queue/
		.test(hub.logText()), WAIT);
	office.bridges[3].works = false;
	rmSync(`${dir}/fail`);
	const text = await mailed(/1 over/);

	assert.match(text, /Alarms that are over:\n  cloud_refused sip:1001@pbx\.example/);
	await mailed(/spool_disk/);
	assert.equal(hub.logText().match(/alarms cannot be told/g).length, 1);
	await until('that it works again is said', () =>
		/told by mail again/.test(hub.logText()), WAIT);
});

test('one that hangs does not hold up the hub, nor its end', async () => {
	writeFileSync(program(), `#!/bin/sh\ntouch '${dir}/hangs'\nexec sleep 1000\n`);
	office.bridges[3].works = true;
	await until('it hangs', () => existsSync(`${dir}/hangs`), WAIT);
	assert.match(await hub.status(), /bridges=4/);
	hub.ctrl.close();
	assert.ok(await hub.child.stop(), 'it did not have to be killed');
	await hub.start();
});

test('who is no address is named, and the hub does not start', async () => {
	hub.ctrl.close();
	await hub.child.stop();
	const config = readFileSync(`${hub.dir}/config`, 'utf8');

	writeFileSync(`${hub.dir}/config`, config.replace(/^(connectycube_hub_alarm_mail\s).*/m,
		'$1-oQ/tmp@example.com'));
	await assert.rejects(hub.start());
	assert.match(hub.logText(), /connectycube_hub_alarm_mail.*mail addresses/);
	writeFileSync(`${hub.dir}/config`, config);
	await hub.start();
});
