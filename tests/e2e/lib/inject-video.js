// Runs in the page before anything else, after testpicture.js and inject.js: the
// test picture for a camera, and an eye that recognises the far end's. Set
// window.harness.camera before a call.

(() => {
	const REMEMBERED = 4096; // frames

	const { harness, testPicture } = window;

	harness.camera = { width: 320, height: 240, fps: 20,
		colours: 'red-green-blue-yellow' };

	// Camera ------------------------------------------------------------------

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
			testPicture.draw(pen, harness.camera, number++);
			track.requestFrame();
		}, 1000 / fps);

		return track;
	};

	// Eye ---------------------------------------------------------------------

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
					...testPicture.recognise(pixels, width, height) });
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

	const whole = () => frames.find(({ number }) => number >= 0);

	harness.firstPicture = async (timeout) => {
		const end = Date.now() + timeout;

		while (!whole()) {
			if (Date.now() > end)
				throw new Error(`no picture; frames seen: ${frames.length}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		return whole().ms;
	};

	harness.watch = async (ms) => {
		const since = Date.now();

		await new Promise((resolve) => setTimeout(resolve, ms));
		return { since, now: Date.now(), frames: harness.frames(since),
			first: whole()?.ms };
	};
})();
