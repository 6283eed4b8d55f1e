// Ports for what listens longer than it takes to find a free one: below the
// range that the kernel takes ports for connections from, above that of RTP.

import { once } from 'node:events';
import { createSocket } from 'node:dgram';

import { listening } from '../../../contrib/sandbox/lib/process.mjs';

const FIRST = 20000;
const LAST = 31000;

let next = FIRST + (process.pid * 20) % (LAST - FIRST);

async function udpFree(port) {
	const socket = createSocket('udp4');

	try {
		socket.bind(port, '127.0.0.1');
		await once(socket, 'listening');
		return true;
	} catch {
		return false;
	} finally {
		socket.close();
	}
}

/** An even port whose successor is free as well (RTCP, or SIP over TLS). */
export async function freePort() {
	for (;;) {
		const port = next;

		next = next + 2 > LAST ? FIRST : next + 2;
		const free = await Promise.all([port, port + 1].map(async (one) =>
			await udpFree(one) && !await listening(one)));

		if (free.every(Boolean)) return port;
	}
}
