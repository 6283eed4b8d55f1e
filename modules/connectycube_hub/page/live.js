// What there is now, as the hub tells it: extensions, calls, alarms, each kept as the last
// event has it. Whoever shows them is told a few times a second what is not as it was.
//
//   /api/v1/events --> take() --> Live.calls, .exts, .alarms --> 'change' { calls, exts, alarms }
//   first, and after a gap: all of it anew

import { get, read } from './api.js';

const SHOW = 250; // [ms] changes are shown together
const PACKETS = 100; // that come between two of what is measured, about
const SAMPLES = 60; // of a party
const RETRY = [1000, 2000, 5000, 10000]; // [ms]

const extKey = ({ extension, bridge }) =>
	`${extension} ${bridge?.name ?? bridge ?? ''}`;

/** What was measured of a party, for graphs. */
function sample(leg, last) {
	const { rx } = leg;
	const lost = last ? Math.max(0, rx.lost - last.sum) : 0;
	const packets = last ? Math.max(0, rx.packets - last.packets) : 0;

	return { mos: rx.mos_now, level: rx.level_now_dbov, jitter: rx.jitter_ms,
		lost, packets, share: lost + packets ? lost / (lost + packets) : 0 };
}

export class Live extends EventTarget {
	calls = new Map();
	exts = new Map();
	alarms = new Map();
	traces = new Map(); // of calls: leg_num: { samples, sum, packets }
	link = 'off';

	#source = null;
	#waiting = null; // events that came before all was there
	#tries = 0;
	#timer = null;
	#changed = { calls: new Set(), exts: new Set(), alarms: false };
	#shows = null;

	start() {
		this.#open();
	}

	stop() {
		clearTimeout(this.#timer);
		this.#source?.close();
		this.#source = null;
		for (const map of [this.calls, this.exts, this.alarms, this.traces])
			map.clear();
		this.#setLink('off');
	}

	#setLink(link) {
		if (this.link === link) return;
		this.link = link;
		this.dispatchEvent(new CustomEvent('link', { detail: link }));
	}

	#open() {
		const source = new EventSource('api/v1/events');

		this.#source = source;
		this.#waiting = [];
		source.onopen = () => {
			this.#tries = 0;
			if (this.#waiting) this.#loadAll();
			else this.#setLink('live');
		};
		source.onerror = () => this.#lost(source);
		for (const type of ['extension', 'extension_gone', 'call', 'call_ended',
			'alarm'])
			source.addEventListener(type, ({ data }) =>
				this.#take(type, read(data)));
		source.addEventListener('gap', () => {
			this.#waiting = [];
			this.#loadAll();
		});
	}

	/* The browser tries again by itself, unless the hub has said no */
	#lost(source) {
		if (source !== this.#source) return;
		this.#setLink('waiting');
		if (source.readyState !== EventSource.CLOSED) return;
		const wait = RETRY[Math.min(this.#tries++, RETRY.length - 1)];

		this.#timer = setTimeout(async () => {
			try {
				await get('session');
			} catch (problem) {
				if (problem.status === 401 || problem.status === 403) {
					this.dispatchEvent(new Event('unknown'));
					return;
				}
			}
			if (this.#source === source) this.#open();
		}, wait);
	}

	async #loadAll() {
		const source = this.#source;
		let all;

		try {
			all = await Promise.all(['extensions', 'calls', 'alarms'].map(
				(path) => get(path)));
		} catch {
			if (source === this.#source) {
				source.close();
				this.#lost(source);
			}
			return;
		}
		if (source !== this.#source) return;
		const [{ extensions }, { calls }, { alarms }] = all;
		const waiting = this.#waiting ?? [];

		this.#waiting = null;
		this.#replace(extensions, calls, alarms);
		for (const [type, data] of waiting) this.#take(type, data);
		this.#setLink('live');
	}

	#replace(extensions, calls, alarms) {
		for (const id of this.calls.keys()) this.#changed.calls.add(id);
		for (const key of this.exts.keys()) this.#changed.exts.add(key);
		this.#changed.alarms = true;
		const here = new Set(calls.map(({ id }) => id));

		for (const id of this.traces.keys())
			if (!here.has(id)) this.traces.delete(id);
		for (const map of [this.calls, this.exts, this.alarms]) map.clear();
		for (const one of extensions) this.#take('extension', one);
		for (const one of calls) this.#take('call', one);
		for (const one of alarms) this.#take('alarm', one);
		this.#show();
	}

	#take(type, data) {
		if (this.#waiting) {
			this.#waiting.push([type, data]);
			return;
		}
		const { calls, exts } = this.#changed;

		if (type === 'call') {
			this.calls.set(data.id, data);
			this.#trace(data);
			calls.add(data.id);
		} else if (type === 'call_ended') {
			this.calls.delete(data.id);
			this.traces.delete(data.id);
			calls.add(data.id);
			this.dispatchEvent(new Event('ended'));
		} else if (type === 'extension') {
			this.exts.set(extKey(data), data);
			exts.add(extKey(data));
		} else if (type === 'extension_gone') {
			this.exts.delete(extKey(data));
			exts.add(extKey(data));
		} else {
			if (data.cleared) this.alarms.delete(data.id);
			else this.alarms.set(data.id, data);
			this.#changed.alarms = true;
		}
		this.#show();
	}

	#trace(call) {
		let traces = this.traces.get(call.id);

		if (!traces) this.traces.set(call.id, traces = new Map());
		for (const leg of call.legs) {
			const last = traces.get(leg.leg_num);

			if (!leg.rx || (last && last.packets === leg.rx.packets)) continue;
			const samples = last?.samples ?? [];

			samples.push(sample(leg, last));
			if (samples.length > SAMPLES) samples.shift();
			traces.set(leg.leg_num, { samples, sum: leg.rx.lost,
				packets: leg.rx.packets });
		}
	}

	/** What was measured before we looked, of a call. */
	async learn(id) {
		const { legs } = await get(`calls/${encodeURIComponent(id)}/stats`);
		const traces = this.traces.get(id);

		for (const leg of legs) {
			const trace = traces?.get(leg.leg_num);

			if (!trace || trace.samples.length >= leg.samples.length) continue;
			trace.samples = leg.samples.map((one) => ({ mos: one.mos,
				level: one.level_dbov, jitter: one.jitter_ms, lost: one.lost,
				packets: PACKETS, share: one.lost / PACKETS }));
		}
		this.#changed.calls.add(id);
		this.#show();
	}

	#show() {
		this.#shows ??= setTimeout(() => {
			const detail = this.#changed;

			this.#shows = null;
			this.#changed = { calls: new Set(), exts: new Set(), alarms: false };
			this.dispatchEvent(new CustomEvent('change', { detail }));
		}, SHOW);
	}
}
