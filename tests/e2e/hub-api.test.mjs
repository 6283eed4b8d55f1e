// The hub's API, by which calls are steered: a real bridge, a phone and an app in real
// calls, and the hub between them and who asks.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { startApi } from './lib/hubapi.mjs';
import { APP_HZ, PHONE_HZ, assertTone, waitHears } from './lib/rig.mjs';
import { uriOf } from './lib/transfer.mjs';
import { DESK_HZ, openDesk, transferUsers } from './lib/transferrig.mjs';

let api;
let rig;
let desk; // whom the PBX knows as 1002

before(async () => {
	api = await startApi({ users: transferUsers });
	({ rig } = api);
	desk = await openDesk(rig.sandbox, { formats: '0 8' });
});

after(async () => {
	desk?.close();
	await api?.stop();
});

afterEach(async () => {
	desk.rtp.hush();
	desk.forget();
	await rig.reset();
	await api.idle();
});

const post = (path, body, options) => api.ok('POST', path, body, options);

test('a call is held, gets keys, is recorded and ends as it is asked for', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const { id } = await api.live();
	const role = { role: 'operator' };

	await post(`calls/${id}/hold`, undefined, role);
	await api.live(({ held_by: by }) => JSON.stringify(by).includes('app'));
	await post(`calls/${id}/resume`, { side: 'app' }, role);
	await api.live(({ held_by: by }) => !JSON.stringify(by).includes('app'));
	await rig.waitTones('resumed');

	await post(`calls/${id}/dtmf`, { keys: '4711#' }, role);
	const keys = await api.audited(({ path }) => path.endsWith('/dtmf'));

	assert.deepEqual([keys.who, keys.status, keys.body], ['operator', 200, { keys: 5 }]);
	await post(`calls/${id}/record`, { state: 'start' }, role);
	await api.live(({ recording }) => recording === 'recording');
	await post(`calls/${id}/record`, { state: 'pause' }, role);
	await api.live(({ recording }) => recording === 'paused');
	await post(`calls/${id}/record`, { state: 'stop' }, role);
	await api.live(({ recording }) => !recording);

	await post(`calls/${id}/hangup`, {}, role);
	await rig.call.wait('BYE');
	await rig.app.waitClosed();
	await api.idle();
	const { records: [record] } = await until('its record', async () => {
		const found = await api.get('cdr');

		return found.records.length && found;
	});

	assert.equal(record.hung_up_by, 'bridge');
	assert.equal((await api.problem(404, 'POST', `calls/${id}/hangup`)).code, 'not_found');
	assert.ok(!JSON.stringify(api.audit()).includes('4711'));
	assert.ok(!api.hub.logText().includes('4711#'));
	assert.ok(!rig.bridge.log().includes('4711#'));
});

test('a transfer: another phone takes the place of the app', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const { id } = await api.live();

	await post(`calls/${id}/transfer`, { target: uriOf(desk), side: 'phone' },
		{ role: 'operator' });
	const invite = await desk.waitInvite();

	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await rig.call.wait('BYE');
	await waitHears(rig.app, DESK_HZ, 'the app');
	await waitHears(desk.rtp, APP_HZ, 'who has come');
	const line = await api.audited(({ path }) => path.endsWith('/transfer'));

	assert.deepEqual(line.body, { target: uriOf(desk), side: 'phone' });
});

/** Who was rung first has answered before the call counts as answered. */
function assertBegun(kept, first) {
	const [one, two] = kept.legs;

	assert.deepEqual([kept.rung_first, one.side], [first, first]);
	assert.ok(one.t_answer < two.t_answer, `${one.t_answer} ${two.t_answer}`);
	assert.ok(Math.abs(kept.t_answer - two.t_answer) < 50, JSON.stringify(kept));
	assert.ok(Math.abs(kept.t_end - two.t_answer - kept.bill_ms) < 50,
		JSON.stringify(kept));
	assert.ok(kept.setup_ms <= kept.t_end - two.t_answer);
}

