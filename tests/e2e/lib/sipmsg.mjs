// SIP messages and their SDP, as text and in parts.

/** A datagram, and when it came [ms]. */
export function parse(data, ms) {
	const text = data.toString('latin1');
	const [head, body = ''] = text.split(/\r\n\r\n([^]*)/, 2);
	const [first, ...lines] = head.split('\r\n');
	const [, code] = /^SIP\/2\.0 (\d{3})/.exec(first) ?? [];
	const [method, uri] = first.split(' ');
	const all = (name) => lines.filter((line) =>
		line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
		.map((line) => line.slice(name.length + 1).trim());

	return { ms, first, body, text, code: code && Number(code),
		method: code ? null : method, uri: code ? null : uri,
		what: code ?? method, all, header: (name) => all(name)[0] };
}

/** The port of an SDP's audio. */
export const rtpPort = (sdp) => Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);

const mediaLines = (sdp, kind) => {
	const lines = sdp.split(/\r?\n/).filter(Boolean);
	const begin = lines.findIndex((line) => line.startsWith(`m=${kind}`));
	const end = lines.findIndex((line, i) => i > begin && line.startsWith('m='));

	return begin < 0 ? [] : lines.slice(begin, end < 0 ? undefined : end);
};

/** The lines of an SDP's audio, from m= on. */
export const audioLines = (sdp) => mediaLines(sdp, 'audio');

/** The lines of an SDP's video, from m= on; none if there is no video. */
export const videoLines = (sdp) => mediaLines(sdp, 'video');
