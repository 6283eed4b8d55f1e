// A hub that a test holds: it takes what bridges say, and answers as it is told.
//
//	const hub = await openHub(path);
//	const record = await hub.waitRecord(({ disposition }) => ...);
//	await hub.close();

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';

import Ajv from 'ajv';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { onLines } from './lines.mjs';

const isRecord = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(
	readFileSync(new URL('../../../docs/record.schema.json', import.meta.url))));

/** A record is as it is documented: docs/RECORDS.md. */
export function assertRecord(record) {
	assert.ok(isRecord(record), `${JSON.stringify(isRecord.errors)}\n${
		JSON.stringify(record)}`);
}

class FakeHub {
	acks = true;    // records are acknowledged
	messages = [];  // all that was said
	sockets = new Set();
	#asked = 0;

	constructor(hello) {
		this.hello = hello;
		this.server = createServer((socket) => this.#accept(socket));
	}

	#accept(socket) {
		this.sockets.add(socket);
		socket.on('close', () => this.sockets.delete(socket));
		this.say(this.hello, socket);
		onLines(socket, (line) => this.#take(JSON.parse(line), socket));
	}

	#take(message, socket) {
		this.messages.push(message);
		if (message.t === 'record' && this.acks)
			this.say({ t: 'ack', id: message.id }, socket);
	}

	say(message, socket = [...this.sockets].at(-1)) {
		socket.write(`${typeof message === 'string' ? message
			: JSON.stringify(message)}\n`);
	}

	of(type) {
		return this.messages.filter(({ t }) => t === type);
	}

	records() {
		const records = this.of('record').map(({ record }) => record);

		records.forEach(assertRecord);
		return records;
	}

	wait(what, check, timeout = 20000) {
		return until(what, () => this.messages.find(check), { timeout });
	}

	async waitRecord(check = () => true) {
		const { record } = await this.wait('a record', ({ t, record: one }) =>
			t === 'record' && check(one));

		assertRecord(record);
		return record;
	}

	/** What came of a command by name: { word, text, result }. */
	order(name, params) {
		const n = ++this.#asked;

		this.say({ t: 'command', n, name, params });
		return this.wait(`what came of ${name}`,
			(one) => one.t === 'reply' && one.n === n);
	}

	/** A command for the console; its answer. */
	async command(line) {
		const n = ++this.#asked;

		this.say({ t: 'command', n, line });
		const { text } = await this.wait(`an answer to ${line}`,
			(one) => one.t === 'reply' && one.n === n);

		return text;
	}

	/** It goes, as if it was killed. */
	close() {
		for (const socket of this.sockets) socket.destroy();
		return new Promise((resolve) => { this.server.close(resolve); });
	}
}

export async function openHub(path, hello = { t: 'hello', v: 1, min: 1,
	name: 'fake' }) {
	const hub = new FakeHub(hello);

	rmSync(path, { force: true });
	await new Promise((resolve, reject) => {
		hub.server.once('error', reject);
		hub.server.listen(path, resolve);
	});
	return hub;
}
