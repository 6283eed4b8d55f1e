// What docs/openapi.json says of a request and its answer.
//
//	assertAnswer('GET', '/api/v1/calls', reply);

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Ajv from 'ajv/dist/2020.js';

import { REPO } from '../../../contrib/sandbox/lib/template.mjs';
import { assertRecord } from './fakehub.mjs';

export const openapi = JSON.parse(readFileSync(`${REPO}/docs/openapi.json`, 'utf8'));

const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false,
	allowUnionTypes: true, allErrors: true });
const compiled = new Map();

ajv.addVocabulary(['components', 'openapi', 'info', 'servers', 'security', 'paths']);
ajv.addSchema(openapi, 'openapi');

const pointer = (...parts) => parts.map((part) => part.replaceAll('~', '~0')
	.replaceAll('/', '~1')).join('/');

/** The schema at a place of the document, as a function. */
function schemaAt(...parts) {
	const ref = `openapi#/${encodeURI(pointer(...parts))}`;

	if (!compiled.has(ref)) compiled.set(ref, ajv.compile({ $ref: ref }));
	return compiled.get(ref);
}

function assertFits(check, value, what) {
	assert.ok(check(value), `${what}: ${ajv.errorsText(check.errors)
	}: ${JSON.stringify(value).slice(0, 600)}`);
}

/** All operations: { method, path, role, operation, parts: where it stands }. */
export const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
	Object.entries(item).map(([method, operation]) => ({ path, operation,
		method: method.toUpperCase(), role: operation['x-role'],
		parts: ['paths', path, method] })));

/** The operation of a request; undefined if there is none. */
export function operationOf(method, target) {
	const path = target.split('?')[0];
	const wanted = method === 'HEAD' ? 'GET' : method;

	return operations.find((one) => one.method === wanted && new RegExp(`^${
		one.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

/** An answer is one of those that are documented, and is as documented. */
export function assertAnswer(method, target, reply) {
	const found = operationOf(method, target);
	const what = `${method} ${target}: ${reply.status}`;

	if (!found) {
		assert.ok([400, 404, 405, 414].includes(reply.status)
			|| !target.startsWith('/api/'), `${what} is not documented`);
		return;
	}

	const status = String(reply.status);
	let answer = found.operation.responses[status];
	let parts = [...found.parts, 'responses', status];

	assert.ok(answer, `${what} is not documented`);
	if (answer.$ref) {
		parts = answer.$ref.slice(2).split('/');
		answer = openapi.components.responses[status];
	}
	for (const name of Object.keys(answer.headers ?? {}))
		assert.ok(reply.headers[name.toLowerCase()], `${what}: no ${name}`);
	if (method === 'HEAD' || !answer.content) return;
	const [[type]] = Object.entries(answer.content);

	if (type !== '*/*')
		assert.equal(reply.headers['content-type'].split(';')[0], type, what);
	if (reply.json)
		assertFits(schemaAt(...parts, 'content', type, 'schema'), reply.json, what);
	const one = reply.status === 200 && /^\/api\/v1\/cdr\/[^/?]+$/.test(target);

	for (const record of reply.json?.records ?? (one ? [reply.json] : []))
		assertRecord(record);
}

/** A body that the server takes is one that is documented. */
export function assertBody(method, target, body) {
	const found = operationOf(method, target);

	if (found && body !== undefined && typeof body !== 'string')
		assertFits(schemaAt(...found.parts, 'requestBody', 'content',
			'application/json', 'schema'), body, `${method} ${target}, its body`);
}
