// Configuration files from templates: every {{name}} must have a value.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const SANDBOX = fileURLToPath(new URL('..', import.meta.url))
	.replace(/\/$/, '');
export const REPO = fileURLToPath(new URL('../../..', import.meta.url))
	.replace(/\/$/, '');

/** Where what is made is left: B of the Makefile. */
export const BUILD = process.env.BRIDGE_BUILD ?? `${REPO}/build`;

export function fill(text, values) {
	return text.replace(/\{\{(\w+)\}\}/g, (_, name) => {
		if (values[name] === undefined)
			throw new Error(`no value for {{${name}}}`);
		return values[name];
	});
}

export function writeTemplate(name, path, values) {
	const text = readFileSync(`${SANDBOX}/templates/${name}`, 'utf8');
	writeFileSync(path, fill(text, values), { mode: 0o600 });
}