test('a call to a user: the phone is rung first, then the app', async () => {
	const begun = await api.ask('POST', 'calls', { role: 'operator',
		body: { extension: api.extension, to: 'user:101' } });

	assert.equal(begun.status, 201, begun.body);
	const invite = await rig.ua.waitInvite();
	const { id, record } = begun.json;

	assert.equal(begun.headers.location, `/api/v1/calls/${id}`);
	assert.match(record, /^[0-9a-f-]{36}$/);
	invite.ring();
	rig.play(invite);
	invite.answer();
	await invite.wait('ACK');
	await rig.app.waitIncoming();
	await rig.app.accept();
	await rig.app.waitConnected();
	await rig.waitTones('originated');
	assert.equal((await api.live()).id, id);
	await post(`calls/${id}/hangup`);
	await invite.wait('BYE');
	await api.idle();
	const kept = await until('its record', async () => (await api.get('cdr'))
		.records.find((one) => one.id === record));

	assert.deepEqual([kept.direction, kept.disposition, kept.to.user],
		['sip-to-app', 'ANSWERED', '101']);
	assertBegun(kept, 'phone');
});

test('a call to a user who does not take it: the phone alone has answered', async () => {
	const { record } = await post('calls', { extension: api.extension, to: 'user:101' });
	const invite = await rig.ua.waitInvite();

	invite.ring();
	invite.answer();
	await invite.wait('ACK');
	await rig.app.waitIncoming();
	await api.live(({ state }) => state === 'ringing');
	await rig.app.reject();
	await invite.wait('BYE');
	await api.idle();
	const kept = await until('its record', async () => (await api.get('cdr'))
		.records.find((one) => one.id === record));

	assert.deepEqual([kept.disposition, kept.rung_first, kept.t_answer, kept.bill_ms,
		kept.setup_ms], ['REJECTED', 'phone', null, 0, null]);
	assert.ok(kept.legs[0].t_answer >= kept.t_start);
});

test('a call to a number: the app is rung first, then the number', async () => {
	const { id, record } = await post('calls', { extension: api.extension, to: '1002',
		from: 'user:101' });

	await rig.app.waitIncoming();
	await rig.app.accept();
	const invite = await desk.waitInvite();

	desk.rtp.play(DESK_HZ, invite.remoteRtp);
	invite.answer();
	await invite.wait('ACK');
	await waitHears(rig.app, DESK_HZ, 'the app');
	await waitHears(desk.rtp, APP_HZ, 'the number');
	assert.equal((await api.live()).id, id);
	await post(`calls/${id}/hangup`);
	await api.idle();
	const kept = await until('its record', async () => (await api.get('cdr'))
		.records.find((one) => one.id === record));

	assert.deepEqual([kept.direction, kept.from.user, kept.disposition],
		['app-to-sip', '101', 'ANSWERED']);
	assertBegun(kept, 'app');
});

test('calls that are not begun say why', async () => {
	const extension = api.extension;

	for (const [body, status, detail] of [
		[{ extension }, 400, /^to: is missing/],
		[{ to: 'user:101' }, 400, /^extension: is missing/],
		[{ extension, to: '1002' }, 400, /^from: user:ID is missing/],
		[{ extension, to: 'user:101', from: 'user:102' }, 400, /^from: /],
		[{ extension, to: 'user:login:nobody' }, 409,
			/not looked up/],
		[{ extension, to: 'sip:1@evil.example', from: 'user:101' }, 403,
			/another server/],
		[{ extension, to: '<sip:1@127.0.0.1;maddr=192.0.2.7>', from: 'user:101' }, 403,
			/another server/],
		[{ extension, to: 'https://x', from: 'user:101' }, 400, /^to: a number/],
		[{ extension: 'sip:nobody@x', to: 'user:101' }, 404, /no such extension/],
		[{ extension, to: 'user:101', video: 1 }, 400, /^video: /],
	])
		assert.match((await api.problem(status, 'POST', 'calls', { body })).detail,
			detail, JSON.stringify(body));
	await post(`extensions/${extension}/drain`);
	assert.match((await api.problem(409, 'POST', 'calls',
		{ body: { extension, to: 'user:101' } })).detail, /no more calls/);
	await post(`extensions/${extension}/drain`, { on: false });
	assert.match(await rig.bridge.command('cube_dial', '1002'), /from: user:ID is missing/);
	assert.match(await rig.bridge.command('cube_dial', ''), /^usage/);
});

