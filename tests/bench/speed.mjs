// Speed of the media path, ours against rtpengine's and a bare loop's: starts
// what is to be measured on one core, loadgen on the other, and prints the
// conditions and a JSON line for each figure.
//
// usage: speed [ours|rtpengine|limit ...] [scenario ...]
//
// link, hub, flight, hep and record are ours with who observes calls, see
// observers.mjs.
//
// BENCH_QUICK=1: a smoke run. BENCH_LONG=1: ten minutes for what may grow.
// BENCH_RT=1: real-time priority, where other work cannot be kept away.
// BENCH_PERF=FILE: profile what is measured.
// BENCH_SECS: length of a measurement. BENCH_ROUNDS: how often each is made.
// BENCH_CPU, BENCH_LOAD_CPU: the cores.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { start, until } from '../../contrib/sandbox/lib/process.mjs';
import { startTestBridge } from '../e2e/lib/bridge.mjs';
import { freePort } from '../e2e/lib/ports.mjs';
import { startTestSandbox } from '../e2e/lib/sandbox.mjs';
import { judge } from './goals.mjs';
import { OBSERVED, prepare } from './observers.mjs';
import { cpuTime } from './proc.mjs';

const REPO = fileURLToPath(new URL('../..', import.meta.url));
const LOADGEN = process.env.LOADGEN ?? `${REPO}/build/bench/loadgen`;
const QUICK = Boolean(process.env.BENCH_QUICK);
const LONG = Boolean(process.env.BENCH_LONG);
const PERF = process.env.BENCH_PERF;
const RT = Boolean(process.env.BENCH_RT);
const SECS = Number(process.env.BENCH_SECS ?? (QUICK ? 2 : 8));
const ROUNDS = process.env.BENCH_ROUNDS && Number(process.env.BENCH_ROUNDS);
const CPU = process.env.BENCH_CPU ?? '0';
const LOAD_CPU = process.env.BENCH_LOAD_CPU ?? String(cpus().length - 1);

const PEERS = ['ours', 'rtpengine', 'limit'];
const ALL = [...PEERS, ...OBSERVED];

const figures = []; // what was measured, parsed

const SCENARIOS = QUICK ? {
	relay: { mode: 'relay-pcmu', calls: [5] },
	transcode: { mode: 'xcode', calls: [5] },
	video: { mode: 'video', calls: [3] },
	'relay-app': { mode: 'relay-pcmu', calls: [5], cm: true, fromApp: true },
} : {
	relay: { mode: 'relay-pcmu', calls: [50], rounds: 3 },
	// the other SRTP profile, and calls that the app starts
	'relay-cm': { mode: 'relay-pcmu', calls: [50], rounds: 3, cm: true },
	'relay-app': { mode: 'relay-pcmu', calls: [50], rounds: 3, fromApp: true,
		peers: ['ours', 'rtpengine'] },
	'relay-app-cm': { mode: 'relay-pcmu', calls: [50], rounds: 3, cm: true,
		fromApp: true, peers: ['ours', 'rtpengine'] },
	'relay-opus': { mode: 'relay-opus', calls: [50] },
	// all at once on the one core: the price of a system call and of a wake-up
	// differs from minute to minute, but then for all of them
	'relay-together': { mode: 'relay-pcmu', calls: [17], secs: 10, rounds: 5,
		together: true },
	'relay-cm-together': { mode: 'relay-pcmu', calls: [17], secs: 10, rounds: 5,
		together: true, cm: true },
	'transcode-together': { mode: 'xcode', calls: [17], secs: 10, rounds: 5,
		together: true },
	transcode: { mode: 'xcode', calls: [20, 50], rounds: 3 },
	'capacity-relay': { mode: 'relay-pcmu', calls: [270], peers: ['ours'] },
	'capacity-transcode': { mode: 'xcode', calls: [100], peers: ['ours'] },
	// libre watches 1024 fds: some 480 calls in a process, see fdset.h
	cost: { mode: 'relay-pcmu', calls: [1, 10, 50, 100, 200, 270, 340, 470],
		secs: 4, peers: ['ours', 'limit'] },
	'cost-limit': { mode: 'relay-pcmu', calls: [470], secs: 4,
		peers: ['rtpengine', 'limit'] },
	video: { mode: 'video', calls: [1, 5, 10, 20] },
	'video-transcode': { mode: 'video-xcode', calls: [1, 2], peers: ['ours'] },
	// the price of who listens: alike but for that, in turns
	observed: { mode: 'relay-pcmu', calls: [50], rounds: 3, loop: true,
		peers: ['ours', 'record'] },
	// all of who may listen, on the one core
	'observed-together': { mode: 'relay-pcmu', calls: [8], secs: 12, rounds: 5,
		together: true, loop: true, peers: ['ours', ...OBSERVED] },
	growth: { mode: 'xcode', calls: [20], secs: LONG ? 600 : 60,
		peers: ['ours'] },
};

