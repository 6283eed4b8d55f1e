// A bad network: packets are lost on their way, by the kernel, within the test's
// own network namespace. Who sends and who receives is told by UDP ports.
//
//	const end = lose({ to: '12000-12999' }, 0.05);
//	end();

import { execFileSync, spawnSync } from 'node:child_process';

/** Only where nobody else's packets can be lost. */
export const canLose = () => Boolean(process.env.E2E_NETNS)
	&& spawnSync('iptables', ['-w', '-L']).status === 0;

/**
 * Lose a part of the packets to, or from, a range of UDP ports; 1 = all.
 * Returns a function that ends it.
 */
export function lose({ to, from }, part = 1) {
	const range = (ports) => ports.replace('-', ':');
	const rule = ['INPUT', '-i', 'lo', '-p', 'udp',
		...(to ? ['--dport', range(to)] : []), ...(from ? ['--sport', range(from)] : []),
		...(part < 1 ? ['-m', 'statistic', '--mode', 'random',
			'--probability', String(part)] : []), '-j', 'DROP'];
	const change = (how) => execFileSync('iptables', ['-w', how, ...rule]);

	change('-A');
	return () => change('-D');
}
