// Who takes part in transfers: a bridge with its phone and its app, and to whom they
// transfer: another phone that the PBX knows as 1002, and another app.
//
//	const parties = await startTransferRig();
//	const { rig, desk, bob } = parties;
//
// Or parts of that, for a rig of another kind.

import { freePort } from './ports.mjs';
import { startRig, userLine } from './rig.mjs';
import { registerSipp } from './sipp.mjs';
import { openSipUa } from './sipua.mjs';

export const DESK_HZ = 600;
export const BOB_HZ = 1500;

/** The users file: whom the extension calls, and may transfer to. */
export const transferUsers = ({ sandbox, ua }) => userLine(sandbox.sip, {
	more: `;call=101,102;dial=sip:5551234@127.0.0.1:${ua.port};dialable=100?` });

/** The other phone, whom the PBX knows as 1002. */
export async function openDesk(sandbox, options) {
	const port = await freePort();

	await registerSipp(sandbox, '1002', port);
	return openSipUa({ user: '2000', port, ...options });
}

export async function startTransferRig() {
	const rig = await startRig({ bridge: (parts) => ({
		users: transferUsers(parts) }) });
	let desk;

	const stop = async () => {
		desk?.close();
		await rig.stop();
	};

	try {
		desk = await openDesk(rig.sandbox, { formats: '0 8' });
		const bob = await rig.browser.newUser(rig.sandbox.page, 'bob', 'bob-pass-2',
			{ toneHz: BOB_HZ });

		return { rig, desk, bob, stop, reset: async () => {
			desk.rtp.hush();
			desk.forget();
			await bob.reset();
			await rig.reset();
		} };
	} catch (error) {
		await stop();
		throw error;
	}
}
