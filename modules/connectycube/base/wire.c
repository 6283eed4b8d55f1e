/**
 * @file base/wire.c  Messages as they come and go, for who looks at them
 */
#include <re.h>
#include "base/wire.h"


static struct {
	wire_h *h;
	void *arg;
} watcher;


/**
 * Set who looks at messages
 *
 * @param h   Handler, NULL=nobody
 * @param arg Handler argument
 */
void wire_set_handler(wire_h *h, void *arg)
{
	watcher.h   = h;
	watcher.arg = arg;
}


/**
 * Does anybody look?
 *
 * @return True if somebody does
 */
bool wire_wanted(void)
{
	return watcher.h != NULL;
}


/**
 * Show a message
 *
 * @param w Message
 */
void wire_tell(const struct wire *w)
{
	if (watcher.h && w && w->buf && w->len)
		watcher.h(w, watcher.arg);
}


/**
 * Show a message of the cloud
 *
 * @param kind What is spoken
 * @param tx   We have sent it
 * @param peer Our user, or what is asked
 * @param buf  Message
 * @param len  Its length [bytes]
 */
void wire_tell_text(enum wire_kind kind, bool tx, const char *peer,
		    const char *buf, size_t len)
{
	const struct wire w = {
		.kind = kind, .tx = tx, .peer = peer, .buf = buf, .len = len,
	};

	wire_tell(&w);
}
