// A stream of video to send from a socket: what a phone's encoder makes of its
// camera, recorded in a call to a socket of ours.

import { until } from '../../../contrib/sandbox/lib/process.mjs';
import { videoSdp } from './sdp.mjs';
import { openSipUa } from './sipua.mjs';
import { frames, openVideoRtp } from './videortp.mjs';

/**
 * So many frames of a phone's camera, from a keyframe on; see videortp.mjs.
 *
 * user   the phone's account, which prefers the codec
 * codec  as VIDEO_FORMATS of sdp.mjs has it
 */
export async function recordVideo(phone, { user, codec, count = 40 }) {
	const video = await openVideoRtp();
	const ua = await openSipUa({
		video: videoSdp({ port: video.port, codec }) });
	const whole = () => frames(video.packets).slice(0, -1);

	try {
		await phone.dial(user, `sip:recorder@127.0.0.1:${ua.port}`);
		const call = await ua.waitInvite();

		call.answer();
		await call.wait('ACK');
		await until(`${count} frames of ${codec}`, () =>
			whole().length >= count);
		await call.bye();
		return whole().slice(0, count);
	} finally {
		ua.close();
		video.close();
	}
}
