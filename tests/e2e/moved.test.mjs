// One side gets another address in the middle of a call, and the old one is gone:
// the call goes on.

import { test } from 'node:test';

import { AWAY, HOME, useNatRig } from './lib/nat.mjs';

let net;
let rig;

const skip = useNatRig((one) => ({ net, rig } = one));

/** Both hear each other, after some time: how long it took [ms]. */
async function tonesAgain(when, patience) {
	const begin = Date.now();

	await rig.waitTones(when, patience);
	return Date.now() - begin;
}

const HOME_TOO = '10.1.0.3';
const AWAY_TOO = '192.168.7.3';

// without the kernel's word it takes ICE's consent 10 s to notice, and SIP a
// minute
test('the bridge has another address: calls go on, whoever called', { skip },
	async (t) => {
		net.near.set('none');
		net.far.set('restricted');

		await rig.phoneCallsApp();
		await rig.waitTones('before');
		const since = rig.bridge.log().length;

		net.move('home', HOME, HOME_TOO);
		t.diagnostic(`called by the phone: ${
			await tonesAgain('moved', 8000)} ms`);
		await rig.bridge.waitLog(/candidates are gathered anew/, { since });
		await rig.phoneHangsUp();

		await rig.appCallsPhone();
		await rig.waitTones('before');
		net.move('home', HOME_TOO, HOME);
		t.diagnostic(`called by the app: ${
			await tonesAgain('moved back', 9000)} ms`);
		await rig.appHangsUp();
	});

test('the app has another address: ICE is restarted', { skip }, async (t) => {
	net.far.set('symmetric');
	await rig.phoneCallsApp();
	await rig.waitTones('before');

	net.move('away', AWAY, AWAY_TOO);
	t.diagnostic(`${await tonesAgain('moved', 25000)} ms`);
	await rig.phoneHangsUp();
});
