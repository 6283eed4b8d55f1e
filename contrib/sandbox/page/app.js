// The page: shows a Phone and passes on what a person does.
//
//    ?login=alice&password=...&auto   fills in the form; auto logs in at once

import { Phone } from './phone.js';
import { Quality } from './quality.js';
import { Meter, Ringer } from './sound.js';
import { hasText, text, translate } from './texts.js';

const TICK = 1000; // [ms] the clock of a call
const METER_TICK = 100; // [ms]

const $ = (selector) => document.querySelector(selector);
const parameters = new URLSearchParams(location.search);
const config = await (await fetch('/sandbox/config')).json();
const phone = new Phone(config);
const ringer = new Ringer();
const quality = new Quality();
const [meterIn, meterOut] = [new Meter(), new Meter()];

const fail = (message) => { $('#error').textContent = message; };
const userName = (id) => phone.nameOf(id) ?? text('user', { id });
const clock = (ms) => new Date(ms).toLocaleTimeString();

/** Set what is shown, if it is something else: screen readers read changes. */
function say(selector, value) {
	if ($(selector).textContent !== value) $(selector).textContent = value;
}

// Words ----------------------------------------------------------------------

/** Who is at the other end; userInfo is the caller's, so ours if we call. */
function peerName({ direction, peer, info }) {
	if (direction === 'outgoing') return info.dial ?? userName(peer);

	const name = info.name ?? userName(peer);

	return info.number && info.number !== name ? `${name} (${info.number})`
		: name;
}

function progress({ state, video, held, holds, early, transfer }) {
	if (transfer === 'ringing') return text('transferring');
	if (early && state === 'connected') return text('calling');
	if (state === 'connected' && (held || holds))
		return text(holds ? 'holding' : 'held');
	if (state === 'ringing') return text(video ? 'ringingVideo' : 'ringing');
	return text(state === 'connecting' ? 'connecting-call' : state);
}

function duration({ since }) {
	const seconds = Math.floor((Date.now() - since) / 1000);

	return `${Math.floor(seconds / 60)}:`
		+ String(seconds % 60).padStart(2, '0');
}

const codeText = (code) => hasText(`sip${code}`) ? text(`sip${code}`) : null;

function endText({ why, code, reason }) {
	const cause = codeText(code) ?? reason ?? code;

	return text(`end${why[0].toUpperCase()}${why.slice(1)}`,
		{ cause: cause ? text('cause', { reason: cause }) : '' });
}

/** What to do now. */
function hint() {
	const { user, call } = phone;

	if (!window.isSecureContext) return text('hintInsecure');
	if (!user) return text('hintLogin');
	if (!call?.state) return text(config.phone ? 'hintIdle' : 'hintIdleNoPhone');
	if (call.state === 'ringing') return text('hintRinging');
	return text(call.state === 'calling' || call.early ? 'hintCalling'
		: 'hintTalking');
}

function pageTitle() {
	const { call } = phone;

	if (!call?.state) return text('title');
	const name = peerName(call);

	return call.state === 'ringing' ? `📞 ${text('titleRinging', { name })}`
		: text('titleCall', { name, time: call.since ? duration(call)
			: progress(call) });
}

// Views ----------------------------------------------------------------------

/**
 * Show the parts that are wanted. Focus that was in one that goes is taken to
 * where the next thing is done.
 */
function reveal(parts, next) {
	const had = document.activeElement;
	const lost = Object.entries(parts).some(([selector, shown]) =>
		!shown && $(selector).contains(had) && !$(selector).hidden);
	const free = lost || had === document.body || had === null;

	for (const [selector, shown] of Object.entries(parts))
		$(selector).hidden = !shown;
	if (free && next && next !== had) next.focus();
}

let view = null;

function viewOf({ user, chat, call }) {
	if (call?.state) return call.state === 'ringing' ? 'ringing' : 'talking';
	if (user) return 'dial';
	return chat === 'connecting' ? 'connecting' : 'login';
}

/** What has the focus when a view comes up, if nothing else needs it. */
const FIRST = {
	login: () => $('#login input[name="login"]'),
	dial: () => $('#dial button[name="audio"]'),
	ringing: () => $('#accept'),
	talking: () => $('#hangup'),
	connecting: () => null,
};

function showView() {
	const now = viewOf(phone);
	const inCall = now === 'ringing' || now === 'talking';
	const changed = now !== view;

	document.body.classList.toggle('in-call', inCall);
	if (!changed) return;
	if (now !== 'talking') openPanel(null);
	reveal({
		'#login': now === 'login',
		'#dial': now === 'dial',
		'#call': inCall,
		'#ringing': now === 'ringing',
		'#talking': now === 'talking',
		'#meters': now === 'talking',
	}, FIRST[now]());
	view = now;
}

