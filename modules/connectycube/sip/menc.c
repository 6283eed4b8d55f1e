/**
 * @file sip/menc.c  What baresip is told of a bridged account's encryption
 *
 * SRTP of bridged calls is ours (seal.c). baresip's part is the profile in
 * its own offers, no more: these modules start nothing. They have names of
 * their own, so that an account that is not bridged never gets them instead
 * of baresip's, which encrypt.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "sip/sip.h"
#include "sip/leg.h"
#include "peer/srtp.h"


static struct menc mencv[] = {
	[SDES_OPT]   = {.id = "connectycube-srtp",
			.sdp_proto = "RTP/AVP"},
	[SDES_MAND]  = {.id = "connectycube-srtp-mand",
			.sdp_proto = "RTP/SAVP"},
	[SDES_MANDF] = {.id = "connectycube-srtp-mandf",
			.sdp_proto = "RTP/SAVPF"},
};

static const char *const namev[] = {
	[SDES_OPT]   = "srtp",
	[SDES_MAND]  = "srtp-mand",
	[SDES_MANDF] = "srtp-mandf",
};


/**
 * Take an account's encryption over from baresip. One that we do not know
 * does not make its calls plain: it is SRTP or nothing then
 *
 * @param acc  Account
 * @param mode What it says (output)
 *
 * @return 0 if success, otherwise errorcode
 */
int sipmenc_use(struct account *acc, enum sdes_mode *mode)
{
	const char *mediaenc = account_mediaenc(acc);

	if (sdes_mode_decode(mode, mediaenc)) {
		clog_warning("%s: mediaenc=%s is not known towards the"
			     " phone (srtp, srtp-mand and srtp-mandf are):"
			     " srtp-mand is used\n", account_aor(acc),
			     mediaenc);
		*mode = SDES_MAND;
	}

	if (*mode == SDES_OFF)
		return 0;

	return account_set_mediaenc(acc, mencv[*mode].id);
}


/**
 * Give an account's encryption back
 *
 * @param acc  Account
 * @param mode What it says
 */
void sipmenc_restore(struct account *acc, enum sdes_mode mode)
{
	if (mode == SDES_OFF)
		return;

	/* no account may point into this module, and srtp.so need not be
	   there */
	if (menc_find(baresip_mencl(), namev[mode]))
		(void)account_set_mediaenc(acc, namev[mode]);
	else
		(void)account_set_mediaenc(acc, NULL);
}


/**
 * Register the modules
 *
 * @return 0 if success, EPROTO if there is no SRTP
 */
int sipmenc_init(void)
{
	size_t i;
	int err;

	err = srtpx_init();
	if (err)
		return err;

	for (i=SDES_OPT; i<ARRAY_SIZE(mencv); i++)
		menc_register(baresip_mencl(), &mencv[i]);

	return 0;
}


/**
 * Unregister the modules
 */
void sipmenc_close(void)
{
	size_t i;

	for (i=SDES_OPT; i<ARRAY_SIZE(mencv); i++)
		menc_unregister(&mencv[i]);

	srtpx_close();
}
