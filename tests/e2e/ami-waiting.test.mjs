// A caller waits at Asterisk: its dialplan says so by UserEvent, apps ring, and what
// they do becomes of the caller. Asterisk's manager is the tests' own; its INVITE is
// sent by the phone, which brings the token that Asterisk was told.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './lib/ami.mjs';
import { openHub } from './lib/fakehub.mjs';
import { startHub } from './lib/hub.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';

const WAIT = { timeout: 60000 };
const RING_TIME = 5; // [s]

const dir = mkdtempSync(`${tmpdir()}/waiting-`);
let ami;
let hub;
let rig;
let count = 0;

const keys = (more = {}) => ({
	module_app: ['connectycube.so', 'connectycube_ami.so',
		'connectycube_link.so', 'account.so', 'ctrl_tcp.so'],
	connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: 'bridge',
	connectycube_ami_secret: 'managers-own-word',
	connectycube_link_socket: `${dir}/hub.sock`,
	connectycube_link_spool: `${dir}/spool`,
	connectycube_ring_time: RING_TIME,
	...more,
});

const ready = () => until('the manager is ready', async () =>
	/: ready /.test(await rig.bridge.command('ami_status')), WAIT);

before(async () => {
	ami = await openAmi({ user: 'bridge', secret: 'managers-own-word' });
	hub = await openHub(`${dir}/hub.sock`);
	rig = await startRig({ bridge: { keys: keys() } });
	await ready();
});

