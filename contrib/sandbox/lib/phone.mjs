// The demo phone: baresip, registered at the sandbox's SIP server, answering by
// itself and echoing what it hears.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { linkModules, PHONE, PHONE_MODULES } from './modules.mjs';
import { listening, start, until } from './process.mjs';
import { REPO, writeTemplate } from './template.mjs';

const ECHO = `${REPO}/build/demoecho.so`;

/** Wait until a baresip has registered; fails when it was refused. */
export function registered(child) {
	return until(`${child.name} registers`, () => {
		const log = readFileSync(child.log, 'utf8');
		const [, refusal] = /reg: .*: ([3-6]\d\d .*)/.exec(log) ?? [];

		if (refusal) throw new Error(`${child.name} is refused: ${refusal}`);
		return / 200 OK .*\[\d+ binding/.test(log);
	}, { child });
}

/**
 * @param dir      run directory, made if missing
 * @param account  { user, password } at the SIP server
 * @param sip      the SIP server, host:port
 * @param port     the phone's own SIP port
 * @param ctrlPort its ctrl_tcp port, on loopback
 * @param transport udp, tcp or tls
 */
export async function startPhone(dir, { account, sip, port, ctrlPort,
	transport = 'udp' }) {
	const { user, password } = account;

	if (!existsSync(ECHO)) throw new Error('not built yet: run make run');
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	linkModules(`${dir}/modules`, [ECHO], PHONE_MODULES);
	writeTemplate('phone.config', `${dir}/config`, {
		port,
		ctrl_port: ctrlPort,
		modules: `${dir}/modules`,
	});
	writeFileSync(`${dir}/accounts`, `<sip:${user}@${sip};transport=`
		+ `${transport}>;auth_user=${user};auth_pass=${password}`
		+ ';answermode=auto;regint=300\n',
	{ mode: 0o600 });
	writeFileSync(`${dir}/contacts`, '');
	writeFileSync(`${dir}/phone.log`, '');

	const child = start('the phone', [PHONE, '-f', dir],
		`${dir}/phone.log`);
	try {
		await until('ctrl_tcp listens', () => listening(ctrlPort), { child });
		await registered(child);
	} catch (error) {
		await child.stop();
		throw error;
	}
	return child;
}
