// Certificates of a run directory, made once:
//
//   ca.pem                      the authority to trust
//   server.pem, .key            localhost, 127.0.0.1, ::1: good
//   unknown-ca.pem, .key        the same names, signed by a stranger
//   wrong-host.pem, .key        signed by ca.pem, for another name
//   expired.pem, .key           signed by ca.pem, until yesterday

import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
	'-nodes'];
const LOCAL = (domain, address) => `DNS:localhost,DNS:${domain},`
	+ `IP:127.0.0.1,IP:0:0:0:0:0:0:0:1,IP:${address}`;

async function authority(dir, name, subject) {
	await run('openssl', ['req', '-x509', ...KEY, '-days', '3650',
		'-subj', `/CN=${subject}`,
		'-addext', 'basicConstraints=critical,CA:TRUE',
		'-addext', 'keyUsage=critical,keyCertSign,cRLSign',
		'-keyout', `${dir}/${name}.key`, '-out', `${dir}/${name}.pem`]);
}

async function certificate(dir, name, ca, subject, names) {
	await run('openssl', ['req', '-x509', ...KEY, '-days', '825',
		'-CA', `${dir}/${ca}.pem`, '-CAkey', `${dir}/${ca}.key`,
		'-subj', `/CN=${subject}`,
		'-addext', `subjectAltName=${names}`,
		'-addext', 'basicConstraints=critical,CA:FALSE',
		'-addext', 'extendedKeyUsage=serverAuth',
		'-keyout', `${dir}/${name}.key`, '-out', `${dir}/${name}.pem`]);
}

/** Of a time that is over: `openssl req` makes none. */
async function expired(dir, name, ca, subject, names) {
	const part = (ending) => `${dir}/${name}.${ending}`;

	writeFileSync(part('ext'), `subjectAltName=${names}\n`);
	await run('openssl', ['req', ...KEY, '-subj', `/CN=${subject}`,
		'-keyout', part('key'), '-out', part('csr')]);
	await run('openssl', ['x509', '-req', '-in', part('csr'), '-days', '-1',
		'-CA', `${dir}/${ca}.pem`, '-CAkey', `${dir}/${ca}.key`,
		'-CAcreateserial', '-extfile', part('ext'), '-out', part('pem')]);
	for (const ending of ['ext', 'csr']) rmSync(part(ending));
}

export async function makeCertificates(dir, domain,
	address = '127.0.0.1') {
	if (existsSync(`${dir}/wrong-host.pem`)) return;

	await Promise.all([
		authority(dir, 'ca', 'Sandbox CA'),
		authority(dir, 'stranger', 'Unknown CA'),
	]);
	const names = LOCAL(domain, address);

	await certificate(dir, 'server', 'ca', domain, names);
	await certificate(dir, 'unknown-ca', 'stranger', domain, names);
	rmSync(`${dir}/stranger.key`);
	await expired(dir, 'expired', 'ca', domain, names);
	await certificate(dir, 'wrong-host', 'ca', 'other.invalid',
		'DNS:other.invalid');
}
