import { setTimeout as delay } from 'node:timers/promises';

/** What a check returns once it passes; in the end, why it last failed. */
export async function patiently(check, ms) {
	const end = Date.now() + ms;

	for (;;) {
		try {
			return await check();
		} catch (error) {
			if (Date.now() > end) throw error;
		}
		await delay(25);
	}
}
