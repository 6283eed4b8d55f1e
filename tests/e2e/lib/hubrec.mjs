// A hub that finishes recordings, and a spool with raw ones in it.
//
//	const rig = await startRecordings({ connectycube_hub_recording_days: 1 });
//	const id = rig.raw();              // a recording of a second, ready
//	const row = await rig.finished(id);

import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
	renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { startHub } from './hub.mjs';
import { RawRecording, mulawFrame, talk } from './rawrecording.mjs';

export const FINISHER = `${REPO}/build/connectycube-recording`;

const T_START = Date.UTC(2026, 10, 30, 10, 15, 2);

/** What a finisher does that a test tells: see Rig.let(). */
const FAKE = `#!/bin/sh
# the last argument is SPOOL/UUID.rec
for raw; do :; done
id=$(basename "$raw" .rec)
how=$(cat "HOW/$id" 2>/dev/null || cat HOW/all 2>/dev/null)
echo "$id $how" >> LOG
case $how in
real|'') exec "PROGRAM" "$@" ;;
crash)   echo something is odd >&2; kill -SEGV $$ ;;
hang)    exec sleep 600 ;;
garbage) echo '{"id":'; exit 0 ;;
other)   echo '{"id":"'$id'","format":"ogg","sha256":"00"}'; exit 0 ;;
slow)    sleep 0.3; exec "PROGRAM" "$@" ;;
big)     while [ "$1" != --out ]; do shift; done
	head -c 12000000 /dev/urandom > "$2"
	sum=$(sha256sum "$2")
	echo '{"id":"'$id'","format":"wav","sha256":"'\${sum%% *}'"}' ;;
*)       echo "because of $how" >&2; exit "$how" ;;
esac
`;

export const sha256 = (path) =>
	createHash('sha256').update(readFileSync(path)).digest('hex');

const filesBelow = (dir) => (existsSync(dir)
	? readdirSync(dir, { recursive: true, withFileTypes: true }) : [])
	.filter((entry) => !entry.isDirectory())
	.map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`
		.slice(dir.length + 1))
	.sort();

class Rig {
	constructor(dir, root) {
		Object.assign(this, { dir, root, spool: `${dir}/spool`,
			how: `${dir}/how`, log: `${dir}/finisher.log` });
		for (const path of [this.spool, this.how]) mkdirSync(path);
		this.program = `${dir}/finisher`;
		writeFileSync(this.program, FAKE.replaceAll('PROGRAM', FINISHER)
			.replaceAll('HOW', this.how).replaceAll('LOG', this.log));
		chmodSync(this.program, 0o755);
	}

	/** A raw recording: the phone says one tone, the app another; more(raw) adds. */
	raw({ id = randomUUID(), ms = 1000, more, ...start } = {}) {
		const raw = new RawRecording({ id, host: 'host',
			extension: 'sip:1001@pbx.example', call: 7,
			record_id: randomUUID(), linked_id: randomUUID(),
			call_id: 'abc@192.0.2.1', session: 'session-1',
			direction: 'sip-to-app',
			from: { side: 'phone', user: null, name: 'Böll, "Ann"',
				uri: 'sip:+4930123@pbx.example', number: '+4930123' },
			to: { side: 'app', user: '777', name: null, uri: null },
			t_start: T_START, ...start });

		for (const [leg, hz] of [[1, 440], [2, 1000]]) {
			raw.format(leg, { codec: 'PCMU', pt: 0, app: leg === 2 });
			talk(raw, leg, { pt: 0, from: 0, to: ms,
				frame: (n) => mulawFrame(hz, n) });
		}
		more?.(raw);
		raw.end(ms, { state: 'complete', t_end: T_START + ms });
		this.put(id, raw.bytes());
		return id;
	}

	/** Whole at once, as a file is whose writer has gone. */
	put(id, bytes) {
		writeFileSync(`${this.spool}/.${id}`, bytes);
		renameSync(`${this.spool}/.${id}`, `${this.spool}/${id}.rec`);
	}

	/** What the finisher does with one, or with all. */
	let(how, id = 'all') {
		writeFileSync(`${this.how}/${id}`, how);
	}

	/** How often it was tried. */
	tries(id) {
		return (existsSync(this.log) ? readFileSync(this.log, 'utf8') : '')
			.split('\n').filter((line) => line.startsWith(id)).length;
	}

	/** The bridge says that a recording has ended. */
	async tell() {
		this.bridge ??= await this.hub.bridge('1001');
		this.bridge.send({ t: 'event', event: { v: 1, type: 'record',
			state: 'ended', target: 'x.rec' } });
	}

	row(id) {
		return this.hub.query(`SELECT * FROM recordings WHERE id='${id}'`)[0];
	}

	/** Its row, once it is finished and its raw file is gone. */
	async finished(id) {
		await this.tell();
		const row = await until(`recording ${id}`, () => this.row(id),
			{ timeout: 180000 });

		await until('its raw file is gone', () =>
			!existsSync(`${this.spool}/${id}.rec`));
		return row;
	}

	path(row) {
		return `${this.root}/${row.file}`;
	}

	files() {
		return filesBelow(this.root);
	}

	/** Raw files and those that were set aside. */
	spooled() {
		return filesBelow(this.spool).filter((name) => name !== 'hub.lock');
	}

	async kill() {
		this.bridge?.close();
		this.bridge = undefined;
		await this.hub.kill();
	}

	async stop() {
		this.bridge?.close();
		await this.hub?.stop();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** A hub and its spool; keys are of its config, or functions of the rig's folder. */
export async function startRecordings(keys = {}, { root, before, clock } = {}) {
	const dir = mkdtempSync(`${tmpdir()}/hubrec-`);
	const rig = new Rig(dir, root ?? `${dir}/recordings`);

	await before?.(rig);
	for (const [key, value] of Object.entries(keys))
		if (typeof value === 'function') keys[key] = value(dir);
	rig.hub = await startHub({ connectycube_record_spool: rig.spool,
		connectycube_hub_recordings: rig.root,
		connectycube_hub_recording_program: rig.program,
		connectycube_hub_recording_time: 30, ...keys }, { clock });
	return rig;
}
