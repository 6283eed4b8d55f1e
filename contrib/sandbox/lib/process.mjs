// Child processes that cannot outlive us, and waiting for what they do.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import net from 'node:net';

const STOP_TIMEOUT = 8000; // [ms] between SIGTERM and SIGKILL

/**
 * Start a program; its output goes to a log file.
 *
 * The kernel ends it should we die without stopping it (setpriv); a session of
 * its own keeps a Ctrl-C in our terminal from it, so that we decide the order.
 */
export function start(name, argv, log) {
	const fd = openSync(log, 'a');
	const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], {
		stdio: ['ignore', fd, fd],
		detached: true,
	});
	closeSync(fd);

	const exited = once(child, 'exit');
	exited.catch(() => {});
	const running = () => child.exitCode === null && child.signalCode === null;

	return {
		name,
		pid: child.pid,
		log,
		exited,
		running,
		/** The signal that ended it, or null */
		signal: () => child.signalCode,
		/** False if it had to be killed. */
		async stop() {
			if (!running()) return true;
			child.kill('SIGTERM');
			const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);

			await exited;
			clearTimeout(timer);
			return child.signalCode !== 'SIGKILL';
		},
	};
}

/** Where to look, and what is found there at the end. */
function lastWords({ log }) {
	const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5);

	return `see ${log}\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

/** Poll until check() is truthy; fails early when the process has ended. */
export async function until(what, check, { timeout = 20000, child } = {}) {
	const end = Date.now() + timeout;

	for (;;) {
		const result = await check();
		if (result) return result;
		if (child && !child.running())
			throw new Error(`${child.name} ended before ${what};`
				+ ` ${lastWords(child)}`);
		if (Date.now() > end)
			throw new Error(`${what}: nothing after ${timeout} ms`
				+ (child ? `; ${lastWords(child)}` : ''));
		await delay(25);
	}
}

/** Whether something accepts TCP connections on a loopback port. */
export function listening(port) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1');
		const done = (result) => {
			socket.destroy();
			resolve(result);
		};
		socket.once('connect', () => done(true));
		socket.once('error', () => done(false));
	});
}

/** Ports nobody listens on at the moment. */
export async function freePorts(count) {
	const servers = Array.from({ length: count }, () => net.createServer());
	const ports = await Promise.all(servers.map(async (server) => {
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return server.address().port;
	}));
	await Promise.all(servers.map((server) => {
		server.close();
		return once(server, 'close');
	}));
	return ports;
}