const version = (name) => {
	try {
		return execFileSync('dpkg-query', ['-W', '-f', '${Version}', name],
			{ encoding: 'utf8' });
	} catch {
		return 'none';
	}
};

function conditions() {
	const names = ['baresip-core', 'libre0', 'libnice10', 'libsrtp2-1', 'libopus0',
		'libssl3', 'rtpengine-daemon'];

	console.log(`# ${cpus().length} x ${cpus()[0].model.trim()}, Linux ${release()}`);
	console.log(`# ${names.map((name) => `${name} ${version(name)}`).join(', ')}`);
	console.log(`# under test on core ${CPU}, load generator on core ${LOAD_CPU};`
		+ ` load average before: ${loadavg().map((x) => x.toFixed(2)).join(' ')}`
		+ `${RT ? ', SCHED_FIFO' : ''}`);
	console.log('# 20 ms packets both ways, random phases; one-way from sendto()'
		+ ' to the kernel\'s receive time stamp, both directions together');
	console.log('# SRTP: AES-128-GCM, or (-cm) AES128_CM_HMAC_SHA1_80; the phone'
		+ ' calls, or (-app) the app. Only ours knows who calls: rtpengine and'
		+ ' the bare loop are given both descriptions');
	console.log('# video: 720p30 H.264, 1.5 Mbit/s, both ways, and PCMU both ways;'
		+ ' frames in bursts of 4 to 6 packets, every 2.5 s one of 40;'
		+ ' lost and per_second are packets. rtpengine has audio and video as'
		+ ' two calls, without BUNDLE');
	console.log('# video-transcode: 640x480 at 30 frames/s and 800 kbit/s, H.264'
		+ ' at the phone, VP8 at the app, both ways, and PCMU; lost and'
		+ ' per_second are frames, a time is from the last packet of a frame'
		+ ' in to its last one out');
}

function pin(pid, cpu) {
	execFileSync('taskset', ['-a', '-c', '-p', cpu, String(pid)],
		{ stdio: 'ignore' });
	if (RT)
		execFileSync('chrt', ['-a', '-f', '-p', '2', String(pid)],
			{ stdio: 'ignore' });
}

/** Worker threads give way to the loop, by their nice value; here it has none. */
function lowerThreads(pid) {
	for (const tid of readdirSync(`/proc/${pid}/task`).map(Number))
		if (RT && tid !== pid)
			execFileSync('chrt', ['-f', '-p', '1', String(tid)],
				{ stdio: 'ignore' });
}

