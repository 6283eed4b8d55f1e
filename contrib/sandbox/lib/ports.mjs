// Which ports can be had on loopback, and who has those that can't.
//
//	const ports = await choosePorts({ sipPort: 5060 }, console.log);
//	// "port 5060 is taken by kamailio (process 812): using 5062"

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

const HIGHEST = 65535;
const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'];

/** Bind and let go; the error's code if that cannot be done. */
async function tryTcp(port, host) {
	const server = net.createServer();

	try {
		server.listen({ port, host, exclusive: true });
		await once(server, 'listening');
	} catch (error) {
		return error.code;
	}
	server.close();
	await once(server, 'close');
	return null;
}

async function tryUdp(port) {
	const socket = createSocket('udp4');

	try {
		socket.bind({ port, address: '127.0.0.1', exclusive: true });
		await once(socket, 'listening');
	} catch (error) {
		return error.code;
	}
	socket.close();
	return null;
}

/** Whether TCP and UDP can be had; a machine without IPv6 has that free. */
export async function isFree(port) {
	const errors = [await tryTcp(port, '127.0.0.1'), await tryUdp(port),
		await tryTcp(port, '::1')];

	return errors.every((code) => !code || code === 'EADDRNOTAVAIL'
		|| code === 'EAFNOSUPPORT');
}

/** [{ inode, uid }] of the sockets that wait on a port. */
function sockets(port) {
	const hex = port.toString(16).toUpperCase().padStart(4, '0');

	return TABLES.flatMap((table) => {
		let lines = [];

		try {
			lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n');
		} catch { /* no IPv6 */ }
		return lines.slice(1).map((line) => line.trim().split(/\s+/))
			.filter(([, local, remote]) => local?.endsWith(`:${hex}`)
				&& remote.endsWith(':0000'))
			.map((column) => ({ uid: Number(column[7]), inode: column[9] }));
	});
}

/** Name and number of the process that has one of these sockets open. */
function processOf(inodes) {
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
		try {
			for (const fd of readdirSync(`/proc/${pid}/fd`)) {
				const target = readlinkSync(`/proc/${pid}/fd/${fd}`);

				if (!inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1])) continue;
				const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

				return `${name} (process ${pid})`;
			}
		} catch { /* it has ended, or is somebody else's */ }
	return null;
}

function userName(uid) {
	const line = readFileSync('/etc/passwd', 'utf8').split('\n')
		.find((one) => Number(one.split(':')[2]) === uid);

	return line?.split(':')[0] ?? `number ${uid}`;
}

/** Who has a port, for a person to read. */
export function owner(port) {
	const found = sockets(port);
	const name = processOf(new Set(found.map(({ inode }) => inode)));

	if (name) return name;
	if (found.length)
		return `a process of user ${userName(found[0].uid)}`;
	return 'something outside of this container';
}

/** The first of `count` ports in a row, from `port` on, that has an owner. */
async function takenOf(port, count) {
	for (let i = port; i < port + count; i++)
		if (!await isFree(i)) return i;
	return null;
}

/**
 * The ports that are wanted, { name: number or [number, how many in a row] },
 * with others in the place of those that are taken; tell() is given a line for
 * each of them. Number 0 is not wanted.
 */
export async function choosePorts(wanted, tell) {
	const list = Object.entries(wanted).map(([name, value]) =>
		[name, ...[value].flat()]);
	const used = new Set(list.flatMap(([, port, count = 1]) =>
		Array.from({ length: count }, (_, i) => port + i)));
	const chosen = {};

	for (const [name, port, count = 1] of list) {
		const taken = port && await takenOf(port, count);

		chosen[name] = port;
		if (!taken) continue;

		let other = port + 1;
		const clashes = () => Array.from({ length: count }, (_, i) =>
			used.has(other + i)).some(Boolean);

		while (clashes() || await takenOf(other, count))
			if (++other > HIGHEST) throw new Error(`no free port above ${port}`);
		for (let i = 0; i < count; i++) used.add(other + i);
		chosen[name] = other;
		tell(`port ${taken} is taken by ${owner(taken)}: using ${other}`);
	}
	return chosen;
}
