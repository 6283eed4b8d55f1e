// A call that is transferred, as each party of it sees it: the phone's REFER and
// what it is told, INVITEs with Replaces, and what who stays hears.

import assert from 'node:assert/strict';

import { until } from '../../../contrib/sandbox/lib/process.mjs';

export const GAP = 200; // [ms] the longest in what the one who stays hears

/** The tag in From or To. */
export const tagOf = (header) => /;tag=([^;]+)/.exec(header)[1];

/** What a phone calls another one that is a SipUa. */
export const uriOf = (ua) => `sip:${ua.user}@127.0.0.1:${ua.port}`;

/** A phone orders a transfer; resolves with the answer. */
export const refer = (call, to, extra = []) => call.ask('REFER',
	{ extra: [`Refer-To: ${to}`, ...extra] });

/** A call of a phone's, as Replaces names it to the bridge. */
export function replaces(call) {
	const [first] = call.messages;
	const bridge = call.out
		? call.messages.find(({ code }) => code === 200).header('To')
		: first.header('From');

	return `${call.id};to-tag=${tagOf(bridge)};from-tag=${tagOf(call.local)}`;
}

/** A phone orders that the other party of one call is put through to that of
 * another one. */
export const referToCall = (call, second, uri) => refer(call,
	`<${uri}?Replaces=${encodeURIComponent(replaces(second))}>`);

/** What a phone was told of the transfer that it has ordered. */
export const told = (call) => call.messages
	.filter(({ method }) => method === 'NOTIFY')
	.map(({ body, header }) => `${/^SIP\/2\.0 (\d+)/.exec(body)?.[1]} `
		+ header('Subscription-State').split(';')[0]);

export const waitTold = (call, wanted) => until(`NOTIFY ${wanted}`, () =>
	told(call).includes(wanted));

/** The app is told of its transfer, next: { state, sip_code, ... }. */
export async function waitProgress(app, state) {
	const { told: { ...progress } } = await app.waitEvent('told-transfer');

	assert.equal(progress.state, state);
	return progress;
}

/** Watch what a phone is sent: one stream, whoever is heard, and nothing that
 * is missing for long. Timestamps tell the bridge's time; what this process, which
 * is the new phone, too, sleeps is none of the bridge's. Returns what asserts. */
export function watchStream(rtp) {
	const begin = rtp.packets.length;
	let last = Date.now();
	let asleep = 0;
	const timer = setInterval(() => {
		asleep = Math.max(asleep, Date.now() - last);
		last = Date.now();
	}, 5);

	timer.unref(); // a test that fails does not stop it
	return () => {
		clearInterval(timer);

		const packets = rtp.packets.slice(begin);
		const times = packets.map(({ data }) => data.readUInt32BE(4) / 8);
		const gap = Math.max(...times.slice(1).map((ms, i) => ms - times[i]));

		assert.ok(gap < GAP + asleep, `a gap of ${gap} ms`);
		assert.equal(new Set(packets.map(({ ssrc }) => ssrc)).size, 1);
	};
}
