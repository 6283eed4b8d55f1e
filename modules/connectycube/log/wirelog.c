/**
 * @file log/wirelog.c  Messages as they come and go: in log and flight files
 *
 * One copy is made of a message that somebody wants, without its secrets.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "base/wire.h"
#include "log/blank.h"
#include "log/logrec.h"
#include "log/flight.h"
#include "log/wirelog.h"


enum {
	MESSAGE_MAX = 65536,    /**< The rest is left out [bytes]          */
};

static struct {
	bool sip;               /* area SIP is traced */
	bool cloud;             /* area cloud */
	bool flight;            /* the flight recorder is on */
	struct wire_sub *sub;   /* owned; NULL=none of them */
} wl;


static void trace(const struct wire *w, const char *text)
{
	static const char *const namev[] = {"SIP", "XMPP", "HTTP"};
	char *line = NULL;
	struct pl id;
	char buf[128];
	int err;

	if (w->kind == WIRE_SIP)
		err = re_sdprintf(&line, "%s %s %J -> %J\n%s\n", namev[0],
				  w->tx ? "out" : "in", w->src, w->dst, text);
	else
		err = re_sdprintf(&line, "%s %s %s\n%s\n", namev[w->kind],
				  w->tx ? "out" : "in", w->peer ? w->peer : "",
				  text);
	if (err)
		return;

	if (!flight_id(&id, w->kind, text, strlen(text)) ||
	    text_str(buf, sizeof(buf), &id))
		buf[0] = '\0';

	clog_text(CLOG_TRACE, w->kind == WIRE_SIP ? CLOG_SIP : CLOG_CLOUD,
		  buf[0] ? buf : NULL, line);
	mem_deref(line);
}


/* Whoever looks at a flight file does so on a terminal, which is not to obey
   what a stranger has sent */
static void hide_controls(char *text, size_t len)
{
	size_t i, n;

	for (i=0; i<len; i+=n) {

		const uint8_t c = (uint8_t)text[i];
		const size_t odd = text_odd(&text[i], len - i);

		n = odd ? odd : 1;
		if (odd || c == 0x7f ||
		    (c < ' ' && c != '\r' && c != '\n' && c != '\t'))
			memset(&text[i], '?', n);
	}
}


static void wire_handler(const struct wire *w, void *arg)
{
	const bool traced = w->kind == WIRE_SIP ? wl.sip : wl.cloud;
	const size_t len = min(w->len, (size_t)MESSAGE_MAX);
	char *text;
	size_t n;
	(void)arg;

	if (!traced && (!wl.flight || w->kind == WIRE_HTTP))
		return;

	text = mem_alloc(len + 1, NULL);
	if (!text)
		return;

	memcpy(text, w->buf, len);
	n = blank(w->kind == WIRE_SIP ? BLANK_SIP : w->kind == WIRE_XMPP ?
		  BLANK_XMPP : BLANK_HTTP, text, len);
	hide_controls(text, n);
	text[n] = '\0';

	if (traced)
		trace(w, text);
	if (wl.flight)
		flight_message(w, text, n);

	mem_deref(text);
}


static void update(void)
{
	const uint32_t kinds = 1<<WIRE_SIP | 1<<WIRE_XMPP | 1<<WIRE_HTTP;

	if (!wl.sip && !wl.cloud && !wl.flight)
		wl.sub = mem_deref(wl.sub);
	else if (!wl.sub)
		(void)wire_subscribe(&wl.sub, kinds, wire_handler, NULL);
}


/**
 * Write messages into the log
 *
 * @param sip   Those of SIP
 * @param cloud Those of the cloud
 */
void wirelog_set_trace(bool sip, bool cloud)
{
	wl.sip   = sip;
	wl.cloud = cloud;
	update();
}


/**
 * Hand messages to the flight recorder
 *
 * @param on It wants them
 */
void wirelog_set_flight(bool on)
{
	wl.flight = on;
	update();
}
