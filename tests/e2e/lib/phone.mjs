// SIP phones for end-to-end tests: one baresip with any number of accounts, each
// with codecs of its own, a tone for a microphone and a recorder for an ear.
//
//	const phone = await startTestPhone(sandbox, { toneHz: 440, accounts: [
//		{ user: '1001', codecs: 'PCMU' }] });
//	await phone.dial('1001', '1000');
//	await phone.waitEvent('CALL_ESTABLISHED');
//	assertTone(await phone.hear(), 1000);

import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync,
	writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { linkModules, PHONE, PHONE_MODULES } from '../../../contrib/sandbox/lib/modules.mjs';
import { listening, start, until }
	from '../../../contrib/sandbox/lib/process.mjs';
import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { connectCtrl } from './ctrl.mjs';
import { PHONE_PICTURE, sumUp } from './picture.mjs';
import { freePort } from './ports.mjs';
import { measure } from './tone.mjs';
import { readWav } from './wav.mjs';

/** Of its RTP, and RTCP. */
export const PHONE_PORTS = '8000-9999';

const PROBE = `${REPO}/build/vidprobe.so`;
const CODECS = 'opus/48000/2,G722/16000/1,PCMU,PCMA';

/** Camera and screen; the first of the modules has the preferred codec. */
const videoConfig = ({ size = '320x240', fps = 20, bitrate = 400000,
	colours = PHONE_PICTURE, modules = ['avcodec', 'vp8', 'vp9'] }) =>
	`video_source	vidprobe,${colours}
video_display	vidprobe,nil
video_size	${size}
video_fps	${fps}
video_bitrate	${bitrate}
${[...modules, 'vidprobe'].map((name) => `module	${name}.so\n`).join('')}`;

const config = ({ dir, port, ctrlPort, toneHz, video }) => `poll_method	epoll
sip_listen	127.0.0.1:${port}
net_interface	127.0.0.1
call_local_timeout	120
rtp_ports	${PHONE_PORTS}
call_max_calls	8
audio_player	aubridge,nil
audio_source	ausine,${toneHz}
audio_alert	aubridge,alert
audio_level	no
ausrc_srate	48000
ausrc_channels	2
ausrc_format	s16
auplay_format	s16
auenc_format	s16
audec_format	s16
jitter_buffer_delay	2-10
snd_path	${dir}/recordings
ctrl_tcp_listen	127.0.0.1:${ctrlPort}
module_path	${dir}/modules
module	opus.so
module	g722.so
module	g711.so
module	srtp.so
module	ausine.so
module	aubridge.so
module	sndfile.so
${video ? videoConfig(video) : ''}module_tmp	uuid.so
module_app	account.so
module_app	menu.so
module_app	ctrl_tcp.so
`;

