// An office of two files: what `cube sync` makes of them registers, is online and has
// calls; what changes is done anew and nothing else; one that dies comes back, and nobody
// else notices. The same in one process.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';
import { officeNumbers, openTwoFiles } from './lib/twofiles.mjs';

const COUNT = 6;

let sandbox;
let office;

before(async () => {
	sandbox = await startTestSandbox({ numbers: officeNumbers(COUNT) });
	office = await openTwoFiles(sandbox, { count: COUNT });
});

after(async () => {
	await office?.close();
	await sandbox?.stop();
});

const all = (action) => Object.fromEntries(office.numbers.map((number) => [number, action]));

test('each line is an instance, with calls', async () => {
	office.write();
	assert.deepEqual(await office.sync(), all('start'));
	await office.allOnline();
	assert.deepEqual(await office.sync(), all('unchanged'));

	const chains = await office.callAll();

	for (const chain of chains) await chain.end();
});

test('one is killed: it is back, and nobody else notices', async () => {
	const chains = await office.callAll();
	const [first, ...others] = chains;
	const pids = office.pids;
	const begin = Date.now();

	await office.kill(first.from);
	assert.deepEqual(office.pids.slice(1), pids.slice(1));
	for (const chain of others) {
		await chain.hears();
		assert.ok(chain.gap(begin) < 2000, `nothing heard for ${chain.gap(begin)} ms`);
		await chain.end();
	}
	await first.abandon();
	await first.call();
	await first.hears();
	await first.end();
});

test('what changes is done anew, and nothing else', async () => {
	const chain = office.chains[0];
	const [, , reloads, restarts, goes, wrong] = office.numbers;
	const pids = new Map([...office.instances].map(([name, { pid }]) => [name, pid]));

	await chain.call();
	await chain.hears();
	office.write(office.numbers.filter((number) => number !== goes).map((number) =>
		office.line(number, { [reloads]: ';department=Sales', [restarts]: ';ptime=20',
			[wrong]: ';departmant=Sales' }[number])));
	assert.deepEqual(await office.sync(1), { ...all('unchanged'), [reloads]: 'reload',
		[restarts]: 'restart', [goes]: 'stop', [wrong]: 'kept' });
	assert.equal(office.faults[0].text,
		'unknown parameter ;departmant: is department meant?');
	assert.equal(office.faults[0].line, 5);
	await until('it has read its line again', () =>
		/has been read again/.test(office.instances.get(reloads).logged()));
	await until(`${goes} is gone`, async () => !(await office.up()).includes(goes));
	await until('the others are there', async () => (await office.up()).length === COUNT - 1);
	for (const name of [...office.numbers.slice(0, 3), wrong])
		assert.equal(office.instances.get(name).pid, pids.get(name), name);
	assert.notEqual(office.instances.get(restarts).pid, pids.get(restarts));
	await chain.hears();
	await chain.end();

	// its ports are its own for as long as it is there
	const uris = office.numbers.slice(0, 4).map((number) => office.uri(number));

	office.write();
	await office.sync();
	await office.allOnline();
	assert.deepEqual(office.numbers.slice(0, 4).map((number) => office.uri(number)), uris);
});

test('the same files, in one process', async () => {
	office.write(undefined, { instances: 'one' });
	assert.deepEqual(await office.sync(), { ...all('stop'), all: 'start' });
	assert.equal(office.pids.length, 1);
	await office.allOnline();

	const chains = await office.callAll();

	for (const chain of chains) await chain.end();
});
