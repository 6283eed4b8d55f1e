/**
 * @file cube/push.c  The push notification that rings a closed app
 */
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
/* not the whole re.h: its JSON module takes jansson's names */
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_base64.h>
#include <re_list.h>
#include <re_sa.h>
#include <re_sdp.h>
#include "peer/peer.h"
#include "cube.h"
#include "push.h"


enum {
	ID_DIGITS = 18,         /**< What a JSON number holds in any case  */
};


/* A name that is no UTF-8 must not cost the push */
static json_t *text(const char *str)
{
	json_t *j = json_string(str ? str : "");

	return j ? j : json_string("?");
}


static json_t *id_value(const char *id)
{
	struct pl pl;

	pl_set_str(&pl, id);

	return pl.l <= ID_DIGITS && strspn(id, "0123456789") == pl.l
		? json_integer((json_int_t)pl_u64(&pl)) : text(id);
}


/* For Flutter it is a string that holds JSON */
static json_t *user_info(const struct push *p)
{
	json_t *info = json_object(), *j = NULL;
	char *str = NULL;
	size_t i;
	int err = info ? 0 : ENOMEM;

	for (i=0; i<p->infoc && !err; i++) {

		if (!p->infov[i].name || !p->infov[i].value)
			continue;

		err = json_object_set_new(info, p->infov[i].name,
					  text(p->infov[i].value));
	}

	if (!err)
		str = json_dumps(info, JSON_COMPACT);
	if (str)
		j = json_string(str);

	free(str);
	json_decref(info);

	return j;
}


/* An iOS app crashes on a wrong type, an Android one drops what lacks a key */
static int add_flutter(json_t *root, const struct push *p)
{
	json_t *j = json_pack("{s:s, s:i, s:o, s:o, s:o, s:s, s:o, s:i, s:i,"
			      " s:s}",
			      "session_id", p->sid,
			      "call_type", (int)p->type,
			      "caller_id", id_value(p->caller),
			      "caller_name", text(p->name),
			      "call_opponents", text(p->user),
			      "signal_type", p->end ? "endCall" : "startCall",
			      "user_info", user_info(p),
			      "ios_voip", 1,
			      "expiration", 0,
			      "ios_push_type", "voip");
	int err = j ? json_object_update(root, j) : ENOMEM;

	json_decref(j);

	return err ? ENOMEM : 0;
}


/* These know no push that ends a call: another one would ring again */
static int add_others(json_t *root, const struct push *p)
{
	const bool video = p->type == CUBE_CALL_VIDEO;
	char both[2 * 64], when[24];
	json_t *j;
	int err;

	(void)re_snprintf(both, sizeof(both), "%s,%s", p->caller, p->user);
	(void)re_snprintf(when, sizeof(when), "%llu",
			  (unsigned long long)p->now);

	j = json_pack("{s:o, s:o, s:o, s:s, s:s}",
		      /* React Native */
		      "handle", text(p->name),
		      "initiatorId", id_value(p->caller),
		      "opponentsIds", text(p->user),
		      "uuid", p->sid,
		      "callType", video ? "video" : "audio");
	err = j ? json_object_update(root, j) : ENOMEM;
	json_decref(j);
	if (err)
		return ENOMEM;

	/* QuickBlox' heirs */
	j = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}",
		      "VOIPCall", "1",
		      "sessionID", p->sid,
		      "opponentsIDs", text(both),
		      "contactIdentifier", text(p->name),
		      "conferenceType", video ? "1" : "2",
		      "timestamp", when);
	err = j ? json_object_update(root, j) : ENOMEM;
	json_decref(j);

	return err ? ENOMEM : 0;
}


static int encode_message(char **b64p, const struct push *p)
{
	json_t *root;
	char *str = NULL, *b64 = NULL, *msg = NULL;
	size_t len;
	int err;

	root = json_object();
	if (!root)
		return ENOMEM;

	err = re_sdprintf(&msg, p->end ? "Call ended" : "Incoming call from"
			  " %s", p->name ? p->name : "");
	if (!err)
		err = json_object_set_new(root, "message", text(msg));
	if (!err)
		err = add_flutter(root, p);
	if (!err && !p->end)
		err = add_others(root, p);
	if (err)
		goto out;

	str = json_dumps(root, JSON_COMPACT);
	len = str ? (strlen(str) + 2) / 3 * 4 : 0;
	b64 = str ? mem_zalloc(len + 1, NULL) : NULL;
	err = b64 ? base64_encode((uint8_t *)str, strlen(str), b64, &len)
		: ENOMEM;

 out:
	free(str);
	mem_deref(msg);
	json_decref(root);

	if (err)
		mem_deref(b64);
	else
		*b64p = b64;

	return err;
}


/**
 * Make the body of POST /events.json
 *
 * @param bodyp Returned JSON; the caller derefs it
 * @param p     What it is about
 *
 * @return 0 if success; EINVAL something is missing, or is no UTF-8 where
 *         that matters; ENOMEM
 */
int push_encode(char **bodyp, const struct push *p)
{
	json_t *root;
	char *b64 = NULL, *str;
	int err;

	if (!bodyp || !p || !p->user || !p->sid || !p->caller ||
	    (p->infoc && !p->infov))
		return EINVAL;

	err = encode_message(&b64, p);
	if (err)
		return err;

	root = json_pack("{s:{s:s, s:s, s:{s:[o]}, s:s}}", "event",
			 "notification_type", "push",
			 "environment", p->production ? "production"
						      : "development",
			 "user", "ids", id_value(p->user),
			 "message", b64);
	mem_deref(b64);
	if (!root)
		return EINVAL;

	str = json_dumps(root, JSON_COMPACT);
	err = str ? str_dup(bodyp, str) : ENOMEM;

	free(str);
	json_decref(root);

	return err;
}