function showCall(call) {
	const connected = call.state === 'connected';

	say('#peer', peerName(call));
	say('#progress', progress(call));
	say('#time', connected && call.since ? duration(call) : '');
	$('#accept-video').hidden = !call.video;
	say('#accept', text(call.video ? 'acceptAudio' : 'accept'));
	$('#camera').hidden = !call.camera;
	// what the bridge does, once there is somebody to do it with
	for (const id of ['#hold', '#transfer'])
		$(id).hidden = call.peer !== config.extension || !call.since;
	$('#hold').setAttribute('aria-pressed', call.holds);
	$('#stage').className = call.video && call.state !== 'ringing'
		? 'video' : 'audio';
	for (const [id, stream] of [['#remote', phone.remoteStream],
		['#local', phone.localStream]])
		if ($(id).srcObject !== stream) $(id).srcObject = stream;
}

function showMissed() {
	$('#missed').hidden = phone.missed.length === 0;
	$('#missed ul').replaceChildren(...phone.missed.map(({ ms, ...call }) => {
		const line = document.createElement('li');

		line.textContent = text('missedCall', { time: clock(ms),
			name: peerName({ direction: 'incoming', ...call }) });
		return line;
	}));
}

function show() {
	const { chat, user, call } = phone;

	$('#status').dataset.chat = chat;
	say('#status', text(chat, { name: user?.full_name }));
	say('#hint', hint());
	say('#last', phone.ended ? endText(phone.ended) : '');
	document.title = pageTitle();
	showView();
	if (call?.state) showCall(call);
	ringer.play(call?.state === 'ringing' ? 'incoming'
		: call?.state === 'calling' ? 'outgoing' : null);
	meterIn.listen(phone.remoteStream);
	meterOut.listen(call?.state ? phone.localStream : null);
}

async function showQuality() {
	const { call } = phone;
	const seen = call?.state === 'connected' && !call.holds
		? await quality.look(phone.connection) : null;

	say('#quality', seen ? text(seen.grade, { codec: seen.codec,
		loss: seen.loss.toFixed(1), rtt: Math.round(seen.rtt) }) : '');
}

// What happened --------------------------------------------------------------

function sentence({ name, user, info, video, told, state = told?.state,
	...detail }) {
	const { call } = phone;
	const key = name === 'incoming' && video ? 'log-incomingVideo'
		: `log-${name}`;
	const who = name === 'incoming'
		? peerName({ direction: 'incoming', peer: user, info })
		: call ? peerName(call) : user ? userName(user) : '';
	const said = hasText(key) ? text(key, { name: who, state }) : name;

	return detail.why ? `${said}: ${endText(detail)}` : said;
}

function log({ ms, name, seq, ...detail }) {
	const line = document.createElement('li');
	const technical = document.createElement('code');

	line.textContent = `${clock(ms)} ${sentence({ name, ...detail })}`;
	technical.textContent = `${name} ${JSON.stringify(detail)}`;
	line.append(technical);
	$('#log').append(line);
}

// What a person does ---------------------------------------------------------

async function logIn(login, password) {
	fail('');
	try {
		await phone.login(login, password);
		listPeople();
	} catch (error) {
		if (error.where === 'chat') fail(text('chatRefused'));
		else fail(text(error.code === 401 ? 'loginRefused' : 'unreachable'));
	}
}

/** Everybody by name, the extension first. */
function listPeople() {
	const select = $('#dial select');
	const ids = [config.extension, ...phone.people.keys()].filter((id, i, all) =>
		id !== phone.user.id && all.indexOf(id) === i);

	select.replaceChildren(...ids.map((id) => new Option(id === config.extension
		? text('extensionOf', { name: userName(id) }) : userName(id), id)));
	chosenPerson();
}

/** Only an extension can dial a number. */
function chosenPerson() {
	$('#number').hidden = Number($('#dial select').value) !== config.extension;
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
	const number = $('#number').hidden ? '' : fields.number.value.trim();

	event.preventDefault();
	withMedia(() => phone.start(fields.user.value, {
		video: event.submitter?.name === 'video',
		info: {
			name: phone.user.full_name,
			...(number ? { dial: number } : {}),
		},
	}));
}

async function callMe() {
	fail('');
	const answer = await fetch('/sandbox/phone/call', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: '{}',
	});

	if (!answer.ok)
		fail(text('phoneFailed', { reason: (await answer.json()).error }));
}

function toggle(selector, action) {
	const on = $(selector).getAttribute('aria-pressed') !== 'true';

	action(on);
	$(selector).setAttribute('aria-pressed', on);
}

