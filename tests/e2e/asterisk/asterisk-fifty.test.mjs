// Fifty bridges of one Asterisk, which is started anew: all are back, and none keeps
// another one out, though Asterisk lets no more than 50 be about to log in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { useAmi } from '../lib/amibridge.mjs';
import { startAsterisk } from '../lib/asterisk.mjs';

const COUNT = 50;
const PATIENCE = 120000; // [ms]
const BACK = 10000; // [ms]

const lone = useAmi();
let asterisk;
let bridges = [];

const start = async () => {
	asterisk = await startAsterisk(lone.sandbox);
};

const connected = () => asterisk.cli('manager show connected')
	.match(/^\s*bridge\s/gm)?.length ?? 0;

const all = (what) => until(what, async () => (await Promise.all(
	bridges.map((bridge) => bridge.ami()))).every((text) => /: ready /.test(text)),
{ timeout: PATIENCE, child: asterisk.child });

before(async () => {
	await lone.prepared;
	await start();
	bridges = await Promise.all(Array.from({ length: COUNT }, () =>
		lone.bridge(5038, { connectycube_ami_secret: 'sip-manager',
			connectycube_ami_server: '127.0.0.1' })));
});

after(async () => {
	await Promise.all(bridges.map((bridge) => bridge.stop()));
	await asterisk?.stop();
});

test('all are back', async (t) => {
	await all('all are there');
	assert.equal(connected(), COUNT);
	await asterisk.stop();
	await until('all have noticed', async () => (await Promise.all(
		bridges.map((bridge) => bridge.ami()))).every((text) =>
		!/: ready /.test(text)), { timeout: PATIENCE });
	await start();
	const begin = Date.now();

	await all('all are back');
	t.diagnostic(`${COUNT} bridges are back after ${Date.now() - begin} ms`);
	assert.ok(Date.now() - begin < BACK, `${Date.now() - begin} ms`);
	assert.equal(connected(), COUNT);
	for (const bridge of bridges)
		assert.doesNotMatch(bridge.log(), /ami: .*refused: /);
});
