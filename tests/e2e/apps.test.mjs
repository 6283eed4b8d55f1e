// docs/APPS.md: its code is run as it stands there, by an app that has nothing
// but the SDK.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';

import { REPO } from '../../contrib/sandbox/lib/template.mjs';
import { launch } from './lib/browser.mjs';
import { startWorld } from './lib/world.mjs';

const CODE = [...readFileSync(`${REPO}/docs/APPS.md`, 'utf8')
	.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code]) => code).join('\n');

let world;
let phone;
let page;

/** In the page: the program, and a ui that notes what it is told. */
function install([code, settings]) {
	const told = [];
	const names = ['logIn', 'callExtension', 'accept', 'decline', 'hangUp',
		'sendKeys', 'playKeys', 'mute', 'hold',
		'doNotDisturb'];
	const ui = new Proxy({}, { get: (_, name) => (value) => {
		if (name === 'play') {
			window.stream = value;
			told.push(['play', value.getAudioTracks().length]);
		} else {
			told.push([name, value]);
		}
	} });

	window.told = told;
	window.app = new Function('settings', 'ui',
		`${code}\nreturn { ${names.join(', ')} };`)(settings, ui);
}

before(async () => {
	world = await startWorld({
		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101',
			dial: '1001', dialable: '1002', department: 'Sales' }] }],
		phone: { accounts: [{ user: '1001' }, { user: '1002' }] },
	});
	({ phone } = world);
	world.browser = await launch();
	const user = await world.browser.newPage(world.sandbox.page,
		{ toneHz: 1000 });
	const { application, page: url, chat_domain: chat } = world.sandbox;
	const { origin, host } = new URL(url);

	({ page } = user);
	await page.evaluate(install, [CODE, {
		appId: application.id,
		authKey: application.auth_key,
		endpoints: { api_url: origin, chat, chat_url: `ws://${host}/` },
		login: 'alice',
		password: 'alice-pass-1',
		name: 'Alice',
	}]);
	assert.equal(await page.evaluate(() => window.app.logIn()), 101);
	await world.sandbox.waitOnline(101);
});

after(() => world?.stop());
afterEach(() => world.reset());

const run = (name, ...parameters) => page.evaluate(async ([f, all]) => {
	await window.app[f](...all);
}, [name, parameters]);

/** What the ui is told next, of a name; it is taken away. */
const told = (name) => page.waitForFunction((wanted) => {
	const i = window.told.findIndex(([one]) => one === wanted);

	return i >= 0 && window.told.splice(i, 1)[0];
}, name, { timeout: 20000 }).then((handle) => handle.jsonValue())
	.then(([, value]) => value);

test('it calls an extension, sends keys, mutes and hangs up', async () => {
	await run('callExtension', 200);
	const incoming = await phone.waitIncoming();

	assert.equal(incoming.accountaor, world.uri('1001'));
	await phone.accept();
	await told('answered');
	assert.equal(await told('play'), 1);
	await page.waitForFunction(() => window.phone && window.stream.active);
	await run('playKeys', '12');
	await world.bridge.waitStatus('two keys of the app', ({ calls }) =>
		/keys=2/.test(calls[0].text));
	let keys = '';

	await run('sendKeys', '3#');
	while (keys.length < 4)
		keys += (await phone.waitEvent('CALL_DTMF_START')).param;
	assert.equal(keys, '123#');
	await assert.rejects(run('sendKeys', '12x'), /keys: 1 to 32 of/);
	await run('mute', 'audio', true);
	await run('mute', 'audio', false);
	await run('hold', true);
	assert.match((await world.bridge.status()).calls[0].text,
		/^ {4}app .*\(holds\)/m);
	await run('hold', false);
	await phone.command('hold');
	assert.equal(await told('held'), true);
	await phone.resume();
	assert.equal(await told('held'), false);
	await run('hangUp');
	await told('ended');
	await phone.waitEvent('CALL_CLOSED');
});

test('it calls a number that it may, and is told of others', async () => {
	await run('callExtension', 200, { number: '1002' });
	const incoming = await phone.waitIncoming();

	assert.equal(incoming.accountaor, world.uri('1002'));
	await phone.hangup();
	assert.equal(await told('refused'), 'busy');
	await told('ended');
	await run('callExtension', 200, { number: '1003' });
	assert.equal(await told('refused'), 'this number is not allowed');
	await told('ended');
});

test('it is not to be disturbed, until it says so', async () => {
	await assert.rejects(run('hold', true), /no call/);
	await run('doNotDisturb', 200, true);
	assert.equal(await told('doNotDisturb'), true);
	await run('doNotDisturb', 200, false);
	assert.equal(await told('doNotDisturb'), false);
});

test('a phone calls: it is shown who, accepts and declines', async () => {
	await phone.dial('1001', '1000');
	assert.deepEqual(await told('incoming'),
		{ name: 'Phone 1001', number: '1001', video: false });
	await run('accept');
	await phone.waitEvent('CALL_ESTABLISHED');
	assert.equal(await told('play'), 1);
	await phone.hangup();
	await phone.waitEvent('CALL_CLOSED');
	await told('ended');

	await phone.dial('1001', '1000');
	await told('incoming');
	await run('decline');
	const { param } = await phone.waitEvent('CALL_CLOSED');

	assert.match(param, /486|Busy/);
	await told('ended');
});
