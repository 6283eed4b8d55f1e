// `cube`, run as people and scripts run it.
//
//	const { said, json, start } = openCube({ CUBE_SOCKET: path });
//	assert.match(await said('status'), /all is well/);
//	const tail = start('tail');
//	await tail.wait(/call/);

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';

export const CUBE = `${REPO}/build/cube`;

/** env: where the hub is. */
export function openCube(env) {
	const running = new Set();

	/** Any command, with what it has said so far; input is for its stdin. */
	function run(argv, more = {}, input = '') {
		const child = spawn(argv[0], argv.slice(1), { stdio: 'pipe',
			env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env,
				...more } });
		const one = { child, out: '', err: '' };

		child.stdin.on('error', () => {}).end(input);
		child.stdout.setEncoding('utf8').on('data', (text) => { one.out += text; });
		child.stderr.setEncoding('utf8').on('data', (text) => { one.err += text; });
		running.add(child);
		one.ended = new Promise((resolve) => {
			child.on('close', (code) => {
				running.delete(child);
				resolve({ ...one, code });
			});
		});
		one.lines = () => one.out.split('\n').slice(0, -1);
		one.wait = (pattern) => until(`cube says ${pattern}`, () =>
			pattern.exec(one.out), { timeout: 30000 });
		return one;
	}

	const start = (...args) => run([CUBE, ...args]);
	const cube = (...args) => start(...args).ended;

	/** What is said when all is well. */
	async function said(...args) {
		const { code, out, err } = await cube(...args);

		assert.equal(code, 0, `${args.join(' ')}: ${code}: ${out}${err}`);
		assert.equal(err, '');
		return out;
	}

	const json = async (...args) => JSON.parse(await said(...args, '--json'));

	/** The same, once it is as it should be. */
	const soon = (pattern, ...args) => until(`cube ${args.join(' ')}: ${pattern}`,
		async () => {
			const { out } = await cube(...args);

			return pattern.test(out) && out;
		}, { timeout: 60000 });

	/** On a terminal. */
	const terminal = async (command, more) => (await run(['script', '-qec', command,
		'/dev/null'], { TERM: 'xterm', ...more }).ended).out;

	return { run, start, cube, said, json, soon, terminal,
		stop: () => running.forEach((child) => child.kill()) };
}
