/**
 * @file sip/pure/vfmt.c  Video formats in SDP: which match, and what is answered
 *
 * VP8 is one format whatever its parameters say (RFC 7741, 6.1). Of VP9 the
 * profile counts (RFC 9628, 7). Of H.264 packetization-mode and profile are
 * part of the format (RFC 6184, 8.2.2). Phones are taken for what they can
 * do, not at their word: all that is called Baseline is the same to us, since
 * nobody sends what Constrained Baseline leaves out; who decodes a higher
 * profile takes a lower one; and Main and High are better than nothing, since
 * apps decode them although they name Baseline alone.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "sip/sip.h"
#include "vfmt.h"


enum {
	RANK_BASELINE = 0,
	RANK_MAIN,
	RANK_HIGH,
};

/** What makes a format of H.264 (RFC 6184, 8.1) */
struct h264_id {
	unsigned mode;          /**< packetization-mode                    */
	uint8_t profile;        /**< profile_idc                           */
	uint8_t iop;            /**< Constraint flags                      */
	uint8_t level;          /**< level_idc                             */
	bool stated;            /**< profile-level-id is there             */
	bool asymmetry;         /**< level-asymmetry-allowed               */
};

static const char par_mode[]      = "packetization-mode";
static const char par_profile[]   = "profile-level-id";
static const char par_asymmetry[] = "level-asymmetry-allowed";

/** Our feedback as a=rtcp-fb states it (RFC 4585, 4.2; RFC 5104, 7.1) */
static const struct {
	enum sipleg_fb fb;
	const char *name;
} fbv[] = {
	{SIPLEG_FB_NACK,  "nack"},
	{SIPLEG_FB_PLI,   "nack pli"},
	{SIPLEG_FB_FIR,   "ccm fir"},
	{SIPLEG_FB_TMMBR, "ccm tmmbr"},
	{SIPLEG_FB_REMB,  "goog-remb"},
	{SIPLEG_FB_TWCC,  "transport-cc"},
};


static void trim(struct pl *pl)
{
	while (pl->l && (*pl->p == ' ' || *pl->p == '\t'))
		pl_advance(pl, 1);

	while (pl->l && (pl->p[pl->l - 1] == ' ' || pl->p[pl->l - 1] == '\t'))
		--pl->l;
}


/* Take the next "name=value" off a list */
static bool next_param(struct pl *list, struct pl *name, struct pl *val)
{
	while (list->l) {

		const char *end = pl_strchr(list, ';');
		const char *eq;

		name->p = list->p;
		name->l = end ? (size_t)(end - list->p) : list->l;
		pl_advance(list, (ssize_t)(name->l + (end ? 1 : 0)));

		*val = pl_null;
		eq = pl_strchr(name, '=');
		if (eq) {
			val->p = eq + 1;
			val->l = (size_t)(name->p + name->l - val->p);
			name->l = (size_t)(eq - name->p);
			trim(val);
		}

		trim(name);
		if (name->l)
			return true;
	}

	return false;
}


static bool get_param(const char *fmtp, const char *key, struct pl *val)
{
	struct pl list, name;

	pl_set_str(&list, fmtp);

	while (next_param(&list, &name, val)) {
		if (!pl_strcasecmp(&name, key))
			return true;
	}

	return false;
}


static bool is_hex6(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {
		if (!isxdigit((unsigned char)pl->p[i]))
			return false;
	}

	return pl->l == 6;
}


static bool is_h264(const struct sipleg_fmt *fmt)
{
	return 0 == str_casecmp(fmt->name, "H264");
}


static void h264_decode(struct h264_id *id, const char *fmtp)
{
	struct pl val;

	/* nothing stated is Baseline of level 1, mode 0 */
	memset(id, 0, sizeof(*id));
	id->profile = 66;
	id->level   = 10;

	if (get_param(fmtp, par_mode, &val))
		id->mode = pl_u32(&val);

	if (get_param(fmtp, par_asymmetry, &val))
		id->asymmetry = pl_u32(&val) == 1;

	if (get_param(fmtp, par_profile, &val) && is_hex6(&val)) {
		const uint32_t v = pl_x32(&val);

		id->profile = (uint8_t)(v >> 16);
		id->iop     = (uint8_t)(v >> 8);
		id->level   = (uint8_t)v;
		id->stated  = true;
	}
}


