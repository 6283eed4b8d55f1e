/**
 * @file connectycube_link/hubrecv.c  What the hub says
 *
 * Pure.
 */
#include <errno.h>
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


static int on_hello(struct hubconn *hc, const json_t *j)
{
	char why[128];
	unsigned v;

	if (hc->state != HUBCONN_HELLO)
		return EPROTO;

	if (hubmsg_version(&v, j, why, sizeof(why))) {
		clog_warning("link: hub at %s: %s\n", hc->path, why);
		return EPROTO;
	}

	clog_info("link: hub at %s is there (%s, protocol %u)\n", hc->path,
		  hubmsg_str(j, "name") ? hubmsg_str(j, "name") : "?", v);

	hubconn_is_there(hc);

	return 0;
}


static int on_command(struct hubconn *hc, const json_t *j)
{
	const char *line = hubmsg_str(j, "line");
	struct mbuf *mb = mbuf_alloc(512);
	json_t *reply;
	int err;

	if (!line || !mb) {
		mem_deref(mb);
		return line ? ENOMEM : EBADMSG;
	}

	err = hc->h->command(mb, line, hc->arg);
	if (err) {
		mb->end = mb->pos = 0;
		err = mbuf_printf(mb, "%m", err);
	}

	/* what is no UTF-8 cannot be said */
	reply = json_pack("{s:s, s:O, s:s#}", "t", "reply",
			  "n", json_object_get(j, "n"),
			  "text", (char *)mb->buf, (int)mb->end);
	mem_deref(mb);
	err = hubconn_put(hc, reply);
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
		clog_warning("link: hub at %s: %s\n", hc->path, why);
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
		clog_info("link: hub at %s: bye: %s\n", hc->path,
			  hubmsg_str(j, "text") ? hubmsg_str(j, "text") : "");
		err = ECONNRESET;
		break;

	default:
		break;
	}

	json_decref(j);

	return err;
}
