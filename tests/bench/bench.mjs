// Measures the bridge: start, idle, latency, calls, first picture. Everything runs
// on loopback on one machine: phone (this process, for video a baresip), Kamailio,
// Prosody, Chromium and the bridge.
//
//    bench.mjs [start] [idle] [latency] [calls] [firstpicture]    default: all

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { start, until } from '../../contrib/sandbox/lib/process.mjs';
import { launch } from '../e2e/lib/browser.mjs';
import { APP_HZ, BARESIP, PHONE_HZ, assertTone, startRawBridge, userLine }
	from '../e2e/lib/rig.mjs';
import { startTestSandbox } from '../e2e/lib/sandbox.mjs';
import { now, openSipUa } from '../e2e/lib/sipua.mjs';
import { benchFirstPicture } from './firstpicture.mjs';
import { machine } from './machine.mjs';
import { machineTimes, memory, runDelay, watch } from './proc.mjs';
import { goals, note, percentile, report, reportTimes, round }
	from './report.mjs';

const STARTS = 10;
const SETTLE = 3000; // [ms] after the start, before memory is read
const IDLE = 30000; // [ms]
const CALLS = 40;
const MEDIA = 10000; // [ms] of a call
const SETTLED = 130; // wake-ups a second of a call whose ICE is done

let sandbox;
let ua;
let number = 0;

function startBridge(options = {}) {
	return startRawBridge(sandbox, {
		name: `bridge-${++number}`,
		argv: [BARESIP],
		users: userLine(sandbox.sip, {
			more: `;call=101;dial=sip:5551234@127.0.0.1:${ua.port}` }),
		...options,
	});
}

async function startOnline() {
	const bridge = await startBridge();

	await bridge.waitRegistered();
	await bridge.waitCloud('online');
	return bridge;
}

