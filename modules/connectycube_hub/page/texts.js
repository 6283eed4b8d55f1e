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

/** The text of a key; {name} in it is what values say. */
export function t(key, values = {}) {
	const text = ALL[language][key] ?? en[key] ?? key;

	return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
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
