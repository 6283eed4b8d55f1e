/**
 * @file fuzz_amisession.c  What a manager says, in whatever order and at whatever
 *                          time, to a bridge that logs in and orders
 *
 * The first byte is how it logs in. Then come steps: a byte that says what
 * happens, and what that needs:
 *
 *   0..199   so many bytes are heard, which follow
 *   200..219 time passes, 1 s to 20 s
 *   220..239 something is ordered; odd: an event tells how it went
 *   240..249 the connection is lost, and there again
 *   250..    who ordered is gone
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"

#define SECRET "never-to-be-seen"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/** A session, and what is known of it */
struct talk {
	struct ami_session *s;
	uint64_t now;
	bool plain;
	unsigned ordered;       /* that have not been forgotten */
	unsigned told;          /* of these */
	enum ami_session_state state;
};


static int send_handler(struct mbuf *mb, void *arg)
{
	const char *p = (const char *)mbuf_buf(mb);
	const size_t l = mbuf_get_left(mb);
	struct talk *t = arg;

	if (l < 4 || memcmp(p + l - 4, "\r\n\r\n", 4) ||
	    memcmp(p, "Action: ", 8))
		abort();

	/* one action alone, whatever was in the challenge */
	if (memmem(p, l - 4, "\r\n\r\n", 4))
		abort();

	if (!t->plain && memmem(p, l, SECRET, strlen(SECRET)))
		abort();

	return 0;
}


static void state_handler(enum ami_session_state state, void *arg)
{
	struct talk *t = arg;

	/* step by step, or to the end */
	if (state != AMI_CLOSED && state != t->state + 1)
		abort();

	t->state = state;
}


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	(void)arg;

	if (!chan->name[0] || !detail || change >= AMI_CHANGES)
		abort();
}


static void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct talk *t = arg;

	/* what is wrong is said, and only then */
	if (!err != !why[0] || (!err && !msg))
		abort();
	if (++t->told > t->ordered)
		abort();
}


static void reopen(struct talk *t)
{
	ami_session_close(t->s);
	if (t->state != AMI_CLOSED || t->told != t->ordered)
		abort();
	if (ami_session_open(t->s, t->now))
		abort();
}


static void order(struct talk *t, bool event)
{
	struct mbuf *mb = mbuf_alloc(64);

	if (!mb)
		return;

	++t->ordered;
	if (t->state != AMI_READY ||
	    ami_session_begin(t->s, mb, "Originate") ||
	    ami_session_request(t->s, mb, t->now, AMI_TIMEOUT,
				event ? "OriginateResponse" : NULL,
				reply_handler, t))
		--t->ordered;

	mem_deref(mb);
}


/* What fails is begun anew, as by client.c */
static void step(struct talk *t, const uint8_t **p, size_t *n)
{
	const uint8_t what = *(*p)++;
	size_t l;
	int err = 0;

	--*n;

	if (what < 200) {
		l = min((size_t)what, *n);
		err = ami_session_input(t->s, *p, l, t->now);
		*p += l;
		*n -= l;
	}
	else if (what < 220) {
		t->now += 1000 * (uint64_t)(what - 199);
		err = ami_session_tick(t->s, t->now);
	}
	else if (what < 240) {
		order(t, what & 1);
	}
	else if (what < 250) {
		reopen(t);
	}
	else {
		ami_session_forget(t->s, t);
		t->ordered = t->told = 0;
	}

	if (err && !ami_session_why(t->s)[0])
		abort();
	if (err)
		reopen(t);

	/* nothing is awaited for ever */
	if (!ami_session_next(t->s))
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk t = {.now = 1000};
	const struct ami_session_config cfg = {
		.user = "bridge", .secret = SECRET,
		.plain = size && (data[0] & 1)
	};
	const struct ami_session_handlers h = {
		send_handler, state_handler, NULL, change_handler, &t
	};

	if (!size || ami_session_alloc(&t.s, &cfg, &h))
		return 0;

	t.plain = cfg.plain;
	if (ami_session_open(t.s, t.now))
		abort();

	++data;
	--size;
	while (size)
		step(&t, &data, &size);

	ami_session_close(t.s);
	if (t.told != t.ordered)
		abort();
	mem_deref(t.s);

	return 0;
}
