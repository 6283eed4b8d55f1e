// A service manager that a test holds: what a service tells it (sd_notify(3)).
//
//	const systemd = await openSystemd(dir);
//	const bridge = await startRawBridge(sandbox, { env: systemd.env });
//	await systemd.wait('READY=1');

import { existsSync, readFileSync } from 'node:fs';

import { start, until } from '../../../contrib/sandbox/lib/process.mjs';

// a line a datagram, its own lines joined by |
const PROGRAM = `use IO::Socket::UNIX; use IO::Handle;
	my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
	open(my $f, '>>', $ARGV[1]) or die; $f->autoflush(1);
	my $got;
	while (defined $s->recv($got, 1 << 16)) {
		$got =~ s/\\n$//; $got =~ s/\\n/|/g;
		print $f "$got\\n";
	}`;

class Systemd {
	constructor(dir, name, watchdog) {
		this.path = `${dir}/${name}.notify`;
		this.got = `${this.path}.got`;
		this.env = { NOTIFY_SOCKET: this.path,
			...(watchdog ? { WATCHDOG_USEC: watchdog * 1000 } : {}) };
	}

	async open() {
		this.child = start('systemd', ['perl', '-e', PROGRAM, this.path,
			this.got], `${this.path}.log`);
		await until('systemd listens', () => existsSync(this.got),
			{ child: this.child });
	}

	/** All that it was told. */
	told() {
		return readFileSync(this.got, 'utf8').split('\n').slice(0, -1);
	}

	/** How often something was said. */
	count(line) {
		return this.told().filter((one) => one === line).length;
	}

	/** The last that was said of how it stands. */
	status() {
		return this.told().filter((line) => line.startsWith('STATUS='))
			.at(-1)?.slice(7) ?? '';
	}

	/** Something is said, a line or what matches; later than so many lines. */
	wait(line, { since = 0, timeout = 30000 } = {}) {
		return until(`systemd is told ${line}`, () => this.told().slice(since)
			.find((one) => line.test?.(one) ?? one === line), { timeout });
	}

	waitStatus(pattern, { timeout = 30000 } = {}) {
		return until(`the status is ${pattern}`, () =>
			pattern.test(this.status()), { timeout }).catch((error) => {
			error.message += `, but ${this.status()}`;
			throw error;
		});
	}

	stop() {
		return this.child.stop();
	}
}

/** Its socket is in dir; watchdog: how often it wants to be told [ms], 0=never. */
export async function openSystemd(dir, { name = 'systemd', watchdog = 0 } = {}) {
	const systemd = new Systemd(dir, name, watchdog);

	await systemd.open();
	return systemd;
}
