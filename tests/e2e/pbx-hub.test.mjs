// Channels at the extensions' PBX in the hub: what there is, as it changes, and who
// steers it by the API and the dashboard; a real bridge and hub, and a manager of the tests' own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { amiKeys, openAmi } from './lib/ami.mjs';
import { dashboardOf, shows } from './lib/dashboard.mjs';
import { MODULES, startApi } from './lib/hubapi.mjs';
import { assertAccessible } from './lib/look.mjs';

const OWN = 'PJSIP/1000-0000000a';
const SHORT = 'PJSIP/1000-0000000e'; // soon gone
const CALLER = 'PJSIP/trunk-0000000b';
const WAIT = { timeout: 60000 };

let ami;
let api;
let board;

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: 'managers-own-word' });
	api = await startApi({ bridge: { ...amiKeys(ami),
		module_app: [...MODULES, 'connectycube_ami.so'] } });
	await ami.waitLogin();
});

after(async () => {
	await board?.stop();
	await api?.stop();
	await ami?.close();
});

const list = async (query = '') =>
	(await api.get(`pbx/channels${query}`)).channels;

/** The channels, once they are as they should be. */
const channels = (what, check, query) => until(what, async () => {
	const now = await list(query);

	return check(now) && now;
}, WAIT);

const named = (name) => (now) => now.find(({ channel }) => channel === name);

/** An order of a channel, by its name. */
async function order(name, what, body, options) {
	const found = named(name)(await list());

	return api.ask('POST', `pbx/channels/${found?.uniqueid ?? 'none'}/${what}`,
		{ role: 'operator', body, ...options });
}

test('an extension has its own channels, and those of their calls; no others',
	async () => {
		await until('the link with the PBX', async () => (await api.get(
			`extensions/${api.extension}`)).pbx?.ready, WAIT);
		ami.channel('PJSIP/10001-00000001');
		const linked = ami.channel(CALLER, { state: 6, number: '5551234',
			caller: 'José <x>', peer: '1000' });

		ami.channel(OWN, { state: 5, number: '1000', caller: 'Sales',
			peer: '5551234', linked });
		const two = await channels('both', (now) => now.length === 2);
		const own = named(OWN)(two);

		assert.deepEqual([own.extension, own.own, own.state, own.peer_number,
			own.linkedid], [api.extension, true, 'ringing', '5551234', linked]);
		const caller = named(CALLER)(two);

		assert.deepEqual([caller.own, caller.state, caller.name, caller.number],
			[false, 'up', 'José <x>', '5551234']);
		assert.ok(Math.abs(own.t_start - Date.now()) < 60000);
		const { pbx } = await api.get(`extensions/${api.extension}`);

		assert.deepEqual(pbx.channels.map(({ channel }) => channel).sort(),
			[OWN, CALLER].sort());
		assert.deepEqual(await list('?extension=sip:none@pbx'), []);
	});

test('the dashboard shows them, in both languages, and steers them by who may',
	async () => {
		board = await dashboardOf(api);
		const page = await board.open({ role: 'operator' });
		const row = (name) => page.locator('.pbx li', { hasText: name });

		await shows(page, '.tile .lamps', /PBX connected/);
		await shows(page, '.pbx', /Sales 1000\s+rings · with 5551234/);
		await shows(page, '.pbx', /José <x> 5551234\s+talks · with 1000/);
		await assertAccessible(page, 'channels at the PBX');
		await row('5551234').last().getByRole('button', { name: /^Transfer/ }).click();
		await shows(page, '#ask-title', /Send José <x> 5551234 elsewhere/);
		await page.fill('#ask-input', '77@elsewhere');
		await page.keyboard.press('Enter');
		await shows(page, '#said p:last-child', /may not be.*context elsewhere/);
		await row('5551234').last().getByRole('button', { name: /^Transfer/ }).click();
		await page.fill('#ask-input', '77');
		await page.keyboard.press('Enter');
		assert.equal((await ami.waitAction('Redirect')).Channel, CALLER);
		await shows(page, '#said p:last-child', /sent José <x> 5551234 to 77/);
		assert.deepEqual(board.console.filter((text) =>
			!/^Failed to load resource/.test(text)), []);
		await page.context().close();

		const reader = await board.open({ role: 'readonly', locale: 'pt-BR' });

		await shows(reader, '.pbx', /Sales 1000\s+toca · com 5551234/);
		assert.equal(await reader.locator('.pbx button:visible').count(), 0);
		for (const [state, word] of [[1, 'em preparação'], [2, 'fora do gancho'],
			[9, 'prestes a tocar']]) {
			ami.channel(SHORT, { state, number: '77' });
			await shows(reader, '.pbx', new RegExp(`77\\s+${word}`));
			ami.hangup(SHORT);
			await channels('it is gone', (now) => !named(SHORT)(now));
		}
		await reader.context().close();
	});

