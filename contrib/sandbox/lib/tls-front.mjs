// A second TLS door to the cloud with another certificate, for tests of who
// refuses it. (Prosody picks its certificate by name, never by port.)

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

/** @param identity  path of the certificate and key, without .pem and .key */
export async function tlsFront(port, identity, target) {
	const server = tls.createServer({
		cert: readFileSync(`${identity}.pem`),
		key: readFileSync(`${identity}.key`),
	}, (outside) => {
		const inside = net.connect(target, '127.0.0.1');

		outside.pipe(inside).pipe(outside);
		for (const [one, other] of [[outside, inside], [inside, outside]])
			one.on('error', () => other.destroy()).on('close', () => other.destroy());
	});
	const open = new Set();

	server.on('tlsClientError', () => {});
	server.on('connection', (socket) => {
		open.add(socket);
		socket.on('close', () => open.delete(socket));
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');

	return {
		close() {
			server.close();
			open.forEach((socket) => socket.destroy());
		},
	};
}
