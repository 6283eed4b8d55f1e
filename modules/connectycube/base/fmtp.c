/**
 * @file base/fmtp.c  Format parameters that are longer than there is room
 *
 * Pure.
 */
#include <string.h>
#include <strings.h>
#include <re.h>
#include "base/text.h"
#include "fmtp.h"


enum {
	LEN_MAX = 1024,         /**< Longest parameter that is kept [bytes] */
};

/** Who has more of a right to the room */
enum rank {
	RANK_KNOWN = 0,         /**< What codecs ask for                   */
	RANK_SPROP,             /**< What a stream repeats, or does without */
	RANK_OTHER,             /**< What nobody here knows                */
	RANKS
};

/** Of each rank, what is kept: the longest of them not all */
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


/* Of Opus (RFC 7587), H.264 (6184), H.265 (7798), VP8 and VP9 (7741, 9628), AV1,
   rtx (4588), G.729, iLBC, AMR (4867) and red; telephone-event has a list */
static bool is_known(const struct pl *name)
{
	static const char *const v[] = {
		"maxplaybackrate", "sprop-maxcapturerate", "minptime",
		"maxptime", "ptime", "maxaveragebitrate", "stereo",
		"sprop-stereo", "cbr", "useinbandfec", "usedtx",
		"profile-level-id", "packetization-mode",
		"level-asymmetry-allowed", "max-mbps", "max-smbps", "max-fs",
		"max-cpb", "max-dpb", "max-br", "max-fr", "max-rcmd-nalu-size",
		"profile-space", "profile-id", "tier-flag", "level-id", "tx-mode",
		"profile", "level-idx", "tier", "apt", "rtx-time", "annexa",
		"annexb", "mode", "bitrate", "mode-set", "octet-align",
		"robust-sorting", "crc", "interleaving", "channels",
		"mode-change-period", "mode-change-capability",
		"mode-change-neighbor", "max-red", "config", "cif", "qcif",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (!pl_strcasecmp(name, v[i]))
			return true;
	}

	return false;
}


static enum rank rank_of(const struct pl *param)
{
	const char *end;
	struct pl name = *param;

	while (name.l && (*name.p == ' ' || *name.p == '\t'))
		pl_advance(&name, 1);

	if (name.l && *name.p >= '0' && *name.p <= '9')
		return RANK_KNOWN;

	end = memchr(name.p, '=', name.l);
	if (end)
		name.l = (size_t)(end - name.p);
	while (name.l && name.p[name.l - 1] == ' ')
		--name.l;

	if (is_known(&name))
		return RANK_KNOWN;

	return name.l > 6 && !strncasecmp(name.p, "sprop-", 6) ? RANK_SPROP
		: RANK_OTHER;
}


/* Each takes its length and a separator, the last one a terminator */
static void find_limit(struct limit *lim, size_t *left, struct pl text,
		       enum rank rank)
{
	uint32_t lenv[LEN_MAX] = {0};
	struct pl param;
	size_t need;

	while (next_param(&param, &text)) {
		if (param.l && param.l < LEN_MAX && rank_of(&param) == rank)
			++lenv[param.l];
	}

	lim->n = 0;

	for (lim->len = 1; lim->len < LEN_MAX; ++lim->len) {

		need = (lim->len + 1) * (size_t)lenv[lim->len];
		if (need > *left) {
			lim->n = *left / (lim->len + 1);
			*left -= lim->n * (lim->len + 1);
			break;
		}

		*left -= need;
	}
}


/**
 * Copy format parameters. If there is too little room for all, some are left
 * out, since a cut one would say something else: first those that no codec
 * here knows, then properties of a stream (H.264's parameter sets are repeated
 * in it), and of these the longest first
 *
 * @param dst  Parameters (output)
 * @param size Room at dst [bytes]
 * @param src  Parameters
 */
void fmtp_fit(char *dst, size_t size, const struct pl *src)
{
	struct limit limv[RANKS], *lim;
	struct pl text, param;
	size_t pos = 0, left = size, i;

	if (!dst || !size)
		return;

	*dst = '\0';
	if (!pl_isset(src))
		return;

	if (src->l < size) {
		(void)text_str(dst, size, src);
		return;
	}

	for (i=0; i<RANKS; i++)
		find_limit(&limv[i], &left, *src, (enum rank)i);

	for (text = *src; next_param(&param, &text); ) {

		if (!param.l)
			continue;

		lim = &limv[rank_of(&param)];
		if (param.l > lim->len || (param.l == lim->len && !lim->n))
			continue;
		if (param.l == lim->len)
			--lim->n;

		if (pos)
			dst[pos++] = ';';
		memcpy(&dst[pos], param.p, param.l);
		pos += param.l;
	}

	dst[pos] = '\0';
}
