// Questions to the reader, and what is said to them.

import { byId, el, setHidden, setText } from './dom.js';
import { t, word } from './texts.js';

const SAID = 6000; // [ms] it stays

/** Say something, to who sees it and who hears it. */
export function say(text, kind = 'info') {
	const one = el('p', { data: { kind } }, text);

	byId('said').append(one);
	setTimeout(() => one.remove(), SAID);
}

/** Something could not be done: a Problem. */
export function failed({ status, message, code }) {
	if (status === 0) say(t('problem.gone'), 'bad');
	else if (status === 403 && !code) say(t('problem.may_not'), 'bad');
	else say(t('problem', { text: code ? `${word('code', code)} (${message})`
		: message || status }), 'bad');
}

function ask(title, text, label, hint, yes, stop) {
	const [dialog, input] = [byId('ask'), byId('ask-input')];

	setText(byId('ask-title'), title);
	setText(byId('ask-text'), text);
	setText(byId('ask-label'), label);
	setHidden(byId('ask-text'), !text);
	setHidden(byId('ask-field'), !label);
	setText(byId('ask-yes'), yes);
	byId('ask-yes').classList.toggle('stop', stop);
	input.required = Boolean(label);
	input.placeholder = hint;
	input.value = '';
	dialog.returnValue = '';
	dialog.showModal();
	return new Promise((resolve) => {
		dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'
			? input.value.trim() || true : null), { once: true });
	});
}

/** Text that somebody has entered, null if they do not want to. */
export const askFor = (title, label, hint, yes) =>
	ask(title, '', label, hint, yes, false);

/** Whether they want it. */
export const confirm = (title, text, yes) => ask(title, text, '', '', yes, true);

byId('ask-no').addEventListener('click', () => byId('ask').close());
