// An extension that was opened: since when it is as it is, and what can be done with it.

import { part, post } from './api.js';
import { confirm, failed, say } from './ask.js';
import { arrange, el, setHidden, setText } from './dom.js';
import { clock, numberOf, whole } from './format.js';
import { askCall } from './newcall.js';
import { t } from './texts.js';

const FACTS = [
	['sip_since', ({ sip }) => (sip.since ? clock(sip.since) : '')],
	['cloud_since', ({ cloud }) => (cloud.since ? clock(cloud.since) : '')],
	['user', ({ cloud }) => cloud.user ?? ''],
	['last_error', ({ sip, cloud }) => [sip, cloud].filter((one) => one.last_error)
		.map((one) => `${one.last_error} (${clock(one.last_error_time)})`).join('; ')],
	['bridge', ({ bridge }) => bridge.name],
	['started', ({ bridge }) => (bridge.started ? clock(bridge.started) : '')],
	['memory', ({ bridge }) => (bridge.memory_kb
		? `${whole(bridge.memory_kb / 1024)} MB` : '')],
	['waiting', ({ bridge }) => (bridge.records_waiting
		? whole(bridge.records_waiting) : '')],
];

async function order(ext, action, body) {
	try {
		return await post(`extensions/${part(ext.extension)}/${action}`, body);
	} catch (problem) {
		failed(problem);
		return null;
	}
}

/* What works and what does not, as the bridge says it */
async function check(ext, list, button) {
	button.disabled = true;
	setText(button, t('action.checks'));
	const result = await order(ext, 'check');

	button.disabled = false;
	setText(button, t('action.check'));
	if (result)
		list.replaceChildren(...result.lines.map(({ ok, text, remedy }) => el('li',
			{ data: { ok: ok ? 'yes' : 'no' } }, [text, ok ? '' : remedy]
				.filter(Boolean).join(': '))));
}

/** { box, show(ext) } */
export function extDetails(first, may) {
	let ext = first;
	const list = el('dl');
	const facts = FACTS.map(([key, read]) => {
		const value = el('dd');
		const pair = el('div', {}, el('dt', {}, t(`ext.${key}`)), value);

		return { pair, value, read };
	});
	const checked = el('ul', { class: 'checked' });
	const make = (handler) => el('button', { type: 'button', class: 'small quiet',
		on: { click: ({ currentTarget }) => handler(currentTarget) } });
	const dnd = make(() => order(ext, 'dnd', { on: !ext.dnd }));
	const look = make((button) => check(ext, checked, button));
	const call = make(() => askCall({ extension: ext.extension }));
	const reload = make(async () => {
		if (await order(ext, 'reload')) say(t('ext.reloaded'));
	});
	const drain = make(async () => {
		const on = !ext.draining;

		if (on && !await confirm(t('drain.title'), t('drain.text',
			{ bridge: ext.bridge.name }), t('action.drain_on'))) return;
		if (await order(ext, 'drain', { on }))
			say(`${numberOf(ext.extension)}: ${t(on ? 'ext.draining'
				: 'ext.drained_not')}`);
	});
	const box = el('div', { class: 'tile-more' }, list,
		el('div', { class: 'actions' }, call, dnd, look, reload, drain),
		checked);

	setText(call, t('action.call'));
	setText(look, t('action.check'));
	setText(reload, t('action.reload'));
	arrange(list, facts.map(({ pair }) => pair));

	function show(now) {
		ext = now;
		for (const { pair, value, read } of facts) {
			const text = read(ext);

			setText(value, text);
			setHidden(pair, !text);
		}
		setText(dnd, t(ext.dnd ? 'action.dnd_off' : 'action.dnd_on'));
		setText(drain, t(ext.draining ? 'action.drain_off' : 'action.drain_on'));
		for (const one of [call, dnd, look])
			setHidden(one, !may.steer || !ext.bridge.here);
		for (const one of [reload, drain])
			setHidden(one, !may.admin || !ext.bridge.here);
	}

	show(ext);
	return { box, show };
}
