// Questions to the reader, and what is said to them.

import { byId, el, setAttr, setHidden, setText } from './dom.js';
import { t, word } from './texts.js';

const SAID = 6000; // [ms] it stays

/** Say something, to who sees it and who hears it. */
export function say(text, kind = 'info') {
	const one = el('p', { data: { kind } }, text);

	byId('said').append(one);
	setTimeout(() => one.remove(), SAID);
}

/** Why something could not be done: a Problem. */
export function askingFails({ status, message, code }) {
	if (status === 0) return t('problem.gone');
	if (status === 403 && !code) return t('problem.may_not');
	return t('problem', { text: code ? `${word('code', code)} (${message})`
		: message || status });
}

export const failed = (problem) => say(askingFails(problem), 'bad');

function ask(title, text, label, hint, yes, stop, pattern) {
	const [dialog, input] = [byId('ask'), byId('ask-input')];

	setText(byId('ask-title'), title);
	setText(byId('ask-text'), text);
	setText(byId('ask-label'), label);
	setHidden(byId('ask-text'), !text);
	setHidden(byId('ask-field'), !label);
	setText(byId('ask-yes'), yes);
	byId('ask-yes').classList.toggle('stop', stop);
	input.required = Boolean(label);
	/* browsers add the title to why it will not do */
	for (const [name, value] of [['pattern', pattern], ['title', hint]])
		if (pattern) setAttr(input, name, value);
		else input.removeAttribute(name);
	input.placeholder = hint;
	input.value = '';
	dialog.returnValue = '';
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.addEventListener('close', () => {
			resolve(dialog.returnValue === 'yes' ? input.value.trim() || true : null);
			input.value = ''; // it may be a PIN
		}, { once: true });
	});
}

/** Text that somebody has entered, as a pattern has it; null if they do not want to. */
export const askFor = (title, label, hint, yes, pattern) =>
	ask(title, '', label, hint, yes, false, pattern);

/** Whether they want it. */
export const confirm = (title, text, yes) => ask(title, text, '', '', yes, true);

byId('ask-no').addEventListener('click', () => byId('ask').close());
