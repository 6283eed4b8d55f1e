// What the page sounds like, and how loud a stream is. Browsers keep silent
// until somebody has clicked on the page; so does this.
//
//	const ringer = new Ringer();
//	ringer.play('incoming');
//	const meter = new Meter();
//	meter.listen(stream);  meter.level  -> 0 to 1

// seconds on and off, and what is heard: ITU-T E.180's commonest
const CADENCE = {
	incoming: { on: 1, off: 2, hz: [440, 480] },
	outgoing: { on: 1, off: 4, hz: [425] },
};
const VOLUME = 0.08;
const FLOOR_DB = -60; // what a meter shows as nothing

let context = null;

function audio() {
	context ??= new AudioContext();
	if (context.state === 'suspended') context.resume().catch(() => {});
	return context;
}

export class Ringer {
	#name = null;
	#timer = null;
	#stop = null;

	/** 'incoming', 'outgoing' or null; the same again goes on. */
	play(name) {
		if (name === this.#name) return;
		this.#name = name;
		clearTimeout(this.#timer);
		this.#stop?.();
		this.#stop = null;
		if (name) this.#burst();
	}

	get playing() {
		return this.#name;
	}

	#burst() {
		const { on, off, hz } = CADENCE[this.#name];
		const one = audio();
		const gain = new GainNode(one, { gain: VOLUME });
		const tones = hz.map((frequency) =>
			new OscillatorNode(one, { frequency }));

		gain.connect(one.destination);
		for (const tone of tones) {
			tone.connect(gain);
			tone.start();
			tone.stop(one.currentTime + on);
		}
		this.#stop = () => gain.disconnect();
		this.#timer = setTimeout(() => this.#burst(), (on + off) * 1000);
	}
}

export class Meter {
	#stream = null;
	#source = null;
	#analyser = null;
	#samples = null;

	/** A MediaStream, or null. */
	listen(stream) {
		const usable = stream?.getAudioTracks().length ? stream : null;

		if (usable === this.#stream) return;
		this.#source?.disconnect();
		this.#source = null;
		this.#stream = usable;
		if (!usable) return;
		this.#analyser ??= new AnalyserNode(audio(), { fftSize: 1024 });
		this.#samples ??= new Float32Array(this.#analyser.fftSize);
		this.#source = audio().createMediaStreamSource(usable);
		this.#source.connect(this.#analyser);
	}

	/** How loud it is, from 0 to 1, on a scale as ears have it. */
	get level() {
		if (!this.#source) return 0;
		this.#analyser.getFloatTimeDomainData(this.#samples);
		const power = this.#samples.reduce((sum, x) => sum + x * x, 0)
			/ this.#samples.length;
		const db = 10 * Math.log10(power + 1e-12);

		return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
	}
}
