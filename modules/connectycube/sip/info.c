/**
 * @file sip/info.c  Keys and keyframe requests by SIP INFO, as they come
 *
 * baresip 1.0 knows of one of the two bodies of keys, without its duration,
 * and takes keyframe requests for its own encoder. So these INFO requests are
 * answered here, before baresip's session layer sees them. Those that go out
 * are infotx.c's.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/host.h"
#include "sip/pure/infokey.h"
#include "sip/pure/mediactl.h"


/**
 * Get the SIP session of a leg's call
 *
 * @param leg Leg
 *
 * @return Session, NULL if the call is not established
 */
struct sipsess *sipleg_session(const struct sipleg *leg)
{
	return leg && leg->call && leg->estab ?
		host_session(leg->id, leg->call) : NULL;
}


static void reply(const struct sip_msg *msg, int err)
{
	if (err)
		(void)sip_treply(NULL, uag_sip(), msg, 400, "Bad Request");
	else
		(void)sip_treply(NULL, uag_sip(), msg, 200, "OK");
}


/* What is left is said (RFC 3261, 8.2.3) */
static void refuse_type(const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
			  415, "Unsupported Media Type",
			  "Accept: application/media_control+xml\r\n"
			  "Content-Length: 0\r\n\r\n");
}


/* A package that was never agreed on (RFC 6086, 4.2.2) */
static void refuse_package(const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, uag_sip(), msg, false,
			  469, "Bad Info Package",
			  "Recv-Info: \r\n"
			  "Content-Length: 0\r\n\r\n");
}


/* Nothing that we do; without a body it asks whether the call is there */
static void other_request(const struct sip_msg *msg)
{
	if (sip_msg_xhdr(msg, "Info-Package"))
		refuse_package(msg);
	else if (mbuf_get_left(msg->mb))
		refuse_type(msg);
	else
		reply(msg, 0);
}


static void key_request(struct sipleg *leg, const struct sip_msg *msg,
			enum infokey_type type)
{
	struct pl body;
	uint32_t ms;
	char key;
	int err;

	if (!leg->h.keyh) {
		refuse_type(msg);
		return;
	}

	pl_set_mbuf(&body, msg->mb);

	err = infokey_decode(type, &body, &key, &ms);
	reply(msg, err);

	if (!err)
		leg->h.keyh(key, ms, leg->arg);
}


static void control_request(struct sipleg *leg, const struct sip_msg *msg)
{
	bool fast_update = false;
	struct pl body;
	int err;

	pl_set_mbuf(&body, msg->mb);

	err = mediactl_decode(&fast_update, &body);
	reply(msg, err);

	if (fast_update && leg->h.fasth)
		leg->h.fasth(leg->arg);
}


/**
 * Handle an INFO request, if it is one for a leg
 *
 * @param msg Request
 *
 * @return True if it was answered, false if it is baresip's
 */
bool info_request(const struct sip_msg *msg)
{
	const struct msg_ctype *ct = &msg->ctyp;
	const enum infokey_type key = infokey_type(&ct->type, &ct->subtype);
	const bool control = mediactl_type(&ct->type, &ct->subtype);
	struct sipleg *leg;

	/* a stranger's, or not of this dialog: 481 by the session layer */
	leg = sipleg_find_request(msg);
	if (!leg)
		return false;

	if (sipleg_refuse_overtaken(leg, msg))
		return true;

	if (control)
		control_request(leg, msg);
	else if (key == INFOKEY_NONE)
		other_request(msg);
	else
		key_request(leg, msg, key);

	return true;
}
