// What the hub's picture of the present costs: so many bridges tell of so many calls,
// each two seconds, as real ones do. One JSON object: CPU of the hub, and its memory.
//
//	node tests/bench/hublive.mjs [BRIDGES [CALLS-EACH [SECONDS]]]

import { setTimeout as wait } from 'node:timers/promises';

import { startHub } from '../e2e/lib/hub.mjs';
import { cpuTime, memory } from './proc.mjs';

const [BRIDGES = 50, CALLS = 6, SECONDS = 20] = process.argv.slice(2).map(Number);
const ids = Array.from({ length: CALLS }, (_, i) => i + 1);
const from = Date.now();

const state = (name) => ({ time: Date.now(), started: from, pid: 1, memory_kb: 20000,
	cpu_ms: 1, loop_stall_ms: 0, lost: 0,
	spool: { waiting: 0, lost: 0, works: true }, calls: ids, recordings: [],
	draining: false, extensions: [{ extension: `sip:${name}@pbx.example.com`,
		calls: CALLS, sip: { registered: true, registers: true, since: from },
		cloud: { state: 'online', since: from, user: '123' }, name }] });

const stream = (n) => ({ codec: 'opus/48000/2', packets: n * 100, bytes: n * 8000,
	lost: n, jitter_us: 1500 + n, mos_100: 430, mos_now_100: 400 + n % 40 });

const leg = (num, side, n) => ({ leg_num: num, side, uri: `sip:+4930123${num}@pbx.example`,
	name: 'Ann Example', user: '4711', id: `0a1b2c3d-${num}-0123456789abcdef@host`,
	srtp: 'AES_CM_128_HMAC_SHA1_80', forwarded: true, rx: stream(n), tx: stream(n),
	rtt_us: 25000, level_10: -300, level_now_10: -280, latency_p50_us: 60,
	latency_p99_us: 200 });

const call = (id, name, n) => ({ call: id,
	record_id: `${id}@${name}`, linked_id: `${id}@${name}`,
	extension: `sip:${name}@pbx.example.com`, direction: 'sip-to-app',
	state: 'ESTABLISHED', t_start: from, t_answer: from, t_media: from,
	legs: [leg(1, 'phone', n), leg(2, 'app', n)] });

const hub = await startHub();
const bridges = await Promise.all(Array.from({ length: BRIDGES }, (_, i) =>
	hub.bridge(`b${i}`, { v: 3 })));
const { pid } = hub.child;

let round = 0;
const tell = () => {
	bridges.forEach((bridge, i) => {
		if (round % 5 === 0) bridge.send({ t: 'state', state: state(`b${i}`) });
		bridge.send({ t: 'stats', stats: { time: Date.now(),
			calls: ids.map((id) => call(id, `b${i}`, round)) } });
	});
	++round;
};

tell();
await hub.waitStatus(new RegExp(`bridges=${BRIDGES}`));
const timer = setInterval(tell, 2000);
const [cpu, begun] = [cpuTime(pid), Date.now()];

await wait(SECONDS * 1000);
const spent = (cpuTime(pid) - cpu) / (Date.now() - begun) * 100;

clearInterval(timer);
const shown = await hub.ctrl.command('hub_calls');

console.log(JSON.stringify({ what: 'hub live', bridges: BRIDGES,
	calls: shown.match(/^\d+@b\d+ +up /gm)?.length ?? 0, cpu_percent: spent,
	memory: memory(pid) }));
bridges.forEach((bridge) => bridge.close());
await hub.stop();
process.exit(0);