/** Wait until a baresip has registered all its accounts. */
export function allRegistered(child, count) {
	return until(`${child.name} registers`, () => {
		const log = readFileSync(child.log, 'utf8');
		const [, refusal] = /reg: .*: ([3-6]\d\d .*)/.exec(log) ?? [];

		if (refusal) throw new Error(`${child.name} is refused: ${refusal}`);
		return (log.match(/ 200 OK .*\[\d+ binding/g) ?? []).length >= count;
	}, { child });
}

class Phone {
	#calls = 0; // recordings of so many calls are put aside

	constructor(child, ctrl, dir, { sip, port, users, video }) {
		this.child = child;
		this.ctrl = ctrl;
		this.dir = dir;
		this.sip = sip;
		this.port = port;
		this.users = users;
		this.user = users[0];
		this.video = video;
	}

	/** Where it can be called without a server. */
	get uri() {
		return `sip:${this.user}@127.0.0.1:${this.port}`;
	}

	command(...parameters) {
		return this.ctrl.command(...parameters);
	}

	waitEvent(type, timeout) {
		return this.ctrl.waitEvent(type, timeout);
	}

	#recordings() {
		return readdirSync(`${this.dir}/recordings`)
			.filter((name) => /^dump-.*-dec\.wav$/.test(name)).sort();
	}

	/**
	 * A call begins: what was recorded so far belongs to others, and must not
	 * be in the way of a name that two calls within a second share.
	 */
	forget() {
		const dir = `${this.dir}/recordings`;

		this.#calls++;
		for (const name of this.#recordings())
			renameSync(`${dir}/${name}`, `${dir}/before-${this.#calls}-${name}`);
		return this.video ? this.command('vidprobe_reset') : null;
	}

	#isOld() {
		const log = readFileSync(this.child.log, 'utf8');

		return /^baresip v1\.0\./m.test(log);
	}

	/** Call a number (or URI) as one of the phone's accounts. */
	async dial(user, number) {
		const uri = number.includes(':') ? number
			: `sip:${number}@${this.sip}`;

		await this.forget();
		// 1.0 calls as the account that was found, later ones as the one
		// of that number, by default as any that is registered there
		await this.command('uafind', `sip:${user}@${this.sip}`);
		await this.command('dial', this.#isOld() ? uri
			: `${uri} ${this.users.indexOf(user)}`);
	}

	/** Wait for a call; returns the event. */
	async waitIncoming(timeout) {
		await this.forget();
		return this.waitEvent('CALL_INCOMING', timeout);
	}

	accept() {
		return this.command('accept');
	}

	hangup() {
		return this.command('hangup');
	}

	/** Back from hold. 1.1 says that it cannot, and does it: there is no other
	 * call that it could hold instead. */
	async resume() {
		await this.command('resume').catch((error) => {
			if (this.#isOld() || !/Invalid argument/.test(error.message))
				throw error;
		});
	}

	/** No call any more. */
	async quiet() {
		await until('the phone has no call', async () => {
			const calls = await this.command('listcalls');

			if (!/\[line/.test(calls)) return true;
			await this.hangup();
			return false;
		}, { child: this.child });
	}

	/** What this call's ear has recorded so far: { rate, samples }. */
	recorded() {
		const names = this.#recordings();

		if (!names.length) return { rate: 8000, samples: new Float32Array(0) };
		return readWav(`${this.dir}/recordings/${names.at(-1)}`);
	}

	/** Listen to the next ms of this call: { hz, rms, silentMs }. */
	async hear(ms = 1000) {
		const begin = this.recorded().samples.length;
		const heard = await until(`the phone hears ${ms} ms more`, () => {
			const { rate, samples } = this.recorded();
			const wanted = rate * ms / 1000;

			return samples.length - begin >= wanted && {
				rate,
				samples: samples.subarray(samples.length - wanted),
			};
		}, { child: this.child });

		return measure(heard.samples, heard.rate);
	}

	/** All frames of the next ms: { since, now, first, frames }. */
	async watch(ms = 1000) {
		await this.command('vidprobe');
		await delay(ms);
		const { shown, first, width, height, ...window }
			= JSON.parse(await this.command('vidprobe'));

		return { ...window, first: first || undefined,
			frames: shown.map(([when, number, bar, colours]) =>
				({ ms: when, number, bar, colours, width, height })) };
	}

	/**
	 * Look at the far end: { colours, width, height, frames, torn, fps, ... };
	 * picture.mjs says what it is.
	 */
	async see(ms) {
		return sumUp(await this.watch(ms));
	}

	/** When the far end's first whole picture was there: wall clock [ms]. */
	firstPicture(timeout) {
		return until('the phone shows a picture', async () =>
			JSON.parse(await this.command('vidprobe')).first,
		{ child: this.child, timeout });
	}

	async stop() {
		this.ctrl.close();
		await this.child.stop();
	}
}

/**
 * Start a phone and wait until all its accounts are registered.
 *
 * accounts: [{ user, codecs?, params? }], params as `accounts` has them
 * video     makes it a video phone: { size, fps, bitrate, colours, modules }
 */
export async function startTestPhone(sandbox, { accounts, toneHz = 440,
	name = 'phone', sip = sandbox.sip, transport = 'udp', video = null }) {
	if (video && !existsSync(PROBE))
		throw new Error('no camera: run make probe first');

	const dir = `${sandbox.dir}/${name}`;
	const port = await freePort();
	const ctrlPort = await freePort();

	mkdirSync(`${dir}/recordings`, { recursive: true });
	linkModules(`${dir}/modules`, video ? [PROBE] : [], PHONE_MODULES);
	writeFileSync(`${dir}/config`, config({ dir, port, ctrlPort, toneHz,
		video }));
	writeFileSync(`${dir}/accounts`, accounts.map(
		({ user, codecs = CODECS, params = '', display = `Phone ${user}` }) =>
			`"${display}" <sip:${user}@${sip};transport=${transport}>`
			+ `;auth_user=${user};auth_pass=sip-${user};regint=300`
			+ `;answermode=manual;audio_codecs=${codecs}${params}\n`).join(''));
	writeFileSync(`${dir}/contacts`, '');
	writeFileSync(`${dir}/phone.log`, '');

	const child = start('the phone', [PHONE, '-f', dir],
		`${dir}/phone.log`);
	try {
		await until('ctrl_tcp listens', () => listening(ctrlPort),
			{ child, timeout: 60000 });
		await allRegistered(child, accounts.length);
	} catch (error) {
		await child.stop();
		throw error;
	}
	return new Phone(child, await connectCtrl(ctrlPort), dir,
		{ sip, port, users: accounts.map(({ user }) => user), video });
}
