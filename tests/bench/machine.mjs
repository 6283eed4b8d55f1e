// Where and with what a figure was measured.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';

const PACKAGES = ['baresip-core', 'libre0', 'libnice10', 'libglib2.0-0',
	'libwebsockets17', 'libssl3', 'libsrtp2-1', 'libopus0', 'prosody',
	'kamailio', 'chromium'];

function run(...argv) {
	try {
		return execFileSync(argv[0], argv.slice(1),
			{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
	} catch {
		return 'unknown';
	}
}

export function machine() {
	const versions = Object.fromEntries(PACKAGES.map((name) =>
		[name, run('dpkg-query', '-W', '-f', '${Version}', name)]));

	return {
		cpu: os.cpus()[0].model,
		cores: os.cpus().length,
		memory_gb: Math.round(os.totalmem() / 2 ** 30),
		kernel: os.release(),
		system: /PRETTY_NAME="(.*)"/.exec(
			readFileSync('/etc/os-release', 'utf8'))?.[1],
		node: process.version,
		load: os.loadavg().map((one) => Number(one.toFixed(2))),
		commit: run('git', '-C', REPO, 'describe', '--always', '--dirty'),
		versions,
	};
}
