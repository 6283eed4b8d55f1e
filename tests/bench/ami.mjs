// What Asterisk's manager costs a bridge: so many events a second, as busy PBXs have
// them, and the longest time that the loop looks at nothing else; and how long bridges
// take that have all lost Asterisk at the same time. The manager is the tests' own, in a
// process of its own.
//
//    ami.mjs [SECONDS [EVENTS-A-SECOND [BRIDGES]]]
//    ami.mjs --hub [SECONDS [EVENTS-A-SECOND [BRIDGES]]]   bridges by the hub's one link

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { until } from '../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { openAmi } from '../e2e/lib/ami.mjs';
import { startHub } from '../e2e/lib/hub.mjs';
import { nowhere } from '../e2e/lib/lone.mjs';
import { BARESIP, startRawBridge, userLine } from '../e2e/lib/rig.mjs';
import { machine } from './machine.mjs';
import { memory, runDelay, watch } from './proc.mjs';
import { goals, note, report } from './report.mjs';

const USER = { user: 'bridge', secret: 'managers-own-word' };
const CALLS = 500; // at once, of two channels each
const EACH = 10; // [ms] between two bursts

// --- the manager, in a process of its own -------------------------------------

/** The events of a call, from its first channel to its end. */
function eventsOf(n) {
	// 1000, each hundredth, is the bridge's own
	const number = `10${String(n % 100).padStart(2, '0')}`;
	const party = (side) => [['Channel', `PJSIP/${number}-${side}${n}`],
		['ChannelState', 6], ['ChannelStateDesc', 'Up'],
		['CallerIDNum', number], ['CallerIDName', 'Ann Example'],
		['ConnectedLineNum', `20${n % 90 + 10}`],
		['ConnectedLineName', 'Bob Example'], ['Language', 'en'],
		['AccountCode', ''], ['Context', 'from-internal'], ['Exten', '1002'],
		['Priority', 1], ['Uniqueid', `1795369217.${n}${side}`],
		['Linkedid', `1795369217.${n}a`]];
	const event = (name, side, more = []) => [['Event', name],
		['Privilege', 'call,all'], ...party(side), ...more];
	const bridge = ['BridgeUniqueid', `9f8e7d6c-${n}-5b4a-3c2d-1e0f9a8b7c6d`];
	const both = (name, more) => ['a', 'b'].map((side) => event(name, side, more));
	const dest = party('b').map(([name, value]) => [`Dest${name}`, value]);

	return [...both('Newchannel'), event('DialBegin', 'a', dest),
		...both('Newstate'), event('NewConnectedLine', 'b'),
		event('DialEnd', 'a', [...dest, ['DialStatus', 'ANSWER']]),
		...both('BridgeEnter', [bridge]), event('Hold', 'a'),
		event('Unhold', 'a'), ...both('BridgeLeave', [bridge]),
		...both('Hangup', [['Cause', 16], ['Cause-txt', 'Normal Clearing']])];
}

const text = (fields) => `${fields.map(([name, value]) =>
	`${name}: ${value}\r\n`).join('')}\r\n`;

/** So many events a second: CALLS calls at once, each at another step. */
async function flood(ami, rate, seconds) {
	const calls = Array.from({ length: CALLS }, () => []);
	const begin = performance.now();
	let number = 0;
	let sent = 0;

	while (performance.now() < begin + 1000 * seconds) {
		const due = Math.floor((performance.now() - begin) / 1000 * rate);
		let burst = '';

		for (; sent < due; sent++) {
			const call = calls[sent % CALLS];

			if (!call.length) call.push(...eventsOf(++number));
			burst += text(call.shift());
		}
		for (const socket of ami.sockets) socket.write(burst);
		await delay(EACH);
	}
	// those that go on are ended
	for (const call of calls)
		for (const one of call)
			for (const socket of ami.sockets) socket.write(text(one));
	return { sent, calls: number, waiting: Math.max(...[...ami.sockets].map(
		(socket) => socket.writableLength)) };
}

