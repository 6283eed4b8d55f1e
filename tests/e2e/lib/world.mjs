// What most files need: a sandbox, bridges, a phone and app users, started in
// one go, stopped in one go, and calls between them.
//
//	const world = await startWorld({
//		bridges: [{ users: [{ user: '1000', login: 'ext1000', call: '101' }] }],
//		phone: { accounts: [{ user: '1001' }] },
//		apps: ['alice'],
//	});

import assert from 'node:assert/strict';

import { launch } from './browser.mjs';
import { startTestBridge } from './bridge.mjs';
import { patiently } from './patiently.mjs';
import { APP_PICTURE, PHONE_PICTURE, assertPicture } from './picture.mjs';
import { startTestPhone } from './phone.mjs';
import { startTestSandbox } from './sandbox.mjs';

export const PHONE_HZ = 440;
export const APP_HZ = 1000;

const TOLERANCE_HZ = 6;
const FIRST_PICTURE = 5000; // [ms] on a busy machine; a quiet one needs < 1 s
const PATIENCE = 20000; // [ms] until a call is heard, or pictures move steadily
const LOUD_RMS = 0.1; // both sides play at 0.35

/** Heard what was played, and it was not just noise. */
export function assertTone(heard, hz) {
	assert.ok(Math.abs(heard.hz - hz) <= TOLERANCE_HZ,
		`not ${hz} Hz: ${JSON.stringify(heard)}`);
	assert.ok(heard.rms > LOUD_RMS, `too quiet: ${JSON.stringify(heard)}`);
}

class World {
	bridges = [];
	apps = {};

	get bridge() {
		return this.bridges[0];
	}

	/** A SIP URI at the sandbox's SIP server. */
	uri(number) {
		return `sip:${number}@${this.sandbox.sip}`;
	}

	/** Another app user. */
	async addApp(login, settings = {}) {
		const { password } = this.sandbox.users.find((user) =>
			user.login === login);

		this.browser ??= await launch();
		this.apps[login] = await this.browser.newUser(this.sandbox.page, login,
			password, { toneHz: APP_HZ, ...settings });
		await this.sandbox.waitOnline(this.apps[login].id);
		return this.apps[login];
	}

	/** A phone calls an extension and the app accepts; returns `incoming`. */
	async phoneCallsApp(app, { from = '1001', extension = '1000' } = {}) {
		await this.phone.dial(from, extension);
		const incoming = await app.waitIncoming();

		this.answeredMs = Date.now();
		await app.accept();
		await Promise.all([this.phone.waitEvent('CALL_ESTABLISHED'),
			app.waitConnected()]);
		return incoming;
	}

	/** An app calls an extension's user and the phone accepts. */
	async appCallsPhone(app, { extension = 200, ...options } = {}) {
		const id = await app.call(extension, options);
		const incoming = await this.phone.waitIncoming();

		this.answeredMs = Date.now();
		await this.phone.accept();
		await Promise.all([this.phone.waitEvent('CALL_ESTABLISHED'),
			app.waitConnected()]);
		return { id, incoming };
	}

	/** Both recognise the other's tone. */
	async assertTones(app) {
		const [atApp, atPhone] = await Promise.all([app.hear(1000),
			this.phone.hear(1000)]);

		assertTone(atApp, PHONE_HZ);
		assertTone(atPhone, APP_HZ);
	}

	/** The same, after some seconds at most. */
	waitTones(app) {
		return patiently(() => this.assertTones(app), PATIENCE);
	}

	/**
	 * Both recognise the other's moving picture, after some seconds at most. t,
	 * a test's context, is told how long after the answer the first one was
	 * there; returns these times { app, phone } [ms].
	 */
	async assertPictures(app, t) {
		const first = await Promise.all([app.firstPicture(),
			this.phone.firstPicture()]);
		const [inApp, inPhone] = first.map((at) => at - this.answeredMs);

		t?.diagnostic(`first picture after ${inApp} ms at the app,`
			+ ` ${inPhone} ms at the phone`);
		assert.ok(inApp < FIRST_PICTURE && inPhone < FIRST_PICTURE,
			`first pictures after ${inApp} and ${inPhone} ms`);

		await patiently(async () => {
			const [atApp, atPhone] = await Promise.all([app.see(1500),
				this.phone.see(1500)]);

			assertPicture(atApp, PHONE_PICTURE);
			assertPicture(atPhone, APP_PICTURE);
		}, PATIENCE);
		return { app: inApp, phone: inPhone };
	}

	/** Somebody hangs up, both ends notice, the bridge forgets the call. */
	async end(who, app, bridge = this.bridge) {
		await who.hangup();
		await Promise.all([app.waitClosed(),
			this.phone.waitEvent('CALL_CLOSED')]);
		await bridge.waitIdle();
	}

	/** After a test: no faults and no calls, whatever it left behind. */
	async reset() {
		await this.sandbox.reset();
		await Promise.all(Object.values(this.apps).map((app) => app.reset()));
		await this.phone?.quiet();
		for (const bridge of this.bridges)
			if (bridge.child.running()) {
				await bridge.command('cube_hangup', 'all');
				await bridge.waitIdle();
			}
		this.phone?.ctrl.forget();
	}

	async stop() {
		await this.browser?.close();
		await Promise.all([this.phone, ...this.bridges].map((one) =>
			one?.stop()));
		await this.sandbox?.stop();
	}
}

/** beforeBridges(world): to be done when the sandbox is there, before all else */
export async function startWorld({ bridges = [], phone, apps = [],
	sandbox = {}, beforeBridges = async () => {} }) {
	const world = new World();

	try {
		world.sandbox = await startTestSandbox(sandbox);
		await beforeBridges(world);
		const parts = [
			...bridges.map(async (options, i) => {
				const server = options.transport === 'tls'
					? world.sandbox.sips : world.sandbox.sip;

				world.bridges[i] = await startTestBridge(world.sandbox, {
					name: `bridge${i + 1}`, sip: server, ...options });
			}),
			(async () => {
				for (const login of apps) await world.addApp(login);
			})(),
			(async () => {
				if (phone)
					world.phone = await startTestPhone(world.sandbox,
						{ toneHz: PHONE_HZ, ...phone });
			})(),
		];
		const failed = (await Promise.allSettled(parts))
			.find(({ status }) => status === 'rejected');

		if (failed) throw failed.reason;
		return world;
	} catch (error) {
		world.bridges = world.bridges.filter(Boolean);
		await world.stop();
		throw error;
	}
}
