// The hub's API and a bridge that answers late, twice, oddly or never; and what is asked
// with an Idempotency-Key, which is done once.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startApi } from './lib/hubapi.mjs';

let api;

before(async () => {
	api = await startApi({ rig: false });
});

after(() => api?.stop());

/** An extension of a bridge that says what a test lets it say. */
async function fakeBridge(name, extension) {
	const bridge = await api.hub.bridge(name, { v: 3 });

	bridge.send({ t: 'state', state: { draining: false, loop_stall_ms: 0, calls: [],
		spool: { waiting: 0, lost: 0, works: true }, extensions: [{ extension,
			calls: 0, sip: { registered: true, registers: true },
			cloud: { state: 'online', online: true } }] } });
	await until('it is there', async () => (await api.ask('GET',
		`extensions/${extension}`)).status === 200);
	bridge.commands = () => bridge.lines.filter(({ t }) => t === 'command');
	bridge.answer = async (word = 'ok', text = '', more = {}) => {
		const { n } = await bridge.wait('a command', () =>
			bridge.commands().find((one) => !one.answered));

		bridge.commands().find((one) => one.n === n).answered = true;
		bridge.send({ t: 'reply', n, word, text, ...more });
	};
	return bridge;
}

test('what is asked twice with a key is done once, also by a hub started anew', async () => {
	const ext = 'sip:8@pbx.example';
	const bridge = await fakeBridge('once', ext);
	const path = `extensions/${ext}/drain`;
	const ask = (key, body = { on: true }, more = {}) => api.ask('POST', more.path ?? path,
		{ body, headers: { 'Idempotency-Key': key }, ...more });
	const first = ask('k-1');

	await bridge.wait('the command', () => bridge.commands().length === 1);
	assert.deepEqual([(await ask('k-1')).status, (await ask('k-1')).json.code],
		[409, 'in_flight']);
	await bridge.answer('ok', '', { result: { calls: 7 } });
	assert.deepEqual((await first).json, { calls: 7 });
	assert.equal((await first).headers['idempotency-replayed'], undefined);
	const again = await ask('k-1');

	assert.equal(again.status, 200);
	assert.equal(again.body, (await first).body);
	assert.equal(again.headers['idempotency-replayed'], 'true');
	for (const [key, body, more] of [['k-1', { on: false }],
		['k-1', {}], ['k-1', { on: true }, { path: `extensions/${ext}/reload` }]]) {
		const reply = await ask(key, body, more);

		assert.deepEqual([reply.status, reply.json.code], [422, 'key_reused']);
	}
	assert.equal(bridge.commands().length, 1);
	// what is kept of a body (of keys that are pressed!) is nothing that can be guessed
	const [{ hash }] = api.hub.query("SELECT hash FROM idempotent WHERE key='k-1'");

	assert.match(hash, /^[0-9a-f]{64}$/);
	assert.notEqual(hash, createHash('sha256').update(
		`POST/api/v1/${path}\0${JSON.stringify({ on: true })}`).digest('hex'));

	// somebody else's key is another one; a problem is the same again
	const dnd = { path: `extensions/${ext}/dnd`, role: 'operator' };
	const other = ask('k-1', { on: true }, dnd);

	await bridge.answer('not_found', 'nobody');
	assert.equal((await other).status, 404);
	assert.deepEqual([(await ask('k-1', { on: true }, dnd)).body,
		bridge.commands().length], [(await other).body, 2]);

	// what was not tried may be tried; what may have been done may not
	const lost = ask('k-2');

	await bridge.wait('the third', () => bridge.commands().length === 3);
	bridge.close();
	assert.equal((await lost).status, 502);
	assert.equal((await ask('k-2')).status, 502);
	await api.hub.kill();
	await api.hub.start();
	const later = await fakeBridge('once', ext);

	assert.equal((await ask('k-1')).body, (await first).body);
	assert.equal((await ask('k-2')).status, 502);
	assert.equal(later.commands().length, 0);
	const killed = ask('k-3').catch(() => null);

	await later.wait('a command', () => later.commands().length === 1);
	await api.hub.kill();
	await killed;
	await api.hub.start();
	const last = await fakeBridge('once', ext);
	const unknown = await ask('k-3');

	assert.deepEqual([unknown.status, unknown.json.code, last.commands().length],
		[502, 'outcome_unknown', 0]);
	last.close();
	assert.ok(api.audit().some(({ replayed, status }) => replayed && status === 200));
	for (const key of ['a b', 'x'.repeat(65), ''])
		assert.equal((await ask(key)).status, 400, key);
});

