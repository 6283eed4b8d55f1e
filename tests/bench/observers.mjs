// What a bridge is told to load and to write, so that the price of who observes its
// calls can be measured: link (records, on the disk), hub (the same, and events, to a
// hub), flight (the flight recorder), hep (Homer, who takes all), record (audio of all
// calls). All is written below /var/tmp, which is on a disk.
//
//	const { keys, observers, stop } = await prepare('hep');

import { mkdtempSync, rmSync } from 'node:fs';

import { openHomer } from '../e2e/lib/homer.mjs';
import { startHub } from '../e2e/lib/hub.mjs';

const link = (dir, socket) => ({ observers: ['connectycube_link'],
	keys: { connectycube_link_socket: socket,
		connectycube_link_spool: `${dir}/spool` } });

const makers = {
	link: async (dir) => link(dir, `${dir}/nobody.sock`),

	async hub(dir) {
		const hub = await startHub();

		return { ...link(dir, hub.socket), stop: () => hub.stop() };
	},

	flight: async (dir) => ({ keys: { connectycube_flight_dir: dir } }),

	async hep() {
		const homer = await openHomer();

		return { observers: ['connectycube_hep'],
			keys: { connectycube_hep_server: `127.0.0.1:${homer.port}` },
			stop: () => homer.close() };
	},

	record: async (dir) => ({ observers: ['connectycube_record'],
		keys: { connectycube_record_spool: dir,
			connectycube_record_calls: 'always' } }),
};

export const OBSERVED = Object.keys(makers);

export async function prepare(name) {
	const dir = mkdtempSync(`/var/tmp/bench-${name}-`);
	const { stop = () => {}, ...options } = await makers[name](dir);

	return { ...options, async stop() {
		await stop();
		rmSync(dir, { recursive: true, force: true });
	} };
}
