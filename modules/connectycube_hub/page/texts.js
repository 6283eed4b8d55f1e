// What is read, in the reader's language.

import { en } from './texts.en.js';
import { pt } from './texts.pt.js';

const ALL = { en, 'pt-BR': pt };
const KEPT = 'connectycube-language';

function choose() {
	const kept = localStorage.getItem(KEPT);

	if (kept in ALL) return kept;
	for (const one of navigator.languages) {
		if (/^pt\b/i.test(one)) return 'pt-BR';
		if (/^en\b/i.test(one)) return 'en';
	}
	return 'en';
}

export const language = choose();

/** Letters that are read from the right: Hebrew, Arabic and such. */
const FROM_RIGHT =
	/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * What others have chosen, a name say, in a text of ours: however it is read, what stands
 * around it stays where it is (FSI and PDI of Unicode TR 9). What ends that is not in it
 * any more: api.js.
 */
export const isolate = (text) => (FROM_RIGHT.test(text) ? `\u2068${text}\u2069`
	: String(text ?? ''));

/** The text of a key; {name} in it is what values say. */
export function t(key, values = {}) {
	const text = ALL[language][key] ?? en[key] ?? key;

	return text.replace(/\{(\w+)\}/g, (_, name) => isolate(values[name] ?? ''));
}

/** The same of a word of a closed list; one that is not known is as it came. */
export const word = (list, one) => (`${list}.${one}` in en
	? t(`${list}.${one}`) : String(one ?? ''));

/** What stands in the page itself. */
export function translate(root = document) {
	document.documentElement.lang = language;
	for (const one of root.querySelectorAll('[data-t]'))
		one.textContent = t(one.dataset.t);
	for (const one of root.querySelectorAll('[data-t-label]'))
		one.setAttribute('aria-label', t(one.dataset.tLabel));
	for (const one of root.querySelectorAll('[data-t-hint]'))
		one.setAttribute('placeholder', t(one.dataset.tHint));
}

export function setLanguage(one) {
	localStorage.setItem(KEPT, one);
	location.reload();
}