test('a transfer, with the other one; only where the extension may send calls',
	async () => {
		const other = await order(OWN, 'transfer', { to: '900@elsewhere' });

		assert.deepEqual([other.status, other.json.code], [403, 'forbidden']);
		for (const to of ['9 00', '9@a@b', '900|x', '@x'])
			assert.equal((await order(OWN, 'transfer', { to })).status, 400, to);
		for (const name of ['/^PJSIP/', 'PJSIP/10001-00000001', 'all'])
			assert.equal((await order(OWN, 'bridge', { with: name })).status, 404);
		// who is not named would be hung up on; and nobody goes two ways
		for (const more of [{ with_to: '901' }, { with: OWN, with_to: '901' },
			{ with: CALLER }])
			assert.equal((await order(OWN, 'transfer', { to: '900', ...more }))
				.status, 400, JSON.stringify(more));
		assert.equal((await order(OWN, 'bridge', { with: OWN })).status, 400);
		assert.equal(ami.actions.filter(({ Action }) =>
			/Redirect|Bridge/.test(Action)).length, 1);

		const { status } = await order(OWN, 'transfer', { to: '900',
			with: CALLER, with_to: '901' });

		assert.equal(status, 200);
		const redirect = await ami.waitAction('Redirect', { count: 2 });

		assert.deepEqual([redirect.Channel, redirect.Context, redirect.Exten,
			redirect.ExtraChannel, redirect.ExtraExten],
		[OWN, 'from-internal', '900', CALLER, '901']);
		assert.equal((await order(OWN, 'bridge', { with: CALLER })).status, 200);
		assert.equal((await ami.waitAction('Bridge')).Channel2, CALLER);
	});

test('a call is begun once, whoever asks twice, and what came of it is told',
	async () => {
		let answer = 'Success';

		ami.on('Originate', ({ action, reply, event }) => {
			reply([['Message', 'Originate successfully queued']]);
			event([['Event', 'OriginateResponse'], ['ActionID', action.ActionID],
				['Response', answer], ['Channel', 'PJSIP/1000-0000000d'],
				['Uniqueid', '1795.9'], ['Reason', answer === 'Success' ? 4 : 5]]);
		});
		const body = { extension: api.extension, to: '900' };
		const once = { body, role: 'operator',
			headers: { 'Idempotency-Key': 'one-call' } };
		const first = await api.ask('POST', 'pbx/calls', once);

		assert.deepEqual([first.status, first.json], [201,
			{ channel: 'PJSIP/1000-0000000d', uniqueid: '1795.9' }]);
		assert.deepEqual((await api.ask('POST', 'pbx/calls', once)).json, first.json);
		const sent = ami.actions.filter(({ Action }) => Action === 'Originate');

		assert.equal(sent.length, 1);
		assert.deepEqual([sent[0].Channel, sent[0].Exten, sent[0].Context],
			['PJSIP/1000', '900', 'from-internal']);

		answer = 'Failure';
		const failed = await api.problem(502, 'POST', 'pbx/calls', { body });

		assert.equal(failed.code, 'failed');
		assert.match(failed.detail, /busy/);
	});

test('who may only look steers nothing; what is done is in the audit log',
	async () => {
		assert.equal((await order(OWN, 'hangup', {}, { role: 'readonly' })).status,
			403);
		assert.equal((await order(OWN, 'hangup', { cause: '500' })).status, 400);
		assert.equal((await order(OWN, 'hangup', { cause: '17' })).status, 200);
		assert.equal((await ami.waitAction('Hangup')).Cause, '17');
		await channels('it is gone', (now) => !named(OWN)(now));
		assert.equal((await order(OWN, 'hangup')).status, 404);
		const line = await api.audited(({ path, status }) =>
			/^\/api\/v1\/pbx\/channels\/[\d.]+\/hangup$/.test(path) && status === 200);

		assert.deepEqual([line.who, line.body], ['operator', { cause: '17' }]);
		const metrics = await api.ask('GET', '/metrics');

		assert.match(metrics.body.toString(),
			/^connectycube_pbx_events_total\{.*event="hung_up"\} [1-9]/m);
	});

test('an Asterisk that does not answer, and one that is away', async () => {
	ami.channel(OWN);
	await channels('a new one', named(OWN));
	ami.on('Hangup', () => {});
	const silent = await order(OWN, 'hangup');

	assert.deepEqual([silent.status, silent.json.code, silent.json.detail],
		[504, 'timeout', 'Asterisk does not answer: it may have been done']);

	ami.quiet = true;
	ami.cut();
	const away = await until('it is away', async () => {
		const { pbx } = await api.get(`extensions/${api.extension}`);

		return pbx && !pbx.ready && order(OWN, 'hangup');
	}, WAIT);

	assert.deepEqual([away.status, away.json.code], [502, 'failed']);
	assert.match(away.json.detail, /no connection with the PBX's manager/);
});
