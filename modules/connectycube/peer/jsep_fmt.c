/**
 * @file peer/jsep_fmt.c  What a format's parameters make of it
 *
 * H.264 (RFC 6184 section 8): packetization mode and profile are part of
 * the format, the level is not. In practice every decoder of the Baseline
 * profile decodes the constrained one, and no sender of WebRTC uses what the
 * constraint takes away, so that those two go together.
 */
#include <string.h>
#include <ctype.h>
#include <re.h>
#include "peer.h"
#include "base/text.h"
#include "jsep.h"


enum {
	AVC_BASELINE      = 0x4200,
	AVC_CONSTRAINED   = 0x42e0, /**< Constrained Baseline              */
	AVC_MAIN          = 0x4d00,
	AVC_EXTENDED      = 0x5800,
	AVC_DEFAULT       = 0x42000a, /**< If it is not stated             */
};


/**
 * Find a parameter of a format: "a=b;c=d"
 *
 * @param fmtp  Format parameters
 * @param name  Name of the parameter
 * @param value Its value, empty if it is not there; points into fmtp
 */
void jsep_fmtp_get(const char *fmtp, const char *name, struct pl *value)
{
	struct pl rest, item, key;

	pl_set_str(&rest, fmtp);
	value->p = NULL;
	value->l = 0;

	while (rest.l) {
		struct pl val;

		(void)text_split(&rest, ';', &item, &rest);
		(void)text_split(&item, '=', &key, &val);
		if (!pl_strcasecmp(&key, name)) {
			*value = val;
			return;
		}
	}
}


static uint32_t fmtp_u32(const char *fmtp, const char *name)
{
	struct pl pl;
	uint32_t n = 0;

	jsep_fmtp_get(fmtp, name, &pl);
	(void)text_u32(&n, &pl, UINT32_MAX);

	return n;
}


/* True if it is stated, and well */
static bool profile_level(uint32_t *id, const char *fmtp)
{
	struct pl pl;
	size_t i;

	*id = AVC_DEFAULT;

	jsep_fmtp_get(fmtp, "profile-level-id", &pl);
	if (pl.l != 6)
		return false;

	for (i=0; i<pl.l; i++) {
		if (!isxdigit((unsigned char)pl.p[i]))
			return false;
	}
	*id = pl_x32(&pl);

	return true;
}


/* RFC 6184 table 5: a profile goes by more than one name */
static uint32_t avc_profile(uint32_t id)
{
	const uint8_t iop = id >> 8 & 0xff;

	switch (id >> 8 & 0xff00) {

	case AVC_BASELINE:
		return iop & 0x40 ? AVC_CONSTRAINED : AVC_BASELINE;

	case AVC_MAIN:
		return iop & 0x80 ? AVC_CONSTRAINED : AVC_MAIN;

	case AVC_EXTENDED:
		if (iop & 0x80)
			return iop & 0x40 ? AVC_CONSTRAINED : AVC_BASELINE;
		return AVC_EXTENDED;

	default:
		return id >> 8;
	}
}


static enum jsep_rank avc_rank(const char *a, const char *b)
{
	uint32_t ida, idb;

	if (fmtp_u32(a, "packetization-mode") !=
	    fmtp_u32(b, "packetization-mode"))
		return JSEP_RANK_NONE;

	(void)profile_level(&ida, a);
	(void)profile_level(&idb, b);
	ida = avc_profile(ida);
	idb = avc_profile(idb);

	if (ida == idb)
		return JSEP_RANK_EXACT;

	return ida >> 8 == idb >> 8 ? JSEP_RANK_COMPAT : JSEP_RANK_NONE;
}


/**
 * Tell how well two formats agree, by all but their payload types
 *
 * @param a Format
 * @param b Format
 *
 * @return Rank
 */
enum jsep_rank jsep_fmt_rank(const struct peer_fmt *a,
			     const struct peer_fmt *b)
{
	if (!a->name[0] || str_casecmp(a->name, b->name) ||
	    a->crate != b->crate || a->ch != b->ch)
		return JSEP_RANK_NONE;

	if (!str_casecmp(a->name, "H264"))
		return avc_rank(a->fmtp, b->fmtp);

	/* RFC 9628 section 7.2: other profiles have other pixels */
	if (!str_casecmp(a->name, "VP9") &&
	    fmtp_u32(a->fmtp, "profile-id") != fmtp_u32(b->fmtp, "profile-id"))
		return JSEP_RANK_NONE;

	return JSEP_RANK_EXACT;
}


/* The level is ours; the lower of both, if the offerer wants one level for
   both directions. The numbers of levels rise */
static uint32_t avc_level(const char *rmt, uint32_t rmtid, const char *lcl)
{
	uint32_t lclid;

	if (!profile_level(&lclid, lcl))
		return rmtid & 0xff;

	if (fmtp_u32(rmt, "level-asymmetry-allowed") == 1)
		return lclid & 0xff;

	return min(lclid & 0xff, rmtid & 0xff);
}


/* RFC 6184 section 8.2.2: the offer's mode and profile are repeated */
static void avc_answer(char *fmtp, size_t size, const char *rmt,
		       const char *lcl)
{
	const uint32_t mode = fmtp_u32(rmt, "packetization-mode");
	uint32_t id;

	if (!profile_level(&id, rmt)) {
		str_ncpy(fmtp, rmt, size);
		return;
	}

	(void)re_snprintf(fmtp, size, "level-asymmetry-allowed=1;"
			  "packetization-mode=%u;profile-level-id=%04x%02x",
			  mode, id >> 8, avc_level(rmt, id, lcl));
}


/**
 * Make an answer's format of an offer's: with the offer's numbers, and the
 * parameters that we want to receive
 *
 * @param ans Format to state in the answer
 * @param rmt The offer's format
 * @param lcl Our format, of the same codec
 */
void jsep_fmt_answer(struct peer_fmt *ans, const struct peer_fmt *rmt,
		     const struct peer_fmt *lcl)
{
	const bool avc = !str_casecmp(rmt->name, "H264");
	const struct peer_fmt offered = *rmt;

	*ans = offered;
	if (avc)
		avc_answer(ans->fmtp, sizeof(ans->fmtp), offered.fmtp,
			   lcl->fmtp);
	else
		str_ncpy(ans->fmtp, lcl->fmtp, sizeof(ans->fmtp));
}
