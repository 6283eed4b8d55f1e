// SIPp with the scenarios in tests/e2e/sipp, {{names}} filled in, or those of
// tests/dialects; its messages can be read and waited for while it runs.
//
//	const sipp = await startSipp(sandbox, 'uac-rejected', { code: 486 });
//	const ringing = await sipp.wait('180');
//	await sipp.done();

import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { fill } from '../../../contrib/sandbox/lib/template.mjs';
import { freePort } from './ports.mjs';

const SCENARIOS = fileURLToPath(new URL('../sipp', import.meta.url));
const DIALECTS = fileURLToPath(new URL('../../dialects', import.meta.url));
const TIMEOUT = 60000; // [ms] for a whole scenario

let number = 0;

/** One message of SIPp's trace. */
function parse(ms, direction, text) {
	const [first] = text.split('\r\n', 1);
	const [, code, reason] = /^SIP\/2\.0 (\d{3}) (.*)/.exec(first) ?? [];
	const header = (name) => new RegExp(`^${name}:\\s*(.*?)\\r?$`, 'im')
		.exec(text)?.[1];

	return { ms, direction, first, reason, header,
		what: code ?? first.split(' ', 1)[0], text };
}

class Sipp {
	constructor(child, path, port) {
		this.child = child;
		this.path = path;
		this.port = port;
	}

	/** Messages so far: [{ ms, direction: 'sent'|'received', what, header() }] */
	messages() {
		const trace = existsSync(this.path)
			? readFileSync(this.path, 'utf8') : '';
		const mark = new RegExp('-{20,} (\\d{4}-\\d\\d-\\d\\d)\\s'
			+ '(\\d\\d:\\d\\d:\\d\\d\\.\\d{6})\\r?\\n'
			+ '\\w+ message (sent|received) [^\\n]*\\n\\n');
		const parts = trace.split(mark).slice(1);
		const found = [];

		for (let i = 0; i + 3 < parts.length; i += 4)
			found.push(parse(new Date(`${parts[i]}T${parts[i + 1]}`).getTime(),
				parts[i + 2], parts[i + 3]));
		return found;
	}

	received(what) {
		return this.messages().filter((message) =>
			message.direction === 'received' && message.what === what);
	}

	#saw() {
		return this.messages().map(({ direction, what }) =>
			`${direction} ${what}`).join(', ');
	}

	/** Wait until it has received a request ('BYE') or an answer ('180'). */
	async wait(what, timeout = 15000) {
		try {
			return await until(`SIPp receives ${what}`, () =>
				this.received(what)[0], { timeout });
		} catch (error) {
			throw new Error(`${error.message}; saw ${this.#saw()}`);
		}
	}

	/** Its call went as the scenario says. */
	async done(timeout = TIMEOUT) {
		await until('SIPp ends', () => !this.child.running(), { timeout });
		const [code] = await this.child.exited;

		if (code !== 0)
			throw new Error(`SIPp: exit ${code}; saw ${this.#saw()}; see `
				+ this.child.log);
	}

	/** A dialect's phone hangs up: its scenario waits for a NOTIFY. */
	hangUp() {
		const [{ header }] = this.received('200');
		const socket = createSocket('udp4');

		socket.send([`NOTIFY sip:phone@127.0.0.1:${this.port} SIP/2.0`,
			'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKtest',
			'Max-Forwards: 70', `From: ${header('To')}`,
			`To: ${header('From')}`, `Call-ID: ${header('Call-ID')}`,
			'CSeq: 1 NOTIFY', 'Content-Length: 0', '', ''].join('\r\n'),
		this.port, '127.0.0.1', () => socket.close());
	}

	stop() {
		return this.child.stop();
	}
}

/** SIPp with a file. keys: what the scenario's own [names] are */
async function run(sandbox, path, { port, extension = '1000',
	server = sandbox.sip, calls = 1, keys = {} }) {
	const local = port ?? await freePort();
	const name = `${sandbox.dir}/${basename(path, '.xml')}`;
	const child = start('SIPp', ['sipp', server, '-sf', path,
		'-i', '127.0.0.1', '-p', String(local), '-m', String(calls), '-l', '1',
		'-s', extension, '-nostdin', '-timeout', '120s', '-timeout_error',
		...Object.entries(keys).flatMap(([key, value]) =>
			['-key', key, String(value)]),
		'-trace_msg', '-message_file', `${name}.trace`,
		'-trace_err', '-error_file', `${name}.errors`], `${name}.log`);

	return new Sipp(child, `${name}.trace`, local);
}

/**
 * Play one call (or, with calls, several after one another).
 *
 * scenario  a file of tests/e2e/sipp, without .xml
 * values    for the scenario's {{names}}
 * number    whom a UAC calls
 */
export function startSipp(sandbox, scenario, { values = {}, ...options } = {}) {
	const path = `${sandbox.dir}/sipp-${++number}-${scenario}.xml`;

	writeFileSync(path, fill(
		readFileSync(`${SCENARIOS}/${scenario}.xml`, 'utf8'), {
			rtp_port: 9,
			codecs: '0 8 101',
			maps: 'a=rtpmap:101 telephone-event/8000',
			direction: 'sendrecv',
			hold: 'sendonly',
			hold_at: '127.0.0.1',
			caller: '5551234',
			display: 'Maria Silva',
			...values,
		}));
	return run(sandbox, path, options);
}

/** A phone or server of tests/dialects; way: 'calls' or 'called'. */
export const startDialect = (sandbox, name, way, options) =>
	run(sandbox, `${DIALECTS}/${name}-${way}.xml`, options);

/** Register a number at the SIP server for SIPp's port. */
export async function registerSipp(sandbox, user, port) {
	const sipp = await startSipp(sandbox, 'register', { port, extension: user,
		values: { user, password: `sip-${user}` } });

	await sipp.done(15000);
}
