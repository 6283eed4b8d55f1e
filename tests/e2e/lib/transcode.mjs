// The transcoder inside baresip, with its real codecs: one task of the module
// in ../transcode.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { linkModules } from '../../../contrib/sandbox/lib/modules.mjs';
import { start } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';

/**
 * baresip does a task; returns what it prints. Keys of the task are those of
 * the config without "task_"; the key "" is which one it is.
 */
export async function transcode(profile, task) {
	const keys = Object.entries(task)
		.map(([key, value]) => `task${key && '_'}${key}\t${value}\n`);

	mkdirSync(profile, { recursive: true });
	linkModules(`${profile}/modules`, [`${REPO}/build/transcode.so`]);
	writeFileSync(`${profile}/accounts`, '');
	writeFileSync(`${profile}/config`, [
		`module_path\t${profile}/modules\n`,
		'sip_listen\t127.0.0.1:0\n', 'net_interface\t127.0.0.1\n',
		...['avcodec', 'vp8', 'vp9'].map((name) => `module\t${name}.so\n`),
		...keys, 'module_app\ttranscode.so\n'].join(''));

	const child = start('baresip', ['baresip', '-f', profile],
		`${profile}/log`);

	await child.exited;
	const log = readFileSync(`${profile}/log`, 'utf8');
	const [, line] = /^result (\{.*\})$/m.exec(log) ?? [];

	assert.ok(line, log);
	return JSON.parse(line);
}