const sets = {
	/** The bridge: one process for all calls of a scenario. */
	async ours({ observers = [], keys = {} } = {}) {
		const sandbox = await startTestSandbox();
		const phone = await freePort(); // whom the bridge calls
		const dial = `sip:bench@127.0.0.1:${phone}`;
		let bridge;

		try {
			bridge = await startTestBridge(sandbox, {
				// baresip has 255 lines for an account, a user 256 calls
				users: [{ user: '1000', login: 'ext1000', call: '101', dial },
					{ user: '1010', login: 'ext1010', call: '102', dial }],
				keys: { connectycube_max_calls: 0,
					connectycube_caller_calls: 0,
					connectycube_caller_rate: 0,
					connectycube_ice_bind: '127.0.0.1', ...keys },
				modules: ['avcodec', 'vp8'], observers,
			});
		} catch (error) {
			await sandbox.stop();
			throw error;
		}
		const { pid } = bridge.child;
		const config = readFileSync(`${bridge.dir}/config`, 'utf8');
		const [, listen] = /^sip_listen\s+(\S+)/m.exec(config);

		return {
			pid,
			status: () => bridge.command('cube_status'),
			args: ['--sip', `sip:1000@${listen}`, '--sip2', `sip:1010@${listen}`,
				'--api-url', sandbox.api_url, '--chat-url', sandbox.chat_url,
				'--chat-domain', sandbox.chat_domain,
				'--app-id', String(sandbox.application.id),
				'--auth-key', sandbox.application.auth_key,
				'--ca-file', sandbox.ca_file,
				'--login', 'alice', '--password', 'alice-pass-1',
				'--login2', 'bob', '--password2', 'bob-pass-2',
				'--sip-port', String(phone), '--ext', '200', '--ext2', '201'],
			async stop() {
				await bridge.stop();
				await sandbox.stop();
			},
		};
	},

	/** The same, with somebody who observes its calls. */
	async observed(name) {
		const observer = await prepare(name);
		const set = await sets.ours(observer);

		return { ...set, async stop() {
			await set.stop();
			await observer.stop();
		} };
	},

	/** Debian's rtpengine, in user space. */
	async rtpengine() {
		if (!existsSync('/usr/bin/rtpengine')) return null;

		const port = await freePort();
		const child = start('rtpengine', ['rtpengine', '--config-file=none',
			'--foreground', '--log-stderr', '--log-level=3', '--table=-1',
			'--interface=127.0.0.1', `--listen-ng=127.0.0.1:${port}`,
			'--port-min=31000', '--port-max=39999',
			'--num-threads=1', '--dtls-cert-cipher=prime256v1',
		], '/tmp/bench-rtpengine.log');

		await until('rtpengine listens', () => readFileSync('/proc/net/udp', 'utf8')
			.includes(`:${port.toString(16).toUpperCase()} `), { child });
		return {
			pid: child.pid,
			args: ['--ng', `127.0.0.1:${port}`],
			stop: () => child.stop(),
		};
	},

	async limit() {
		return { args: [], stop: async () => {} };
	},
};

/** What the bridge says about its transcoders' CPU time [ms], in all. */
async function codecTime(set) {
	const found = (await set.status()).matchAll(/codec=(\d+)ms/g);

	return [...found].reduce((sum, [, ms]) => sum + Number(ms), 0);
}

/**
 * Looks at a process while it is measured. share(): which part of its CPU time
 * went into video codecs, since they have begun.
 */
function watchCodecs(set) {
	const samples = [];
	const timer = setInterval(async () => {
		try {
			lowerThreads(set.pid);
			const codec = await codecTime(set);

			if (codec) samples.push({ codec, all: cpuTime(set.pid) });
		} catch {
			// the console is not there any more
		}
	}, 500);

	return {
		share() {
			// the last look may have come when calls were gone already
			const [from] = samples;
			const to = [...samples].sort((a, b) => b.codec - a.codec)[0];

			return (to?.codec - from?.codec) / (to?.all - from?.all);
		},
		stop: () => clearInterval(timer),
	};
}

/** Looks at a process while it is measured. share(): which part of its CPU time
 * its loop has taken, not its threads, in the last seconds but one. */
function watchLoop({ pid }, secs) {
	const samples = [];
	const look = () => {
		try {
			samples.push({ ms: Date.now(), all: cpuTime(pid),
				loop: cpuTime(pid, pid) });
		} catch {
			// it is gone
		}
	};
	const timer = setInterval(look, 250);

	return {
		share() {
			const end = Date.now() - 1500;
			const inside = samples.filter(({ ms }) => ms < end
				&& ms > end - secs * 1000);
			const [from, to] = [inside[0], inside.at(-1)];

			return (to.loop - from.loop) / (to.all - from.all);
		},
		stop: () => clearInterval(timer),
	};
}

