// What networks do to datagrams: lose them, bring them twice, or late.
//
//	ua.network = ({ method }, way) => way === 'out' && method === 'INVITE'
//		? 'twice' : null;
//	ua.network = rough();            // all of it, to everything

/** One way of a network; an overtaken message waits for the next one. */
export class Wire {
	#held = null;

	/** fate: 'lost', 'twice', 'late', or it passes */
	carry(fate, deliver) {
		if (fate === 'lost') return;
		if (fate === 'late' && !this.#held) {
			this.#held = deliver;
			return;
		}
		const held = this.#held;

		this.#held = null;
		deliver();
		if (fate === 'twice') deliver();
		held?.();
	}
}

/** A network where each message that is sent for the first time is lost, twice or
 * late in turn, and what is sent again passes. Works only if both sides send
 * again what is not answered. */
export function rough(fates = ['lost', 'twice', 'late']) {
	const known = new Set();
	let n = 0;

	return ({ what, header }, way) => {
		const key = [way, what, header('CSeq'), header('To')].join(' ');

		if (known.has(key)) return null;
		known.add(key);
		return fates[n++ % fates.length];
	};
}
