// How good a call is, from what the browser counts, since the last look.

// loss [%], jitter [ms], round trip [ms]: up to here it is good, or fair
const GOOD = { loss: 1, jitter: 30, rtt: 300 };
const FAIR = { loss: 5, jitter: 80, rtt: 600 };

const within = (limits, seen) => Object.entries(limits)
	.every(([name, limit]) => seen[name] <= limit);

export class Quality {
	#last = null;
	#connection = null;

	/** { grade: good|fair|poor|silent, codec, loss, jitter, rtt } or null */
	async look(connection) {
		if (!connection) return null;
		const stats = [...(await connection.getStats()).values()];
		const one = (type) => stats.find((entry) => entry.type === type
			&& entry.kind === 'audio');
		const inbound = one('inbound-rtp');

		if (!inbound) return null;
		if (connection !== this.#connection) this.#last = null;
		this.#connection = connection;

		const before = this.#last ?? { packetsReceived: 0, packetsLost: 0 };
		const received = inbound.packetsReceived - before.packetsReceived;
		const lost = Math.max(0, inbound.packetsLost - before.packetsLost);
		const pair = stats.find(({ type, nominated, state }) =>
			type === 'candidate-pair' && nominated && state === 'succeeded');
		const codec = stats.find(({ id }) => id === inbound.codecId);
		const seen = {
			codec: codec?.mimeType.replace('audio/', '') ?? '',
			loss: 100 * lost / Math.max(1, received + lost),
			jitter: 1000 * (inbound.jitter ?? 0),
			rtt: 1000 * (pair?.currentRoundTripTime ?? 0),
		};

		this.#last = inbound;
		if (!received) return { ...seen, grade: 'silent' };
		if (within(GOOD, seen)) return { ...seen, grade: 'good' };
		return { ...seen, grade: within(FAIR, seen) ? 'fair' : 'poor' };
	}
}
