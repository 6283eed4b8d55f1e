/**
 * @file connectycube_link/hubsend.c  What is said to the hub
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
#include <re_tmr.h>
#include "hubline.h"
#include "hubconn.h"
#include "hubconn_core.h"


enum {
	RECORDS_MAX = 1<<19,    /**< Unsent bytes that leave records room  */
	EVENTS_MAX = 1<<18,     /**< The same of events                    */
};


static size_t unsent(const struct hubconn *hc)
{
	return hc->out ? mbuf_get_left(hc->out) : 0;
}


/* Append text behind what is still to be sent */
static int put(struct hubconn *hc, const char *fmt, ...)
{
	struct mbuf *mb = hc->out;
	const size_t pos = mb->pos, end = mb->end;
	va_list ap;
	int err;

	mb->pos = end;

	va_start(ap, fmt);
	err = mbuf_vprintf(mb, fmt, ap);
	va_end(ap);

	if (err)
		mb->end = end;
	mb->pos = pos;

	return err;
}


/**
 * Append a message to what is still to be sent
 *
 * @param hc Connection
 * @param j  Message, freed
 *
 * @return 0 if success, otherwise errorcode
 */
int hubconn_put(struct hubconn *hc, json_t *j)
{
	const size_t pos = hc->out->pos;
	int err;

	err = j ? hubmsg_encode(hc->out, j) : ENOMEM;
	hc->out->pos = pos;
	json_decref(j);

	return err;
}


/**
 * Send a record
 *
 * @param hc   Connection
 * @param id   Its id
 * @param json Its text, one line
 *
 * @return 0 if it is on its way, ENOTCONN if the hub is not there, ENOSPC if
 *         there is no room: `up` tells when there is; EMSGSIZE if too long,
 *         EBADMSG if it is no record: it can never be sent
 */
int hubconn_record(struct hubconn *hc, const char *id,
		   const struct mbuf *json)
{
	size_t len;
	int err;

	if (!hc || !id || !json)
		return EINVAL;
	if (hc->state != HUBCONN_UP)
		return ENOTCONN;
	if (unsent(hc) >= RECORDS_MAX) {
		hc->wanting = true;
		return ENOSPC;
	}

	if (!json->end)
		return EBADMSG;

	len = json->end - (json->buf[json->end - 1] == '\n');
	if (len > HUBLINE_MAX - 128)
		return EMSGSIZE;
	if (memchr(json->buf, '\n', len) ||
	    !hubmsg_is_record((const char *)json->buf, len, id))
		return EBADMSG;

	err = put(hc, "{\"t\":\"record\",\"id\":\"%s\",\"record\":%b}\n", id,
		  json->buf, len);
	if (!err)
		hubconn_flush(hc);

	return err;
}


static void tell(struct hubconn *hc, const char *type,
		 const struct mbuf *json)
{
	if (unsent(hc) >= EVENTS_MAX || json->end > HUBLINE_MAX - 64) {
		++hc->lost;
		return;
	}

	if (!put(hc, "{\"t\":\"%s\",\"%s\":%b}\n", type, type, json->buf,
		 json->end))
		hubconn_flush(hc);
}


/**
 * Tell of an event, if the hub is there and reads
 *
 * @param hc   Connection
 * @param json Its text, one line without an end
 */
void hubconn_event(struct hubconn *hc, const struct mbuf *json)
{
	if (hc && json && hc->state == HUBCONN_UP)
		tell(hc, "event", json);
}


/**
 * Does the hub know what there is now, if it is told?
 *
 * @param hc Connection
 *
 * @return True if it is there, and not too old for it
 */
bool hubconn_takes_live(const struct hubconn *hc)
{
	return hc && hc->state == HUBCONN_UP && hc->version >= HUBLINE_LIVE;
}


/**
 * Tell what there is now, if the hub takes it
 *
 * @param hc   Connection
 * @param type `state` or `stats`
 * @param json Its text, one line without an end
 */
void hubconn_live(struct hubconn *hc, const char *type,
		  const struct mbuf *json)
{
	if (type && json && hubconn_takes_live(hc))
		tell(hc, type, json);
}


/**
 * What the hub was not told, since it took nothing
 *
 * @param hc Connection
 *
 * @return Number of messages
 */
uint64_t hubconn_lost(const struct hubconn *hc)
{
	return hc ? hc->lost : 0;
}


/**
 * Is the hub there?
 *
 * @param hc Connection
 *
 * @return True if so
 */
bool hubconn_is_up(const struct hubconn *hc)
{
	return hc && hc->state == HUBCONN_UP;
}
