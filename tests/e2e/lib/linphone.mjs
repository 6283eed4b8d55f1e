// Linphone as a phone: linphonec with WAV files for a sound card and pictures for
// a camera, one codec, no registrar; it is called at its port and calls URIs. It
// needs no X server: what it sees is asked for as snapshots.
//
//	const phone = await startLinphone(dir, { codec: 'G729', toneHz: 440 });
//	await phone.call('sip:1000@127.0.0.1:5062');
//	await phone.waitConnected();
//	assertTone(await phone.hear(), 1000);
//
//	const phone = await startLinphone(dir, { codec: 'PCMU', video: 'VP8' });
//	phone.show(jpeg);                       // before a call, or in it
//	browser.look(await phone.snapshot());

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync }
	from 'node:fs';

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { freePort } from './ports.mjs';
import { measure } from './tone.mjs';

const RATE = 8000; // of the files: so codecs of 8 kHz only
const WAV_HEADER = 44;
const JPEG_END = 0xffd9;
const PICTURE_FPS = 10;
const PLAYED = 120; // [s]
const STOP_TIMEOUT = 5000; // [ms] between "quit" and SIGKILL

/** Whether this machine has it. */
export const haveLinphone = () =>
	spawnSync('sh', ['-c', 'command -v linphonec']).status === 0;

const config = ({ port, rtpPort, videoPort }) => `[sip]
sip_port=${port}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
contact="Linphone" <sip:5551234@127.0.0.1>
use_ipv6=0

[rtp]
audio_rtp_port=${rtpPort}
video_rtp_port=${videoPort}

[video]
device=StaticImage: Static picture
displaytype=MSExtDisplay
size=qvga
self_view=0

[misc]
log_collection=0
`;

/** A tone as a WAV file: mono, 16 bits. */
function writeTone(path, hz) {
	const data = Buffer.alloc(WAV_HEADER + 2 * RATE * PLAYED);

	data.write('RIFF', 0, 'latin1');
	data.writeUInt32LE(data.length - 8, 4);
	data.write('WAVEfmt ', 8, 'latin1');
	data.writeUInt32LE(16, 16);
	data.writeUInt16LE(1, 20);
	data.writeUInt16LE(1, 22);
	data.writeUInt32LE(RATE, 24);
	data.writeUInt32LE(2 * RATE, 28);
	data.writeUInt16LE(2, 32);
	data.writeUInt16LE(16, 34);
	data.write('data', 36, 'latin1');
	data.writeUInt32LE(data.length - WAV_HEADER, 40);
	for (let i = 0; i < RATE * PLAYED; i++)
		data.writeInt16LE(Math.round(16000
			* Math.sin(2 * Math.PI * hz * i / RATE)), WAV_HEADER + 2 * i);
	writeFileSync(path, data);
}

class Linphone {
	#child;
	#text = ''; // what it has printed
	#seen = 0; // up to here it was waited for
	#calls = 0;
	#pictures = 0;

	name = 'linphonec';

