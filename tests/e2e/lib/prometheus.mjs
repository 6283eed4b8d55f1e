// A real Prometheus that scrapes a hub every second, with our alert rules.
//
//	const prometheus = await startPrometheus({ port, token });
//	await prometheus.query('up');    // [{ metric, value: [time, text] }]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { stopWhole } from './crash.mjs';
import { freePort } from './ports.mjs';

const RULES = `${REPO}/contrib/monitoring/connectycube.rules.yml`;
const TIMEOUT = 60000; // [ms]

class Prometheus {
	constructor(dir, port) {
		Object.assign(this, { dir, url: `http://127.0.0.1:${port}/api/v1` });
	}

	async get(path) {
		const { status, data, error } = await (await fetch(`${this.url}/${path}`))
			.json();

		if (status !== 'success') throw new Error(`${path}: ${error}`);
		return data;
	}

	async query(expr) {
		return (await this.get(`query?query=${encodeURIComponent(expr)}`)).result;
	}

	/** Until a query has a result that is as it should be. */
	wait(expr, check = (result) => result.length) {
		return until(`Prometheus: ${expr}`, async () => {
			const result = await this.query(expr);

			return check(result) && result;
		}, { child: this.child, timeout: TIMEOUT });
	}

	async stop() {
		await stopWhole(this.child);
		rmSync(this.dir, { recursive: true });
	}
}

export async function startPrometheus({ port: target, token }) {
	const dir = mkdtempSync(`${tmpdir()}/prometheus-`);
	const port = await freePort();
	const prometheus = new Prometheus(dir, port);

	writeFileSync(`${dir}/token`, token, { mode: 0o600 });
	writeFileSync(`${dir}/config.yml`, JSON.stringify({ // is YAML, too
		global: { scrape_interval: '1s', evaluation_interval: '1s' },
		rule_files: [RULES],
		scrape_configs: [{ job_name: 'connectycube',
			authorization: { credentials_file: `${dir}/token` },
			static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
	}));
	prometheus.child = start('Prometheus', ['prometheus',
		`--config.file=${dir}/config.yml`, `--storage.tsdb.path=${dir}/data`,
		`--web.listen-address=127.0.0.1:${port}`], `${dir}/log`);
	await until('Prometheus', async () => {
		try {
			return await prometheus.get('status/runtimeinfo');
		} catch {
			return false;
		}
	}, { child: prometheus.child, timeout: TIMEOUT });
	return prometheus;
}
