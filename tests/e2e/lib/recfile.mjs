// Raw recordings as bridges write them, read (modules/connectycube_record/recfile.h).
//
//	const raw = readRaw(path);
//	raw.start.by; raw.end?.state; raw.packets, raw.formats, raw.chunks

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const HEAD = 16;
const FRONT = 16; // of a chunk, before its content
const TYPES = ['', 'START', 'FORMAT', 'RTP', 'PAUSE', 'RESUME', 'ALIVE', 'END'];

/** All that is whole, and whether anything is behind it. */
function readChunks(data) {
	const chunks = [];
	let at = HEAD;

	while (at + FRONT + 4 <= data.length) {
		const end = at + FRONT + data.readUInt32BE(at + 4);

		if (end + 4 > data.length
			|| data.readUInt32BE(end) !== crc32(data.subarray(at, end)))
			break;
		chunks.push({ type: TYPES[data[at]], leg: data[at + 1],
			us: Number(data.readBigUInt64BE(at + 8)),
			content: data.subarray(at + FRONT, end) });
		at = end + 4;
	}
	return { chunks, torn: at !== data.length };
}

function parseFormat(content) {
	const [codec, fmtp] = content.subarray(8).toString().split('\0');

	return { video: content[0] === 1, app: content[1] === 1, pt: content[2],
		channels: content[3], clock: content.readUInt32BE(4), codec, fmtp };
}

/** { start, end, formats, packets, chunks, torn }; throws if it is none. */
export function readRaw(path) {
	const data = readFileSync(path);

	if (data.subarray(0, 8).toString() !== 'CubeRec\n')
		throw new Error(`${path} is no recording`);
	const { chunks, torn } = readChunks(data);
	const formats = new Map(); // by leg and payload type
	const raw = { torn, chunks, formats: [], packets: [] };

	for (const chunk of chunks) {
		const { type, leg, us, content } = chunk;

		if (type === 'START') raw.start = JSON.parse(content);
		else if (type === 'END') raw.end = JSON.parse(content);
		else if (type === 'FORMAT') {
			const format = { leg, us, ...parseFormat(content) };

			formats.set(`${leg}/${format.pt}`, format);
			raw.formats.push(format);
		}
		else if (type === 'RTP')
			raw.packets.push({ leg, us,
				format: formats.get(`${leg}/${content[1] & 0x7f}`),
				sequence: content.readUInt16BE(2),
				timestamp: content.readUInt32BE(4),
				payload: content.subarray(12) });
	}
	return raw;
}
