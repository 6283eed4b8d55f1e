// A real Asterisk, with contrib/pbx/asterisk as it stands there but for its
// passwords. ASTERISK_ROOT is a folder it is installed in (a debootstrap chroot of a
// Debian suite that has it), / if it is here.
//
//	const asterisk = await startAsterisk(sandbox, { more: { 'pjsip.conf': '...' } });
//	asterisk.cli('core show hints');
//	const [invite] = asterisk.sent('INVITE');

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
	rmSync, writeFileSync } from 'node:fs';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { freePort } from './ports.mjs';
import { parse } from './sipmsg.mjs';
import { openSipUa } from './sipua.mjs';

export const ROOT = process.env.ASTERISK_ROOT;
export const SAMPLE = `${REPO}/contrib/pbx/asterisk`;
export const SIP = '127.0.0.1:5060';

// in its root, where another file's Asterisk may run meanwhile
const DIR = ROOT && mkdtempSync(`${ROOT}/tmp/bridge-asterisk-`).slice(ROOT.length);
const START_TIMEOUT = 60000; // [ms]

process.on('exit', () => {
	if (ROOT) rmSync(`${ROOT}${DIR}`, { recursive: true, force: true });
});

/** Its own configuration with the sample's files in it; see startAsterisk(). */
function configure({ edit, more, files }) {
	const here = `${ROOT}${DIR}`;
	const write = (name, text) => writeFileSync(`${here}/etc/${name}`,
		text + (more[name] ?? ''));

	rmSync(here, { recursive: true, force: true });
	mkdirSync(`${here}/etc`, { recursive: true });
	mkdirSync(`${here}/sounds`);
	cpSync(`${ROOT}/etc/asterisk/modules.conf`, `${here}/etc/modules.conf`);
	for (const name of readdirSync(SAMPLE).filter((one) =>
		one.endsWith('.conf')))
		write(name, edit(readFileSync(`${SAMPLE}/${name}`, 'utf8'), name)
			.replaceAll('CHANGE-', 'sip-'));
	for (const name of Object.keys(more).filter((one) =>
		!existsSync(`${here}/etc/${one}`)))
		write(name, '');
	for (const [name, data] of Object.entries(files))
		writeFileSync(`${here}/sounds/${name}`, data);
	write('logger.conf', `[logfiles]
console => notice,warning,error
sip.log => verbose(3)
`);
	writeFileSync(`${here}/asterisk.conf`, `[directories]
astetcdir => ${DIR}/etc
astrundir => ${DIR}
astlogdir => ${DIR}
astspooldir => ${DIR}
astdbdir => ${DIR}
[options]
verbose = 3
`);
}

class Asterisk {
	constructor(child) {
		this.child = child;
	}

	/** A console command; returns what it prints. */
	cli(command) {
		return execFileSync('chroot', [ROOT, 'asterisk', '-C',
			`${DIR}/asterisk.conf`, '-rx', command], { encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'ignore'] });
	}

	/** Every SIP message so far: [{ sent, peer, ...parse() }] */
	messages() {
		const log = readFileSync(`${ROOT}${DIR}/sip.log`, 'latin1');
		const mark = new RegExp('<--- (Received|Transmitting) SIP \\w+ '
			+ '\\(\\d+ bytes\\) (?:from|to) UDP:(\\S+) --->\\n');
		// the next line of the log ends a message
		const parts = log.split(mark).slice(1).map((part) =>
			part.replace(/\n\[\w{3} \d+ [^]*/, ''));
		const found = [];

		for (let i = 0; i + 2 < parts.length; i += 3)
			found.push({ sent: parts[i] === 'Transmitting', peer: parts[i + 1],
				...parse(Buffer.from(parts[i + 2].replace(/\r?\n/g, '\r\n'),
					'latin1')) });
		return found;
	}

	/** What lamps for an extension show. */
	lamp(user, state) {
		return until(`${user} is ${state}`, () =>
			new RegExp(`^${user}@extensions .* State:${state} `, 'm')
				.test(this.cli('core show hints')), { child: this.child });
	}

	/** So many contacts answer OPTIONS. */
	reachable(count) {
		return until(`${count} contacts are reachable`, () =>
			[...this.cli('pjsip show contacts').matchAll(/\bAvail\b/g)]
				.length >= count,
		{ child: this.child, timeout: START_TIMEOUT });
	}

	stop() {
		return this.child.stop();
	}
}

/**
 * Start it, and wait until it answers.
 *
 * edit   what becomes of a file of the sample: (text, name) => text
 * more   what stands behind it, or files of its own: { NAME: text }
 * files  sounds: { NAME: data }, found as `${SOUNDS}/NAME` without its ending
 */
export async function startAsterisk(sandbox, { edit = (text) => text, more = {},
	files = {} } = {}) {
	configure({ edit, more, files });

	const asterisk = new Asterisk(start('asterisk', ['chroot', ROOT, 'asterisk',
		'-f', '-C', `${DIR}/asterisk.conf`], `${sandbox.dir}/asterisk.log`));

	try {
		await until('asterisk answers', () => {
			try {
				return /fully booted/.test(asterisk.cli('core waitfullybooted'))
					&& /enabled/i.test(asterisk.cli('pjsip set logger on'));
			} catch {
				return false;
			}
		}, { child: asterisk.child, timeout: START_TIMEOUT });
	} catch (error) {
		await asterisk.stop();
		throw error;
	}
	return asterisk;
}

/** The address of a number. */
export const uri = (number) => `sip:${number}@${SIP}`;

const deskPhone = (number, port, name) => `
[${number}](desk)
aors=${number}
callerid=${name} <${number}>

[${number}]
type=aor
contact=sip:${number}@127.0.0.1:${port}
`;

/**
 * Desk phones without a password, from 2000 on: { phones, config, hush(), close() }.
 * config is what pjsip.conf is to have of them.
 *
 * names  what each is called
 * keys   of their endpoints, if not as below
 */
export async function openDesks(names, keys = {}) {
	const phones = [];
	let config = '\n[desk](!)\n';

	for (const [key, value] of Object.entries({ type: 'endpoint',
		context: 'extensions', disallow: 'all', allow: 'ulaw',
		direct_media: 'no', ...keys }))
		config += `${key}=${value}\n`;
	for (const [i, name] of names.entries()) {
		const port = await freePort();

		phones.push(await openSipUa({ user: String(2000 + i), port }));
		config += deskPhone(2000 + i, port, name);
	}

	return {
		phones,
		config,
		hush() {
			for (const phone of phones) {
				phone.rtp.hush();
				phone.forget();
			}
		},
		close() {
			for (const phone of phones) phone.close();
		},
	};
}

/** A phone that is called rings, and answers; with a tone, which its caller hears. */
export async function answers(phone, hz) {
	const call = await phone.waitInvite();

	call.ring();
	call.answer();
	await call.wait('ACK');
	if (hz) phone.rtp.play(hz, call.remoteRtp);
	return call;
}

/** How Asterisk transcodes is not the point, and it is busy enough: see `edit`. */
export const ulawOnly = (text) => text.replace(/^allow=opus.*/m, 'allow=ulaw');

export const SOUNDS = `${DIR}/sounds`;
