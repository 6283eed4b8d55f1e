// An office that a hub is told of by hand: bridges with extensions, calls whose quality
// changes, and records of those that are over. What real bridges say, without them.
//
//	const office = await openOffice(hub, { bridges: 6, calls: 2 });
//	office.tell();                    // as bridges do every two seconds

import { randomUUID } from 'node:crypto';

import { record } from './hub.mjs';

const PEOPLE = ['Ana Souza', 'Bruno Lima', 'Carla Dias', 'Daniel Rocha', 'Eva Martins',
	'Felipe Costa', 'Gabriela Nunes', 'Hugo Alves', 'Inês Prado', 'João Ferreira'];
const TEAMS = ['Sales', 'Support', 'Billing', 'Front desk', 'Returns', 'Field service'];
const CALLERS = ['Marta Oliveira', 'Peter Böhm', 'Acme Ltd', 'Luiza Cardoso', 'Jim Hawkins',
	null, 'Padaria Central', null, 'Sofia Teixeira', 'Northwind Traders'];

const pick = (list, n) => list[n % list.length];

/** 0 to 1, the same each time. */
function noise(n) {
	const x = Math.sin(n * 12.9898) * 43758.5453;

	return x - Math.floor(x);
}

function stream(call, side, round) {
	const n = call.seed + (side === 'app' ? 500 : 0);
	const bad = call.bad === side;
	const mos = Math.round(bad ? 260 + 60 * noise(n + round)
		: 415 + 25 * noise(n + round));
	const speaks = Math.floor(round / 4 + n) % 2 === 0;

	if (bad) call.lost[side] += Math.round(14 * noise(n * 3 + round));
	else if (noise(n * 7 + round) > 0.93) call.lost[side] += 2;
	return { rx: { codec: side === 'phone' ? pick(['PCMA/8000', 'G722/8000'], n)
		: 'opus/48000/2', packets: 100 * (round + 1) + n, bytes: 16000 * (round + 1),
	lost: call.lost[side], jitter_us: Math.round(bad ? 28000 : 2500 + 1500 * noise(n)),
	mos_100: mos, mos_now_100: mos },
	level_10: -260, level_now_10: speaks ? -Math.round(200 + 120 * noise(n + round * 2))
		: -560, rtt_us: Math.round(18000 + 30000 * noise(n)),
	latency_p50_us: Math.round(300 + 900 * noise(n)),
	latency_p99_us: Math.round(1800 + 2200 * noise(n)) };
}

function legOf(call, num, side, round) {
	const { rx, ...more } = stream(call, side, round);

	return { leg_num: num, side, name: side === 'phone' ? call.caller : call.person,
		...side === 'phone' ? { uri: `sip:${call.number}@pbx.example` }
			: { user: call.user },
		srtp: side === 'app' ? 'AEAD_AES_128_GCM' : undefined,
		holds: call.held === side, forwarded: rx.codec === 'opus/48000/2', rx,
		tx: { ...rx, mos_100: rx.mos_100 - 5 }, ...more };
}

class OfficeBridge {
	round = 0;
	calls = new Map();
	registered = true;
	cloud = 'online';
	works = true;

	constructor(bridge, index) {
		Object.assign(this, { bridge, index, started: Date.now() - 86400000,
			number: String(1001 + index), name: pick(TEAMS, index),
			extension: `sip:${1001 + index}@pbx.example`,
			user: String(3700 + index), since: Date.now() - 7200000 });
	}

	addCall(num, more = {}) {
		const seed = this.index * 31 + num;
		const call = { num, seed, id: randomUUID(), caller: pick(CALLERS, seed), user: this.user,
			person: pick(PEOPLE, this.index), lost: { phone: 0, app: 0 },
			number: `+55119${String(40000000 + seed * 7919).slice(0, 8)}`,
			began: Date.now() - Math.round(900000 * noise(seed)), ...more };

		this.calls.set(num, call);
		return call;
	}

	event(type, call, more = {}) {
		this.bridge.send({ t: 'event', event: { type, time: Date.now(),
			call: call.num, record_id: call.id, linked_id: call.id,
			ext: this.extension,
			direction: call.fromApp ? 'app-to-sip' : 'sip-to-app', user: call.user,
			uri: `sip:${call.number}@pbx.example`, name: call.caller, ...more } });
	}

