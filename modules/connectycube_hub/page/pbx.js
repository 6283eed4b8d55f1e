// An extension's channels at its PBX, and those of the same calls: what they do, and what
// can be done with them by who may.

import { part, post } from './api.js';
import { askFor, confirm, failed, say } from './ask.js';
import { arrange, el, setAttr, setData, setHidden, setText } from './dom.js';
import { ago } from './format.js';
import { isolate, t, word } from './texts.js';

/** Who is at a channel, or at its other end: name and number, as far as known. */
const who = (name, number) => [name, number].filter(Boolean).map(isolate).join(' ');
const whoIs = (channel) => who(channel.name, channel.number) || channel.channel;

async function order(channel, action, body) {
	try {
		await post(`pbx/channels/${part(channel.uniqueid)}/${action}`, body);
		return true;
	} catch (problem) {
		failed(problem);
		return false;
	}
}

async function hangUp(channel) {
	if (await confirm(t('hangup.title'), t('pbx.hangup_text',
		{ who: whoIs(channel) }), t('action.hangup')))
		await order(channel, 'hangup');
}

async function transfer(channel) {
	const to = await askFor(t('pbx.transfer_title', { who: whoIs(channel) }),
		t('transfer.label'), t('pbx.transfer_hint'), t('action.transfer'));

	if (to && await order(channel, 'transfer', { to }))
		say(t('pbx.transferred', { who: whoIs(channel), to }));
}

function describe(channel) {
	const { state, held, peer_name: name, peer_number: number } = channel;
	const peer = who(name, number);

	return [held ? t('pbx.held') : word('pbxstate', state),
		peer ? t('pbx.with', { who: peer }) : '',
		channel.t_start ? ago(channel.t_answer ?? channel.t_start) : '']
		.filter(Boolean).join(' · ');
}

function makeRow(may) {
	const row = { name: el('b'), text: el('span', { class: 'muted' }) };
	const button = (action, classes, handler) => el('button', { type: 'button',
		class: `small ${classes}`, data: { action },
		on: { click: () => handler(row.channel) } });

	row.pass = button('transfer', 'quiet', transfer);
	row.end = button('hangup', 'stop', hangUp);
	row.actions = el('span', { class: 'actions' }, row.pass, row.end);
	row.box = el('li', {}, el('span', { class: 'pbx-who' }, row.name, row.text),
		row.actions);
	setText(row.pass, t('action.transfer'));
	setText(row.end, t('action.hangup'));
	row.show = (channel, ready) => {
		row.channel = channel;
		setText(row.name, whoIs(channel));
		setText(row.text, describe(channel));
		setAttr(row.box, 'title', channel.channel);
		setData(row.box, 'own', channel.own ? 'yes' : 'no');
		setHidden(row.actions, !may.steer || !ready || !channel.uniqueid);
		for (const one of [row.pass, row.end])
			setAttr(one, 'aria-label', `${one.textContent}: ${whoIs(channel)}`);
	};
	return row;
}

/** { box, show(ext) }: a list, which is there if there is one */
export function pbxOf(may) {
	const rows = new Map(); // uniqueid: row
	const box = el('ul', { class: 'pbx' });

	setAttr(box, 'aria-label', t('pbx'));

	function show({ pbx }) {
		const channels = [...pbx?.channels ?? []].sort((a, b) => b.own - a.own
			|| (a.t_start ?? 0) - (b.t_start ?? 0));
		const keyOf = (one) => one.uniqueid ?? one.channel;
		const here = new Set(channels.map(keyOf));

		for (const key of rows.keys()) if (!here.has(key)) rows.delete(key);
		for (const one of channels) {
			const key = keyOf(one);

			if (!rows.has(key)) rows.set(key, makeRow(may));
			rows.get(key).show(one, pbx.ready);
		}
		arrange(box, channels.map((one) => rows.get(keyOf(one)).box));
		setHidden(box, !channels.length);
	}

	return { box, show };
}
