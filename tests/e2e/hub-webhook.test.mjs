// A web server that answers oddly: what makes a record told, what does not, and that
// nothing of its URL that may be secret is shown.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { record as sample, startHub } from './lib/hub.mjs';

const SECRETS = ['p4ssword', 'T0K3N', 's3cret', 'hubuser'];

let hub;
let bridge;
let web;
let elsewhere;

/** It says what `says(socket, n)` writes after each request, in bytes. */
class RawWeb {
	told = []; // { id, text, time }
	says = null;
	#open = new Set();

	async listen() {
		this.server = net.createServer((socket) => this.#serve(socket));
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.port = this.server.address().port;
	}

	#serve(socket) {
		let text = '';

		this.#open.add(socket);
		socket.on('error', () => {});
		socket.on('data', (data) => {
			text += data.toString('latin1');
			const end = text.indexOf('\r\n\r\n');
			const length = Number(/^content-length: (\d+)/im.exec(text)?.[1]);

			if (end < 0 || text.length < end + 4 + length) return;
			const id = /^x-event-id: (\S+)/im.exec(text)[1];

			this.told.push({ id, text, time: performance.now() });
			text = '';
			this.says?.(socket, this.times(id));
		});
	}

	times(id) {
		return this.told.filter((one) => one.id === id).length;
	}

	of(id) {
		return this.told.filter((one) => one.id === id);
	}

	close() {
		for (const socket of this.#open) socket.destroy();
		this.server.close();
	}
}

const fine = (socket) => socket.write('HTTP/1.1 204 Fine\r\n\r\n');

const record = () => {
	const id = randomUUID();

	return sample({ id, linked_id: id });
};

before(async () => {
	web = new RawWeb();
	elsewhere = new RawWeb();
	await web.listen();
	await elsewhere.listen();
	hub = await startHub({ connectycube_hub_webhook: `http://hubuser:p4ssword@127.0.0.1:${
		web.port}/hook/T0K3N?key=s3cret` });
	bridge = await hub.bridge('1001');
});

afterEach(async () => {
	web.says = fine;
	if (!hub.child.running()) return;
	await hub.ctrl.command('hub_retry', 'webhook');
	await hub.waitStatus(/sink {4}webhook done=\d+ waiting=0 http/);
});

after(async () => {
	bridge?.close();
	await hub?.stop();
	web?.close();
	elsewhere?.close();
});

/** A record, and the hub's status once that is as it should be. */
async function tell(says, pattern) {
	const one = record();

	web.says = says;
	await bridge.keep(one);
	await until('it is told', () => web.times(one.id));
	await hub.waitStatus(pattern);
	return one;
}

const TOLD = /sink {4}webhook done=\d+ waiting=0 http/;

test('with 2xx it has the record, whatever becomes of the rest', async () => {
	for (const rest of [
		'Content-Length: 10\r\n\r\nabc',                 // never more
		'Transfer-Encoding: chunked\r\n\r\nrubbish\r\n', // no chunk
		'\r\n',                                          // up to an end that never comes
		`\r\n${'x'.repeat(1 << 20)}`,                    // far too much
	]) {
		const one = await tell((socket) =>
			socket.write(`HTTP/1.1 200 OK\r\n${rest}`), TOLD);

		assert.equal(web.times(one.id), 1, JSON.stringify(rest));
	}
	assert.match(web.told[0].text, /^POST \/hook\/T0K3N\?key=s3cret HTTP/);
	assert.match(web.told[0].text, new RegExp(`^authorization: basic ${
		Buffer.from('hubuser:p4ssword').toString('base64')}`, 'im'));
});

test('what is no HTTP is no answer', async () => {
	for (const rubbish of ['HTTP/1.1 200 OK\r\nrubbish\r\n\r\n', 'OK\r\n\r\n',
		'HTTP/1.1 2oo OK\r\n\r\n', 'SSH-2.0-x\r\n']) {
		const one = await tell((socket, n) => (n > 1 ? fine(socket)
			: socket.end(rubbish)), TOLD);

		assert.equal(web.times(one.id), 2, JSON.stringify(rubbish));
	}
});

test('nobody follows it elsewhere', async () => {
	await tell((socket) => socket.write('HTTP/1.1 307 There\r\nLocation:'
		+ ` http://127.0.0.1:${elsewhere.port}/\r\nContent-Length: 0\r\n\r\n`),
	/failed \d+ times?: it answers 307: it leads elsewhere, which is not followed/);
	assert.deepEqual(elsewhere.told, []);
});

test('410 is of all: nothing is given up, and it is said', async () => {
	await tell((socket) =>
		socket.write('HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n'),
	/sink {4}webhook [^]*failed \d+ times?: it answers 410: nothing there takes/);

	assert.match(await hub.status(), /sink {4}webhook .*failed=1 dead=0 /);
	web.says = fine;
	await hub.ctrl.command('hub_retry', 'webhook');
	await hub.waitStatus(TOLD);
});

test('it says when it wants to be asked again', async () => {
	const one = await tell((socket, n) => (n > 1 ? fine(socket) : socket.write(
		'HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n')),
	TOLD);
	const [first, second] = web.of(one.id);

	assert.ok(second.time - first.time > 4500, `${second.time - first.time} ms`);
});

test('one that does not answer is waited for 15 s, and not at the end', async () => {
	const one = await tell(() => {}, /failed \d+ times?: Operation timed out/);
	const n = web.times(one.id);

	await hub.ctrl.command('hub_retry', 'webhook');
	await until('it is told again', () => web.times(one.id) > n);
	hub.ctrl.close();
	assert.ok(await hub.child.stop(), 'the hub had to be killed');
	web.says = fine;
	await hub.start();
	bridge = await hub.bridge('1001');
	await hub.waitStatus(TOLD);
});

test('a web server without a good certificate is told nothing', async () => {
	const one = record();

	web.says = (socket) => socket.end('no TLS');
	bridge.close();
	await hub.again({ connectycube_hub_webhook: `https://hubuser:p4ssword@127.0.0.1:${
		web.port}/hook/T0K3N?key=s3cret` });
	bridge = await hub.bridge('1001');
	const told = web.told.length;

	await bridge.keep(one);
	await hub.waitStatus(/sink {4}webhook [^]*failed \d+ times?: .*SSL/);
	assert.equal(web.told.length, told);
	bridge.close();
	await hub.again({ connectycube_hub_webhook: `http://hubuser:p4ssword@127.0.0.1:${
		web.port}/hook/T0K3N?key=s3cret` });
	bridge = await hub.bridge('1001');
});

test('nothing of the URL that may be secret is shown', async () => {
	const shown = hub.logText() + await hub.status()
		+ await hub.ctrl.command('hub_metrics');

	assert.match(shown, new RegExp(`webhook .* http://127.0.0.1:${web.port}/\\.\\.\\.`));
	for (const secret of SECRETS)
		assert.ok(!shown.includes(secret), secret);
});