	end(num) {
		const call = this.calls.get(num);

		this.calls.delete(num);
		this.event('call.ended', call, { reason: 'normal' });
	}

	state() {
		this.bridge.send({ t: 'state', state: { time: Date.now(),
			started: this.started, pid: 1000 + this.index, memory_kb: 21000,
			cpu_ms: 1, loop_stall_ms: 1, lost: 0, draining: false,
			spool: { waiting: 0, lost: 0, works: this.works },
			calls: [...this.calls.keys()],
			recordings: [...this.calls.values()].filter(({ recorded }) => recorded)
				.map(({ num, recorded }) => ({ call: num, id: randomUUID(),
					state: recorded, mode: 'audio' })),
			extensions: [{ extension: this.extension, name: this.name,
				calls: this.calls.size, sip: { registered: this.registered,
					registers: true, since: this.since, ...!this.registered
						&& { error: '503 Service Unavailable' } },
				cloud: { state: this.cloud, since: this.since, user: this.user,
					...this.cloud === 'refused'
						&& { error: 'wrong login or password' } } }] } });
	}

	stats() {
		const calls = [...this.calls.values()].filter(({ up = true }) => up);

		this.round += 1;
		this.bridge.send({ t: 'stats', stats: { time: Date.now(),
			calls: calls.map((call) => ({ call: call.num, record_id: call.id,
				linked_id: call.id,
				extension: this.extension, direction: call.fromApp ? 'app-to-sip'
					: 'sip-to-app', state: 'ESTABLISHED', t_start: call.began - 6000,
				t_answer: call.began, t_media: call.began + 80,
				legs: [legOf(call, 1, 'phone', this.round),
					legOf(call, 2, 'app', this.round)] })) } });
	}
}

/** Records of today, of all kinds. */
export function pastRecord(n, more = {}) {
	const [disposition, reason, sip] = pick([['ANSWERED', 'normal'],
		['ANSWERED', 'phone-hangup'], ['ANSWERED', 'app-hangup'],
		['NO_ANSWER', 'no_answer'], ['ANSWERED', 'normal'], ['BUSY', 'busy', 486],
		['ANSWERED', 'normal'], ['CANCELED', 'canceled', 487],
		['ANSWERED', 'normal'], ['FAILED', 'not_found', 404]], n);
	const t = Date.now() - n * 61000;
	const answered = disposition === 'ANSWERED';
	const bill = answered ? Math.round(20000 + 400000 * noise(n)) : 0;
	const fromApp = n % 3 === 0;
	const phone = { side: 'phone', user: null, name: pick(CALLERS, n),
		number: null, uri: `sip:+55119${40000000 + n * 7919}@pbx.example` };
	const app = { side: 'app', user: String(3700 + n % 6), name: null, number: null,
		uri: null };

	return record({ extension: `sip:${1001 + n % 6}@pbx.example`,
		direction: fromApp ? 'app-to-sip' : 'sip-to-app', from: fromApp ? app : phone,
		to: fromApp ? phone : app, t_start: t - bill - 9000, t_ring: t - bill - 7000,
		t_answer: answered ? t - bill : null, t_media: answered ? t - bill + 80 : null,
		t_end: t, pdd_ms: Math.round(400 + 1500 * noise(n)), bill_ms: bill,
		disposition, reason, sip_code: sip ?? null, class: answered ? 'success'
			: 'client', ...more });
}

export async function openOffice(hub, { bridges = 6, calls = 2 } = {}) {
	const all = await Promise.all(Array.from({ length: bridges }, async (_, i) =>
		new OfficeBridge(await hub.bridge(`office-${1001 + i}`, { v: 3 }), i)));

	for (const one of all)
		for (let num = 1; num <= calls; num += 1)
			one.addCall(num, { fromApp: (one.index + num) % 3 === 0 });
	return { bridges: all,
		tell() {
			for (const one of all) {
				one.state();
				one.stats();
			}
		},
		close() {
			for (const { bridge } of all) bridge.close();
		} };
}
