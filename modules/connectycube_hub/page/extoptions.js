// The extensions there are, to choose from in a <select>.

import { el } from './dom.js';
import { numberOf } from './format.js';
import { isolate } from './texts.js';

/** Those that fit; one may be of two bridges, and is there once. */
export function extOptions(live, fits = () => true) {
	const exts = [...new Map([...live.exts.values()].filter(fits).map((ext) =>
		[ext.extension, ext])).values()].sort((a, b) =>
		a.extension.localeCompare(b.extension, undefined, { numeric: true }));

	return exts.map((ext) => el('option', { value: ext.extension },
		[numberOf(ext.extension), ext.name].filter(Boolean).map(isolate).join(' ')));
}
