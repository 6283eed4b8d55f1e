// contrib/pbx: every sample says whether it is tested; Kamailio's is, as it stands
// there but for its address and passwords.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';

import { listening, start, until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { startTestBridge } from './lib/bridge.mjs';
import { respond } from './lib/digest.mjs';
import { startTestPhone } from './lib/phone.mjs';
import { freePort } from './lib/ports.mjs';
import { openSipUa } from './lib/sipua.mjs';
import { PHONE_HZ, startWorld } from './lib/world.mjs';

const PBX = `${REPO}/contrib/pbx`;

test('every sample says first whether it is tested', () => {
	const files = readdirSync(PBX, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile());

	assert.ok(files.length > 8);
	for (const { parentPath, path, name } of files) {
		const file = `${parentPath ?? path}/${name}`;
		const head = readFileSync(file, 'utf8').split('\n').slice(0, 10)
			.join('\n');

		assert.match(head, /\b([Tt]ested with|[Uu]ntested)\b/, file);
	}
});

describe('Kamailio', () => {
	let world;
	let kamailio;
	let alice;
	let sip;

	before(async () => {
		const port = await freePort();

		sip = `127.0.0.1:${port}`;
		world = await startWorld({ sandbox: { sipPort: 0 }, apps: ['alice'] });
		alice = world.apps.alice;
		const { dir } = world.sandbox;

		writeFileSync(`${dir}/kamailio.cfg`, readFileSync(
			`${PBX}/kamailio/kamailio.cfg`, 'utf8')
			.replaceAll('192.0.2.10', '127.0.0.1')
			.replaceAll('CHANGE-', 'sip-')
			.replace('##!define WITH_PRESENCE', '#!define WITH_PRESENCE')
			.replaceAll('ADDRESS:5060', sip));
		kamailio = start('kamailio', ['kamailio', '-DD', '-E', '-m', '32',
			'-M', '8', '-f', `${dir}/kamailio.cfg`, '-Y', dir,
			'-P', `${dir}/kamailio.pid`], `${dir}/kamailio.log`);
		await until('Kamailio listens', () => listening(port),
			{ child: kamailio });
		world.bridges = [await startTestBridge(world.sandbox, { sip,
			keys: { connectycube_presence_sip: 'publish' },
			users: [{ user: '1000', login: 'ext1000', call: '101',
				dial: `sip:1001@${sip}` }] })];
		world.phone = await startTestPhone(world.sandbox, { sip,
			toneHz: PHONE_HZ, accounts: [{ user: '1001' }] });
	});

	after(async () => {
		await world?.stop();
		await kamailio?.stop();
	});
	afterEach(() => world.reset());

	test('a phone calls the app and hangs up', async () => {
		const { info } = await world.phoneCallsApp(alice);

		assert.equal(info.number, '1001');
		await world.waitTones(alice);
		await world.end(world.phone, alice);
	});

	test('the app calls the phone and hangs up', async () => {
		await world.appCallsPhone(alice);
		await world.waitTones(alice);
		await world.end(alice, alice);
	});

	test('strangers get nowhere', async () => {
		const ua = await openSipUa({ user: '1001' });

		try {
			for (const user of ['1000', '4711']) {
				const { code } = await (await ua.invite(`sip:${user}@${sip}`))
					.wait('final');

				assert.equal(code, 407, user);
			}
			for (const method of ['PUBLISH', 'SUBSCRIBE'])
				assert.equal((await ua.query(`sip:1000@${sip}`, method,
					{ extra: ['Event: presence'] })).code, 407, method);
		} finally {
			ua.close();
		}
	});

	/** A phone asks for an extension's state; resolves with the subscription. */
	async function subscribe(ua, event) {
		const uri = `sip:1000@${sip}`;
		const call = ua.open(uri);
		const ask = (...extra) => call.ask('SUBSCRIBE', { extra: [
			`Event: ${event}`, 'Expires: 600', ...extra],
		edit: (text) => text.replace(/^From: <.*?>/m, `From: <sip:1001@${sip}>`) });
		const { code } = await ask(respond(await ask(),
			{ user: '1001', password: 'sip-1001' },
			{ method: 'SUBSCRIBE', uri }));

		assert.ok(code === 200 || code === 202, `${event}: ${code}`);
		return call;
	}

	/** The last state that the phone was told is like that. */
	const shows = (call, pattern) => until(`it shows ${pattern}`, () =>
		pattern.test(call.messages.findLast(({ method }) =>
			method === 'NOTIFY')?.body ?? ''), { child: kamailio });

	test('it shows phones what the bridge publishes', async () => {
		const ua = await openSipUa({ user: '1001' });

		try {
			const presence = await subscribe(ua, 'presence');
			const lamp = await subscribe(ua, 'dialog');

			await shows(presence, /<basic>open</);
			await world.bridge.command('cube_dnd', 'on');
			await shows(presence, /activities>\s*<rpid:busy/);
			await world.bridge.command('cube_dnd', 'off');
			await world.phoneCallsApp(alice);
			await shows(lamp, /<state>confirmed</);
			await shows(presence, /<rpid:on-the-phone/);
			await world.end(world.phone, alice);
			await shows(lamp, /<state>terminated<|^(?![^]*<state>)/);
			await shows(presence, /<basic>open<(?![^]*on-the-phone)/);

			// the bridge goes: nothing is known of it
			await world.bridge.stop();
			await shows(presence, /^$|<basic>closed</);
			assert.doesNotMatch(world.bridge.log(), /takes no PUBLISH/);
		} finally {
			ua.close();
		}
	});
});