test('extensions: disturbed or not, checked, read again, drained', async () => {
	const ext = `extensions/${api.extension}`;
	const operator = { role: 'operator' };
	const dnd = async (on) => until(`dnd ${on}`, async () =>
		JSON.stringify((await api.get(ext)).dnd).includes('101') === on);

	await post(`${ext}/dnd`, { on: true, user: '101' }, operator);
	await dnd(true);
	await post(`${ext}/dnd`, { on: false, user: '101' }, operator);
	await dnd(false);

	const { ok, failed, lines } = await post(`${ext}/check`, undefined, operator);

	assert.deepEqual([ok, failed], [true, 0], JSON.stringify(lines));
	assert.ok(lines.length > 2 && lines.every((one) => one.ok && one.text));

	await post(`${ext}/reload`);
	assert.deepEqual(await post(`${ext}/drain`), { calls: 0 });
	await until('it drains', async () => (await api.get(ext)).draining);
	assert.equal((await api.ask('GET', '/readyz')).status, 503);
	assert.deepEqual(await post(`${ext}/drain`, { on: false }), { calls: 0 });
	await until('it is ready', async () =>
		(await api.ask('GET', '/readyz')).status === 200);
});

test('what is wrong is said, and where', async () => {
	await rig.phoneCallsApp();
	await rig.waitTones();
	const { id } = await api.live();
	const ext = `extensions/${api.extension}`;

	for (const [path, body, status, code, member, detail] of [
		[`calls/${id}/hold`, { sied: 'app' }, 400, 'invalid', 'sied',
			/^sied: is not known here: there is side$/],
		[`calls/${id}/hold`, { side: 'both' }, 400, 'invalid', 'side',
			/one of: app phone/],
		[`calls/${id}/hangup`, { why: '' }, 400, 'invalid', 'why', /nothing to be said/],
		[`calls/${id}/transfer`, {}, 400, 'invalid', 'target', /is missing/],
		[`calls/${id}/transfer`, { target: 'sip:1@evil.example' }, 403, 'forbidden',
			undefined, /another server/],
		[`calls/${id}/transfer`, { target: 'user:999' }, 403, 'forbidden', undefined,
			/no such user/],
		[`calls/${id}/dtmf`, { keys: '12x' }, 400, 'invalid', 'keys', /is to be of/],
		[`calls/${id}/record`, { state: 'resume' }, 404, 'not_found', undefined,
			/nothing is recorded/],
		['calls/0@nobody/hangup', {}, 404, 'not_found', undefined, /no such call/],
		[`${ext}/dnd`, { on: 1 }, 400, 'invalid', 'on', /true or false/],
		[`${ext}/dnd`, { on: true, user: '999' }, 404, 'not_found', undefined, /call=/],
		['extensions/sip:9@nowhere/dnd', { on: true }, 404, 'not_found', undefined,
			/no such extension/],
	]) {
		const said = await api.problem(status, 'POST', path, { body });

		assert.deepEqual([said.code, said.member], [code, member], path);
		assert.match(said.detail, detail);
	}
	assert.match((await api.problem(400, 'POST', `calls/${id}/hold`, { body: '{"a"' }))
		.detail, /line 1, column 4/);
	await api.problem(415, 'POST', `calls/${id}/hold`, { body: 'side=app',
		headers: { 'Content-Type': 'text/plain' } });
	// all is as it was
	const [app] = await Promise.all([rig.app.hear(600)]);

	assertTone(app, PHONE_HZ, 'the app');
});

