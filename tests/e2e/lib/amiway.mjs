// How bridges come to Asterisk's manager: by themselves, or (AMI_WAY=hub) by the one
// link of a hub.
//
//	const way = await openWay({ connectycube_ami_server: '127.0.0.1', ... });
//	startRawBridge(sandbox, { keys: { ...way.keys } });

import { startHub } from './hub.mjs';

/** keys: where the manager is, and who logs in there */
export async function openWay(keys) {
	if (process.env.AMI_WAY !== 'hub')
		return { keys, stop: () => {} };

	const hub = await startHub((dir) => ({ ...keys,
		connectycube_ami_socket: `${dir}/run/ami.sock`,
		module_app: ['connectycube_hub.so', 'connectycube_ami.so'] }));

	return { keys: { connectycube_ami_socket: `${hub.dir}/run/ami.sock` },
		stop: () => hub.stop() };
}
