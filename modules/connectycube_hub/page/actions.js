// What can be done with a call by who may: hang up, hold, transfer, keys, record.

import { part, post } from './api.js';
import { el, setAttr, setHidden, setText } from './dom.js';
import { askFor, confirm, failed, say } from './ask.js';
import { person } from './format.js';
import { t } from './texts.js';

const button = (action, classes = '') => el('button', { type: 'button',
	class: classes, data: { action } });

/** The hub does it; what it cannot is said. */
async function order(call, action, body) {
	try {
		await post(`calls/${part(call.id)}/${action}`, body);
		return true;
	} catch (problem) {
		failed(problem);
		return false;
	}
}

async function transfer(call) {
	const target = await askFor(t('transfer.title'), t('transfer.label'),
		t('transfer.hint'), t('action.transfer'));

	if (target && await order(call, 'transfer', { target }))
		say(t('transfer.begun', { to: target }));
}

async function press(call) {
	const keys = await askFor(t('keys.title'), t('keys.label'), '0–9 * # A–D',
		t('keys.yes'), '[0-9*#A-Da-d]{1,32}');

	if (keys && await order(call, 'dtmf', { keys: keys.toUpperCase() }))
		say(t('keys.done'));
}

async function hangUp(call) {
	const [from, to] = [person(call.from).name, person(call.to).name];

	if (await confirm(t('hangup.title'), t('hangup.text', { from, to }),
		t('action.hangup')))
		await order(call, 'hangup');
}

/** { box, show(call) }: buttons, of which those are there that make sense now. */
export function actionsOf(first, may) {
	let call = first;
	const hold = button('hold');
	const pass = button('transfer');
	const dtmf = button('dtmf');
	const record = button('record');
	const pause = button('pause');
	const end = button('hangup', 'stop');
	const box = el('div', { class: 'actions', role: 'group' }, hold, pass, dtmf,
		record, pause, end);
	const held = () => call.held_by.includes('app');

	setAttr(box, 'aria-label', t('actions'));
	setText(pass, t('action.transfer'));
	setText(dtmf, t('action.keys'));
	setText(end, t('action.hangup'));
	hold.addEventListener('click', () => order(call, held() ? 'resume' : 'hold',
		{ side: 'app' }));
	pass.addEventListener('click', () => transfer(call));
	dtmf.addEventListener('click', () => press(call));
	record.addEventListener('click', () => order(call, 'record',
		{ state: call.recording ? 'stop' : 'start' }));
	pause.addEventListener('click', () => order(call, 'record',
		{ state: call.recording === 'paused' ? 'resume' : 'pause' }));
	end.addEventListener('click', () => hangUp(call));

	function show(now) {
		call = now;
		const up = call.state === 'up';

		setHidden(box, !may.steer || call.state === 'unknown');
		for (const one of [hold, pass, dtmf, record]) setHidden(one, !up);
		setHidden(pause, !up || !call.recording);
		setText(hold, t(held() ? 'action.resume' : 'action.hold'));
		setText(record, t(call.recording ? 'action.stop' : 'action.record'));
		setText(pause, t(call.recording === 'paused' ? 'action.go_on'
			: 'action.pause'));
	}

	show(first);
	return { box, show };
}