async function manager() {
	let ami = await openAmi(USER);
	const { port } = ami;
	const orders = {
		logins: () => ({ logins: ami.logins, connections: ami.connections }),
		flood: ({ rate, seconds }) => flood(ami, rate, seconds),
		end: () => ami.close(),
		begin: async () => { ami = await openAmi({ ...USER, port }); },
	};

	process.on('message', async ({ id, order, ...rest }) =>
		process.send({ id, result: await orders[order](rest) }));
	process.send({ port });
}

// --- bridges --------------------------------------------------------------------

/** The manager's process, as who orders it sees it. */
async function startManager() {
	const child = fork(fileURLToPath(import.meta.url), ['--manager']);
	const waiting = new Map();
	let ids = 0;
	const { port } = await new Promise((resolve) => child.once('message', resolve));

	child.on('message', ({ id, result }) => waiting.get(id)(result));
	return { port, pid: child.pid, end: () => child.kill(),
		ask: (order, rest) => new Promise((resolve) => {
			waiting.set(++ids, resolve);
			child.send({ id: ids, order, ...rest });
		}) };
}

const start = async (sandbox, name, port, loop) => {
	const bridge = await startRawBridge(sandbox, { name,
		argv: ['env', `LD_PRELOAD=${REPO}/build/loopshim.so`,
			`LOOP_SHIM=${loop}`, BARESIP],
		keys: {
			module_app: ['connectycube.so', 'connectycube_ami.so', 'account.so',
				'ctrl_tcp.so'],
			connectycube_ami_server: `127.0.0.1:${port}`,
			connectycube_ami_user: USER.user,
			connectycube_ami_secret: USER.secret,
		} });

	bridge.isReady = async () =>
		/: ready /.test(await bridge.command('ami_status'));
	return bridge;
};

const loopOf = (file) => {
	const data = readFileSync(file);
	const [turns, longest, cpu] = [0, 8, 16].map((at) =>
		Number(data.readBigUInt64LE(at)));

	return { turns, longest: longest / 1e6, cpu: cpu / 1e6 };
};

async function load(sandbox, { seconds, rate }) {
	const ami = await startManager();
	const loop = `${sandbox.dir}/loop`;
	const bridge = await start(sandbox, 'load', ami.port, loop);
	const { pid } = bridge.child;

	try {
		await until('ready', bridge.isReady);
		await ami.ask('flood', { rate, seconds: 3 }); // what stays has come then
		writeFileSync(loop, Buffer.alloc(24), { flag: 'r+' });
		const before = memory(pid);
		const delayed = runDelay(pid);
		const flooding = ami.ask('flood', { rate, seconds });
		const [used] = await watch([pid], 1000 * (seconds - 0.5));
		const done = await flooding;

		await until('all has been read', async () =>
			/^0 channels$/m.test(await bridge.command('ami_channels')),
		{ timeout: 30000 });
		const turn = loopOf(loop);
		const after = memory(pid);
		const more = { rate, seconds, calls: done.calls };

		report('events', done.sent / seconds, '/s', more);
		report('longest turn of the loop', turn.longest, 'ms',
			{ ...more, goal: 10 });
		report('... of it on a CPU', turn.cpu, 'ms', { turns: turn.turns });
		report('waited for a CPU, all in all', runDelay(pid) - delayed, 'ms');
		report('CPU', used.percent, '% of a core', more);
		report('memory, what it grew by', (after.private - before.private) / 1024,
			'MB', { goal: 1, before: before.private / 1024 });
		report('not sent, as the bridge did not read', done.waiting, 'bytes');
	} finally {
		await bridge.stop();
		ami.end();
	}
}

async function reconnect(sandbox, count) {
	const ami = await startManager();
	const bridges = await Promise.all(Array.from({ length: count }, (_, i) =>
		start(sandbox, `b${i}`, ami.port, `${sandbox.dir}/loop${i}`)));
	const all = (what) => until(what, async () =>
		(await Promise.all(bridges.map((bridge) => bridge.isReady())))
			.every((ready) => ready), { timeout: 120000 });

	try {
		await all('all are there');
		await ami.ask('end');
		await delay(5000);
		await ami.ask('begin');
		const begin = performance.now();

		await all('all are back');
		report('bridges that are back', (performance.now() - begin) / 1000, 's',
			{ bridges: count, away: 5, goal: 5,
				...await ami.ask('logins') });
	} finally {
		await Promise.all(bridges.map((bridge) => bridge.stop()));
		ami.end();
	}
}

