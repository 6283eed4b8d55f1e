// Bridges without a cloud, for tests of their SIP alone: what they are given of one
// is nowhere.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before } from 'node:test';

/** What a bridge is given of a cloud that is nowhere. dir: its folder */
export const nowhere = (dir) => ({ dir,
	ca_file: '/etc/ssl/certs/ca-certificates.crt',
	api_url: 'https://localhost:9', chat_url: 'wss://localhost:9/',
	chat_domain: 'localhost', sip: '127.0.0.1:9',
	application: { id: 1, auth_key: 'auth-key' } });

/**
 * For a file's tests: { sandbox, opened }, where a sandbox is a folder, and what is
 * opened is closed after each test. prepare(dir) may fill the folder, and returns
 * what else a sandbox has.
 */
export function useLone(prepare = () => ({})) {
	const lone = { opened: [] };

	before(async () => {
		const dir = mkdtempSync(`${tmpdir()}/lone-`);

		lone.sandbox = nowhere(dir);
		Object.assign(lone.sandbox, await prepare(dir));
	});

	afterEach(async () => {
		await Promise.all(lone.opened.splice(0).map((one) => one.stop?.()
			?? one.close()));
	});

	after(() => rmSync(lone.sandbox.dir, { recursive: true }));
	return lone;
}
