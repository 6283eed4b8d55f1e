// SIP over TLS: a server's certificate is verified, and ours is there.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { test } from 'node:test';

import { makeCertificates } from '../../contrib/sandbox/lib/certs.mjs';
import { useLone } from './lib/lone.mjs';
import { openRegistrar } from './lib/registrar.mjs';
import { startRawBridge, userLine } from './lib/rig.mjs';

const lone = useLone(async (dir) => {
	await makeCertificates(dir, 'cloud.invalid');
	return { ca_file: `${dir}/ca.pem` };
});
const { opened } = lone;

/** A registrar with a certificate, and a bridge that is to register there. */
async function start(certificate, { keys, host = '127.0.0.1',
	params = '' } = {}) {
	const registrar = await openRegistrar({
		tls: `${lone.sandbox.dir}/${certificate}` });

	opened.push(registrar);
	const bridge = await startRawBridge(
		{ ...lone.sandbox, sip: `${host}:${registrar.port}` },
		{ name: certificate, transport: 'tls', keys,
			account: { params: `;regint=300${params}` } });

	opened.push(bridge);
	return { registrar, bridge };
}

test('a certificate of the right name by who is trusted', async () => {
	const { registrar, bridge } = await start('server');

	await bridge.waitRegistered();
	assert.equal(registrar.registers[0].from.transport, 'tls');
	assert.equal(registrar.refused.length, 0);
});

test('the name of the account, though its proxy has another', async () => {
	// cloud.invalid is nowhere; the certificate is for it
	const registrar = await openRegistrar({ tls: `${lone.sandbox.dir}/server` });

	opened.push(registrar);
	const bridge = await startRawBridge(
		{ ...lone.sandbox, sip: 'cloud.invalid' },
		{ name: 'proxy', transport: 'tls', account: { params: ';regint=300'
			+ `;outbound="sip:127.0.0.1:${registrar.port};transport=tls"` } });

	opened.push(bridge);
	await bridge.waitRegistered();
});

/** A bridge with two accounts, 1000@cloud.invalid and 2000@other.invalid, each
 * with a proxy: a registrar. */
async function startTwo(name, one, other) {
	const account = (user, host, { port }) => `<sip:${user}@${host};`
		+ `transport=tls>;auth_pass=x;regint=300;outbound="sip:127.0.0.1:${
			port};transport=tls"\n`;
	const bridge = await startRawBridge({ ...lone.sandbox, sip: 'cloud.invalid' },
		{ name, transport: 'tls',
			account: { params: ';regint=0' },
			users: [userLine('cloud.invalid'), userLine('other.invalid',
				{ user: '2000', login: 'ext2000' })],
			prepare: (dir) => writeFileSync(`${dir}/accounts`,
				account('1000', 'cloud.invalid', one)
				+ account('2000', 'other.invalid', other)) });

	opened.push(bridge);
	return bridge;
}

const open = async (certificate, options) => {
	const registrar = await openRegistrar({ ...options,
		tls: `${lone.sandbox.dir}/${certificate}` });

	opened.push(registrar);
	return registrar;
};

test('two accounts: each has its own server, and nobody else is taken for it',
	async () => {
		// who is other.invalid shows that, wherever he gets connections
		const one = await open('wrong-host');
		const other = await open('wrong-host');
		const bridge = await startTwo('two', one, other);

		await bridge.waitLog(/is not trusted: it is not 127\.0\.0\.1, cloud\.invalid: certificate "CN=other\.invalid"/);
		await other.wait('2000 registers', (all) => all.length);
		await bridge.waitLog(/1000@cloud\.invalid: cannot register/);
		assert.equal(one.requests.length, 0, 'something was sent to a stranger');
		assert.equal(other.requests[0].from.servername, 'other.invalid');
	});

test('two accounts at one address: its certificate is for both of them',
	async () => {
		const both = await open('wrong-host');
		const bridge = await startTwo('one-address', both, both);

		await bridge.waitLog(/is not trusted: it is not 127\.0\.0\.1, cloud\.invalid/);
		assert.equal(both.requests.filter(({ header }) =>
			/cloud\.invalid/.test(header('From'))).length, 0);
	});

test('a connection that another account has made is not trusted blindly',
	async () => {
		const other = await open('wrong-host');
		const headers = [`Contact: <sip:127.0.0.1:${other.port};transport=tls>`];
		const one = await open('server', { answer: () => ({
			code: other.registers.length ? 302 : 500, headers }) });
		const bridge = await startTwo('redirected', one, other);

		await one.wait('1000 is redirected', (all) => all.length);
		await bridge.waitLog(/127\.0\.0\.1:\d+ is not trusted: it is not 127\.0\.0\.1, cloud\.invalid/);
		assert.equal(one.requests[0].from.servername, 'cloud.invalid');
		assert.equal(other.requests.filter(({ header }) =>
			/cloud\.invalid/.test(header('From'))).length, 0);
	});

for (const [certificate, keys, why] of [
	['unknown-ca', {}, /127\.0\.0\.1:\d+ is not trusted: .*unable to get local issuer certificate: certificate "CN=cloud\.invalid" .*Unknown CA.*sip_cafile/],
	['wrong-host', {}, /127\.0\.0\.1:\d+ is not trusted: it is not 127\.0\.0\.1: certificate "CN=other\.invalid" for other\.invalid/],
	['server', { sip_cafile: null }, /is not trusted: .*no sip_cafile: the system's/],
]) {
	test(`${certificate}${keys.sip_cafile === null ? ', no sip_cafile' : ''}:`
		+ ' refused, and the log says which and why', async () => {
		const { registrar, bridge } = await start(certificate, { keys });

		await bridge.waitLog(why);
		await bridge.waitLog(/reg(?:ister)?: .*1000@.*/i);
		assert.equal((await bridge.status()).registered, false);
		assert.equal(registrar.requests.length, 0,
			'something was sent to a stranger');
	});
}

test('connectycube_sip_verify no: anybody is taken, and that is said',
	async () => {
		const { bridge } = await start('wrong-host',
			{ keys: { connectycube_sip_verify: 'no' } });

		await bridge.waitRegistered();
		await bridge.waitLog(/servers are not verified/);
	});

test('who connects to us gets a certificate, made at the start', async () => {
	const { bridge } = await start('server');

	await bridge.waitRegistered(); // whoever that is may ask
	await bridge.waitLog(/no sip_certificate: 127\.0\.0\.1:\d+ has a self-signed one \(certificate "CN=127\.0\.0\.1"/);
	const socket = connect({ port: bridge.port + 1, host: '127.0.0.1',
		rejectUnauthorized: false });

	await once(socket, 'secureConnect');
	assert.equal(socket.getPeerCertificate().subjectaltname,
		'IP Address:127.0.0.1');
	socket.write('OPTIONS sip:1000@127.0.0.1 SIP/2.0\r\n'
		+ 'Via: SIP/2.0/TLS 127.0.0.1:5;branch=z9hG4bKx\r\n'
		+ 'From: <sip:a@b>;tag=1\r\nTo: <sip:1000@127.0.0.1>\r\n'
		+ 'Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n');
	const [answer] = await once(socket, 'data');

	assert.match(String(answer), /^SIP\/2\.0 200 /);
	socket.destroy();
});