/* Who decodes one of these decodes all that stand before it. Others stand
   for themselves (RFC 6184, table 5) */
static unsigned h264_rank(const struct h264_id *id)
{
	const bool constrained = id->iop & 0x80;

	switch (id->profile) {

	case 66:  return RANK_BASELINE;
	case 77:  return constrained ? RANK_BASELINE : RANK_MAIN;
	case 88:  return constrained ? RANK_BASELINE : 88;
	case 100: return RANK_HIGH;
	default:  return id->profile;
	}
}


static enum vfmt_fit h264_fit(const char *lfmtp, const char *rfmtp)
{
	struct h264_id l, r;
	unsigned lrank, rrank;

	h264_decode(&l, lfmtp);
	h264_decode(&r, rfmtp);

	lrank = h264_rank(&l);
	rrank = h264_rank(&r);

	if (l.mode != r.mode)
		return VFMT_NONE;

	if (lrank == rrank)
		return VFMT_SAME;

	if (lrank > RANK_HIGH || rrank > RANK_HIGH)
		return VFMT_NONE;

	return rrank < lrank ? VFMT_LESS : VFMT_MORE;
}


static bool vp9_match(const char *lfmtp, const char *rfmtp)
{
	struct pl val;
	uint32_t l = 0, r = 0;

	if (get_param(lfmtp, "profile-id", &val))
		l = pl_u32(&val);

	if (get_param(rfmtp, "profile-id", &val))
		r = pl_u32(&val);

	return l == r;
}


static bool is_codec(const struct sipleg_fmt *a, const struct sipleg_fmt *b)
{
	return a->name[0] && !str_casecmp(a->name, b->name) &&
		a->crate == b->crate;
}


static enum vfmt_fit fit_of(const struct sipleg_fmt *lcl,
			    const struct sipleg_fmt *rmt)
{
	if (!is_codec(lcl, rmt))
		return VFMT_NONE;

	if (is_h264(rmt))
		return h264_fit(lcl->fmtp, rmt->fmtp);

	if (!str_casecmp(rmt->name, "VP9") &&
	    !vp9_match(lcl->fmtp, rmt->fmtp))
		return VFMT_NONE;

	return VFMT_SAME;
}


/**
 * Find the format of ours that an offered one fits best
 *
 * @param fmtv Our formats, best first
 * @param fmtc Number of our formats
 * @param rmt  Format in the remote's offer
 * @param fit  How it fits, may be NULL (output)
 *
 * @return Index of our format, -1 if there is none
 */
int vfmt_find(const struct sipleg_fmt *fmtv, size_t fmtc,
	      const struct sipleg_fmt *rmt, enum vfmt_fit *fit)
{
	enum vfmt_fit best = VFMT_NONE;
	int found = -1;
	size_t i;

	for (i=0; fmtv && rmt && i<fmtc; i++) {

		const enum vfmt_fit f = fit_of(&fmtv[i], rmt);

		if (f > best) {
			best  = f;
			found = (int)i;
		}
	}

	if (fit)
		*fit = best;

	return found;
}


/**
 * Find the format of ours that the remote took from our offer. It is known by
 * its payload type: some phones forget its parameters in their answer
 *
 * @param fmtv Offered formats
 * @param fmtc Number of offered formats
 * @param rmt  Format in the remote's answer
 *
 * @return Index of our format, -1 if there is none
 */
int vfmt_find_answer(const struct sipleg_fmt *fmtv, size_t fmtc,
		     const struct sipleg_fmt *rmt)
{
	size_t i;

	for (i=0; fmtv && rmt && i<fmtc; i++) {

		if (fmtv[i].pt == rmt->pt && is_codec(&fmtv[i], rmt))
			return (int)i;
	}

	return vfmt_find(fmtv, fmtc, rmt, NULL);
}


static int add_param(char *fmtp, size_t size, const char *fmt, ...)
{
	const size_t len = str_len(fmtp), sep = len ? 1 : 0;
	va_list ap;
	int n;

	if (len + sep >= size)
		return EOVERFLOW;

	va_start(ap, fmt);
	n = re_vsnprintf(fmtp + len + sep, size - len - sep, fmt, ap);
	va_end(ap);

	if (n < 0)
		return EOVERFLOW;

	if (sep)
		fmtp[len] = ';';

	return 0;
}


