// Runs in the page before anything else, after inject.js: a test picture for a
// camera, and an eye that recognises the far end's. The picture is the same as
// tests/phone/vidprobe/picture.h draws: four coloured fields, a moving bar and
// the number of the frame. Set window.harness.camera before a call.

(() => {
	const STEPS = 32; // places of the bar
	const CELLS = 16; // of the number: 12 bits and a check of 4
	const LIGHT = 128; // luma from here on is white
	const DISTANCE = 90; // of a colour that is still the same
	const REMEMBERED = 4096; // frames

	const COLOURS = {
		red: [220, 30, 30],
		green: [30, 170, 40],
		blue: [30, 50, 220],
		yellow: [230, 220, 40],
		cyan: [30, 200, 220],
		magenta: [210, 40, 200],
		orange: [240, 130, 20],
	};

	const { harness } = window;

	harness.camera = { width: 320, height: 240, fps: 20,
		colours: 'red-green-blue-yellow' };

	const check = (n) => (n ^ n >> 4 ^ n >> 8 ^ 5) & 15;

	// Camera ------------------------------------------------------------------

	function draw(pen, { width: w, height: h, colours }, number) {
		const code = (number & 0xfff) << 4 | check(number & 0xfff);
		const fill = (colour, ...where) => {
			pen.fillStyle = colour;
			pen.fillRect(...where.map(Math.floor));
		};

		colours.split('-').forEach((name, i) => fill(
			`rgb(${COLOURS[name]})`, i & 1 ? w / 2 : 0, i & 2 ? h * 7 / 16 : 0,
			w / 2, h / 2));
		fill('black', 0, h * 3 / 8, w, h / 8);
		fill('white', number % STEPS * w / STEPS, h * 3 / 8, w / STEPS, h / 8);
		for (let i = 0; i < CELLS; i++)
			fill(code >> (CELLS - 1 - i) & 1 ? 'white' : 'black',
				i * w / CELLS, h * 7 / 8, w / CELLS, h / 8);
	}

	/** A track with the test picture. */
	harness.picture = () => {
		const { width, height, fps } = harness.camera;
		const canvas = Object.assign(document.createElement('canvas'),
			{ width, height });
		const pen = canvas.getContext('2d');
		const stream = canvas.captureStream(0);
		const [track] = stream.getVideoTracks();
		let number = 0;
		const timer = setInterval(() => {
			if (track.readyState === 'ended') {
				clearInterval(timer);
				return;
			}
			draw(pen, harness.camera, number++);
			track.requestFrame();
		}, 1000 / fps);

		return track;
	};

	// Eye ---------------------------------------------------------------------

	const yuv = ([r, g, b]) => [
		(66 * r + 129 * g + 25 * b + 128 >> 8) + 16,
		(-38 * r - 74 * g + 112 * b + 128 >> 8) + 128,
		(112 * r - 94 * g - 18 * b + 128 >> 8) + 128,
	];
	const PALETTE = Object.entries(COLOURS)
		.map(([name, rgb]) => ({ name, yuv: yuv(rgb) }));

	function nearest(seen) {
		const [best] = PALETTE.map((one) => ({ name: one.name,
			distance: one.yuv.reduce((sum, v, i) =>
				sum + Math.abs(v - seen[i]), 0) }))
			.sort((a, b) => a.distance - b.distance);

		return best.distance < DISTANCE ? best.name : 'none';
	}

	/** What there is in RGBA pixels: { colours, bar, number }. */
	function recognise(data, w, h) {
		const mean = (x, y) => {
			const sum = [0, 0, 0];

			for (let i = -4; i < 4; i++)
				for (let k = -4; k < 4; k++) {
					const at = 4 * ((Math.floor(y) + i) * w + Math.floor(x) + k);

					for (let c = 0; c < 3; c++) sum[c] += data[at + c];
				}
			return yuv(sum.map((v) => Math.round(v / 64)));
		};
		const colours = [0, 1, 2, 3].map((i) => nearest(mean(
			i & 1 ? w * 3 / 4 : w / 4, i & 2 ? h * 11 / 16 : h * 3 / 16)))
			.join('-');
		let bar = -1;
		let most = LIGHT;
		let code = 0;

		for (let i = 0; i < STEPS; i++) {
			const at = 4 * (Math.floor(h * 7 / 16) * w
				+ Math.floor((2 * i + 1) * w / (2 * STEPS)));
			const [luma] = yuv(data.subarray(at, at + 3));

			if (luma > most) [most, bar] = [luma, i];
		}
		for (let i = 0; i < CELLS; i++)
			code = code << 1 | mean((2 * i + 1) * w / (2 * CELLS),
				h * 15 / 16)[0] >= LIGHT;
		return { colours, bar,
			number: check(code >> 4) === (code & 15) ? code >> 4 : -1 };
	}

	let frames = []; // what the eye saw in this call

	async function watch(track) {
		const { readable } = new window.MediaStreamTrackProcessor({ track,
			maxBufferSize: 8 });
		const reader = readable.getReader();
		const seen = frames = [];
		let pixels = new Uint8Array(0);

		for (;;) {
			const { done, value: frame } = await reader.read();

			if (done) return;
			const { codedWidth: width, codedHeight: height } = frame;
			const ms = Date.now();

			if (pixels.length !== 4 * width * height)
				pixels = new Uint8Array(4 * width * height);
			await frame.copyTo(pixels, { format: 'RGBA',
				rect: { x: 0, y: 0, width, height } });
			frame.close();
			if (seen.length < REMEMBERED)
				seen.push({ ms, width, height,
					...recognise(pixels, width, height) });
		}
	}

	const watched = new WeakSet();
	const { setRemoteDescription } = RTCPeerConnection.prototype;

	RTCPeerConnection.prototype.setRemoteDescription = function (...args) {
		if (!watched.has(this)) {
			watched.add(this);
			frames = [];
			this.addEventListener('track', ({ track }) => {
				if (track.kind === 'video') watch(track.clone());
			});
		}
		return setRemoteDescription.apply(this, args);
	};

	/** The frames that came since the call began, or since a time. */
	harness.frames = (since = 0) => frames.filter(({ ms }) => ms >= since);

	harness.see = async (ms) => {
		const since = Date.now();

		await new Promise((resolve) => setTimeout(resolve, ms));
		return { since, now: Date.now(), frames: harness.frames(since),
			first: frames.find(({ number }) => number >= 0)?.ms };
	};
})();