async function hold() {
	fail('');
	try {
		await phone.hold(!phone.call.holds);
	} catch ({ message }) {
		fail(text('holdFailed', { reason: message }));
	}
}

/** What opens below the buttons: a small screen has room for one. */
const PANELS = { '#keys': '#keypad', '#transfer': '#transfer-to' };

function openPanel(opener) {
	for (const [button, panel] of Object.entries(PANELS)) {
		$(panel).hidden = button !== opener;
		$(button).setAttribute('aria-expanded', button === opener);
	}
}

function togglePanel(opener) {
	openPanel($(PANELS[opener]).hidden ? opener : null);
	if (!$('#transfer-to').hidden) $('#transfer-to input').focus();
}

function closeTransfer() {
	openPanel(null);
	$('#transfer').focus();
}

/** The phone goes on with somebody else; until then the call is as it is. */
async function transfer(event) {
	const target = event.target.elements.target.value.trim();

	event.preventDefault();
	fail('');
	try {
		await phone.ask('transfer', { target });
		// what it was begun from may be over by now
		if (!$('#transfer-to').hidden) closeTransfer();
	} catch ({ message }) {
		fail(text('transferFailed', { reason: message }));
	}
}

/** A peer that is no bridge does not answer, and has no use for keys. */
function sendKey(key) {
	phone.sendKeys(key).catch(({ message }) => console.warn(message));
}

function makeKeypad() {
	for (const digit of '123456789*0#') {
		const button = document.createElement('button');

		button.textContent = digit;
		button.addEventListener('click', () => sendKey(digit));
		$('#keypad').append(button);
	}
}

/** Esc ends or declines, digits are keys, wherever the focus is; but in what
 * opens below the buttons Esc closes that. */
function onKey({ key, ctrlKey, altKey, metaKey, target }) {
	const { call } = phone;

	if (!call?.state || ctrlKey || altKey || metaKey) return;
	if (key === 'Escape' && target.closest?.('#transfer-to')) {
		closeTransfer();
	} else if (key === 'Escape') {
		if (call.state === 'ringing') phone.reject({ busy: 'true' });
		else phone.hangup();
	} else if (/^[0-9*#]$/.test(key) && call.state === 'connected'
		&& !target.matches?.('input, select')) {
		sendKey(key);
	}
}

// Start ----------------------------------------------------------------------

translate(document.documentElement);
makeKeypad();

const form = $('#login').elements;
form.login.value = parameters.get('login') ?? '';
form.password.value = parameters.get('password') ?? '';
$('#call-me').hidden = !config.phone;

$('#login').addEventListener('submit', (event) => {
	event.preventDefault();
	logIn(form.login.value, form.password.value);
});
$('#dial form').addEventListener('submit', dial);
$('#dial select').addEventListener('change', chosenPerson);
$('#call-me').addEventListener('click', callMe);
$('#accept').addEventListener('click', () =>
	withMedia(() => phone.accept({}, { camera: false })));
$('#accept-video').addEventListener('click', () =>
	withMedia(() => phone.accept()));
$('#reject').addEventListener('click', () => phone.reject({ busy: 'true' }));
$('#hangup').addEventListener('click', () => phone.hangup());
$('#mute').addEventListener('click', () =>
	toggle('#mute', (on) => phone.mute(on)));
$('#camera').addEventListener('click', () =>
	toggle('#camera', (on) => phone.hideCamera(on)));
$('#hold').addEventListener('click', hold);
for (const button of Object.keys(PANELS))
	$(button).addEventListener('click', () => togglePanel(button));
$('#transfer-to').addEventListener('submit', transfer);
$('#technical').addEventListener('change', ({ target }) =>
	$('#log').classList.toggle('technical', target.checked));
document.addEventListener('keydown', onKey);

phone.addEventListener('change', ({ detail }) => {
	if (detail.name === 'told-transfer' && detail.told.state === 'failed')
		fail(text('transferFailed', { reason: codeText(detail.told.sip_code)
			?? detail.told.reason }));
	if (detail.name === 'close') {
		if (detail.why !== 'noMedia') fail('');
		for (const name of ['#mute', '#camera'])
			$(name).setAttribute('aria-pressed', false);
		showMissed();
	}
	log(detail);
	show();
});
setInterval(() => {
	if (!phone.call) return;
	show();
	showQuality();
}, TICK);
setInterval(() => {
	$('#level-in').value = meterIn.level;
	$('#level-out').value = meterOut.level;
}, METER_TICK);
show();

window.phone = phone;
if (parameters.has('auto')) logIn(form.login.value, form.password.value);
