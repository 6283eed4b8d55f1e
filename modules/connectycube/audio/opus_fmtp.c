/**
 * @file audio/opus_fmtp.c  Opus in SDP: format parameters (RFC 7587, 6.1)
 */
#include <string.h>
#include <re.h>
#include "opus_fmtp.h"


enum {
	BITRATE_MIN  = 6000,    /**< RFC 7587, 6.1 [bit/s]                 */
	BITRATE_MAX  = 510000,  /**< RFC 7587, 6.1 [bit/s]                 */
	PLAYBACK_MIN = 8000,    /**< RFC 7587, 6.1 [Hz]                    */
	PLAYBACK_MAX = 48000,   /**< RFC 7587, 6.1 [Hz]                    */
};


static uint32_t within(uint32_t v, uint32_t lo, uint32_t hi)
{
	return min(max(v, lo), hi);
}


static void param_decode(struct opus_fmtp *f, const struct pl *name,
			 uint32_t v)
{
	if (!pl_strcasecmp(name, "maxplaybackrate"))
		f->playback = within(v, PLAYBACK_MIN, PLAYBACK_MAX);
	else if (!pl_strcasecmp(name, "maxaveragebitrate"))
		f->bitrate = within(v, BITRATE_MIN, BITRATE_MAX);
	else if (!pl_strcasecmp(name, "useinbandfec"))
		f->fec = v;
	else if (!pl_strcasecmp(name, "usedtx"))
		f->dtx = v;
	else if (!pl_strcasecmp(name, "cbr"))
		f->cbr = v;
}


/**
 * Decode the format parameters of Opus. What is out of its range counts as
 * the end of the range; what is not known, or no number, is passed over
 *
 * @param f    Parameters
 * @param fmtp "name=value;name=value", may be NULL
 */
void opus_fmtp_decode(struct opus_fmtp *f, const char *fmtp)
{
	struct pl pl, name, v;

	memset(f, 0, sizeof(*f));
	pl_set_str(&pl, fmtp ? fmtp : "");

	while (pl.l) {

		const char *semi = pl_strchr(&pl, ';');
		struct pl item = pl;

		if (semi)
			item.l = semi - pl.p;

		pl_advance(&pl, item.l + (semi ? 1 : 0));

		if (!re_regex(item.p, item.l,
			      "[ \t]*[^= \t]+[ \t]*=[ \t]*[0-9]+",
			      NULL, &name, NULL, NULL, &v))
			param_decode(f, &name, pl_u32(&v));
	}
}


/**
 * Print the format parameters of Opus, as opus_fmtp_decode() reads them.
 * Those that may be heard are stated also where they are the default
 *
 * @param pf Print function
 * @param f  Parameters
 *
 * @return 0 if success, otherwise errorcode
 */
int opus_fmtp_print(struct re_printf *pf, const struct opus_fmtp *f)
{
	int err = 0;

	if (!f)
		return 0;

	if (f->playback)
		err = re_hprintf(pf, "maxplaybackrate=%u;", f->playback);
	if (!err && f->bitrate)
		err = re_hprintf(pf, "maxaveragebitrate=%u;", f->bitrate);
	if (!err && f->cbr)
		err = re_hprintf(pf, "cbr=1;");
	if (!err)
		err = re_hprintf(pf, "useinbandfec=%d;usedtx=%d;stereo=0",
				 f->fec, f->dtx);

	return err;
}
