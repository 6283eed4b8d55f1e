// Networks with NATs between them, out of the kernel's own: the test runs at
// home, apps may run far away, and routers stand in between.
//
//   test, bridge     near          public        far        browser
//   10.1.0.2 -- 10.1.0.1 | 198.51.100.2 -- .1 |
//                                   203.0.113.1 -- .2 | 192.168.7.1 -- 192.168.7.2
//
// Loopback is every network's own: TCP to ports of ours is carried to the far
// one by relays, so that what listens on 127.0.0.1 is there for browsers, too.
//
//	const { net, rig } = await startNatRig();
//	net.near.set('symmetric');
//	await rig.phoneCallsApp();

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, readlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { after, before } from 'node:test';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';
import { startRig } from './rig.mjs';

const SECRET = 'turn-s3cret';

export const HOME = '10.1.0.2';
export const AWAY = '192.168.7.2';
export const SERVER = '198.51.100.1'; // a public address

/** Only where the networks are nobody else's. */
export const canNat = () => Boolean(process.env.E2E_NETNS)
	&& spawnSync('iptables', ['-w', '-t', 'nat', '-L']).status === 0;

const run = (...argv) => execFileSync(argv[0], argv.slice(1),
	{ stdio: ['ignore', 'ignore', 'pipe'] });

/** A network of its own, for as long as we live. */
class Space {
	constructor(child) {
		this.child = child;
		this.prefix = ['nsenter', '-t', String(child.pid), '-n'];
	}

	run(...argv) {
		return run(...this.prefix, ...argv);
	}

	stop() {
		this.child.kill('SIGKILL');
	}
}

async function openSpace() {
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '-n',
		'sleep', 'infinity'], { stdio: 'ignore' });
	const ours = readlinkSync('/proc/self/ns/net');
	const space = new Space(child);

	await until('a network is there', () => {
		try {
			return readlinkSync(`/proc/${child.pid}/ns/net`) !== ours;
		} catch {
			return false;
		}
	});
	space.run('ip', 'link', 'set', 'lo', 'up');
	return space;
}

// Linux keeps a flow's port where it can, whatever the destination: mapping
// and filtering are what these make of it (RFC 4787). What comes unasked must
// not reach the router itself, or it would hold the port
const NATS = {
	none: [],
	cone: ['-t nat -A POSTROUTING -o out -j MASQUERADE',
		'-t nat -A PREROUTING -i out -p udp -j DNAT --to INSIDE'],
	restricted: ['-t nat -A POSTROUTING -o out -j MASQUERADE',
		'-A FORWARD -i out -m conntrack --ctstate ESTABLISHED -j ACCEPT',
		'-A FORWARD -i out -j DROP', '-A INPUT -i out -p udp -j DROP'],
	symmetric: ['-t nat -A POSTROUTING -o out -j MASQUERADE --random-fully',
		'-A FORWARD -i out -m conntrack --ctstate ESTABLISHED -j ACCEPT',
		'-A FORWARD -i out -j DROP', '-A INPUT -i out -p udp -j DROP'],
};

export const KINDS = Object.keys(NATS);

class Router {
	constructor(space, inside) {
		this.space = space;
		this.inside = inside;
	}

	iptables(line) {
		this.space.run('iptables', '-w', ...line.split(' '));
	}

	/** What it is from now on, for new flows: one of KINDS. */
	set(kind) {
		for (const table of ['nat', 'filter'])
			this.iptables(`-t ${table} -F`);
		for (const rule of NATS[kind])
			this.iptables(rule.replace('INSIDE', this.inside));
		// a private address is nobody's to the rest of the world
		if (kind === 'cone')
			this.iptables(`-A FORWARD -i out -d ${this.inside} -m conntrack`
				+ ' ! --ctstate DNAT,ESTABLISHED -j DROP');
	}
}