/** A hub with the one link, and bridges of the first numbers that come to it. */
async function share(sandbox, { seconds, rate, count }) {
	const ami = await startManager();
	const socket = `${sandbox.dir}/ami.sock`;
	const loop = `${sandbox.dir}/loop`;
	const hub = await startHub({ connectycube_ami_socket: socket,
		module_app: ['connectycube_hub.so', 'connectycube_ami.so'],
		connectycube_ami_server: `127.0.0.1:${ami.port}`,
		connectycube_ami_user: USER.user, connectycube_ami_secret: USER.secret,
	}, { env: { LD_PRELOAD: `${REPO}/build/loopshim.so`, LOOP_SHIM: loop } });
	const bridges = await Promise.all(Array.from({ length: count }, (_, i) => {
		const user = `10${String(i).padStart(2, '0')}`;

		return startRawBridge(sandbox, { name: `b${user}`, argv: [BARESIP],
			account: { user }, users: userLine(sandbox.sip, { user }),
			keys: { module_app: ['connectycube.so', 'connectycube_ami.so',
				'account.so', 'ctrl_tcp.so'],
			connectycube_ami_socket: socket } });
	}));
	const all = (what, pattern) => until(what, async () =>
		(await Promise.all(bridges.map((bridge) =>
			bridge.command('ami_status')))).every((text) => pattern.test(text)),
	{ timeout: 120000 });
	const { pid } = hub.child;

	try {
		await all('all are there', /: ready /);
		await ami.ask('flood', { rate, seconds: 3 });
		writeFileSync(loop, Buffer.alloc(24), { flag: 'r+' });
		const before = memory(pid);
		const flooding = ami.ask('flood', { rate, seconds });
		const used = await watch([pid, ...bridges.map(({ child }) => child.pid)],
			1000 * (seconds - 0.5));
		const done = await flooding;

		await all('all has been read', /^channels: 0,/m);
		const turn = loopOf(loop);
		const more = { rate, seconds, calls: done.calls, bridges: count };

		report('events', done.sent / seconds, '/s', more);
		report('hub: CPU', used[0].percent, '% of a core', more);
		report('hub: longest turn of the loop', turn.longest, 'ms',
			{ ...more, goal: 10 });
		report('... of it on a CPU', turn.cpu, 'ms', { turns: turn.turns });
		report('hub: memory, what it grew by',
			(memory(pid).private - before.private) / 1024, 'MB', { goal: 1 });
		report('bridges: CPU of all', used.slice(1).reduce((sum, { percent }) =>
			sum + percent, 0), '% of a core', more);
		report('not sent, as the hub did not read', done.waiting, 'bytes');
		report('logins at the manager', (await ami.ask('logins')).logins, '');
		await ami.ask('end');
		await delay(5000);
		await ami.ask('begin');
		const begin = performance.now();

		await all('all are back', /: ready /);
		report('bridges that are back', (performance.now() - begin) / 1000, 's',
			{ bridges: count, away: 5, goal: 5, ...await ami.ask('logins') });
	} finally {
		await Promise.all(bridges.map((bridge) => bridge.stop()));
		await hub.stop();
		ami.end();
	}
}

async function run(hub, [seconds = 20, rate = 5000, bridges = 50]) {
	const sandbox = nowhere(mkdtempSync(`${tmpdir()}/ami-`));

	console.log(JSON.stringify({ machine: machine() }));
	try {
		if (hub) {
			await share(sandbox, { seconds, rate, count: bridges });
		} else {
			await load(sandbox, { seconds, rate });
			await reconnect(sandbox, bridges);
		}
	} finally {
		rmSync(sandbox.dir, { recursive: true });
	}
	const missed = goals.filter(({ met }) => !met);

	for (const { figure, value, goal } of missed)
		note(`MISSED: ${figure}: ${value}, goal ${goal}`);
	process.exitCode = missed.length ? 1 : 0;
}

const words = process.argv.slice(2);

if (words[0] === '--manager') await manager();
else if (words[0] === '--hub') await run(true, words.slice(1).map(Number));
else await run(false, words.map(Number));