/** The packaged baresip with the same profile, our module left out. */
async function startBare() {
	const bridge = await startBridge();
	const { dir } = bridge;

	await bridge.stop();
	writeFileSync(`${dir}/config`, readFileSync(`${dir}/config`, 'utf8')
		.replace(/^module_app\s+connectycube.*$/m, ''));
	writeFileSync(`${dir}/bare.log`, '');
	const child = start('baresip', [BARESIP, '-f', dir], `${dir}/bare.log`);

	await until('baresip registers', () => / 200 OK .*\[\d+ binding/.test(
		readFileSync(child.log, 'utf8')), { child });
	return child;
}

// --- start-up --------------------------------------------------------------

/** Wait, looking every millisecond. */
async function promptly(what, check) {
	const end = now() + 15000;

	while (!check()) {
		if (now() > end) throw new Error(`${what}: nothing after 15 s`);
		await delay(1);
	}
	return now();
}

async function benchStart() {
	note('start-up: from fork until the log says registered and online,'
		+ ' looked at every ms; sandbox on the same machine');
	// a profile to start again and again
	const first = await startOnline();
	const { dir } = first;
	const registered = [];
	const online = [];
	const both = [];

	await first.stop();
	for (let i = 0; i < STARTS; i++) {
		const log = `${dir}/start-${i}.log`;

		writeFileSync(log, '');
		const begin = now();
		const child = start('the bridge', [BARESIP, '-f', dir], log);
		const said = (pattern) => promptly(String(pattern), () =>
			pattern.test(readFileSync(log, 'utf8')));
		const [reg, on] = await Promise.all([
			said(/ 200 OK .*\[\d+ binding/), said(/cloud: online/)]);

		registered.push(reg - begin);
		online.push(on - begin);
		both.push(Math.max(reg, on) - begin);
		await child.stop();
	}
	reportTimes('start to registered', registered);
	reportTimes('start to online', online);
	reportTimes('start to registered and online', both);
}

// --- idle ------------------------------------------------------------------

async function settledMemory(pid) {
	await delay(SETTLE);
	return memory(pid);
}

async function benchIdle() {
	note(`idle: memory ${SETTLE / 1000} s after the start, one after the`
		+ ` other; "PSS alone": at most what it is when no other baresip runs;`
		+ ` CPU and wake-ups over ${IDLE / 1000} s, side by side`);
	let bare = await startBare();
	const bareMemory = await settledMemory(bare.pid);

	await bare.stop();
	const bridge = await startOnline();
	const ours = await settledMemory(bridge.child.pid);
	const more = ({ pss, rss, private: own, dirty, others }) => ({
		pss_kb: pss, rss_kb: rss, private_kb: own, private_dirty_kb: dirty,
		other_baresips: others });

	report('memory of bare baresip, PSS alone', bareMemory.alone / 1024, 'MB',
		more(bareMemory));
	report('memory of an idle bridge, PSS alone', ours.alone / 1024, 'MB',
		{ goal: 12, ...more(ours) });

	bare = await startBare();
	await delay(SETTLE);
	const [mine, its] = await watch([bridge.child.pid, bare.pid], IDLE);

	for (const [name, used, goal] of [['bare baresip', its],
		['an idle bridge', mine, 0.1]]) {
		report(`CPU of ${name}`, used.percent, '% of a core', {
			goal, cpu_ms: round(used.cpu), seconds: round(used.seconds),
			ticks_of_10_ms: used.ticks });
		report(`wake-ups of ${name}`, used.wakeups / used.seconds, 'per second',
			{ n: used.wakeups });
	}
	await bare.stop();
	await bridge.stop();
}

// --- latency ---------------------------------------------------------------

async function startApp() {
	const browser = await launch();
	const app = await browser.newUser(sandbox.page, 'alice', 'alice-pass-1',
		{ toneHz: APP_HZ });

	return { app, close: () => browser.close() };
}

async function benchLatency() {
	note('latency: INVITE handed to the phone\'s UDP socket -> `call` seen by'
		+ ' Prosody; `accept` seen by Prosody -> 200 read from the socket.'
		+ ' Prosody\'s clock is cut to whole ms (-1..0 and 0..+1 ms).'
		+ ' Nothing is subtracted: loopback, TLS, Prosody\'s XML, ICE gathering'
		+ ' of one loopback address and the phone\'s own loop are in it');
	const bridge = await startOnline();
	const { app, close } = await startApp();
	const { pid } = bridge.child;
	const machineBefore = machineTimes();
	const waits = []; // of the bridge for a CPU, in each call
	const toCall = [];
	const toRinging = [];
	const toAnswer = [];

	for (let i = 0; i < CALLS; i++) {
		const since = await sandbox.mark('signals');

		await app.forget();
		const waited = runDelay(pid);
		const call = await ua.invite(bridge.uri);
		const signal = await sandbox.waitSignal({ type: 'call' }, { since });
		const ringing = await call.wait('180');

		await app.waitIncoming();
		await app.accept();
		const answer = await call.wait('200');
		const accept = await sandbox.waitSignal({ type: 'accept' }, { since });

		toCall.push(signal.ms - call.sentMs);
		toRinging.push(ringing.ms - call.sentMs);
		toAnswer.push(answer.ms - accept.ms);
		waits.push(runDelay(pid) - waited);
		await app.waitConnected();
		await call.bye();
		await app.waitClosed();
		await bridge.waitIdle();
	}
	const { busy, all } = machineTimes();

	report('the whole machine busy meanwhile', (busy - machineBefore.busy)
		/ (all - machineBefore.all) * 100, '%');
	reportTimes('the bridge waiting for a CPU, each call', waits);
	// a goal is for each call, so the worst is what counts
	reportTimes('INVITE to call', toCall);
	reportTimes('INVITE to 180', toRinging);
	reportTimes('accept to 200 OK', toAnswer);
	report('INVITE to call, p99', percentile(toCall, 0.99), 'ms', { goal: 50 });
	report('accept to 200 OK, p99', percentile(toAnswer, 0.99), 'ms',
		{ goal: 50 });
	await close();
	await bridge.stop();
}

// --- calls -----------------------------------------------------------------

async function measureCall(bridge, app, name, forwarded) {
	const { pid } = bridge.child;
	const before = memory(pid);

	await app.forget();
	const call = await ua.invite(bridge.uri);

	await app.waitIncoming();
	await app.accept();
	await call.wait('200');
	ua.rtp.play(PHONE_HZ, call.remoteRtp);
	await app.waitConnected();
	await bridge.waitStatus('the call is established', ({ calls }) =>
		calls[0]?.state === 'ESTABLISHED');
	await until('both hear each other', async () => {
		const [a, p] = await Promise.all([app.hear(400), ua.rtp.hear(400)]);

		try {
			assertTone(a, PHONE_HZ, 'app');
			assertTone(p, APP_HZ, 'phone');
			return true;
		} catch {
			return false;
		}
	});

	// for its first seconds libnice looks at all other pairs, every 5 ms
	await until('ICE has settled', async () => {
		const [{ wakeups, seconds }] = await watch([pid], 1000);

		return wakeups / seconds < SETTLED;
	}, { timeout: 30000 });

	const packets = ({ calls: [{ sip, app: cloud }] }) =>
		sip.rx.packets + cloud.rx.packets;
	const from = await bridge.status();
	const [used] = await watch([pid], MEDIA);
	const to = await bridge.status();
	const received = packets(to) - packets(from);
	const [{ sip, app: cloud }] = to.calls;

	if (cloud.forwarded !== forwarded)
		throw new Error(`${name}: forwarded is ${cloud.forwarded}:\n${to.calls[0].text}`);

	const during = memory(pid);
	const codecs = { sip: sip.rx.codec, app: cloud.rx.codec };

	report(`memory for ${name}, own pages`, during.dirty - before.dirty, 'kB',
		{ ...codecs, private_dirty_kb: during.dirty });
	report(`CPU for ${name}`, used.percent, '% of a core',
		{ ...codecs, packets: received, seconds: round(used.seconds),
			wakeups_per_second: round(used.wakeups / used.seconds) });
	report(`CPU for a packet of ${name}`, used.cpu / received * 1000, 'us',
		codecs);

	ua.rtp.hush();
	await call.bye();
	await app.waitClosed();
	await bridge.waitIdle();
}

async function benchCalls() {
	note(`calls: one at a time, 50 packets a second each way, ${MEDIA / 1000} s;`
		+ ' all of the process\'s CPU time over all packets it received,'
		+ ' so with SRTP, ICE, RTCP, the kernel\'s part and the loop');
	const bridge = await startOnline();
	const { app, close } = await startApp();

	// the first call also pays for what is kept afterwards
	await app.prepare({ codecs: { audio: ['PCMU'] } });
	await measureCall(bridge, app, 'a first call, relayed', true);
	await measureCall(bridge, app, 'a relayed call', true);
	await app.prepare({ codecs: {} });
	await measureCall(bridge, app, 'a transcoded call', false);
	report('memory of a bridge after calls, PSS alone',
		memory(bridge.child.pid).alone / 1024, 'MB');
	await close();
	await bridge.stop();
}

// ---------------------------------------------------------------------------

const PARTS = { start: benchStart, idle: benchIdle, latency: benchLatency,
	calls: benchCalls, firstpicture: benchFirstPicture };

const chosen = process.argv.slice(2);

for (const name of chosen)
	if (!PARTS[name]) throw new Error(`no part ${name}: ${Object.keys(PARTS)}`);

console.log(JSON.stringify({ machine: machine() }));
try {
	sandbox = await startTestSandbox();
	// keys as events, so that no tones are looked for in the audio
	ua = await openSipUa({ formats: '0 101', maps: [
		'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'] });
	for (const [name, part] of Object.entries(PARTS))
		if (!chosen.length || chosen.includes(name)) await part();
	for (const { figure, value, unit, goal, met } of goals)
		note(`${met ? 'met   ' : 'MISSED'} ${figure}: ${value} ${unit},`
			+ ` goal < ${goal}`);
} finally {
	ua?.close();
	await sandbox?.stop();
}
