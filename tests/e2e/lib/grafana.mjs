// The Grafana dashboard of contrib/monitoring, as Grafana would read it: there is none here to
// import it, so its model is checked by hand, and its queries are what it would ask.
//
//	assertBoard(board);
//	for (const { panel, expr } of queries(board, { instance, range })) ...

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { REPO } from '../../../contrib/sandbox/lib/template.mjs';

const WIDE = 24; // columns of a dashboard
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

// units of Grafana (packages/grafana-data, valueFormats) that we use
const UNITS = new Set(['none', 'short', 'percentunit', 's', 'bytes', 'dateTimeAsIso',
	'dateTimeFromNow', 'bool', 'bool_on_off', 'bool_yes_no']);

export const readBoard = () => JSON.parse(readFileSync(
	`${REPO}/contrib/monitoring/grafana-dashboard.json`, 'utf8'));

/** All variables that a text asks for. */
const variables = (text) => [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);

function assertPlaces(panels) {
	const taken = new Map(); // "x,y": title

	for (const { title, gridPos: { x, y, w, h } } of panels) {
		assert.ok(w > 0 && h > 0 && x >= 0 && y >= 0 && x + w <= WIDE, `place of ${title}`);
		for (let i = x; i < x + w; i += 1)
			for (let j = y; j < y + h; j += 1) {
				assert.equal(taken.get(`${i},${j}`), undefined, `below ${title}`);
				taken.set(`${i},${j}`, title);
			}
	}
}

/** Its model: what Grafana needs to show what it says. */
export function assertBoard(board) {
	const known = new Set([...board.templating.list.map(({ name }) => name),
		'__rate_interval', '__range', '__all', '__interval']);

	assert.ok(board.schemaVersion >= 36 && board.title && board.uid.length <= 40);
	assert.deepEqual([board.id ?? null, board.__inputs], [null, undefined], 'of an import');
	assert.deepEqual(variables(JSON.stringify(board)).filter((name) => !known.has(name)), []);
	assert.equal(new Set(board.panels.map(({ id }) => id)).size, board.panels.length);
	assertPlaces(board.panels);
	for (const { title, type, datasource, targets, fieldConfig, panels } of board.panels) {
		assert.ok(title, type);
		if (type === 'row') {
			assert.deepEqual([panels, targets ?? []], [[], []], title);
			continue;
		}
		assert.ok(['stat', 'timeseries', 'table'].includes(type), `${title}: ${type}`);
		assert.deepEqual(datasource, SOURCE, title);
		assert.ok(targets.length && new Set(targets.map(({ refId }) => refId)).size
			=== targets.length, title);
		for (const target of targets) assert.deepEqual(target.datasource, SOURCE, title);
		const { unit = 'none', thresholds } = fieldConfig.defaults;

		assert.ok(UNITS.has(unit), `${title}: ${unit}`);
		const steps = thresholds?.steps.map(({ value }) => value) ?? [null];

		assert.equal(steps[0], null, title);
		assert.deepEqual(steps.slice(1), steps.slice(1).sort((a, b) => a - b), title);
	}
}

/** Its queries with their variables filled in, as for all hosts and extensions. */
export const queries = (board, { range = '1h', rate = '1m' } = {}) =>
	board.panels.flatMap(({ title, targets = [] }) => targets.map(({ refId, expr, instant }) =>
		({ panel: `${title} ${refId}`, instant: Boolean(instant), expr: expr
			.replaceAll('$__rate_interval', rate).replaceAll('$__range', range)
			.replaceAll(/\$(instance|extension)\b/g, '.*') })));

/** What its variables are asked by: { name, selector, label }. */
export const variableQueries = (board) => board.templating.list
	.filter(({ type }) => type === 'query').map(({ name, query }) => {
		const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query);

		return { name, label, selector: selector.replaceAll(/\$\w+/g, '.*') };
	});
