// A call is begun: an extension's phone and an app, or an app and a number.

import { post } from './api.js';
import { askingFails, say } from './ask.js';
import { byId, setHidden, setText } from './dom.js';
import { extOptions } from './extoptions.js';
import { numberOf } from './format.js';
import { t } from './texts.js';

let live;

const form = () => byId('new-form');

/** A number is asked for if the app is rung first. */
function showFirst() {
	const toNumber = form().elements.first.value === 'app';

	setHidden(byId('new-number-field'), !toNumber);
	form().elements.number.required = toNumber;
}

/** What the hub is asked for, of what the form says. */
function read() {
	const { extension, first, user, number, video } =
		Object.fromEntries(new FormData(form()));
	const app = `user:${user.trim().replace(/^user:/, '')}`;

	return { extension, video: video === 'on', ...first === 'app'
		? { to: number.trim(), from: app } : { to: app } };
}

async function begin(event) {
	const yes = byId('new-yes');

	event.preventDefault();
	setText(byId('new-error'), '');
	yes.disabled = true;
	try {
		const body = read();

		await post('calls', body);
		byId('new').close();
		say(t('new.rings', { who: body.from ?? numberOf(body.extension) }));
	} catch (problem) {
		setText(byId('new-error'), askingFails(problem));
	}
	yes.disabled = false;
}

/** Ask whom to call; what is known already: { extension, user, number }. */
export function askCall({ extension = '', user = '', number = '' } = {}) {
	const { elements } = form();

	elements.extension.replaceChildren(...extOptions(live, ({ bridge }) => bridge.here));
	if (extension) elements.extension.value = extension;
	elements.first.value = number ? 'app' : 'phone';
	elements.user.value = user;
	elements.number.value = number;
	setText(byId('new-error'), '');
	showFirst();
	byId('new').showModal();
	(!extension ? elements.extension : !user ? elements.user : number ? byId('new-yes')
		: elements.first[0]).focus();
}

export function showNewCall(live_) {
	live = live_;
	byId('calls-new').addEventListener('click', () => askCall());
	byId('new-no').addEventListener('click', () => byId('new').close());
	byId('new-first').addEventListener('change', showFirst);
	form().addEventListener('submit', begin);
}
