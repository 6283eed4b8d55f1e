// A bridge whose baresip runs under something else, or with other arguments:
//
//	const bridge = await startWrappedBridge(sandbox,
//		['valgrind', '-q', '/usr/bin/baresip'], { users: [...] });

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

import { startTestBridge } from './bridge.mjs';

/** Where the packaged baresip is. */
export const BARESIP = execFileSync('sh', ['-c', 'command -v baresip'],
	{ encoding: 'utf8' }).trim();

let number = 0;

/** argv is put in front of baresip's own arguments. */
export async function startWrappedBridge(sandbox, argv, options) {
	const dir = `${sandbox.dir}/wrapped-${++number}`;
	const { PATH } = process.env;

	mkdirSync(dir);
	writeFileSync(`${dir}/baresip`, `#!/bin/sh\nexec ${argv.join(' ')} "$@"\n`,
		{ mode: 0o755 });
	process.env.PATH = `${dir}:${PATH}`;
	try {
		return await startTestBridge(sandbox, options);
	} finally {
		process.env.PATH = PATH;
	}
}
