// The video lines of phones whose signalling is sipua.mjs.

/** Formats as phones have them; 97 is the payload type. */
export const VIDEO_FORMATS = {
	'H264': ['97 H264/90000',
		'97 profile-level-id=42801f;packetization-mode=1'],
	'H264-0': ['97 H264/90000', '97 profile-level-id=42801f'],
	'VP8': ['97 VP8/90000'],
	'VP9': ['97 VP9/90000'],
};

/**
 * For openSipUa({ video }).
 *
 * feedback   e.g. ['nack pli', 'ccm fir']
 * more       lines behind m=
 */
export function videoSdp({ port, codec, feedback = [], profile = 'AVP',
	direction = 'sendrecv', more = [] }) {
	const [rtpmap, fmtp] = VIDEO_FORMATS[codec];

	return [`m=video ${port} RTP/${profile} 97`, ...more,
		`a=rtpmap:${rtpmap}`, ...(fmtp ? [`a=fmtp:${fmtp}`] : []),
		...feedback.map((one) => `a=rtcp-fb:97 ${one}`), `a=${direction}`];
}

/** A phone that has taken its video back. */
export const VIDEO_OFF = ['m=video 0 RTP/AVP 97'];

/** The port of a call's remote video: 0 when refused, NaN without it. */
export const videoPort = (call) =>
	Number(/^m=video (\d+)/.exec(call.remoteVideo[0])?.[1]);

/** The payload type that it takes a codec with, H264 in the mode of ours. */
export function videoType(call, codec) {
	const [, name] = /^\d+ (\w+)/.exec(VIDEO_FORMATS[codec][0]);
	const mode = codec === 'H264' ? 'packetization-mode=1' : '';
	const line = call.remoteVideo.find((one) =>
		one.startsWith('a=rtpmap:') && one.includes(` ${name}/`)
		&& (!mode || call.remoteVideo.some((fmtp) => fmtp.includes(mode)
			&& fmtp.startsWith(one.split(' ')[0].replace('rtpmap', 'fmtp')))));

	return Number(/:(\d+)/.exec(line)?.[1]);
}
