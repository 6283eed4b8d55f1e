// Who may ring the apps: the registrar by default, more by connectycube_sip_allow;
// slots that are kept for either side; and the contact that is registered.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { accept, openRegistrar } from './lib/registrar.mjs';
import { startRawBridge, startRig, userLine } from './lib/rig.mjs';
import { openSipUa } from './lib/sipua.mjs';

const STRANGER = '127.0.0.2'; // the registrar is at 127.0.0.1

let rig;
let stranger;

before(async () => {
	rig = await startRig({ app: false, bridge: { keys: {
		connectycube_max_calls: 4,
		connectycube_reserved_calls: 25,
	} } });
	stranger = await openSipUa({ host: STRANGER });
});

after(async () => {
	stranger?.close();
	await rig?.stop();
});

const signals = async () => (await rig.sandbox.entries('signals')).length;

/** It rings; then it is over. */
async function rings(ua, uri) {
	const call = await ua.invite(uri);

	await call.wait('180');
	call.cancel();
	assert.equal((await call.wait('final')).code, 487);
}

test('a stranger does not ring: 403, and the log says which key', async () => {
	const before = await signals();
	const call = await stranger.invite(rig.bridge.uri);

	assert.equal((await call.wait('final')).code, 403);
	await rig.bridge.waitLog(/at 127\.0\.0\.2 to 1000 refused.*connectycube_sip_allow/);
	assert.equal(await signals(), before);
	await rings(rig.ua, rig.bridge.uri);
	await rig.bridge.waitIdle();
});

test('a stranger who claims to be in a call: 481, whatever the body is', async () => {
	const call = await stranger.invite(rig.bridge.uri, { edit: (text) => text
		.replace(/(\r\nTo: [^\r]*)/, '$1;tag=none')
		.replace(/(\r\nContent-Type: )[^\r]*/, '$1text/plain') });

	assert.equal((await call.wait('final')).code, 481);
	assert.doesNotMatch(rig.bridge.log(), /its body, text\/plain/);
});

test('phones leave slots for apps', async () => {
	const calls = [];

	for (let i = 0; i < 3; i++) {
		calls.push(await rig.ua.invite(rig.bridge.uri));
		await calls[i].wait('180');
	}
	const fourth = await rig.ua.invite(rig.bridge.uri);

	assert.equal((await fourth.wait('final')).code, 486);
	assert.equal((await rig.bridge.status()).calls.length, 3);
	for (const call of calls) {
		call.cancel();
		await call.wait('final');
	}
	await rig.bridge.waitIdle();
});

test('connectycube_sip_allow', async () => {
	const users = userLine(rig.sandbox.sip, { user: '1002', login: 'ext1000',
		more: ';call=101' });

	for (const [allow, code] of [['127.0.0.2', '180'], ['any', '180'],
		['registrar,127.0.0.3,10.0.0.0/8', '403']]) {
		const bridge = await startRawBridge(rig.sandbox, { name: 'allow', users,
			account: { user: '1002' },
			keys: { connectycube_sip_allow: allow } });

		try {
			await bridge.waitRegistered();
			await bridge.waitCloud('online');
			const uri = bridge.uri.replace('1000', '1002');
			const call = await stranger.invite(uri);

			await call.wait(code);
			if (code === '180') call.cancel();
			await call.wait('final');
			await rings(rig.ua, uri);
		} finally {
			await bridge.stop();
		}
	}
});

test('the registrar of another account does not ring', async () => {
	const other = await openRegistrar({ host: STRANGER });
	// the last to answer, when the other one comes into the users file
	const one = await openRegistrar({ answer: (request) =>
		(other.registers.length ? accept(request) : null) });
	const at = ({ port }, host) => `${host}:${port}`;
	const lines = [userLine(at(one, '127.0.0.1'), { user: '1004',
		more: ';call=101' }), userLine(at(other, STRANGER), { user: '1005',
		login: 'ext1010', more: ';call=101' })];
	const bridge = await startRawBridge(rig.sandbox, { name: 'accounts',
		users: lines[0],
		prepare: (dir) => writeFileSync(`${dir}/accounts`,
			`<sip:1004@${at(one, '127.0.0.1')}>;auth_pass=x;regint=300\n`
			+ `<sip:1005@${at(other, STRANGER)}>;auth_pass=x;regint=300\n`) });
	const uri = (user) => bridge.uri.replace('1000', user);

	try {
		await bridge.waitRegistered();
		await bridge.reload(lines);
		await bridge.waitRegistered({ index: 1 });
		for (const index of [0, 1]) await bridge.waitCloud('online', { index });
		for (const [ua, user] of [[stranger, '1004'], [rig.ua, '1005']]) {
			const call = await ua.invite(uri(user));

			assert.equal((await call.wait('final')).code, 403, user);
		}
		await rings(rig.ua, uri('1004'));
		await rings(stranger, uri('1005'));
	} finally {
		await bridge.stop();
		await Promise.all([one.close(), other.close()]);
	}
});

test('a server without registration, which the DNS knows late, or elsewhere',
	{ skip: !process.env.E2E_NETNS && 'needs a namespace of its own' },
	async () => {
		const hosts = `${rig.sandbox.dir}/hosts`;

		writeFileSync(hosts, '127.0.0.1 localhost\n127.0.0.3 late.lan\n');
		execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
		const bridge = await startRawBridge({ ...rig.sandbox, sip: 'late.lan' },
			{ name: 'late', account: { user: '1003', params: ';regint=0' },
				users: userLine('late.lan', { user: '1003', login: 'ext1000',
					more: ';call=101' }) });
		const uri = bridge.uri.replace('1000', '1003');
		const ring = async () => {
			const call = await stranger.invite(uri);

			try {
				const { code } = await call.wait(['180', 'final']);

				if (code === 180) call.cancel();
				await call.wait('final');
				return code;
			} finally {
				call.close();
			}
		};

		try {
			await bridge.waitCloud('online');
			assert.equal(await ring(), 403);
			writeFileSync(hosts, `127.0.0.1 localhost\n${STRANGER} late.lan\n`);
			await until('the server is known at its new address',
				async () => await ring() === 180, { timeout: 60000 });
		} finally {
			execFileSync('umount', ['/etc/hosts']);
			await bridge.stop();
		}
	});

test('the contact tells nothing, and is the same after a kill', async () => {
	const registrar = await openRegistrar();
	let port;

	try {
		for (let i = 0; i < 2; i++) {
			const bridge = await startRawBridge({ ...rig.sandbox,
				sip: `127.0.0.1:${registrar.port}` }, { name: 'contact', port });

			({ port } = bridge);
			await bridge.waitRegistered();
			bridge.ctrl.close();
			process.kill(bridge.child.pid, 'SIGKILL');
			await bridge.child.exited;
		}
	} finally {
		await registrar.close();
	}
	const contacts = registrar.registers.map(({ header }) => header('Contact'));

	assert.match(contacts[0], new RegExp(
		`^<sip:c[0-9a-f]{16}@127\\.0\\.0\\.1:${port}>`));
	assert.equal(new Set(contacts).size, 1, contacts.join());
});