test('who asks for very much takes no place of others', async () => {
	const ext = 'sip:9@pbx.example';
	const bridge = await fakeBridge('busy', ext);
	const ask = (role, key) => api.ask('POST', `extensions/${ext}/dnd`, { role,
		body: { on: true }, headers: { 'Idempotency-Key': key } });
	const many = Array.from({ length: 20 }, (_, i) => ask('admin', `many-${i}`));
	const [first] = await Promise.all([Promise.race(many),
		bridge.wait('16 of them', () => bridge.commands().length === 16)]);

	// the others were told so at once, and are not begun
	assert.deepEqual([first.status, first.json.code], [503, 'busy']);
	assert.ok(Number(first.headers['retry-after']) > 0);
	const other = ask('operator', 'other');

	await bridge.wait('the operator\'s', () => bridge.commands().length === 17);
	for (let i = 0; i < 17; i += 1) await bridge.answer();
	assert.equal((await other).status, 200);
	assert.deepEqual((await Promise.all(many)).map(({ status }) => status).sort(),
		[...Array(16).fill(200), ...Array(4).fill(503)]);
	bridge.close();
});

test('nor who has very much checked', async () => {
	const ext = 'sip:10@pbx.example';
	const bridge = await fakeBridge('checked', ext);
	const ask = (role) => api.ask('POST', `extensions/${ext}/check`, { role });
	const many = Array.from({ length: 9 }, () => ask('admin'));
	const first = await Promise.race(many);

	assert.deepEqual([first.status, first.json.code], [503, 'busy']);
	assert.ok(Number(first.headers['retry-after']) > 0);
	many.push(ask('operator'));
	await bridge.wait('the operator\'s', () => bridge.commands().length === 9);
	bridge.close();
	assert.deepEqual((await Promise.all(many)).map(({ status }) => status).sort(),
		[...Array(9).fill(502), 503]);
});

test('a bridge that does not answer, has gone, or is old, is no answer', async () => {
	const ext = 'sip:7@pbx.example';
	const bridge = await fakeBridge('mute', ext);
	const order = (more) => api.problem(504, 'POST', `extensions/${ext}/dnd`,
		{ body: { on: true }, ...more });
	const late = order();
	const { n, name, params } = await bridge.waitMessage('command');

	assert.deepEqual([name, params], ['dnd', { on: true, extension: ext }]);
	assert.equal((await late).code, 'timeout');
	// too late, and a word that is not known
	bridge.send({ t: 'reply', n, word: 'ok', text: '' });
	bridge.lines.splice(0);
	const odd = api.problem(502, 'POST', `extensions/${ext}/reload`);

	bridge.send({ t: 'reply', n: (await bridge.waitMessage('command')).n,
		word: 'tired', text: 'it is late' });
	assert.deepEqual([(await odd).code, (await odd).detail], ['failed', 'it is late']);
	bridge.lines.splice(0);
	const gone = api.problem(502, 'POST', `extensions/${ext}/check`);

	await bridge.waitMessage('command');
	bridge.close();
	assert.equal((await gone).code, 'gone');
	await until('the hub knows', async () =>
		(await api.ask('POST', `extensions/${ext}/drain`)).status === 502);
});