test('records are found as it is asked for, and what is not known is no question',
	async () => {
		// one of each test so far that has made a call
		const all = await until('all records', async () => {
			const { records } = await api.get('cdr');

			return records.length === 6 && records;
		});
		const ids = async (query) => (await api.get(`cdr?${query}`)).records
			.map(({ id }) => id);
		const those = (check) => all.filter(check).map(({ id }) => id);

		assert.deepEqual(await api.get(`cdr/${all[1].id}`), all[1]);
		for (const [query, check] of [
			['direction=app-to-sip', ({ direction }) => direction === 'app-to-sip'],
			['direction=sip-to-app', ({ direction }) => direction === 'sip-to-app'],
			['disposition=ANSWERED', ({ disposition }) => disposition === 'ANSWERED'],
			['disposition=BUSY', () => false],
			['q=5551234', (one) => JSON.stringify([one.from, one.to]).includes('5551234')],
			['q=101', (one) => [one.from.user, one.to.user].includes('101')],
			['q=1%25', () => false],
			[`id=${all[1].id.slice(0, 8)}`, ({ id }) => id === all[1].id],
			['id=%25', () => false],
			[`from=${all[0].t_start}`, (one) => one.t_start >= all[0].t_start],
		])
			assert.deepEqual(await ids(query), those(check), query);

		const pages = [];

		for (let cursor = ''; cursor !== null;) {
			const { records, next } = await api.get(`cdr?limit=1${
				cursor ? `&cursor=${cursor}` : ''}`);

			pages.push(...records.map(({ id }) => id));
			cursor = next;
		}
		assert.deepEqual(pages, all.map(({ id }) => id));
		for (const [path, member] of [['cdr?form=1', 'form'],
			['calls?extensoin=x', 'extensoin'], ['cdr?limit=0', 'limit'],
			['cdr?limit=201', 'limit'], ['cdr?cursor=1', 'cursor'],
			['cdr?direction=up', 'direction'], ['cdr?disposition=answered',
				'disposition'], ['cdr?from=yesterday', 'from'], ['today?limit=1', 'limit'],
			[`cdr?user=${'7'.repeat(200)}`, 'user']]) {
			const said = await api.problem(400, 'GET', path);

			assert.equal(said.member, member, path);
		}
		for (const id of ['x', '0'.repeat(300), all[0].id.toUpperCase() + 1])
			assert.equal((await api.problem(404, 'GET', `cdr/${id}`)).code, 'not_found');
	});

test('how good a call was is kept with its record', async () => {
	await rig.phoneCallsApp();
	const { id: live } = await api.live();

	await until('each party was looked at more than once', async () =>
		(await api.get(`calls/${live}/stats`)).legs.every(({ samples }) =>
			samples.length > 2), { timeout: 60000 });
	await rig.phoneHangsUp();
	await api.idle();
	const { id, legs } = await until('its record', async () =>
		(await api.get('cdr')).records.find(({ call_id: one }) => one === rig.call.id));
	const { times, legs: lines, ...more } = await until('it is kept', async () => {
		const reply = await api.ask('GET', `cdr/${id}/timeline`);

		return reply.status === 200 && reply.json;
	});

	assert.deepEqual(more, { id });
	assert.ok(times.length > 1 && times.every((t, i) => !i || t > times[i - 1]));
	assert.deepEqual(lines.map(({ side }) => side).sort(), ['app', 'phone']);
	for (const line of lines) {
		assert.ok(legs.some(({ num, side }) => num === line.leg_num
			&& side === line.side));
		for (const name of ['mos', 'lost', 'level_dbov', 'jitter_ms', 'rtt_ms'])
			assert.equal(line[name].length, times.length, name);
	}
	await api.problem(404, 'GET', 'cdr/nobody/timeline');
});

