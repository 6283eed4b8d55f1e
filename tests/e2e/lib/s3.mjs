// A small S3 that a test holds: it takes objects, whole or in parts, and verifies
// signatures and hashes as Amazon's does.
//
//	const s3 = await openS3({ key: 'KEY', secret: 'SECRET' });
//	const s3 = await openS3({ ..., tls: { key, cert }, host: 'localhost' });
//	s3.answer = () => 503;         // instead of taking the next ones
//	s3.objects.get('bucket/name')  // { body, headers }
//
// With a host it takes only what names its bucket there: https://BUCKET.HOST/NAME.

import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { requestBody } from './requestbody.mjs';

const PART_LEAST = 5 << 20;

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** As AWS wants it, whatever it was sent as. */
const encode = (text) => encodeURIComponent(decodeURIComponent(text))
	.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function canonical(url) {
	const [path, query = ''] = url.split('?');

	return [path.split('/').map(encode).join('/'), query.split('&').filter(Boolean)
		.map((pair) => /^([^=]*)=?(.*)$/.exec(pair).slice(1, 3).map(encode).join('='))
		.sort().join('&')];
}

/** What S3 would say of a request: its error's code, or undefined. */
function wrong({ method, url, headers }, { key, secret, region, now }) {
	const auth = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/
		.exec(headers.authorization ?? '');

	if (!auth) return 'MissingAuthentication';
	const [, who, day, where, names, signature] = auth;
	const date = headers['x-amz-date'];

	if (who !== key) return 'InvalidAccessKeyId';
	if (where !== region) return 'AuthorizationHeaderMalformed';
	if (!date?.startsWith(day)
		|| Math.abs(Date.parse(date.replace(
			/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')) - now()) > 900000)
		return 'RequestTimeTooSkewed';
	for (const name of ['host', 'x-amz-content-sha256', 'x-amz-date'])
		if (!names.split(';').includes(name)) return 'AccessDenied';
	const request = [method, ...canonical(url),
		...names.split(';').map((name) => `${name}:${headers[name].trim()}`),
		'', names, headers['x-amz-content-sha256']].join('\n');
	const text = ['AWS4-HMAC-SHA256', date, `${day}/${where}/s3/aws4_request`,
		sha256(request)].join('\n');
	const signing = [day, where, 's3', 'aws4_request']
		.reduce(hmac, `AWS4${secret}`);

	return hmac(signing, text).toString('hex') === signature ? undefined
		: 'SignatureDoesNotMatch';
}

class S3 {
	objects = new Map();
	uploads = new Map(); // in parts: id -> { name, headers, parts: number -> body }
	puts = [];           // all that were tried: { method, name, query, status, code }
	connections = 0;     // ... what came so far as to be encrypted, or HTTP
	answer = () => 200;  // a status, or: 'hang', 'drop', a text to answer 200 with
	now = () => Date.now();

	constructor({ tls, host, ...account }) {
		Object.assign(this, { host,
			account: { ...account, now: () => this.now() } });
		this.server = tls ? https.createServer(tls) : http.createServer();
		this.server.on(tls ? 'secureConnection' : 'connection', () => {
			this.connections += 1;
		});
		this.server.on('request', (...two) => this.#take(...two));
		this.server.on('checkContinue', (...two) => this.#take(...two, true));
	}

	/** BUCKET/NAME, wherever the bucket is named. */
	#name({ url, headers }) {
		const path = decodeURIComponent(url.split('?')[0].slice(1));
		const host = headers.host.replace(/:\d+$/, '');

		if (!this.host) return path;
		return host.endsWith(`.${this.host}`)
			? `${host.slice(0, -this.host.length - 1)}/${path}` : `?/${path}`;
	}

	async #take(request, response, waits = false) {
		const name = this.#name(request);
		const { method } = request;
		const query = request.url.split('?')[1] ?? '';
		const code = wrong(request, this.account);
		const how = code ? 403 : this.answer({ name, method, query,
			params: new URLSearchParams(query) });
		const put = { method, name, query, status: how, code };

		this.puts.push(put);
		if (waits && how === 200) response.writeContinue();
		if (how === 'hang') return;
		if (how === 'drop') {
			request.once('data', () => request.socket.destroy());
			if (waits) response.writeContinue();
			return;
		}
		const body = waits && how !== 200 ? Buffer.alloc(0)
			: await requestBody(request);

		if (!body) {
			put.status = 'gone';
			return;
		}
		if (how === 200 && sha256(body) !== request.headers['x-amz-content-sha256'])
			put.code = 'XAmzContentSHA256Mismatch';
		const [status, text, headers = {}] = typeof how === 'string' ? [200, how]
			: put.code || how !== 200 ? [how === 200 ? 400 : how, error(put.code
				?? { 301: 'PermanentRedirect', 403: 'AccessDenied',
					413: 'EntityTooLarge' }[how] ?? 'SlowDown'),
			how === 301 ? { Location: this.elsewhere } : {}]
				: this.#do({ method, name, body, request,
					params: new URLSearchParams(query) });

		put.status = status;
		response.writeHead(status, { 'Content-Type': 'application/xml',
			...(waits && status !== 200 ? { Connection: 'close' } : {}), ...headers })
			.end(text);
	}

	/** What is right is done: [status, text, headers]. */
	#do({ method, name, body, request, params }) {
		const id = params.get('uploadId');
		const upload = this.uploads.get(id);

		if (id && upload?.name !== name) return [404, error('NoSuchUpload')];
		if (method === 'DELETE' && id) {
			this.uploads.delete(id);
			return [204, ''];
		}
		if (method === 'POST' && params.has('uploads')) {
			const fresh = `up/load+${this.uploads.size}~=.${Math.random()}`;

			this.uploads.set(fresh, { name, headers: request.headers,
				parts: new Map() });
			return [200, '<?xml version="1.0" encoding="UTF-8"?>\n'
				+ '<InitiateMultipartUploadResult><Key>x</Key><UploadId>'
				+ `${fresh}</UploadId></InitiateMultipartUploadResult>`];
		}
		if (method === 'POST' && id) {
			const wanted = [...body.toString().matchAll(
				/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag><\/Part>/g)];
			const all = wanted.map(([, n]) => upload.parts.get(Number(n)));

			if (!all.length || !all.every((part, i) => part
				&& Number(wanted[i][1]) === i + 1 && etag(part) === wanted[i][2]))
				return [400, error('InvalidPart')];
			if (!all.slice(0, -1).every(({ length }) => length >= PART_LEAST))
				return [400, error('EntityTooSmall')];
			this.objects.set(name, { body: Buffer.concat(all),
				headers: upload.headers, parts: all.length });
			this.uploads.delete(id);
			return [200, '<?xml version="1.0" encoding="UTF-8"?>\n\n  \n'
				+ '<CompleteMultipartUploadResult><ETag>x</ETag>'
				+ '</CompleteMultipartUploadResult>'];
		}
		if (method !== 'PUT') return [405, error('MethodNotAllowed')];
		if (id) upload.parts.set(Number(params.get('partNumber')), body);
		else this.objects.set(name, { body, headers: request.headers });
		return [200, '', { ETag: etag(body) }];
	}

	close() {
		this.server.closeAllConnections();
		return new Promise((resolve) => { this.server.close(resolve); });
	}
}

const error = (code) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

const etag = (body) => `"${createHash('md5').update(body).digest('hex')}"`;

export async function openS3({ region = 'us-east-1', ...account }) {
	const s3 = new S3({ region, ...account });

	s3.server.listen(0, '127.0.0.1');
	await once(s3.server, 'listening');
	s3.url = `${account.tls ? 'https' : 'http'}://${account.host ?? '127.0.0.1'}:${
		s3.server.address().port}`;
	return s3;
}
