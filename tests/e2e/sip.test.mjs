// The sandbox's SIP server: phones register with a password, reach each other
// over every transport, and ACK and BYE find their way.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startPhone } from '../../contrib/sandbox/lib/phone.mjs';
import { freePorts } from '../../contrib/sandbox/lib/process.mjs';
import { connectCtrl } from './lib/ctrl.mjs';
import { startTestSandbox } from './lib/sandbox.mjs';

let sandbox;
const stops = [];

async function phone(user, transport, password) {
	const [port, ctrlPort] = await freePorts(2);
	const child = await startPhone(`${sandbox.dir}/${user}-${transport}`, {
		account: { user, password: password ?? `sip-${user}` },
		sip: transport === 'tls' ? sandbox.sips : sandbox.sip,
		port,
		ctrlPort,
		transport,
	});
	const ctrl = await connectCtrl(ctrlPort);

	stops.push(() => {
		ctrl.close();
		return child.stop();
	});
	return ctrl;
}

before(async () => {
	sandbox = await startTestSandbox({ inviteAuth: true });
});

after(async () => {
	await Promise.all(stops.map((stop) => stop()));
	await sandbox?.stop();
});

test('calls over UDP, TCP and TLS, ended by either side', async () => {
	const [caller, ...callees] = await Promise.all([phone('1000', 'udp'),
		phone('1001', 'udp'), phone('1002', 'tcp'), phone('1003', 'tls')]);

	for (const [i, callee] of callees.entries()) {
		await caller.command('dial', `sip:100${i + 1}@${sandbox.sip}`);
		await Promise.all([caller, callee].map((one) =>
			one.waitEvent('CALL_ESTABLISHED')));
		await (i % 2 ? callee : caller).command('hangup');
		await Promise.all([caller, callee].map((one) =>
			one.waitEvent('CALL_CLOSED')));
	}
});

test('an unknown number and an absent phone', async () => {
	const caller = await phone('1010', 'udp');

	for (const [number, answer] of [['4711', /404/], ['1009', /480/]]) {
		await caller.command('dial', `sip:${number}@${sandbox.sip}`);
		const { param } = await caller.waitEvent('CALL_CLOSED');

		assert.match(param, answer);
	}
});

test('a wrong password is refused', async () => {
	await assert.rejects(phone('1001', 'udp', 'wrong'), /refused: 401/);
});
