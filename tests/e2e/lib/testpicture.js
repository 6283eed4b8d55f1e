// The test picture, drawn and recognised, in the page and in node: four coloured
// fields tell whose picture it is, a white bar on black moves with each frame,
// and 16 cells are the number of the frame. tests/phone/vidprobe/picture.c does
// the same for phones.

globalThis.testPicture = (() => {
	const STEPS = 32; // places of the bar
	const CELLS = 16; // of the number: 12 bits and a check of 4
	const LIGHT = 128; // luma from here on is white
	const DISTANCE = 90; // of a colour that is still the same

	const COLOURS = {
		red: [220, 30, 30],
		green: [30, 170, 40],
		blue: [30, 50, 220],
		yellow: [230, 220, 40],
		cyan: [30, 200, 220],
		magenta: [210, 40, 200],
		orange: [240, 130, 20],
	};

	const check = (n) => (n ^ n >> 4 ^ n >> 8 ^ 5) & 15;

	/** What no encoder can make small, where nobody looks. */
	function drawNoise(pen, w, h) {
		const image = pen.createImageData(Math.floor(w / 8),
			Math.floor(h * 3 / 8));

		for (let i = 0; i < image.data.length; i++)
			image.data[i] = i % 4 === 3 ? 255 : Math.random() * 256;
		pen.putImageData(image, Math.floor(w * 7 / 16), 0);
	}

	/** Draw frame `number` with a canvas' 2D context. */
	function draw(pen, { width: w, height: h, colours, noise }, number) {
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
		if (noise) drawNoise(pen, w, h);
	}

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

	return { draw, recognise };
})();