test('a recording: all of it, a part, its head; nothing but recordings', async () => {
	const id = await until('it is finished', async () => {
		const { records } = await api.get('cdr');
		const found = records.flatMap(({ recordings }) => recordings ?? [])
			.find(({ file }) => file);

		return found?.id;
	}, { timeout: 60000 });
	const [row] = api.hub.query(`SELECT * FROM recordings WHERE id='${id}'`);
	const path = `${api.dir}/recordings/${row.file}`;
	const bytes = readFileSync(path);
	const get = (headers = {}, method = 'GET', more = {}) => api.ask(method,
		`recordings/${id}`, { headers, binary: true, role: 'operator', ...more });
	const all = await get();
	const etag = `"${row.sha256}"`;

	assert.deepEqual([all.status, all.headers['content-type'], all.headers.etag,
		all.headers['accept-ranges'], Number(all.headers['content-length'])],
	[200, 'audio/wav', etag, 'bytes', bytes.length]);
	assert.ok(all.body.equals(bytes));
	assert.match(all.headers['content-disposition'], /^inline; filename="[^"/]+\.wav"$/);
	for (const [range, from, to] of [['0-0', 0, 0], ['4-', 4, bytes.length - 1],
		[`-${bytes.length * 2}`, 0, bytes.length - 1], ['-10', bytes.length - 10,
			bytes.length - 1], [`100-${bytes.length * 9}`, 100, bytes.length - 1]]) {
		const part = await get({ Range: `bytes=${range}`, 'If-Range': etag });

		assert.deepEqual([part.status, part.headers['content-range']],
			[206, `bytes ${from}-${to}/${bytes.length}`], range);
		assert.ok(part.body.equals(bytes.subarray(from, to + 1)), range);
	}
	for (const headers of [{ Range: 'bytes=0-1,4-5' }, { Range: 'lines=1-2' },
		{ Range: 'bytes=0-1', 'If-Range': '"other"' }, { Range: 'bytes=5-2' }])
		assert.deepEqual([(await get(headers)).status, (await get(headers)).body.length],
			[200, bytes.length], JSON.stringify(headers));
	const beyond = await get({ Range: `bytes=${bytes.length}-` });

	assert.deepEqual([beyond.status, beyond.headers['content-range']],
		[416, `bytes */${bytes.length}`]);
	const head = await get({ Range: 'bytes=1-2' }, 'HEAD');

	assert.deepEqual([head.status, head.headers['content-length'], head.body.length],
		[206, '2', 0]);
	assert.equal((await get({}, 'GET', { role: 'readonly' })).status, 403);
	const listened = await api.audited(({ path: one }) => one.includes('/recordings/'));

	assert.deepEqual([listened.method, listened.who, listened.status],
		['GET', 'operator', 200]);

	// whatever is asked for, and whatever may have come into the database
	for (const name of ['..', '../records.db', '%2e%2e%2fconfig', row.file, 'x', '.',
		row.id.toUpperCase(), 'a'.repeat(300)])
		assert.ok([400, 404].includes((await api.ask('GET',
			`recordings/${name}`)).status), name);
	symlinkSync(`${api.hub.dir}/config`, `${api.dir}/recordings/link`);
	symlinkSync(api.hub.dir, `${api.dir}/recordings/dir`);
	writeFileSync(`${api.dir}/secret`, 'secret');
	for (const [i, file] of ['../secret', '/etc/passwd', 'link', 'dir/config', '.', '',
		'a/../../secret', './link', 'missing'].entries()) {
		api.hub.change(`INSERT INTO recordings(id,stored,json) VALUES('evil${i}',1,
			json_object('file','${file}','format','wav','sha256','0'))`);
		const said = await api.ask('GET', `recordings/evil${i}`);

		assert.deepEqual([said.status, said.json?.code], [404, 'not_found'], file);
	}
	rmSync(path);
	assert.equal((await get()).status, 404);
});
