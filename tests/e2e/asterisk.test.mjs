// contrib/pbx/asterisk: the sample, and calls through a real Asterisk with it where
// there is one. What else Asterisk does to calls is in tests/e2e/asterisk/.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { ROOT, SAMPLE, SIP, startAsterisk } from './lib/asterisk.mjs';
import { assertTone, startWorld } from './lib/world.mjs';
import { startTestBridge } from './lib/bridge.mjs';
import { startTestPhone } from './lib/phone.mjs';

/** The sample's sections: [{ name, of, key: value }]. */
function sections() {
	const list = [];

	for (const line of readFileSync(`${SAMPLE}/pjsip.conf`, 'utf8')
		.split('\n').map((one) => one.replace(/;.*/, '').trim())) {
		const [, name, of] = /^\[(.*?)\](?:\((.*)\))?$/.exec(line) ?? [];
		const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];

		if (name) list.push({ name, of });
		else if (key) list.at(-1)[key] ??= value;
	}
	return list;
}

test('the sample has what phones and bridges behind NAT need', () => {
	const all = sections();
	const extension = all.find(({ name }) => name === 'extension');
	const contact = all.find(({ name }) => name === 'contact');

	for (const key of ['rewrite_contact', 'rtp_symmetric', 'force_rport'])
		assert.equal(extension[key], 'yes', key);
	assert.notEqual(extension['100rel'], 'required');
	assert.notEqual(extension.timers, 'required');
	assert.ok(Number(contact.qualify_frequency) > 0);
	for (const name of ['1000', '1001'])
		assert.equal(all.filter((one) => one.name === name).length, 3);
});

describe('a real Asterisk', { skip: ROOT ? false : 'none here' }, () => {
	let world;
	let asterisk;
	let alice;
	let phone;
	let bridge;

	/** One more desk phone, 1002, as the sample's is. */
	const withSecondDesk = (text) => text + (/^; --- a desk phone[^]*/m
		.exec(text)?.[0].replaceAll('1001', '1002') ?? '');

	before(async () => {
		world = await startWorld({ sandbox: { sipPort: 0 }, apps: ['alice'] });
		alice = world.apps.alice;
		asterisk = await startAsterisk(world.sandbox, { edit: (text, name) =>
			(name === 'pjsip.conf' ? withSecondDesk(text) : text) });
		world.bridges = [await startTestBridge(world.sandbox, { sip: SIP,
			users: [{ user: '1000', login: 'ext1000', call: '101',
				dial: `sip:1001@${SIP}` }] })];
		[bridge] = world.bridges;
		world.phone = await startTestPhone(world.sandbox, { sip: SIP,
			accounts: [{ user: '1001', codecs: 'PCMA' },
				{ user: '1002', codecs: 'PCMU' }] });
		({ phone } = world);
	});

	after(async () => {
		await world?.stop();
		await asterisk?.stop();
	});
	afterEach(() => world.reset());

	test('both are registered and answer OPTIONS', async () => {
		await asterisk.reachable(3);
	});

	test('a phone calls the app', async () => {
		await asterisk.lamp('1000', 'Idle');
		const { info } = await world.phoneCallsApp(alice);

		await asterisk.lamp('1000', 'InUse');

		assert.equal(info.name, 'Desk phone');
		assert.equal(info.number, '1001');
		await world.assertTones(alice);
		// Asterisk answers the bridge in Opus, and the phone in G.711
		const { calls: [call] } = await bridge.status();

		assert.match(call.sip.rx.codec, /opus/i);
		assert.equal(call.sip.forwarded, true, call.text);
		await world.end(alice, alice);
	});

	test('the app calls the phone, with keys, and the phone holds', async () => {
		await world.appCallsPhone(alice);
		await world.assertTones(alice);
		await alice.dtmf('42#');
		await until('Asterisk and the bridge have passed on three keys', async () =>
			/keys=3/.test(await bridge.command('cube_status')),
		{ child: asterisk.child });
		await phone.ctrl.command('hold');
		await until('Asterisk plays nothing into a held call', async () =>
			(await alice.hear(500)).rms < 0.01, { child: asterisk.child });
		await phone.resume();
		await until('it is back', async () => {
			try {
				assertTone(await alice.hear(500), 440);
				return true;
			} catch {
				return false;
			}
		}, { child: asterisk.child });
		await world.end(phone, alice);
	});

	test('the phone passes the app on to another phone', async () => {
		await world.appCallsPhone(alice);
		await world.waitTones(alice);
		const { calls: [{ id }] } = await bridge.status();

		await phone.command('transfer', `sip:1002@${SIP}`);
		const incoming = await phone.waitIncoming();

		assert.match(incoming.accountaor, /1002/);
		await phone.accept();
		await phone.waitEvent('CALL_ESTABLISHED');
		await world.waitTones(alice);
		const { calls } = await bridge.status();

		assert.deepEqual(calls.map((call) => call.id), [id]);
		await alice.hangup();
		await alice.waitClosed();
		await bridge.waitIdle();
	});

	test('a busy app is busy', async () => {
		await phone.dial('1001', '1000');
		await alice.waitIncoming();
		await alice.reject({ busy: 'true' });
		const { param } = await phone.waitEvent('CALL_CLOSED');

		assert.match(param, /486|Busy/);
	});
});
