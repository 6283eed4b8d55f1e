/**
 * @file base/fmtp.c  Format parameters that are longer than there is room
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "fmtp.h"


enum {
	LEN_MAX = 1024,         /**< Longest parameter that is kept [bytes] */
};

/** What is kept: the longest of them not all */
struct limit {
	size_t len;             /**< All that are shorter than this        */
	size_t n;               /**< So many of this length                */
};


/* "a=1;b=2": false at the end */
static bool next_param(struct pl *param, struct pl *rest)
{
	const char *semi;

	if (!rest->l)
		return false;

	semi = memchr(rest->p, ';', rest->l);
	param->p = rest->p;
	param->l = semi ? (size_t)(semi - rest->p) : rest->l;
	pl_advance(rest, param->l + (semi ? 1 : 0));

	return true;
}


/* Each takes its length and a separator, the last one a terminator */
static void find_limit(struct limit *lim, size_t size, struct pl text)
{
	uint32_t lenv[LEN_MAX] = {0};
	size_t left = size, need;
	struct pl param;

	while (next_param(&param, &text)) {
		if (param.l < LEN_MAX)
			++lenv[param.l];
	}

	lim->n = 0;

	for (lim->len = 1; lim->len < LEN_MAX; ++lim->len) {

		need = (lim->len + 1) * (size_t)lenv[lim->len];
		if (need > left) {
			lim->n = left / (lim->len + 1);
			break;
		}

		left -= need;
	}
}


/**
 * Copy format parameters. If there is too little room for all, the longest
 * ones are left out: a cut one would say something else, and what matters is
 * short (H.264's parameter sets are repeated in the stream)
 *
 * @param dst  Parameters (output)
 * @param size Room at dst [bytes]
 * @param src  Parameters
 */
void fmtp_fit(char *dst, size_t size, const struct pl *src)
{
	struct pl text, param;
	struct limit lim;
	size_t pos = 0;

	if (!dst || !size)
		return;

	*dst = '\0';
	if (!pl_isset(src))
		return;

	if (src->l < size) {
		(void)pl_strcpy(src, dst, size);
		return;
	}

	find_limit(&lim, size, *src);

	for (text = *src; next_param(&param, &text); ) {

		if (!param.l || param.l > lim.len ||
		    (param.l == lim.len && !lim.n))
			continue;
		if (param.l == lim.len)
			--lim.n;

		if (pos)
			dst[pos++] = ';';
		memcpy(&dst[pos], param.p, param.l);
		pos += param.l;
	}

	dst[pos] = '\0';
}
