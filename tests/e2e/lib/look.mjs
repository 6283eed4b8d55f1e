// The page as people have it: read by a screen reader, on a small screen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { REPO } from '../../../contrib/sandbox/lib/template.mjs';

const AXE = readFileSync(`${REPO}/node_modules/axe-core/axe.min.js`, 'utf8');

/** A phone's screen. */
export const SMALL = { width: 375, height: 667 };

/** What has the focus. */
export const focused = (page) => page.evaluate(() => document.activeElement.id
	|| document.activeElement.name);

/** axe-core finds nothing, in light and in dark. */
export async function assertAccessible(page, what) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		// as a page may have it that lets no text become a program
		if (!await page.evaluate(() => Boolean(window.axe)))
			await page.evaluate(`${AXE};0`);
		// of the rules only this one looks at colours
		const options = colorScheme === 'dark'
			? { runOnly: { type: 'rule', values: ['color-contrast'] } } : {};
		const { violations, passes } = await page.evaluate((how) =>
			window.axe.run(document, { resultTypes: ['violations'], ...how }),
		options);

		assert.ok(passes.length > (options.runOnly ? 0 : 10),
			`${what}: axe has looked at nothing`);
		assert.deepEqual(violations.map(({ id, nodes }) => ({ id,
			at: nodes.map(({ html, failureSummary }) =>
				`${html} ${failureSummary}`) })), [],
		`${what}, ${colorScheme}`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

/** Everything of a call that is shown is on a small screen, without scrolling. */
export async function assertFits(page, what) {
	const seen = await page.evaluate(() => ({
		scroll: document.documentElement.scrollWidth,
		boxes: [...document.querySelectorAll('#call button, #call video,'
			+ ' #call meter, #call p, #call input')]
			.filter((one) => one.checkVisibility())
			.map((one) => ({ id: one.id, ...one.getBoundingClientRect().toJSON() })),
	}));

	assert.ok(seen.scroll <= SMALL.width, `${what}: ${seen.scroll} wide`);
	assert.ok(seen.boxes.length >= 4);
	for (const { id, top, bottom, left, right } of seen.boxes)
		assert.ok(top >= 0 && bottom <= SMALL.height && left >= 0
			&& right <= SMALL.width,
		`${what}: #${id} is at ${left},${top} - ${right},${bottom}`);
}
