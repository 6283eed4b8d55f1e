// Bridges that have a connection with Asterisk's manager, and nothing else.
//
//	const lone = useAmi();
//	const { ami, bridge } = await lone.start({ tls: 'server' });

import { readFileSync } from 'node:fs';

import { makeCertificates } from '../../../contrib/sandbox/lib/certs.mjs';
import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { openAmi } from './ami.mjs';
import { useLone } from './lone.mjs';
import { startRawBridge } from './rig.mjs';

export const SECRET = 'managers-own-word';

/** For a file's tests: managers and bridges, which are ended after each. */
export function useAmi() {
	let made;
	const prepared = new Promise((resolve) => { made = resolve; });
	const lone = useLone(async (dir) => {
		await makeCertificates(dir, 'pbx.invalid');
		made();
		return { ca_file: `${dir}/ca.pem` };
	});
	let count = 0;

	/** For hooks of the file's own, which do not wait for those of others. */
	lone.prepared = prepared;

	/** A bridge of the user `bridge` that is to log in at a port. */
	lone.bridge = async (port, keys = {}) => {
		const bridge = await startRawBridge(lone.sandbox, {
			name: `bridge${++count}`, keys: {
				module_app: ['connectycube.so', 'connectycube_ami.so',
					'account.so', 'ctrl_tcp.so'],
				connectycube_ami_server: `localhost:${port}`,
				connectycube_ami_user: 'bridge',
				connectycube_ami_secret: SECRET, ...keys,
			} });

		bridge.ami = () => bridge.command('ami_status');
		bridge.waitAmi = (what, pattern) => until(what, async () =>
			pattern.test(await bridge.ami()), { child: bridge.child });
		bridge.waitAmiReady = () =>
			bridge.waitAmi('Asterisk can be asked', /: ready /);
		return bridge;
	};

	/** A manager (see openAmi()), with a certificate of `tls`, and a bridge. */
	lone.pair = async ({ tls = null, keys = {}, ...options } = {}) => {
		const pem = (ending) =>
			readFileSync(`${lone.sandbox.dir}/${tls}.${ending}`);
		const ami = await openAmi({ user: 'bridge', secret: SECRET,
			tls: tls && { cert: pem('pem'), key: pem('key') }, ...options });
		const bridge = await lone.bridge(ami.port, { ...tls && {
			connectycube_ami_tls: 'yes',
			connectycube_ami_ca_file: `${lone.sandbox.dir}/ca.pem` }, ...keys });

		return { ami, bridge };
	};

	/** The same, ended after this test. */
	lone.start = async (options) => {
		const { ami, bridge } = await lone.pair(options);

		lone.opened.push(bridge, ami);
		return { ami, bridge };
	};
	return lone;
}