/** A router between a host's network and the public one. */
async function addRouter(spaces, core, host, { inside, gateway, outside }) {
	const space = await openSpace();
	const name = outside.replaceAll('.', '-');
	const inHost = (...argv) => (host ? host.run(...argv) : run(...argv));
	const pid = (one) => String(one.child.pid);

	spaces.push(space);
	space.run('ip', 'link', 'add', 'in', 'type', 'veth', 'peer', 'name', 'up0',
		'netns', host ? pid(host) : String(process.pid));
	space.run('ip', 'addr', 'add', `${gateway}/24`, 'dev', 'in');
	space.run('ip', 'link', 'set', 'in', 'up');
	inHost('ip', 'addr', 'add', `${inside}/24`, 'dev', 'up0');
	inHost('ip', 'link', 'set', 'up0', 'up');
	inHost('ip', 'route', 'add', 'default', 'via', gateway);

	space.run('ip', 'link', 'add', 'out', 'type', 'veth', 'peer', 'name', name,
		'netns', pid(core));
	space.run('ip', 'addr', 'add', `${outside}.2/24`, 'dev', 'out');
	space.run('ip', 'link', 'set', 'out', 'up');
	space.run('ip', 'route', 'add', 'default', 'via', `${outside}.1`);
	space.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
	core.run('ip', 'addr', 'add', `${outside}.1/24`, 'dev', name);
	core.run('ip', 'link', 'set', name, 'up');
	core.run('ip', 'route', 'add', `${gateway}/24`.replace(/\d+\/24$/, '0/24'),
		'via', `${outside}.2`);
	return new Router(space, inside);
}

// run by node in another network: HOST:PORT there to a socket in DIR here
const RELAY = `const net = require('node:net');
const [, dir, host, ...ports] = process.argv;
for (const port of ports)
	net.createServer((near) => {
		const far = net.connect(dir + '/' + host + '-' + port);
		near.pipe(far).pipe(near);
		near.on('error', () => far.destroy());
		far.on('error', () => near.destroy());
	}).listen(Number(port), host);`;

class Net {
	#spaces = [];
	#servers = [];
	#children = [];

	constructor(dir) {
		this.dir = dir;
	}

	async build() {
		const open = async () => {
			this.#spaces.push(await openSpace());
			return this.#spaces.at(-1);
		};

		this.core = await open();
		this.away = await open();
		this.core.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
		this.near = await addRouter(this.#spaces, this.core, null,
			{ inside: HOME, gateway: '10.1.0.1', outside: '198.51.100' });
		this.far = await addRouter(this.#spaces, this.core, this.away,
			{ inside: AWAY, gateway: '192.168.7.1', outside: '203.0.113' });
	}

	/** Another address of a host: 'home' or 'away'; the old one is gone. */
	move(host, from, to) {
		this.#ip(host, `addr add ${to}/24 dev up0`);
		this.leave(host, from);
		this.join(host, to);
	}

	/** One more address of a host, with its prefix length. */
	add(host, address) {
		this.#ip(host, `addr add ${address} dev up0`);
	}

	/** An address of a host's is gone, and others of its network with it. */
	leave(host, address) {
		this.#ip(host, `addr del ${address}/24 dev up0`);
	}

