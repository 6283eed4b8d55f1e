// Digest authentication (RFC 7616, 8760) as servers do it: challenges, and whether
// a request answers them rightly.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

const HASH = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };

const NAMES = ['Authorization', 'Proxy-Authorization'];

/** A challenge; more: parameters behind the others. */
export const digest = (algorithm, more = '', { realm = 'a,b',
	nonce = `n${Math.random()}`, name = 'WWW-Authenticate' } = {}) =>
	`${name}: Digest realm="${realm}", nonce="${nonce}"${
		algorithm && `, algorithm=${algorithm}`}${more}`;

/** The parameters of each answer in a request. */
export const answers = (request, names = NAMES) => names.flatMap((name) =>
	request.all(name)).map((value) => Object.fromEntries([...value
	.matchAll(/([a-z]+)=(?:"([^"]*)"|([^\s,]*))/g)]
	.map(([, key, quoted, bare]) => [key, quoted ?? bare])));

/** The algorithm of a right answer to a challenge, as it is named there; false
 * for a wrong one. */
export function isRight({ method }, { realm, nonce, uri, cnonce, nc, qop, response,
	algorithm = 'MD5' }, { user, password }) {
	const [, kind, sess] = /^(.*?)(-sess)?$/.exec(algorithm.toUpperCase()
		.replace('-SESS', '-sess'));
	const hash = (...parts) => createHash(HASH[kind])
		.update(parts.join(':')).digest('hex');
	const plain = hash(user, realm, password);
	const a1 = sess ? hash(plain, nonce, cnonce) : plain;
	const a2 = hash(method, uri);

	return response === (qop ? hash(a1, nonce, nc, cnonce, qop, a2)
		: hash(a1, nonce, a2)) && algorithm;
}

/** The header line that answers a challenge of MD5; qop=auth if it has it. */
export function respond({ code, header }, { user, password }, { method, uri }) {
	const [to, from] = code === 407 ? ['Proxy-Authorization',
		'Proxy-Authenticate'] : ['Authorization', 'WWW-Authenticate'];
	const [{ realm, nonce, qop }] = answers({ all: () => [header(from)] },
		[from]);
	const hash = (...parts) => createHash('md5').update(parts.join(':'))
		.digest('hex');
	const more = qop ? ['00000001', 'c0ffee', 'auth'] : [];
	const response = hash(hash(user, realm, password), nonce, ...more,
		hash(method, uri));

	return `${to}: Digest username="${user}", realm="${realm}", nonce="${nonce}",`
		+ ` uri="${uri}", response="${response}"`
		+ (qop ? `, qop=auth, nc=${more[0]}, cnonce="${more[1]}"` : '');
}

/**
 * A server before a phone (sipua.mjs) that takes each nonce once, of one account.
 * Its challenges come twice, as on networks they do. Returns the methods of all
 * requests that it is asked for, as they come.
 *
 * account    { user, password }
 * methods    that it wants to know of who asks
 * challenge  makes an answer of a nonce: { code, reason, headers }
 */
export function challenged(ua, account, methods, challenge) {
	const asked = [];
	let nonce;

	ua.network = ({ code }) => (code === 401 || code === 407 ? 'twice' : null);
	ua.guard = (request) => {
		if (!methods.includes(request.method)) return null;
		asked.push(request.method);
		for (const answer of answers(request)) {
			assert.equal(answer.username, account.user);
			if (answer.nonce !== nonce) continue;
			assert.ok(isRight(request, answer, account), request.text);
			nonce = null;
			return null;
		}
		nonce = `n${asked.length}-${Math.random()}`;
		return challenge(nonce);
	};
	return asked;
}