/**
 * Print the parameters of a format as we offer it
 *
 * @param fmtp Parameters (output)
 * @param size Room at fmtp [bytes]
 * @param fmt  Format
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int vfmt_offer(char *fmtp, size_t size, const struct sipleg_fmt *fmt)
{
	struct pl val;

	if (!fmtp || !size || !fmt)
		return EINVAL;

	str_ncpy(fmtp, fmt->fmtp, size);

	if (!is_h264(fmt) || get_param(fmt->fmtp, par_asymmetry, &val))
		return 0;

	return add_param(fmtp, size, "%s=1", par_asymmetry);
}


/* Profile and constraints as offered, the level is how well we receive; both
   ways the same unless the offer allows more (RFC 6184, 8.2.2) */
static int add_profile(char *fmtp, size_t size, const struct h264_id *lcl,
		       const struct h264_id *rmt)
{
	const struct h264_id *id = rmt->stated ? rmt : lcl;
	uint8_t level = lcl->level;

	if (rmt->stated && !rmt->asymmetry && rmt->level < level)
		level = rmt->level;

	return add_param(fmtp, size, "%s=%02x%02x%02x", par_profile,
			 id->profile, id->iop, level);
}


/**
 * Print the parameters of a format as we answer with it
 *
 * @param fmtp  Parameters (output)
 * @param size  Room at fmtp [bytes]
 * @param fmt   Our format
 * @param rfmtp Parameters of the format in the offer that it matched
 *
 * @return 0 if success, EINVAL for missing arguments, EOVERFLOW if the room
 *         is too small
 */
int vfmt_answer(char *fmtp, size_t size, const struct sipleg_fmt *fmt,
		const char *rfmtp)
{
	struct pl list, name, val;
	struct h264_id lcl, rmt;
	int err;

	if (!fmtp || !size || !fmt)
		return EINVAL;

	if (!is_h264(fmt)) {
		str_ncpy(fmtp, fmt->fmtp, size);
		return 0;
	}

	h264_decode(&lcl, fmt->fmtp);
	h264_decode(&rmt, rfmtp);

	fmtp[0] = '\0';
	err = add_profile(fmtp, size, &lcl, &rmt);

	if (!err && rmt.asymmetry)
		err = add_param(fmtp, size, "%s=1", par_asymmetry);

	pl_set_str(&list, fmt->fmtp);

	while (!err && next_param(&list, &name, &val)) {

		if (!pl_strcasecmp(&name, par_profile) ||
		    !pl_strcasecmp(&name, par_asymmetry))
			continue;

		err = val.p ? add_param(fmtp, size, "%r=%r", &name, &val)
			: add_param(fmtp, size, "%r", &name);
	}

	return err;
}


/* "ccm tmmbr" may have a parameter; "nack rpsi" is another feedback */
static bool is_fb(const struct pl *what, size_t i)
{
	const size_t len = strlen(fbv[i].name);
	struct pl pl = *what;

	if (fbv[i].fb == SIPLEG_FB_TMMBR && pl.l > len && pl.p[len] == ' ')
		pl.l = len;

	return 0 == pl_strcasecmp(&pl, fbv[i].name);
}


/**
 * Read one a=rtcp-fb attribute (RFC 4585, 4.2)
 *
 * @param attr Its value, e.g. "* nack pli"; of any payload type
 *
 * @return The feedback, enum sipleg_fb; 0 if it is none that we know
 */
uint32_t vfmt_fb(const char *attr)
{
	const char *sep = attr ? strchr(attr, ' ') : NULL;
	struct pl what;
	size_t i;

	if (!sep)
		return 0;

	pl_set_str(&what, sep);
	trim(&what);

	for (i=0; i<ARRAY_SIZE(fbv); i++) {
		if (is_fb(&what, i))
			return fbv[i].fb;
	}

	return 0;
}


/**
 * Get what a=rtcp-fb calls a feedback
 *
 * @param fb Feedback, one bit
 *
 * @return Its name, NULL if there is none
 */
const char *vfmt_fb_name(enum sipleg_fb fb)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(fbv); i++) {
		if (fbv[i].fb == fb)
			return fbv[i].name;
	}

	return NULL;
}
