/**
 * @file test_metricsdoc.c  What is exported, what is written about it, and
 *                          what rules and dashboard ask for, are the same
 */
#include "testutil.h"
#include "connectycube_hub/metrics/registry.h"
#include "connectycube_hub/metrics/families.h"

#define PREFIX "connectycube_"
#define RULES  "contrib/monitoring/connectycube.rules.yml"
#define TESTS  "contrib/monitoring/connectycube.rules.test.yml"
#define BOARD  "contrib/monitoring/grafana-dashboard.json"
#define DOC    "docs/METRICS.md"


static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}


static bool ends(const char *str, const char *suffix)
{
	const size_t n = strlen(str), len = strlen(suffix);

	return n >= len && !strcmp(str + n - len, suffix);
}


/* Each is as Prometheus wants it (promtool's lint, and more) */
static void test_names(void **state)
{
	size_t i, k;
	(void)state;

	for (i=0; i<MET_FAMILIES; i++) {

		const struct metric_desc *d = &metrics_familyv[i];
		const size_t n = d->name ? metrics_bounds(d) : 0;

		assert_non_null(d->name);
		assert_true(!strncmp(d->name, PREFIX, strlen(PREFIX)) ||
			    !strncmp(d->name, "process_", 8));
		assert_int_equal(strspn(d->name, "abcdefghijklmnopqrstuvwxyz"
					"_0123456789"), strlen(d->name));
		assert_true(ends(d->help, "."));
		assert_null(strpbrk(d->help, "\\\n"));
		assert_int_equal(ends(d->name, "_total"),
				 d->kind == METRIC_COUNTER);
		assert_int_equal(n > 0, d->kind == METRIC_HISTOGRAM);
		for (k=1; k<n; k++)
			assert_true(d->boundv[k] > d->boundv[k - 1]);
		for (k=0; k<i; k++)
			assert_string_not_equal(d->name,
						metrics_familyv[k].name);
		for (k=1; k<METRICS_LABELS; k++)
			assert_true(!d->labelv[k] || d->labelv[k - 1]);
	}
}


/* The row of a family: | `name` | `label`, `label` | */
static void test_doc(void **state)
{
	char *doc = tu_load(DOC), row[256];
	size_t i, k, n;
	(void)state;

	for (i=0; i<MET_FAMILIES; i++) {

		const struct metric_desc *d = &metrics_familyv[i];

		if (strncmp(d->name, PREFIX, strlen(PREFIX))) {
			(void)re_snprintf(row, sizeof(row), "`%s`", d->name);
			assert_non_null(strstr(doc, row));
			continue;
		}

		n = (size_t)re_snprintf(row, sizeof(row), "\n| `%s` | ",
					d->name);
		for (k=0; k<METRICS_LABELS && d->labelv[k]; k++)
			n += (size_t)re_snprintf(row + n, sizeof(row) - n,
						 "%s`%s`", k ? ", " : "",
						 d->labelv[k]);
		(void)re_snprintf(row + n, sizeof(row) - n, k ? " | " : "| ");
		if (!strstr(doc, row))
			fail_msg("%s: no row%s", DOC, row);
	}

	mem_deref(doc);
}


/* Histograms have three names more */
static bool is_exported(const char *name)
{
	static const char *const suffixv[] = {"_bucket", "_sum", "_count"};
	size_t i, k;

	for (i=0; i<MET_FAMILIES; i++) {

		const struct metric_desc *d = &metrics_familyv[i];
		const size_t n = strlen(d->name);

		if (strncmp(name, d->name, n))
			continue;
		if (!name[n] && (d->kind != METRIC_HISTOGRAM))
			return true;
		for (k=0; k<ARRAY_SIZE(suffixv); k++) {
			if (d->kind == METRIC_HISTOGRAM &&
			    !strcmp(name + n, suffixv[k]))
				return true;
		}
	}

	return false;
}


/* How many names there are */
static size_t check_names(const char *path, const char *prefix, bool doc)
{
	char *text = tu_load(path), name[128];
	const char *p = text;
	size_t n = 0, len;

	while ((p = strstr(p, prefix))) {

		for (len=0; is_name(p[len]); len++)
			;
		assert_true(len < sizeof(name));
		memcpy(name, p, len);
		name[len] = '\0';

		p += len;

		/* a key of the configuration */
		if (doc && !strncmp(name, PREFIX "hub_", strlen(PREFIX) + 4))
			continue;

		/* in a text a histogram goes by its name */
		if (!is_exported(name) && !(doc && (strcat(name, "_count"),
						    is_exported(name))))
			fail_msg("%s: %s is not exported", path, name);
		++n;
	}

	mem_deref(text);

	return n;
}


static void test_used(void **state)
{
	(void)state;

	assert_true(check_names(RULES, PREFIX, false) > 20);
	assert_true(check_names(TESTS, PREFIX, false) > 20);
	assert_true(check_names(BOARD, PREFIX, false) > 60);
	assert_true(check_names(BOARD, "process_", false) > 4);
	assert_true(check_names(DOC, PREFIX, true) > 40);
}


/* What nobody looks at need not be exported */
static void test_shown(void **state)
{
	char *board = tu_load(BOARD);
	size_t i;
	(void)state;

	for (i=0; i<MET_FAMILIES; i++) {
		if (!strstr(board, metrics_familyv[i].name))
			fail_msg("%s: no %s", BOARD, metrics_familyv[i].name);
	}

	mem_deref(board);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names), cmocka_unit_test(test_doc),
		cmocka_unit_test(test_used), cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
