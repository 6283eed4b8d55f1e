/**
 * @file connectycube_hub/metrics/text.c  Prometheus' text format, version 0.0.4
 *
 *	# HELP connectycube_calls_total Calls that are over
 *	# TYPE connectycube_calls_total counter
 *	connectycube_calls_total{extension="sip:1@a",dir="sip-to-app"} 7
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "registry.h"
#include "series.h"


static const char *const kindv[] = {"counter", "gauge", "histogram"};


/* As short as it can be read back */
static int print_number(struct re_printf *pf, const double *value)
{
	char buf[40], *comma;

	if (isnan(*value))
		return re_hprintf(pf, "NaN");
	if (isinf(*value))
		return re_hprintf(pf, *value > 0 ? "+Inf" : "-Inf");

	(void)snprintf(buf, sizeof(buf), "%.15g", *value);
	if (strtod(buf, NULL) < *value || strtod(buf, NULL) > *value)
		(void)snprintf(buf, sizeof(buf), "%.17g", *value);

	/* somebody may have chosen a locale */
	comma = strchr(buf, ',');
	if (comma)
		*comma = '.';

	return re_hprintf(pf, "%s", buf);
}


/* What is no UTF-8 nobody would read */
static int print_value(struct re_printf *pf, const char *str)
{
	int err = 0;

	while (*str && !err) {

		const size_t n = text_utf8(str, strlen(str));

		if (*str == '\\' || *str == '"')
			err = re_hprintf(pf, "\\%c", *str);
		else if (*str == '\n')
			err = re_hprintf(pf, "\\n");
		else if (n)
			err = re_hprintf(pf, "%b", str, n);
		else
			err = re_hprintf(pf, "?");

		str += n ? n : 1;
	}

	return err;
}


/** A line's labels */
struct labels {
	const struct metric_series *s;
	const double *bound;    /**< Bucket: its bound, or NULL            */
};


static int print_labels(struct re_printf *pf, const struct labels *l)
{
	const struct metric_family *f = l->s->family;
	size_t i;
	int err = 0;

	if (!f->labelc && !l->bound)
		return 0;

	for (i=0; i<f->labelc; i++) {
		err |= re_hprintf(pf, "%s%s=\"%H\"", i ? "," : "{",
				  f->desc->labelv[i], print_value,
				  l->s->labelv[i]);
	}

	if (l->bound)
		err |= re_hprintf(pf, "%sle=\"%H\"", i ? "," : "{",
				  print_number, l->bound);

	return err | re_hprintf(pf, "}");
}


static int print_line(struct re_printf *pf, const struct labels *l,
		      const char *suffix, double value)
{
	return re_hprintf(pf, "%s%s%H %H\n", l->s->family->desc->name, suffix,
			  print_labels, l, print_number, &value);
}


static int print_histogram(struct re_printf *pf,
			   const struct metric_series *s)
{
	const struct metric_family *f = s->family;
	const double inf = INFINITY;
	struct labels l = {.s = s};
	uint64_t n = 0;
	size_t i;
	int err = 0;

	for (i=0; i<=f->boundc; i++) {
		n += s->bucketv[i];
		l.bound = i < f->boundc ? &f->desc->boundv[i] : &inf;
		err |= print_line(pf, &l, "_bucket", (double)n);
	}

	l.bound = NULL;
	err |= print_line(pf, &l, "_sum", s->value);

	return err | print_line(pf, &l, "_count", (double)n);
}


static int print_family(struct re_printf *pf, const struct metric_family *f)
{
	struct le *le;
	int err;

	/* a family without series says nothing */
	if (list_isempty(&f->seriesl))
		return 0;

	err  = re_hprintf(pf, "# HELP %s %s\n", f->desc->name, f->desc->help);
	err |= re_hprintf(pf, "# TYPE %s %s\n", f->desc->name,
			  kindv[f->desc->kind]);

	for (le=list_head(&f->seriesl); le && !err; le=le->next) {

		const struct metric_series *s = le->data;
		const struct labels l = {.s = s};

		err = f->desc->kind == METRIC_HISTOGRAM ?
			print_histogram(pf, s) :
			print_line(pf, &l, "", s->value);
	}

	return err;
}


/**
 * Print all that is counted (METRICS_TYPE)
 *
 * @param pf Print handler
 * @param m  Registry
 *
 * @return 0 if success, otherwise errorcode
 */
int metrics_text(struct re_printf *pf, const struct metrics *m)
{
	size_t i;
	int err = 0;

	for (i=0; m && i<m->familyc && !err; i++)
		err = print_family(pf, &m->familyv[i]);

	return err;
}
