// Runs in the page before anything else: a tone for a microphone, forced codecs,
// an ear that measures what arrives, and waiting for the phone's events; camera
// and eye are in inject-video.js. Set window.harness.toneHz and .codecs before a
// call. A codec is a name, or has format parameters behind it:
// { video: ['H264;packetization-mode=0'] }.

(() => {
	const BLOCK_MS = 10; // silence is judged in blocks of this
	const SILENT_RMS = 0.01;

	const harness = { toneHz: 440, codecs: {}, audioLines: [],
		noCamera: false };
	let context = null;

	function audioContext() {
		context ??= new AudioContext({ sampleRate: 48000 });
		return context;
	}

	function tone(hz) {
		const audio = audioContext();
		const oscillator = new OscillatorNode(audio, { frequency: hz });
		const gain = new GainNode(audio, { gain: 0.5 });
		const sink = new MediaStreamAudioDestinationNode(audio);

		oscillator.connect(gain).connect(sink);
		oscillator.start();
		return sink.stream.getAudioTracks()[0];
	}

	navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
		const stream = new MediaStream();

		if (audio) stream.addTrack(tone(harness.toneHz));
		if (video && !harness.noCamera) stream.addTrack(harness.picture());
		return stream;
	};

	// Codecs ------------------------------------------------------------------

	const HELPERS = /\/(rtx|telephone-event)$/;

	function isCodec({ mimeType, sdpFmtpLine = '' }, kind, wanted) {
		const [name, ...fmtp] = wanted.split(';');

		return mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase()
			&& fmtp.every((one) => sdpFmtpLine.split(';').includes(one));
	}

	function limitCodecs(connection) {
		for (const transceiver of connection.getTransceivers()) {
			const { kind } = transceiver.receiver.track;
			const wanted = harness.codecs[kind];

			if (!wanted) continue;
			const all = RTCRtpReceiver.getCapabilities(kind).codecs;
			const chosen = wanted.flatMap((name) => all.filter((codec) =>
				isCodec(codec, kind, name)));

			transceiver.setCodecPreferences([...chosen,
				...all.filter(({ mimeType }) => HELPERS.test(mimeType))]);
		}
	}

	/** Apps of other kinds state what Chromium does not. */
	function stateAudio(description) {
		const lines = harness.audioLines.map((line) => `${line}\r\n`).join('');

		if (!lines) return description;
		return { type: description.type, sdp: description.sdp.replace(
			/^m=audio [^]*?(?=^m=|(?![^]))/m, (audio) => audio + lines) };
	}

	/** An answer says what we receive; Chromium would still send its own choice. */
	async function limitSender(sender) {
		const kind = sender.track?.kind;
		const [name] = harness.codecs[kind] ?? [];

		if (!name) return;
		const parameters = sender.getParameters();
		const codec = parameters.codecs.find((one) =>
			isCodec(one, kind, name));

		for (const encoding of parameters.encodings) encoding.codec = codec;
		await sender.setParameters(parameters);
	}

	// Chromium takes a=ptime and a=maxptime for parameters of every codec, and
	// then has none that it would accept as a sender's
	const { setLocalDescription, setRemoteDescription }
		= RTCPeerConnection.prototype;

	RTCPeerConnection.prototype.setRemoteDescription = function (remote) {
		return setRemoteDescription.call(this, !harness.codecs.audio ? remote
			: { type: remote.type,
				sdp: remote.sdp.replace(/^a=(max)?ptime:.*\r?\n/gm, '') });
	};

	RTCPeerConnection.prototype.setLocalDescription = async function (...args) {
		await setLocalDescription.apply(this, args);
		if (this.localDescription.type === 'answer')
			await Promise.all(this.getSenders().map(limitSender));
	};

	for (const name of ['createOffer', 'createAnswer']) {
		const original = RTCPeerConnection.prototype[name];

		RTCPeerConnection.prototype[name] = async function (...args) {
			limitCodecs(this);
			return stateAudio(await original.apply(this, args));
		};
	}

	// Ear ---------------------------------------------------------------------

	const TAP = `registerProcessor('tap', class extends AudioWorkletProcessor {
		process([[channel]]) {
			if (channel) this.port.postMessage(channel.slice());
			return true;
		}
	});`;
	let tapLoaded = null;

	/** Begin to record; resolves when there is audio. take(ms): what there has
	 * been by ms of audio from now, which ends it. */
	async function startRecording(stream) {
		const audio = audioContext();

		tapLoaded ??= audio.audioWorklet.addModule(
			URL.createObjectURL(new Blob([TAP], { type: 'text/javascript' })));
		await tapLoaded;
		await audio.resume();

		const source = audio.createMediaStreamSource(stream);
		const tap = new AudioWorkletNode(audio, 'tap', { channelCount: 1,
			channelCountMode: 'explicit', numberOfOutputs: 0 });
		const blocks = [];
		let filled = 0;
		let onBlock = () => {};
		const reach = (count, patience) => new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(
				new Error('no audio to hear')), patience);

			onBlock = () => {
				if (filled < count) return;
				clearTimeout(timer);
				resolve();
			};
		});

		tap.port.onmessage = ({ data }) => {
			blocks.push(data);
			filled += data.length;
			onBlock();
		};
		source.connect(tap);
		await reach(1, 5000);
		return {
			async take(ms) {
				const count = filled + Math.ceil(audio.sampleRate * ms / 1000);

				await reach(count, ms + 5000);
				source.disconnect();
				tap.port.close();

				const samples = new Float32Array(filled);
				let at = 0;

				for (const block of blocks) {
					samples.set(block, at);
					at += block.length;
				}
				return samples;
			},
		};
	}

	async function record(stream, ms) {
		const recording = await startRecording(stream);

		return recording.take(ms);
	}

	/** Power at one frequency: a tone of amplitude a gives a * a / 4. */
	function power(samples, hz, rate) {
		let re = 0;
		let im = 0;
		const n = samples.length;

		for (let i = 0; i < n; i++) {
			const hann = 1 - Math.cos(2 * Math.PI * i / n);
			const angle = 2 * Math.PI * hz * i / rate;

			re += samples[i] * hann * Math.cos(angle);
			im += samples[i] * hann * Math.sin(angle);
		}
		return (re * re + im * im) / (n * n);
	}

	const rms = (samples) => Math.sqrt(
		samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

	/** Listen to the far end: { hz, rms, silentMs, longestSilenceMs }. */
	harness.hear = async (ms) => {
		const samples = await record(window.phone.remoteStream, ms);
		const rate = audioContext().sampleRate;
		const block = rate * BLOCK_MS / 1000;
		let silent = 0;
		let run = 0;
		let longest = 0;

		for (let i = 0; i + block <= samples.length; i += block) {
			run = rms(samples.subarray(i, i + block)) < SILENT_RMS
				? run + BLOCK_MS : 0;
			silent += run ? BLOCK_MS : 0;
			longest = Math.max(longest, run);
		}
		// The frequency is taken from the end, when a call has settled.
		return {
			hz: window.dominantHz(samples.subarray(-9600), rate),
			rms: Number(rms(samples).toFixed(4)),
			silentMs: silent,
			longestSilenceMs: longest,
		};
	};

	const ROWS = [697, 770, 852, 941];
	const COLUMNS = [1209, 1336, 1477, 1633];
	const KEYS = ['123A', '456B', '789C', '*0#D'];

	/** The key whose two tones are most of a block, if there is one. */
	function keyIn(block, rate) {
		const strongest = (tones) => tones.map((hz, i) =>
			({ i, power: power(block, hz, rate) }))
			.sort((a, b) => b.power - a.power)[0];
		const row = strongest(ROWS);
		const column = strongest(COLUMNS);

		// a tone of amplitude a: power a * a / 4, energy a * a / 2
		if ((row.power + column.power) * 2 < 0.6 * rms(block) ** 2
			|| Math.min(row.power, column.power) < 1e-5) return '';
		return KEYS[row.i][column.i];
	}

	// the playout of a busy machine stutters: a hole so short is within a key,
	// tests press the same key again after more
	const HOLE_MS = 160;
	let keysHeard = null;

	/** Listen for the tones of keys; resolves when it does. */
	harness.startHearingKeys = async () => {
		keysHeard = await startRecording(window.phone.remoteStream);
	};

	/** What has been heard: [{ key, ms }]; it listens for ms more. */
	harness.takeKeys = async (ms) => {
		const samples = await keysHeard.take(ms);
		const rate = audioContext().sampleRate;
		const block = rate * 20 / 1000;
		const heard = [];
		let hole = Infinity; // [ms] since the last key's tone

		for (let i = 0; i + block <= samples.length; i += block / 2) {
			const key = keyIn(samples.subarray(i, i + block), rate);

			if (!key) {
				hole += BLOCK_MS;
				continue;
			}
			if (hole < HOLE_MS && key === heard.at(-1).key)
				heard.at(-1).ms += BLOCK_MS;
			else heard.push({ key, ms: BLOCK_MS });
			hole = 0;
		}
		return heard.filter((one) => one.ms > 2 * BLOCK_MS);
	};

	// Events ------------------------------------------------------------------

	/** The first event after number `since` that has the name and details. */
	harness.waitEvent = (name, since, match, timeout) =>
		new Promise((resolve, reject) => {
			const { phone } = window;
			const fits = (event) => event.seq > since && event.name === name
				&& Object.entries(match).every(([key, value]) =>
					JSON.stringify(event[key]) === JSON.stringify(value));
			const past = phone.events.find(fits);

			if (past) {
				resolve(past);
				return;
			}
			const timer = setTimeout(() => {
				phone.removeEventListener('change', check);
				reject(new Error(`no ${name} within ${timeout} ms; saw `
					+ phone.events.filter(({ seq }) => seq > since)
						.map((event) => event.name).join(', ')));
			}, timeout);

			function check({ detail }) {
				if (!fits(detail)) return;
				clearTimeout(timer);
				phone.removeEventListener('change', check);
				resolve(detail);
			}
			phone.addEventListener('change', check);
		});

	window.harness = harness;
})();