	constructor(child, dir, port) {
		this.#child = child;
		this.dir = dir;
		this.port = port;
		this.log = `${dir}/linphone.log`;
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (data) => {
				this.#text += data;
				appendFileSync(this.log, data);
			});
	}

	get uri() {
		return `sip:5551234@127.0.0.1:${this.port}`;
	}

	running() {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	command(line) {
		this.#child.stdin.write(`${line}\n`);
	}

	/** What it prints next that matches; what was before it is forgotten. */
	wait(pattern, timeout) {
		return until(`linphonec says ${pattern}`, () => {
			const match = pattern.exec(this.#text.slice(this.#seen));

			if (match) this.#seen += match.index + match[0].length;
			return match;
		}, { child: this, timeout });
	}

	/** Its files are opened when a call begins. */
	#prepare() {
		this.command(`record heard${++this.#calls}.wav`);
		this.command('play tone.wav');
	}

	call(uri) {
		this.#prepare();
		this.command(`call ${uri}`);
	}

	/** Wait for a call. */
	waitIncoming(timeout) {
		this.#prepare();
		return this.wait(/incoming call from/, timeout);
	}

	accept() {
		this.command('answer');
	}

	waitConnected(timeout) {
		return this.wait(/Media streams established/, timeout);
	}

	hangup() {
		this.command('terminate');
	}

	waitClosed(timeout) {
		return this.wait(/Call \d+ with .* ended/, timeout);
	}

	/** Another picture (JPEG) for its camera. */
	show(jpeg) {
		const path = `${this.dir}/shown${++this.#pictures}.jpg`;

		writeFileSync(path, jpeg);
		this.command(`staticpic set ${path}`);
	}

	/** What it sees, as a JPEG. */
	async snapshot(timeout) {
		const path = `${this.dir}/seen${++this.#pictures}.jpg`;

		this.command(`snapshot ${path}`);
		return until('linphonec takes a picture', () => {
			const data = existsSync(path) && readFileSync(path);

			return data && data.length > 2
				&& data.readUInt16BE(data.length - 2) === JPEG_END && data;
		}, { child: this, timeout });
	}

	/** What this call's ear has recorded so far: { rate, samples }. */
	recorded() {
		const path = `${this.dir}/heard${this.#calls}.wav`;

		// its header is not written before the call ends
		const data = existsSync(path) ? readFileSync(path).subarray(WAV_HEADER)
			: Buffer.alloc(0);

		return {
			rate: RATE,
			samples: Float32Array.from({ length: data.length >> 1 },
				(_, i) => data.readInt16LE(2 * i) / 32768),
		};
	}

	/** Listen to the next ms of this call: { hz, rms, silentMs }. */
	async hear(ms = 1000) {
		const begin = this.recorded().samples.length;
		const heard = await until(`linphonec hears ${ms} ms more`, () => {
			const { rate, samples } = this.recorded();
			const wanted = rate * ms / 1000;

			return samples.length - begin >= wanted && {
				rate,
				samples: samples.subarray(samples.length - wanted),
			};
		}, { child: this });

		return measure(heard.samples, heard.rate);
	}

	async stop() {
		if (!this.running()) return;
		const exited = once(this.#child, 'exit');
		const timer = setTimeout(() => this.#child.kill('SIGKILL'),
			STOP_TIMEOUT);

		this.command('quit');
		await exited;
		clearTimeout(timer);
	}
}

/** Of a list ("codec" or "vcodec") one codec alone. */
async function chooseCodec(phone, list, codec) {
	phone.command(`${list} list`);
	const [, number] = await phone.wait(
		new RegExp(`^\\s*(\\d+): ${codec} \\(`, 'm'));

	phone.command(`${list} disable all`);
	phone.command(`${list} enable ${number}`);
	await phone.wait(new RegExp(`${codec} \\(\\d+\\) enabled`));
}

/** Start it with one codec alone; video: with one video codec as well. */
export async function startLinphone(dir, { codec, video = null,
	toneHz = 440 }) {
	const [port, rtpPort, videoPort] = [await freePort(), await freePort(),
		await freePort()];

	// without the folder of its database it does not listen at all
	mkdirSync(`${dir}/.local/share/linphone`, { recursive: true });
	writeFileSync(`${dir}/linphonerc`, config({ port, rtpPort, videoPort }));
	writeTone(`${dir}/tone.wav`, toneHz);

	const phone = new Linphone(spawn('setpriv', ['--pdeathsig', 'KILL',
		'linphonec', ...(video ? ['-V'] : []), '-c', 'linphonerc'],
	{ cwd: dir, env: { ...process.env, HOME: dir } }), dir, port);

	try {
		phone.command('soundcard use files');
		await chooseCodec(phone, 'codec', codec);
		if (video) {
			await chooseCodec(phone, 'vcodec', video);
			phone.command(`staticpic fps ${PICTURE_FPS}`);
		}
		return phone;
	} catch (error) {
		await phone.stop();
		throw error;
	}
}