after(async () => {
	await rig?.stop();
	await ami?.close();
	await hub?.close();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(async () => {
	ami.answers.clear();
	for (const name of [...ami.channels.keys()]) ami.hangup(name);
	await rig.reset();
	await rig.bridge.waitIdle();
});

/** What a dialplan says of a channel. */
function tell(name, { from = '"José" <+5511>', to = 'sip:1000@127.0.0.1',
	channel = name } = {}) {
	ami.event([['Event', 'UserEvent'], ['Privilege', 'user,all'],
		...ami.channels.get(name) ?? [['Channel', name]],
		['UserEvent', 'BridgeCall'], ['Channel', channel], ['From', from],
		['To', to], ['UniqueId', 'u']]);
}

/** A caller waits, and the app rings. */
async function waits({ shown = false, ...options } = {}) {
	const name = `PJSIP/trunk-0000000${++count}`;

	await rig.app?.forget();
	ami.channel(name, { number: '+5511', quiet: shown });
	// as a hub tells of a channel that was none of ours before
	if (shown)
		ami.event([['Event', 'CoreShowChannel'], ...ami.channels.get(name)]);
	tell(name, options);
	const call = await rig.app.waitIncoming();

	return { name, call };
}

/** That call was the last one that the app was told of. */
const assertRungOnce = async ({ seq }) => assert.deepEqual(
	(await rig.app.events()).filter((one) =>
		one.seq > seq && one.name === 'incoming'), []);

const sent = (action, name) => until(`${action} of ${name}`, () =>
	ami.actions.find((one) => one.Action === action && one.Channel === name),
WAIT);
const none = (action, name) => assert.deepEqual(ami.actions.filter((one) =>
	one.Action === action && one.Channel === name), []);

/** The app accepts: the token that Asterisk is told. */
async function accepted(name) {
	await rig.app.accept();
	const { Variable, Value } = await sent('Setvar', name);
	const redirect = await sent('Redirect', name);

	assert.equal(Variable, 'BRIDGE_CALL');
	assert.match(Value, /^[0-9a-f-]{36}$/);
	assert.deepEqual(redirect.fields.slice(2), [['Channel', name],
		['Context', 'bridge-accepted'], ['Exten', '1000'], ['Priority', '1']]);
	return Value;
}

const invite = (token) => rig.ua.invite(rig.bridge.uri,
	{ extra: [`X-Bridge-Call: ${token}`] });

async function comes(token) {
	const call = await invite(token);

	await call.wait('200');
	rig.play(call);
	await rig.app.waitConnected();
	return call;
}

const recordOf = (name) => hub.waitRecord((one) => one.channel === name);

test('an app accepts: its caller comes, and nobody rings again', async () => {
	const { name, call } = await waits();

	assert.equal(call.info.name, 'José');
	assert.equal(call.info.number, '+5511');
	none('Redirect', name);

	const phone = await comes(await accepted(name));

	await rig.waitTones();
	await assertRungOnce(call);
	assert.match(await rig.bridge.command('ami_status'),
		/waiting: 0, accepted: 0/);

	// what Asterisk's channel does is not ours any more
	ami.hangup(name);
	await rig.waitTones();
	await rig.phoneHangsUp(phone);
	none('Hangup', name);

	const record = await recordOf(name);

	assert.equal(record.disposition, 'ANSWERED');
	assert.equal(record.call_id, phone.id);
	assert.equal(record.channel_linked, '1795369217.1');
	assert.equal(record.from.number, '+5511');
	assert.equal(record.to.user, '101');
	assert.equal(record.legs.length, 2);
	assert.ok(record.t_media >= record.t_answer);
	assert.doesNotMatch(rig.bridge.log(),
		/ami: .*[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

test('a token is good once; one that is over is told so; any other rings',
	async () => {
		const { name } = await waits();
		const token = await accepted(name);
		const phone = await comes(token);

		const again = await invite(token);

		assert.equal((await again.wait('final')).code, 482);
		await rig.assertTones();
		await rig.phoneHangsUp(phone);

		const late = await waits();
		const second = await accepted(late.name);

		assert.notEqual(second, token);
		await rig.app.hangup();
		await sent('Hangup', late.name);
		await rig.bridge.waitIdle();
		assert.equal((await (await invite(second)).wait('final')).code, 603);

		await rig.app.forget();
		const other = await invite('00000000-0000-4000-8000-000000000000');

		await rig.app.waitIncoming();
		await other.cancel();
	});

for (const [what, info, cause, disposition] of [
	['rejects', {}, '21', 'REJECTED'], ['is busy', { busy: 'true' }, '17', 'BUSY']])
	test(`an app ${what}: the caller is hung up on with cause ${cause}`,
		async () => {
			const { name } = await waits();

			await rig.app.reject(info);
			assert.equal((await sent('Hangup', name)).Cause, cause);
			none('Redirect', name);
			assert.equal((await recordOf(name)).disposition, disposition);
		});

test('nobody answers', async () => {
	const { name } = await waits();

	assert.equal((await sent('Hangup', name)).Cause, '19');
	await rig.app.waitClosed();
	assert.equal((await recordOf(name)).reason, 'no_answer');
});

test('the caller gives up: the app is told at once', async () => {
	const { name } = await waits({ shown: true });

	ami.hangup(name);
	await rig.app.waitClosed();
	const record = await recordOf(name);

	assert.equal(record.reason, 'canceled');
	assert.equal(record.hung_up_by, 'phone');
	none('Hangup', name);
});

test('somebody else answers it: the app stops ringing', async () => {
	const { name } = await waits();

	ami.event([['Event', 'Newstate'], ['Privilege', 'call,all'],
		...ami.channels.get(name).map(([key, value]) =>
			[key, key === 'ChannelState' ? 6 : value])]);
	await rig.app.waitClosed();
	assert.equal((await recordOf(name)).reason, 'answered_elsewhere');
	none('Hangup', name);
});

test('somebody else answers it while the app accepts: he keeps it', async () => {
	const { name } = await waits();
	let reply;

	ami.on('Setvar', (one) => { ({ reply } = one); });
	await rig.app.accept();
	await sent('Setvar', name);
	ami.state(name, 6);
	reply();
	await rig.app.waitClosed();
	assert.equal((await recordOf(name)).reason, 'answered_elsewhere');
	ami.hangup(name);
	await rig.bridge.waitIdle();
	none('Redirect', name);
	none('Hangup', name);
});

test('what is told twice, or too late, or of others, rings nobody', async () => {
	const { name, call } = await waits();

	tell(name);
	tell(name, { to: '1000' });
	tell('PJSIP/gone-00000001');
	tell(name, { to: 'sip:1001@127.0.0.1' });
	tell(name, { channel: '/PJSIP/' });
	await rig.bridge.waitLog(/ami: UserEvent BridgeCall: its Channel is no name/);
	tell(name, { to: 'nobody here' });
	await rig.bridge.waitLog(/BridgeCall: its To is neither/);
	await assertRungOnce(call);
	await rig.bridge.waitLog(/ami: PJSIP\/gone-00000001 waits .* has gone/);

	// nor once it is over, while the channel is there
	ami.on('Hangup', ({ reply }) => reply([['Message', 'no']], 'Error'));
	await rig.app.reject();
	await sent('Hangup', name);
	await rig.bridge.waitIdle();
	const since = rig.bridge.log().length;

	tell(name);
	await rig.bridge.waitLog(/: told before/, { since });
	await rig.bridge.waitIdle();
});

test('the link is cut while it rings: it goes on; who has gone meanwhile has gone',
	async () => {
		const { name } = await waits();
		const logins = ami.logins;

		ami.cut();
		await ami.waitLogin(logins + 1);
		await ready();
		tell(name);
		const phone = await comes(await accepted(name));

		await rig.phoneHangsUp(phone);

		const other = await waits();

		ami.channels.delete(other.name);
		ami.cut();
		await rig.app.waitClosed();
		assert.equal((await recordOf(other.name)).reason, 'canceled');
	});

for (const action of ['Setvar', 'Redirect'])
	test(`${action} is refused: the app is told, and the caller sent away`,
		async () => {
			const { name } = await waits();

			ami.on(action, ({ reply }) =>
				reply([['Message', 'Permission denied']], 'Error'));
			await rig.app.accept();
			await rig.app.waitClosed();
			assert.equal((await sent('Hangup', name)).Cause, '41');
			assert.equal((await recordOf(name)).reason, 'upstream');
			await rig.bridge.waitLog(new RegExp(`${name}, that an app has `
				+ `accepted: Asterisk: ${action}: `));
		});

test('its INVITE never comes', async () => {
	const { name } = await waits();

	await accepted(name);
	await rig.app.waitClosed();
	assert.equal((await recordOf(name)).reason, 'upstream');
	assert.equal((await sent('Hangup', name)).Cause, '41');
});

test('a fallback takes who nobody takes', async () => {
	await rig.renew({ bridge: { keys: keys({
		connectycube_ami_fallback: '@voicemail',
		connectycube_ami_accepted: '900@apps' }) } });
	await ready();
	const { name } = await waits();

	await rig.app.reject();
	const { Exten, Context } = await sent('Redirect', name);

	assert.deepEqual([Exten, Context], ['1000', 'voicemail']);
	none('Hangup', name);

	const next = await waits();

	await rig.app.accept();
	const redirect = await sent('Redirect', next.name);

	assert.deepEqual([redirect.Exten, redirect.Context], ['900', 'apps']);

	// nor does he wait for a bridge that ends
	await rig.app.hangup();
	await rig.bridge.waitIdle();
	const last = await waits();

	await rig.bridge.stop();
	assert.equal((await sent('Redirect', last.name)).Context, 'voicemail');
	await rig.app.waitClosed();
	assert.equal((await recordOf(last.name)).reason, 'shutdown');
	none('Hangup', last.name);
	await rig.renew({ bridge: { keys: keys() } });
});

/** A bridge that has the manager alone. */
async function startOnly(more) {
	await rig.bridge.stop();
	rig.bridge = await startRawBridge(rig.sandbox, { name: `only-${++count}`,
		users: userLine(rig.sandbox.sip, { more: `;call=101;${more}` }),
		keys: keys({ connectycube_mode: 'ami-only' }) });
	await rig.bridge.waitCloud('online');
	await ready();
}

const place = async (name) => {
	const { Exten, Context } = await sent('Redirect', name);

	return [Exten, Context];
};

test('ami-only: the desk phone takes what the app has accepted', async () => {
	await startOnly('ami_answer=PJSIP/1001');
	const { name, call } = await waits();

	assert.equal(call.info.mode, 'ami');
	await rig.app.accept({ answer: '1005' });
	assert.deepEqual(await place(name), ['1001', 'bridge-accepted']);
	await rig.app.waitClosed();
	none('Setvar', name);
	none('Hangup', name);
	await rig.bridge.waitLog(/the app may not say where its user answers/);
	const record = await recordOf(name);

	assert.equal(record.reason, 'transferred');

	const next = await waits();

	await rig.app.reject();
	assert.equal((await sent('Hangup', next.name)).Cause, '21');
});

test('ami-only: the app says where its user answers', async () => {
	await startOnly('ami=control;ami_contexts=desks');
	const { name } = await waits();

	await rig.app.accept({ answer: '1005' });
	assert.deepEqual(await place(name), ['1005', 'desks']);
	await rig.app.waitClosed();

	// it has done its part
	const quick = await waits();
	let reply;

	ami.on('Redirect', (one) => { ({ reply } = one); });
	await rig.app.accept();
	await sent('Redirect', quick.name);
	await rig.app.hangup();
	await rig.bridge.waitIdle();
	reply();

	const next = await waits();

	none('Hangup', quick.name);
	ami.on('Redirect', ({ reply }) => reply([['Message', 'no']], 'Error'));
	await rig.app.accept();
	assert.deepEqual(await place(next.name), ['1000', 'bridge-accepted']);
	await rig.app.waitClosed();
	assert.equal((await recordOf(next.name)).reason, 'upstream');
});

// its caller's channel is of no device of the bridge: the hub knows by the dialplan
// alone whom it concerns, and has forgotten that
test('the hub\'s link ends, and the hub, while it rings: it goes on', async () => {
	const socket = `${dir}/run/ami.sock`;
	const { connectycube_ami_server: server, connectycube_ami_user: user,
		connectycube_ami_secret: secret } = keys();
	const amihub = await startHub({ connectycube_ami_server: server,
		connectycube_ami_user: user, connectycube_ami_secret: secret,
		connectycube_ami_socket: socket,
		module_app: ['connectycube_hub.so', 'connectycube_ami.so'] });
	const atHub = (count) => until('it is at the hub', async () => {
		const text = await rig.bridge.command('ami_status');

		return ami.logins >= count && /^the hub .*: ready /.test(text);
	}, WAIT);

	try {
		await rig.bridge.stop();
		rig.bridge = await startRawBridge(rig.sandbox, { keys: keys({
			connectycube_ami_server: [], connectycube_ami_user: [],
			connectycube_ami_secret: [], connectycube_ami_socket: socket,
			connectycube_ring_time: 60 }),
		users: userLine(rig.sandbox.sip, { more: ';call=101' }) });
		await rig.bridge.waitCloud('online');
		await atHub(1);
		const { name, call } = await waits();
		let { logins } = ami;

		ami.cut();
		await atHub(logins + 1);
		await assertRungOnce(call);
		({ logins } = ami);
		await amihub.kill();
		await amihub.start();
		await atHub(logins + 1);
		none('Hangup', name);
		const events = await rig.app.events();

		assert.deepEqual(events.filter((one) =>
			one.seq > call.seq && one.name === 'closed'), []);
		ami.hangup(name);
		await rig.app.waitClosed();
		assert.equal((await recordOf(name)).reason, 'canceled');
	} finally {
		await amihub.stop();
	}
});
