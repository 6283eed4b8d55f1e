/**
 * @file connectycube_link/hubrecv.c  What the hub says
 *
 * Pure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/log.h"
#include "hubline.h"
#include "hubconn.h"
#include "hubconn_core.h"


enum {
	OUT_MAX = 1<<20,        /**< Unsent bytes that leave answers room  */
};


static int on_hello(struct hubconn *hc, const json_t *j)
{
	char why[128];

	if (hc->state != HUBCONN_HELLO)
		return EPROTO;

	if (hubmsg_version(&hc->version, j, why, sizeof(why))) {
		hubconn_says(hc, "%s", why);
		return EPROTO;
	}

	clog_info("link: hub at %s is there (%s, protocol %u)\n", hc->path,
		  hubmsg_str(j, "name") ? hubmsg_str(j, "name") : "?",
		  hc->version);

	hubconn_is_there(hc);

	return 0;
}


/* An answer that cannot be sent is told, too */
static int reply(struct hubconn *hc, const json_t *n, const char *word,
		 const char *text, json_t *result)
{
	json_t *j;
	int err;

	j = json_pack("{s:s, s:O, s:s, s:s, s:o}", "t", "reply", "n", n,
		      "word", word, "text", text, "result",
		      result ? result : json_null());
	err = hubconn_put(hc, j);
	if (err == EMSGSIZE)
		err = hubconn_put(hc, json_pack("{s:s, s:O, s:s, s:s}", "t",
						"reply", "n", n, "word",
						"failed", "text",
						"the answer is too long"));
	if (!err)
		hubconn_flush(hc);

	return err;
}


static int on_order(struct hubconn *hc, const json_t *j, const char *name)
{
	const json_t *params = json_object_get(j, "params");
	const json_t *n = json_object_get(j, "n");
	struct mbuf *mb = mbuf_alloc(512);
	const char *word = "failed";
	char *text = NULL, why[256] = "";
	json_t *result = NULL;
	int err = mb ? 0 : ENOMEM;

	if (params && !json_is_object(params)) {
		err = reply(hc, n, "invalid", "params: is no object", NULL);
		goto out;
	}

	if (params && !err) {
		text = json_dumps(params, JSON_COMPACT);
		if (!text)
			err = ENOMEM;
	}
	if (err)
		goto out;

	hc->h->order(mb, &word, why, sizeof(why), name, text, hc->arg);
	if (!strcmp(word, "ok") && mb->end)
		result = json_loadb((char *)mb->buf, mb->end, 0, NULL);

	/* the bridge's text may be cut within a character */
	err = reply(hc, n, word, why, result);
	if (err == ENOMEM && why[0])
		err = reply(hc, n, word, "", NULL);

 out:
	free(text);
	mem_deref(mb);

	return err;
}


static int on_command(struct hubconn *hc, const json_t *j)
{
	const char *name = hubmsg_str(j, "name");
	const char *line = hubmsg_str(j, "line");
	struct mbuf *mb;
	json_t *answer;
	int err;

	/* it orders, and does not listen */
	if (mbuf_get_left(hc->out) > OUT_MAX)
		return ENOBUFS;

	if (name)
		return on_order(hc, j, name);

	mb = line ? mbuf_alloc(512) : NULL;
	if (!mb)
		return line ? ENOMEM : EBADMSG;

	err = hc->h->command(mb, line, hc->arg);
	if (err) {
		mb->end = mb->pos = 0;
		err = mbuf_printf(mb, "%m", err);
	}

	/* what is no UTF-8 cannot be said */
	answer = json_pack("{s:s, s:O, s:s#}", "t", "reply",
			  "n", json_object_get(j, "n"),
			  "text", (char *)mb->buf, (int)mb->end);
	mem_deref(mb);
	err = hubconn_put(hc, answer);
	if (!err)
		hubconn_flush(hc);

	return err == ENOMEM ? err : 0;
}


/**
 * A line has come
 *
 * @param line Line
 * @param len  Its length [bytes]
 * @param arg  Connection
 *
 * @return 0 if success, otherwise errorcode: the connection ends
 */
int hubconn_line(const char *line, size_t len, void *arg)
{
	struct hubconn *hc = arg;
	enum hubline_type type;
	char why[128];
	json_t *j;
	int err;

	err = hubmsg_decode(&j, &type, line, len, why, sizeof(why));
	if (err) {
		hubconn_says(hc, "what it says is no message: %s", why);
		return err;
	}

	switch (type) {

	case HUBLINE_HELLO:
		err = on_hello(hc, j);
		break;

	case HUBLINE_ACK:
		if (hc->state == HUBCONN_UP)
			hc->h->ack(hubmsg_str(j, "id"), hc->arg);
		break;

	case HUBLINE_COMMAND:
		err = hc->state == HUBCONN_UP ? on_command(hc, j) : EPROTO;
		break;

	case HUBLINE_BYE:
		hubconn_says(hc, "it says bye: %s", hubmsg_str(j, "text") ?
			     hubmsg_str(j, "text") : "");
		err = ECONNRESET;
		break;

	default:
		break;
	}

	json_decref(j);

	return err;
}
