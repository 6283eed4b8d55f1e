// The page: shows a Phone and passes on what a person does.
//
//    ?login=alice&password=...&auto   fills in the form; auto logs in at once

import { Phone } from './phone.js';
import { text, translate } from './texts.js';

const $ = (selector) => document.querySelector(selector);
const parameters = new URLSearchParams(location.search);
const config = await (await fetch('/sandbox/config')).json();
const phone = new Phone(config);

const fail = (message) => { $('#error').textContent = message; };

/** Who is at the other end; userInfo is the caller's, so ours if we call. */
function peerName({ direction, peer, info }) {
	if (direction === 'outgoing')
		return info.dial ?? text('user', { id: peer });

	const name = info.name ?? text('user', { id: peer });

	return info.number ? `${name} (${info.number})` : name;
}

function progress({ state, since, video }) {
	if (state === 'connected') {
		const seconds = Math.floor((Date.now() - since) / 1000);
		const time = `${Math.floor(seconds / 60)}:`
			+ String(seconds % 60).padStart(2, '0');

		return text('connected', { time });
	}
	if (state === 'ringing') return text(video ? 'ringingVideo' : 'ringing');
	return text(state === 'connecting' ? 'connecting-call' : state);
}

function show() {
	const { chat, user, call } = phone;

	$('#status').dataset.chat = chat;
	$('#status').textContent = text(chat, { name: user?.full_name });
	$('#login').hidden = Boolean(user) || chat === 'connecting';
	$('#dial').hidden = !user || Boolean(call);
	$('#call').hidden = !call?.state;
	if (!call?.state) return;

	$('#peer').textContent = peerName(call);
	$('#progress').textContent = progress(call);
	$('#ringing').hidden = call.state !== 'ringing';
	$('#talking').hidden = call.state === 'ringing';
	$('#keypad').hidden = call.state !== 'connected';
	$('#stage').className = call.video ? 'video' : 'audio';
	for (const [id, stream] of [['#remote', phone.remoteStream],
		['#local', phone.localStream]])
		if ($(id).srcObject !== stream) $(id).srcObject = stream;
}

function explain({ name, info }) {
	if (name === 'reject')
		fail(info.busy === 'true' ? text('busy')
			: text('rejected', { reason: info.reason ?? info.sip_code ?? '' }));
	else if (name === 'not-answer')
		fail(text('noAnswer'));
}

function log({ ms, name, seq, ...detail }) {
	const line = document.createElement('li');

	line.textContent = `${new Date(ms).toLocaleTimeString()} ${name} `
		+ JSON.stringify(detail);
	$('#log').append(line);
}

async function logIn(login, password) {
	fail('');
	try {
		await phone.login(login, password);
	} catch (error) {
		if (error.where === 'chat') fail(text('chatRefused'));
		else fail(text(error.code === 401 ? 'loginRefused' : 'unreachable'));
	}
}

async function withMedia(action) {
	fail('');
	try {
		await action();
	} catch (error) {
		fail(text('noMicrophone', { reason: error.message }));
	}
}

function dial(event) {
	const fields = event.target.elements;
	const number = fields.number.value.trim();

	event.preventDefault();
	withMedia(() => phone.start(fields.user.value, {
		video: event.submitter.name === 'video',
		info: {
			name: phone.user.full_name,
			...(number ? { dial: number } : {}),
		},
	}));
}

async function callMe() {
	const answer = await fetch('/sandbox/phone/call', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: '{}',
	});

	fail(answer.ok ? ''
		: text('phoneFailed', { reason: (await answer.json()).error }));
}

function toggleMute() {
	const on = $('#mute').getAttribute('aria-pressed') !== 'true';

	phone.mute(on);
	$('#mute').setAttribute('aria-pressed', on);
}

function makeKeypad() {
	for (const digit of '123456789*0#') {
		const button = document.createElement('button');

		button.textContent = digit;
		button.addEventListener('click', () => phone.dtmf(digit));
		$('#keypad').append(button);
	}
}

translate(document.documentElement);
makeKeypad();

const form = $('#login').elements;
form.login.value = parameters.get('login') ?? '';
form.password.value = parameters.get('password') ?? '';
$('#dial form').elements.user.value = config.extension;
$('#call-me').hidden = !config.phone;

$('#login').addEventListener('submit', (event) => {
	event.preventDefault();
	logIn(form.login.value, form.password.value);
});
$('#dial form').addEventListener('submit', dial);
$('#call-me').addEventListener('click', callMe);
$('#accept').addEventListener('click', () => withMedia(() => phone.accept()));
$('#reject').addEventListener('click', () => phone.reject({ busy: 'true' }));
$('#hangup').addEventListener('click', () => phone.hangup());
$('#mute').addEventListener('click', toggleMute);

phone.addEventListener('change', ({ detail }) => {
	if (detail.name === 'close') $('#mute').setAttribute('aria-pressed', false);
	explain(detail);
	log(detail);
	show();
});
setInterval(show, 1000);
show();

window.phone = phone;
if (parameters.has('auto')) logIn(form.login.value, form.password.value);
