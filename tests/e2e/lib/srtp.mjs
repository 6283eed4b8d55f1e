// SRTP of a phone (RFC 3711), AES_CM_128_HMAC_SHA1_80: one key, RTP alone. For
// tests that look at what is on the wire; short calls, so no roll-over.
//
//	const key = newKey();                  // base64, as in a=crypto
//	rtp.protect = srtpProtect(key);
//	rtp.unprotect = srtpUnprotect(keyOf(answer));

import { createCipheriv, createHmac, randomBytes } from 'node:crypto';

const TAG = 10;
const HEADER = 12;

export const SUITE = 'AES_CM_128_HMAC_SHA1_80';

export const newKey = () => randomBytes(30).toString('base64');

/** The key of an SDP's a=crypto line; undefined without. */
export const keyOf = (sdp) => /^a=crypto:\d+ \S+ inline:([^|\s]+)/m
	.exec(sdp)?.[1];

/** A session key (RFC 3711, 4.3.1). */
function derive(master, salt, label, length) {
	const iv = Buffer.alloc(16);

	salt.copy(iv);
	iv[7] ^= label;
	return createCipheriv('aes-128-ctr', master, iv)
		.update(Buffer.alloc(length));
}

function context(base64) {
	const all = Buffer.from(base64, 'base64');
	const [master, salt] = [all.subarray(0, 16), all.subarray(16, 30)];

	return { key: derive(master, salt, 0, 16), auth: derive(master, salt, 1, 20),
		salt: derive(master, salt, 2, 14) };
}

/** Encrypts and decrypts. */
function crypt({ key, salt }, data) {
	const iv = Buffer.alloc(16);

	salt.copy(iv);
	for (let i = 0; i < 4; i++) iv[4 + i] ^= data[8 + i]; // SSRC
	iv[12] ^= data[2]; // the packet's index: its sequence number
	iv[13] ^= data[3];
	return Buffer.concat([data.subarray(0, HEADER),
		createCipheriv('aes-128-ctr', key, iv).update(data.subarray(HEADER))]);
}

const tag = ({ auth }, data, rollOver) => {
	const roc = Buffer.alloc(4);

	roc.writeUInt32BE(rollOver);
	return createHmac('sha1', auth).update(data).update(roc).digest()
		.subarray(0, TAG);
};

/** Packets may begin anywhere, but must not pass 65535. */
export function srtpProtect(base64) {
	const one = context(base64);

	return (data) => {
		const sealed = crypt(one, data);

		return Buffer.concat([sealed, tag(one, sealed, 0)]);
	};
}

/** Gives null if a packet is not authentic. */
export function srtpUnprotect(base64) {
	const one = context(base64);

	return (data) => {
		const sealed = data.subarray(0, -TAG);

		return data.length > HEADER + TAG
			&& tag(one, sealed, 0).equals(data.subarray(-TAG))
			? crypt(one, sealed) : null;
	};
}
