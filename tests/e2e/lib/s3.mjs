// A small S3 that a test holds: it takes objects by PUT, path-style, and verifies their
// signatures and hashes as Amazon's does.
//
//	const s3 = await openS3({ key: 'KEY', secret: 'SECRET' });
//	s3.answer = () => 503;         // instead of taking the next ones
//	s3.objects.get('bucket/name')  // { body, headers }

import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** What S3 would say of a request: its error's code, or undefined. */
function wrong({ method, url, headers }, body, { key, secret, region }) {
	const auth = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/
		.exec(headers.authorization ?? '');

	if (!auth) return 'MissingAuthentication';
	const [, who, day, where, names, signature] = auth;
	const date = headers['x-amz-date'];

	if (who !== key) return 'InvalidAccessKeyId';
	if (where !== region) return 'AuthorizationHeaderMalformed';
	if (!date?.startsWith(day)
		|| Math.abs(Date.parse(date.replace(
			/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')) - Date.now()) > 900000)
		return 'RequestTimeTooSkewed';
	for (const name of ['host', 'x-amz-content-sha256', 'x-amz-date'])
		if (!names.split(';').includes(name)) return 'AccessDenied';
	const [path, query = ''] = url.split('?');
	const request = [method, path, query,
		...names.split(';').map((name) => `${name}:${headers[name].trim()}`),
		'', names, headers['x-amz-content-sha256']].join('\n');
	const text = ['AWS4-HMAC-SHA256', date, `${day}/${where}/s3/aws4_request`,
		sha256(request)].join('\n');
	const signing = [day, where, 's3', 'aws4_request']
		.reduce(hmac, `AWS4${secret}`);

	if (hmac(signing, text).toString('hex') !== signature)
		return 'SignatureDoesNotMatch';
	if (sha256(body) !== headers['x-amz-content-sha256'])
		return 'XAmzContentSHA256Mismatch';
	return undefined;
}

class S3 {
	objects = new Map();
	puts = [];           // all that were tried: { name, status, code }
	answer = () => 200;

	constructor(account) {
		this.account = account;
		this.server = createServer((request, response) =>
			this.#take(request, response));
	}

	async #take(request, response) {
		const parts = [];

		for await (const part of request) parts.push(part);
		const body = Buffer.concat(parts);
		const name = decodeURIComponent(request.url.slice(1));
		const code = wrong(request, body, this.account);
		const status = code ? 403 : this.answer(name);

		this.puts.push({ name, status, code });
		if (status === 200)
			this.objects.set(name, { body, headers: request.headers });
		response.writeHead(status, { 'Content-Type': 'application/xml' })
			.end(status === 200 ? '' : `<?xml version="1.0"?><Error><Code>${
				code ?? 'SlowDown'}</Code></Error>`);
	}

	close() {
		this.server.closeAllConnections();
		return new Promise((resolve) => { this.server.close(resolve); });
	}
}

export async function openS3({ region = 'us-east-1', ...account }) {
	const s3 = new S3({ region, ...account });

	s3.server.listen(0, '127.0.0.1');
	await once(s3.server, 'listening');
	s3.url = `http://127.0.0.1:${s3.server.address().port}`;
	return s3;
}
