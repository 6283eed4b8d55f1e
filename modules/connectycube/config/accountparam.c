/**
 * @file config/accountparam.c  Parameters of a SIP account, as baresip has them
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "accountparam.h"


/* Of baresip 1.0 and later */
const char *const account_paramv[] = {
	"100rel", "answerdelay", "answermode", "audio_codecs",
	"audio_player", "audio_source", "auth_pass", "auth_user",
	"autelev_pt", "autoredirect", "call_transfer", "catchall", "cert",
	"check_origin", "dtmfmode", "extra", "fbregint", "inreq_allowed",
	"mediaenc", "medianat", "mwi", "natpinhole", "outbound", "outbound1",
	"outbound2", "prio", "ptime", "pubint", "regint", "regq", "rtcp_mux",
	"rwait", "sip_autoanswer", "sip_autoanswer_beep", "sipnat",
	"stunpass", "stunserver", "stunuser", "tcpsrcport", "uas_pass",
	"uas_user", "video_codecs", "video_display", "video_source",
};

const size_t account_paramc = ARRAY_SIZE(account_paramv);

/* Those of them that are numbers */
static const char *const numberv[] = {
	"answerdelay", "autelev_pt", "fbregint", "prio", "ptime", "pubint",
	"regint", "rwait", "tcpsrcport",
};


/**
 * Would calls be in the clear that were meant not to be? The module srtp.so is
 * all there is: under another name, without a value, or where baresip does not
 * look for it, mediaenc= would do nothing
 *
 * @param line   Line of the account
 * @param params Its parameters
 *
 * @return What is wrong, NULL=nothing
 */
const char *account_mediaenc_fault(const struct pl *line,
				   const struct pl *params)
{
	struct pl val;

	if (pl_isset(params) && !msg_param_decode(params, "mediaenc", &val))
		return pl_strcasecmp(&val, "srtp") &&
			pl_strcasecmp(&val, "srtp-mand") &&
			pl_strcasecmp(&val, "srtp-mandf") ?
			"mediaenc= is not srtp, srtp-mand or srtp-mandf:"
			" calls would be in the clear" : NULL;

	return re_regex(line->p, line->l, "mediaenc") ? NULL :
		"mediaenc= has no value, or is not where parameters are:"
		" calls would be in the clear";
}


static bool is_number(const struct pl *pl)
{
	size_t i;

	for (i=0; i<pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}

	return pl->l > 0 && pl->l <= 9;
}


/**
 * Which parameter has to be a number, and is none? baresip would take it for
 * 0, in silence
 *
 * @param params Parameters of an account
 *
 * @return Its name, NULL=all are
 */
const char *account_number_fault(const struct pl *params)
{
	struct pl val;
	size_t i;

	if (!pl_isset(params))
		return NULL;

	for (i=0; i<ARRAY_SIZE(numberv); i++) {
		if (!msg_param_decode(params, numberv[i], &val) &&
		    !is_number(&val))
			return numberv[i];
	}

	return NULL;
}
