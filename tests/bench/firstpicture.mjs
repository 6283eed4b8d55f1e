// How long after the answer each end sees the other: a baresip with a camera as
// the phone, the real SDK in Chromium as the app.

import { startWorld } from '../e2e/lib/world.mjs';
import { note, report, reportTimes } from './report.mjs';

const CALLS = process.env.BENCH_QUICK ? 2 : 10;
const GOAL = 1000; // [ms]

const PHONES = { H264: '1001', VP8: '1002' };

const KINDS = [
	{ name: 'H264 forwarded, the phone calls', phone: 'H264', app: 'H264',
		from: 'phone' },
	{ name: 'H264 forwarded, the app calls', phone: 'H264', app: 'H264',
		from: 'app' },
	{ name: 'VP8 forwarded, the phone calls', phone: 'VP8', app: 'VP8',
		from: 'phone' },
	{ name: 'H264 and VP8 transcoded, the phone calls', phone: 'H264',
		app: 'VP8', from: 'phone' },
	{ name: 'H264 and VP8 transcoded, the app calls', phone: 'H264',
		app: 'VP8', from: 'app' },
];

const start = () => startWorld({
	bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
		dial: '1001', dialable: '10??' }], modules: ['avcodec', 'vp8'] }],
	phone: { video: {}, accounts: Object.entries(PHONES).map(
		([codec, user]) => ({ user, params: `;video_codecs=${codec}` })) },
	apps: ['alice'],
});

/** One call: when each end saw the other [ms after the answer]. */
async function oneCall(world, { phone, from }) {
	const { alice } = world.apps;

	if (from === 'phone')
		await world.phoneCallsApp(alice, { from: PHONES[phone] });
	else
		await world.appCallsPhone(alice, { video: true,
			userInfo: { dial: PHONES[phone] } });
	const [atApp, atPhone] = (await Promise.all([alice.firstPicture(),
		world.phone.firstPicture()])).map((ms) => ms - world.answeredMs);

	await world.end(from === 'phone' ? world.phone : alice, alice);
	await world.reset();
	return { atApp, atPhone };
}

export async function benchFirstPicture() {
	note(`first picture: from before the answer is clicked (or the phone told to)`
		+ ` until a whole picture of the far end was decoded; ${CALLS} calls of`
		+ ' a kind after one that warms the browser; ICE and DTLS included');
	const world = await start();
	const more = { bench: 'firstpicture', peer: 'ours', calls: 1 };

	try {
		await oneCall(world, KINDS[0]);
		for (const kind of KINDS) {
			const times = [];

			await world.apps.alice.prepare({ codecs: { video: [kind.app] } });
			for (let i = 0; i < CALLS; i++)
				times.push(await oneCall(world, kind));
			for (const [end, key] of [['app', 'atApp'], ['phone', 'atPhone']]) {
				const list = times.map((one) => one[key]);

				reportTimes(`first picture at the ${end}, ${kind.name}`, list, more);
				report(`first picture at the ${end}, ${kind.name}, slowest`,
					Math.max(...list), 'ms', { goal: GOAL, ...more });
			}
		}
	} finally {
		await world.stop();
	}
}