/** What a call takes of the loop alone. */
function addLoop(line, loop) {
	const one = JSON.parse(line);

	return JSON.stringify({ ...one, loop_pct_per_call: Number(
		(one.cpu_pct_per_call * loop.share()).toFixed(4)) });
}

/** A stream that is transcoded: one direction of a call. */
function addCodecs(line, codecs) {
	const one = JSON.parse(line);

	return JSON.stringify({ ...one,
		cpu_pct_per_stream: Number((one.cpu_pct / one.calls / 2).toFixed(2)),
		codec_share: Number(codecs.share().toFixed(3)) });
}

/** Run loadgen; its lines go out as they are. */
async function measure(peer, set, name,
	{ mode, secs = SECS, cm, fromApp, loop: wantsLoop }, calls) {
	const args = ['--peer', OBSERVED.includes(peer) ? 'ours' : peer,
		'--bench', name, '--mode', mode,
		'--calls', String(calls), '--secs', String(secs), '--cpu', CPU,
		'--own-cpu', LOAD_CPU, ...cm ? ['--cm'] : [],
		...fromApp ? ['--from-app'] : [], ...set.args];

	if (set.pid) args.push('--pid', String(set.pid));
	if (set.pid) pin(set.pid, CPU);

	const codecs = mode === 'video-xcode' ? watchCodecs(set) : null;
	const loop = wantsLoop ? watchLoop(set, secs) : null;
	const argv = [...RT ? ['chrt', '-f', '1'] : [], LOADGEN, ...args];
	const child = spawn(argv[0], argv.slice(1),
		{ stdio: ['ignore', 'pipe', 'inherit'] });

	if (PERF && set.pid)
		setTimeout(() => spawn('perf', ['record', '-F', '4000', '-g', '-o', PERF,
			'-p', String(set.pid), '--', 'sleep', String(secs - 2)],
		{ stdio: 'ignore' }), 4000);
	createInterface({ input: child.stdout }).on('line', (line) =>
		report(codecs ? addCodecs(line, codecs) : loop ? addLoop(line, loop)
			: line, peer));
	const [code] = await once(child, 'close');

	codecs?.stop();
	loop?.stop();

	if (code) {
		report(JSON.stringify({ bench: name, peer, calls, failed: true }));
		process.exitCode = 1;
	}
}

function report(line, peer) {
	const figure = { ...JSON.parse(line), ...peer && { peer } };

	figures.push(figure);
	console.log(JSON.stringify(figure));
}

/**
 * Measures these peers at the same time, each a process of its own with so many
 * calls. One that is missing here is left out.
 */
async function measureAll(peers, name, scenario, calls) {
	const started = [];

	try {
		for (const peer of peers) {
			const set = await (OBSERVED.includes(peer) ? sets.observed(peer)
				: sets[peer]());

			if (set) started.push({ peer, set });
		}
		await Promise.all(started.map(({ peer, set }) =>
			measure(peer, set, name, scenario, calls)));
	} finally {
		for (const { set } of started) await set.stop();
	}
}

async function main() {
	const args = process.argv.slice(2);
	const peers = ALL.filter((p) => args.includes(p));
	const names = Object.keys(SCENARIOS).filter((n) => args.includes(n));
	const only = process.env.BENCH_CALLS?.split(',').map(Number);

	conditions();
	for (const [name, scenario] of Object.entries(SCENARIOS)) {
		if (names.length && !names.includes(name)) continue;
		const wanted = (scenario.peers ?? PEERS)
			.filter((peer) => !peers.length || peers.includes(peer));

		// what is compared is measured within a minute, or at the same time
		const groups = scenario.together ? [wanted] : wanted.map((peer) => [peer]);

		for (const n of only ?? scenario.calls)
			for (let round = 0; round < (ROUNDS ?? scenario.rounds ?? 1); round += 1)
				for (const group of groups)
					await measureAll(group, name, scenario, n);
	}
	judge(figures);
}

await main();
