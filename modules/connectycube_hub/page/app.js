// The dashboard's page: who looks, what they may, which view they see.

import { get, post, remove } from './api.js';
import { forgetAlarms, showAlarms } from './alarms.js';
import { confirm, say } from './ask.js';
import { forgetCalls, repaintCalls, showCalls } from './calls.js';
import { byId, setAttr, setHidden, setText } from './dom.js';
import { forgetExts, showExts } from './exts.js';
import { forgetColours } from './graph.js';
import { forgetPast, openPast, showPast } from './history.js';
import { Live } from './live.js';
import { showNewCall } from './newcall.js';
import { language, setLanguage, t, translate, word } from './texts.js';
import { showToday, startToday, stopToday } from './today.js';

const THEME = 'connectycube-theme';
const SIGNS = { auto: '◐', light: '☀', dark: '☾' };
const THEMES = Object.keys(SIGNS);

const live = new Live();
let screen = null; // who may only look is not asked again for a hub that was started anew
const may = { look: false, steer: false, admin: false };

function setTheme(theme) {
	const button = byId('theme');

	document.documentElement.dataset.theme = theme;
	setText(button, SIGNS[theme]);
	setAttr(button, 'aria-label', t(`theme.${theme}`));
	setAttr(button, 'title', t(`theme.${theme}`));
	forgetColours();
	repaintCalls();
}

function nextTheme() {
	const now = document.documentElement.dataset.theme;
	const theme = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];

	localStorage.setItem(THEME, theme);
	setTheme(theme);
}

function showLink(link) {
	const box = byId('link');

	box.dataset.is = link;
	setText(box, t(`link.${link}`));
}

/** What is looked at: what goes on, or calls that are over. */
function showView() {
	const view = location.hash === '#past' ? 'past' : 'now';

	for (const link of byId('views').children) {
		const name = link.dataset.view;

		setHidden(byId(name), !may.look || name !== view);
		if (name === view) link.setAttribute('aria-current', 'page');
		else link.removeAttribute('aria-current');
	}
	if (may.look && view === 'past') openPast();
}

/** Somebody is known, or nobody is (null). */
function become(session) {
	const role = session?.role;

	may.look = Boolean(session);
	may.steer = role === 'operator' || role === 'admin';
	may.admin = role === 'admin';
	setHidden(byId('login'), may.look);
	setHidden(byId('views'), !may.look);
	setHidden(byId('me'), !may.look);
	setHidden(byId('calls-new'), !may.steer);
	setHidden(byId('link'), !may.look);
	setText(byId('who'), session ? `${session.name} · ${word('role', role)}` : '');
	if (may.look) {
		live.start();
		startToday();
		showView();
	} else {
		screen = null;
		for (const one of document.querySelectorAll('dialog[open]')) one.close();
		showView();
		forgetPast();
		stopToday();
		live.stop();
		forgetCalls();
		forgetExts();
		forgetAlarms();
		byId('token').focus();
	}
}

/** Whether it is a token; why not, stands there. */
async function logIn(token) {
	const error = byId('login-error');

	setText(error, '');
	try {
		const session = await post('session', { token });

		// nothing of who was here before stays
		if (may.look) become(null);
		become(session);
		if (!may.steer)
			screen = { token, until: Date.now() + session.session_s * 1000 };
		byId('token').value = '';
		byId(location.hash === '#past' ? 'past-title' : 'calls-title').focus();
		return true;
	} catch (problem) {
		setText(error, problem.status === 401 ? t('login.wrong')
			: problem.status === 0 ? t('problem.gone') : problem.message);
		byId('token').select();
		return false;
	}
}

async function logOut() {
	await remove('session').catch(() => {});
	become(null);
}

/** The hub does not know us any more. */
async function forgotten() {
	const was = screen;

	become(null);
	if (!was || Date.now() > was.until) return;
	if (await logIn(was.token)) screen = was;
}

/** The sandbox's URL has a token behind #, which no server is told. */
function takeToken() {
	const [, token] = /^#token=(cube_[0-9a-f]+)$/.exec(location.hash) ?? [];

	if (token) history.replaceState(null, '', location.pathname);
	return token;
}

/** A link may be anybody's: who is logged in is asked whether to be somebody else. */
async function follow(token) {
	const session = await get('session').catch(() => null);

	if (session && !may.look) become(session);
	if (session && !await confirm(t('login.other'), t('login.other_text',
		{ who: session.name }), t('login.other_yes'))) return;
	if (await logIn(token))
		say(t('login.by_link', { who: byId('who').textContent }));
	else if (session) say(byId('login-error').textContent, 'bad');
	else become(null);
}

async function begin() {
	const token = takeToken();

	translate();
	setTheme(localStorage.getItem(THEME) ?? 'auto');
	byId('language').value = language;
	document.title = t('title');
	showCalls(live, may);
	showExts(live, may);
	showAlarms(live);
	showToday(live);
	showPast(live, may);
	showNewCall(live);
	window.addEventListener('hashchange', () => {
		const one = takeToken();

		if (one) follow(one);
		else showView();
	});
	showLink('off');
	live.addEventListener('link', ({ detail }) => showLink(detail));
	live.addEventListener('unknown', forgotten);
	byId('language').addEventListener('change', ({ target }) =>
		setLanguage(target.value));
	byId('theme').addEventListener('click', nextTheme);
	byId('logout').addEventListener('click', logOut);
	byId('login-form').addEventListener('submit', (event) => {
		event.preventDefault();
		logIn(byId('token').value.trim());
	});
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
		forgetColours();
		repaintCalls();
	});
	if (token) await follow(token);
	else become(await get('session').catch(() => null));
}

begin();