	/** A host has an address, and its way to the world. */
	join(host, address) {
		this.#ip(host, `addr replace ${address}/24 dev up0`);
		this.#ip(host, `route replace default via ${
			host === 'home' ? '10.1.0.1' : '192.168.7.1'}`);
	}

	#ip(host, line) {
		const argv = ['ip', ...line.split(' ')];

		if (host === 'home') run(...argv);
		else this.away.run(...argv);
	}

	/** TCP ports of 127.0.0.1 here are there in the far network, too. */
	share(...ports) {
		return this.#relay(this.away, '127.0.0.1', ports);
	}

	/** And those are there for all the world, at SERVER. */
	publish(...ports) {
		return this.#relay(this.core, SERVER, ports);
	}

	async #relay(space, host, ports) {
		for (const port of ports) {
			const server = net.createServer((far) => {
				const near = net.connect(port, '127.0.0.1');

				far.pipe(near).pipe(far);
				far.on('error', () => near.destroy());
				near.on('error', () => far.destroy());
			});

			server.listen(`${this.dir}/${host}-${port}`);
			await once(server, 'listening');
			this.#servers.push(server);
		}
		this.start('relay', space, [process.execPath, '-e', RELAY, this.dir,
			host, ...ports.map(String)]);
		await until('the relays listen', () => spawnSync(space.prefix[0],
			[...space.prefix.slice(1), process.execPath, '-e',
				`require('node:net').connect(${ports.at(-1)}, '${host}')
					.on('connect', () => process.exit(0))
					.on('error', () => process.exit(1));`]).status === 0);
	}

	/** A program in one of the networks. */
	start(name, space, argv) {
		const child = start(name, [...space.prefix, ...argv],
			`${this.dir}/${name}.log`);

		this.#children.push(child);
		return child;
	}

	/** A program that runs another one in the far network. */
	wrapper(program) {
		const path = `${this.dir}/far-program`;

		writeFileSync(path, `#!/bin/sh\nexec ${this.away.prefix.join(' ')}`
			+ ` ${program} "$@"\n`);
		chmodSync(path, 0o755);
		return path;
	}

	/** A STUN and TURN server in the public network. */
	async startTurn(user, password) {
		const turn = this.start('turnserver', this.core, ['turnserver', '-n',
			'--no-cli', '--no-tls', '--no-dtls', '--listening-ip', SERVER,
			'--relay-ip', SERVER, '--listening-port', '3478', '--lt-cred-mech',
			'--realm', 'sandbox', '--user', `${user}:${password}`,
			'--pidfile', `${this.dir}/turn.pid`,
			'--userdb', `${this.dir}/turn.db`, '--log-file', 'stdout']);

		await until('coturn listens', () => spawnSync('nsenter',
			[...this.core.prefix.slice(1), process.execPath, '-e',
				`require('node:net').connect(3478, '${SERVER}')
					.on('connect', () => process.exit(0))
					.on('error', () => process.exit(1));`]).status === 0,
		{ child: turn });
	}

	async stop() {
		await Promise.all(this.#children.map((child) => child.stop()));
		for (const server of this.#servers) server.close();
		for (const space of this.#spaces) space.stop();
	}
}

export async function startNet(dir) {
	const one = new Net(dir);

	try {
		await one.build();
		return one;
	} catch (error) {
		await one.stop();
		throw error;
	}
}

/** The rig of rig.mjs at home, with its browser in the far network; both have
 * a STUN server, the bridge TURN, too. Returns { net, rig }. */
async function startNatRig() {
	const one = await startNet(process.env.E2E_DIR);

	try {
		await one.startTurn('bridge', SECRET);
		const rig = await startRig({
			bridge: { keys: {
				connectycube_loopback: 'no',
				connectycube_ice_server: [`stun:${SERVER}:3478`,
					`turn:${SERVER}:3478;user=bridge;pass=${SECRET}`],
			} },
			async beforeApp({ sandbox }) {
				await one.share(...[sandbox.page, sandbox.api_url].map((url) =>
					new URL(url).port));
				process.env.CHROMIUM = one.wrapper(
					process.env.CHROMIUM ?? '/usr/bin/chromium');
			},
			appOptions: { iceServers: [{ urls: `stun:${SERVER}:3478` }] },
		});

		return { net: one, rig };
	} catch (error) {
		await one.stop();
		throw error;
	}
}

/** One for a file's tests, which take({ net, rig }). Returns why they are skipped,
 * or false. */
export function useNatRig(take) {
	const skip = !canNat() && 'needs networks of its own';
	let one;

	before(async () => {
		if (!skip) take(one = await startNatRig());
	}, { timeout: 180000 });

	after(async () => {
		await one?.rig.stop();
		await one?.net.stop();
	});
	return skip;
}
