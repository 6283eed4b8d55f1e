// Small graphs of what is measured, on canvases. Only those that are seen are drawn.

const TALL = 60; // [px] it has a scale
const SCALE = 12; // [px] to its left, of which it is
const QUIET = -60; // [dBov] is the bottom of a level

const seen = new WeakSet();
const wanted = new WeakMap(); // canvas: what to draw once it is seen

const observer = new IntersectionObserver((entries) => {
	for (const { target, isIntersecting } of entries) {
		if (!isIntersecting) {
			seen.delete(target);
			continue;
		}
		seen.add(target);
		if (wanted.has(target)) paint(target, wanted.get(target));
	}
}, { rootMargin: '100px' });

let colours = null;

/** Colours are the page's, and others when it becomes dark. */
export function forgetColours() {
	colours = null;
}

function palette() {
	if (colours) return colours;
	const probe = document.createElement('i');
	const style = getComputedStyle(probe);

	document.body.append(probe);
	colours = {};
	for (const name of ['accent', 'level', 'bad', 'line', 'muted', 'good']) {
		probe.style.color = `var(--${name})`;
		colours[name] = style.color;
	}
	probe.remove();
	return colours;
}

/** A canvas whose drawing follows whether it is seen. */
export function makeCanvas(label) {
	const canvas = document.createElement('canvas');

	canvas.setAttribute('role', 'img');
	canvas.setAttribute('aria-label', label);
	observer.observe(canvas);
	return canvas;
}

export function draw(canvas, what) {
	wanted.set(canvas, what);
	if (seen.has(canvas)) paint(canvas, what);
}

function begin(canvas) {
	const { clientWidth: width, clientHeight: height } = canvas;
	const scale = window.devicePixelRatio || 1;

	if (canvas.width !== Math.round(width * scale)
		|| canvas.height !== Math.round(height * scale)) {
		canvas.width = Math.round(width * scale);
		canvas.height = Math.round(height * scale);
	}
	const pen = canvas.getContext('2d');

	pen.setTransform(scale, 0, 0, scale, 0, 0);
	pen.clearRect(0, 0, width, height);
	return { pen, width, height };
}

/* The line of MOS: 1 at the bottom, 5 at the top; what is not known is a gap */
function line(pen, points, y) {
	let down = false;

	pen.beginPath();
	for (const [x, value] of points) {
		if (!value) {
			down = false;
			continue;
		}
		if (down) pen.lineTo(x, y(value));
		else pen.moveTo(x, y(value));
		down = true;
	}
	pen.stroke();
}

/* What is good, fair and poor, where there is room to read it */
function scaleOf(pen, width, y) {
	const { line: grey, muted } = palette();

	pen.strokeStyle = grey;
	pen.fillStyle = muted;
	pen.lineWidth = 1;
	pen.font = '10px system-ui, sans-serif';
	for (const mos of [2, 3, 4]) {
		const at = Math.round(y(mos)) + 0.5;

		pen.beginPath();
		pen.moveTo(SCALE, at);
		pen.lineTo(width, at);
		pen.stroke();
		pen.fillText(String(mos), 1, at + 3);
	}
}

function paint(canvas, { samples, room }) {
	const { pen, width, height } = begin(canvas);
	const { accent, level, bad, line: grey } = palette();
	const left = height >= TALL ? SCALE : 0;
	const step = (width - left) / room;
	const x = (i) => width - (samples.length - 1 - i) * step;
	const y = (mos) => 1.5 + (5 - mos) / 4 * (height - 3);

	if (height >= TALL) scaleOf(pen, width, y);
	pen.fillStyle = level;
	samples.forEach((one, i) => {
		if (one.level === null || one.level === undefined) return;
		const h = Math.max(0, 1 - one.level / QUIET) * height;

		pen.fillRect(x(i) - step, height - h, step + 0.5, h);
	});
	pen.fillStyle = bad;
	samples.forEach((one, i) => {
		if (!one.share) return;
		const h = Math.max(2, Math.min(1, one.share * 10) * height);

		pen.fillRect(x(i) - step + 0.5, height - h, Math.max(1.5, step - 1), h);
	});
	pen.strokeStyle = grey;
	pen.lineWidth = 1;
	pen.beginPath();
	pen.moveTo(left, height - 0.5);
	pen.lineTo(width, height - 0.5);
	pen.stroke();
	pen.strokeStyle = accent;
	pen.lineWidth = 1.75;
	pen.lineJoin = 'round';
	line(pen, samples.map((one, i) => [x(i), one.mos]), y);
}
