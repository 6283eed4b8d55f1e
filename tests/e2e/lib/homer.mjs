// Homer, as far as it listens: what comes by HEP 3 is kept, and read by tshark
// (hep.lua), and its SIP by sngrep, which reads HEP by itself.
//
//	const homer = await openHomer();
//	await homer.wait('a record', ({ type }) => type === 100);

import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync }
	from 'node:fs';
import { tmpdir } from 'node:os';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { freePort } from './ports.mjs';

const PORT = 9060; // in the files that tshark reads
const FIELDS = ['hep.family', 'hep.proto', 'hep.src', 'hep.dst', 'hep.src6',
	'hep.dst6', 'hep.sport', 'hep.dport', 'hep.sec', 'hep.usec', 'hep.type',
	'hep.agent', 'hep.key', 'hep.cid', 'hep.node', 'hep.payload', 'hep.wrong',
	'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sip.Call-ID'];

/** A capture file of UDP datagrams, each as from 127.0.0.1 to itself. */
function pcap(datagrams) {
	const head = Buffer.alloc(24);

	head.writeUInt32LE(0xa1b2c3d4, 0);
	head.writeUInt16LE(2, 4);
	head.writeUInt16LE(4, 6);
	head.writeUInt32LE(262144, 16);
	head.writeUInt32LE(101, 20); // raw IP
	return Buffer.concat([head, ...datagrams.flatMap((data) => {
		const packet = Buffer.alloc(16 + 28);

		packet.writeUInt32LE(28 + data.length, 8);
		packet.writeUInt32LE(28 + data.length, 12);
		packet.writeUInt8(0x45, 16);
		packet.writeUInt16BE(28 + data.length, 18);
		packet.writeUInt8(64, 24);
		packet.writeUInt8(17, 25);
		packet.writeUInt32BE(0x7f000001, 28);
		packet.writeUInt32BE(0x7f000001, 32);
		packet.writeUInt16BE(PORT, 36);
		packet.writeUInt16BE(PORT, 38);
		packet.writeUInt16BE(8 + data.length, 40);
		return [packet, data];
	})]);
}

/** A chunk of a packet, as it came. */
function chunk(data, wanted) {
	for (let at = 6; at + 6 <= data.length; at += data.readUInt16BE(at + 4))
		if (data.readUInt16BE(at + 2) === wanted)
			return data.subarray(at + 6, at + data.readUInt16BE(at + 4));
	return Buffer.alloc(0);
}

const tshark = (file, args) => execFileSync('tshark', ['-r', file, ...args],
	{ encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] });

class Homer {
	datagrams = [];

	constructor(socket, dir) {
		this.socket = socket;
		this.dir = dir;
		this.port = socket.address().port;
		socket.on('message', (data) => this.datagrams.push(data));
	}

	/** What has come, by the type of its payload alone. */
	get seen() {
		return this.datagrams.map((data) => ({
			type: chunk(data, 0x0b)[0],
			cid: chunk(data, 0x11).toString(),
			payload: chunk(data, 0x0f).toString(),
			sport: chunk(data, 0x07).readUInt16BE(),
			dport: chunk(data, 0x08).readUInt16BE(),
		}));
	}

	wait(what, check, options) {
		return until(what, () => this.seen.find(check), options);
	}

	/** All of it, as tshark reads it: [{ 'hep.type': '1', ... }]. */
	read() {
		const file = `${this.dir}/hep.pcap`;

		writeFileSync(file, pcap(this.datagrams));
		return JSON.parse(tshark(file, ['-X',
			`lua_script:${REPO}/tests/e2e/lib/hep.lua`, '-d',
			`udp.port==${PORT},hep3`, '-T', 'json',
			...FIELDS.flatMap((field) => ['-e', field])]))
			.map(({ _source: { layers } }) => Object.fromEntries(
				Object.entries(layers).map(([name, [value]]) => [name, value])));
	}

	/** SIP, as sngrep understands it: lines "SOURCE DESTINATION METHOD STATUS". */
	async sngrep() {
		const port = await freePort();
		const file = `${this.dir}/sngrep.pcap`;
		const sip = this.datagrams.filter((data) => chunk(data, 0x0b)[0] === 1);
		const child = start('sngrep', ['sngrep', '-F', '-q', '-N', '-L',
			`udp:127.0.0.1:${port}`, '-O', file], `${this.dir}/sngrep.log`);
		let size = 0;

		try {
			// until it listens nothing says so; it writes what comes twice
			// twice, as it should
			await until('sngrep writes', async () => {
				for (const data of sip.slice(0, 1)) this.socket.send(data, port,
					'127.0.0.1');
				return existsSync(file) && statSync(file).size > 24;
			}, { child });
			for (const data of sip) this.socket.send(data, port, '127.0.0.1');
			await until('sngrep has written all', () => {
				const before = size;

				({ size } = statSync(file));
				return size === before && size > sip.length * 200;
			}, { child });
		} finally {
			await child.stop();
		}
		return tshark(file, ['-T', 'fields', '-E', 'separator= ',
			...['ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport', 'sip.CSeq.method',
				'sip.Status-Code'].flatMap((field) => ['-e', field])])
			.trim().split('\n');
	}

	close() {
		if (!this.socket) return;
		this.socket.close();
		this.socket = null;
		rmSync(this.dir, { recursive: true, force: true });
	}
}

export async function openHomer(port = 0) {
	const socket = dgram.createSocket('udp4');

	socket.bind(port, '127.0.0.1');
	await once(socket, 'listening');
	return new Homer(socket, mkdtempSync(`${tmpdir()}/homer-`));
}
