// A bad network on either leg, judged by what is heard: loss, single and in bursts,
// reordering, duplicates. The phone's packets go wrong as they are sent, the app's
// on their way to the bridge, in the kernel.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { canLose, lose } from './lib/loss.mjs';
import { APP_HZ, PHONE_HZ, assertTone, startRig } from './lib/rig.mjs';

const ICE_PORTS = '21000-21099';
const LISTEN = 3000; // [ms]
const GOOD = () => [0];

let rig;
let rtp;
let lasting = false; // the call is well, and the next test may have it

before(async () => {
	rig = await startRig({ bridge: { keys: {
		connectycube_ice_ports: ICE_PORTS } } });
	({ rtp } = rig.ua);
});

after(() => rig?.stop());
afterEach(async () => {
	rtp.fate = GOOD;
	if (!lasting) await rig.reset();
});

/** A leg's counters since the call began, as /cube_status has them. */
async function counters(leg) {
	const { calls: [{ text }] } = await rig.bridge.status();
	const [phone, app] = text.split(/^ {4}app /m);
	const part = leg === 'phone' ? phone : app;
	const number = (name) => Number(new RegExp(` ${name}=(-?\\d+)`).exec(part)[1]);

	return { packets: number('packets'), lost: number('lost'),
		concealed: number('concealed'), reordered: number('reordered'),
		duplicates: number('duplicates') };
}

/** A call, unless one lasts, and then what becomes of the phone's packets. */
async function call(fate) {
	if (!lasting) await rig.phoneCallsApp();
	lasting = false;
	await rig.waitTones();
	rtp.fate = fate;
	await rig.app.hear(500); // the app's own buffer gets used to it
}

/** What is late is better judged by an app that is not used to it. */
async function endLasting() {
	if (lasting) await rig.phoneHangsUp();
	lasting = false;
}

/** Every nth packet is lost, `length` in a row. */
const lossOf = (n, length = 1) => (i) => (i % n < length ? [] : [0]);

for (const { name, fate, part, dead } of [
	{ name: '1 % lost', fate: lossOf(100), part: 0.01, dead: 60 },
	{ name: '5 % lost', fate: lossOf(20), part: 0.05, dead: 120 },
	{ name: '20 % lost', fate: lossOf(5), part: 0.2, dead: 300 },
	{ name: '60 ms in a row lost', fate: lossOf(30, 3), part: 0.1, dead: 200 },
]) test(`the phone's packets: ${name}`, async () => {
	await call(fate);
	const before = await counters('phone');
	const heard = await rig.app.hear(LISTEN);
	const after = await counters('phone');

	assertTone(heard, PHONE_HZ, 'at the app');
	assert.ok(heard.silentMs <= dead, `dead for ${heard.silentMs} ms`);

	// of what was sent meanwhile, which on a busy machine is more than LISTEN
	const lost = after.lost - before.lost;
	const sent = after.packets - before.packets + lost;

	assert.ok(lost >= sent * part * 0.5 && lost <= sent * part * 1.5 + 1,
		`${lost} of ${sent} are lost`);
	assert.ok(after.concealed > before.concealed);
	lasting = true;
});

test('the phone\'s packets: in disorder', async () => {
	await endLasting();
	// each fourth comes after the next
	await call((i) => [i % 4 ? 0 : 30]);
	const heard = await rig.app.hear(LISTEN);

	assertTone(heard, PHONE_HZ, 'at the app');
	assert.ok(heard.silentMs <= 120, `dead for ${heard.silentMs} ms`);
	const { lost, reordered } = await counters('phone');

	assert.ok(reordered > 20, `${reordered} are out of order`);
	assert.ok(lost < 5, `${lost} are lost`);
	await rig.phoneHangsUp();
});

test('the phone\'s packets: doubled', async () => {
	await call((i) => (i % 3 ? [0] : [0, i % 2 ? 0 : 25]));
	const heard = await rig.app.hear(LISTEN);

	assertTone(heard, PHONE_HZ, 'at the app');
	assert.ok(heard.silentMs <= 60, `dead for ${heard.silentMs} ms`);
	const { lost, duplicates } = await counters('phone');

	assert.ok(duplicates > 30, `${duplicates} are doubled`);
	assert.ok(lost < 5, `${lost} are lost`);
	await rig.phoneHangsUp();
});

for (const part of [0.05, 0.2])
	test(`the app's packets: ${part * 100} % lost`, async (t) => {
		if (!canLose()) {
			t.skip('no iptables, or not in a namespace of our own');
			return;
		}
		await call(GOOD);
		const before = await counters('app');
		const end = lose({ to: ICE_PORTS }, part);

		try {
			await until('some are lost', async () =>
				(await counters('app')).lost > before.lost + 20 * part);
			const heard = await rtp.hear(LISTEN);

			assertTone(heard, APP_HZ, 'at the phone');
			assert.ok(heard.silentMs <= 400 * part + 60,
				`dead for ${heard.silentMs} ms`);
			assert.ok((await counters('app')).concealed > before.concealed);
			lasting = true;
		} finally {
			end();
		}
		if (part === 0.2) await endLasting();
	});
