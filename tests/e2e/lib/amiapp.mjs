// An app that asks a bridge to steer an Asterisk, and is told what becomes of it.
//
//	const steer = steering(sandbox);
//	const { event } = await steer.ask(app, 'ami_hangup', { channel });

/** What apps ask of the bridges of a sandbox. */
export function steering(sandbox) {
	let requests = 0;

	return {
		/** Ask; what is answered, with where that is in the journal. */
		async ask(app, action, values = {}) {
			const request = values.request_id ?? `r${++requests}`;
			const since = await sandbox.mark('signals');

			await app.ask(action, { request_id: request, ...values });
			const { system } = await sandbox.waitSignal({ type: 'system',
				system: (told) => told.request_id === request }, { since });

			return { ...system, since, request };
		},

		/** All that was told so, after `since`. */
		async told(event, since) {
			return (await sandbox.entries('signals', since))
				.map(({ system }) => system).filter((one) =>
					one?.event === event);
		},

		/** A state of a call that was begun by a request. */
		async waitState(call, state, since) {
			const { system } = await sandbox.waitSignal({ type: 'system',
				system: (told) => told.event === 'ami_call'
					&& told.call === call && told.state === state }, { since });

			return system;
		},
	};
}
