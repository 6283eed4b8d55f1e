/**
 * @file fuzz_sdpfix.c  SDP as phones write it, and bodies of several parts
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/mime.h"
#include "sip/pure/sdpfix.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void read_by_libre(struct mbuf *mb)
{
	struct sdp_session *sess;
	struct sdp_media *m;
	struct sa laddr;
	int err;

	sa_set_str(&laddr, "127.0.0.1", 9);
	if (sdp_session_alloc(&sess, &laddr))
		abort();

	if (sdp_media_add(&m, sess, "audio", 9, "RTP/AVP"))
		abort();

	/* a version that is not 0, or more than memory has */
	mb->pos = 0;
	err = sdp_decode(sess, mb, true);
	if (err && err != ENOSYS)
		abort();

	mem_deref(m);
	mem_deref(sess);
}


/* What is written libre can read, and writing it again changes nothing */
static void fix(const struct pl *sdp)
{
	struct mbuf *a = mbuf_alloc(64), *b = mbuf_alloc(64);
	struct pl pl;

	if (!sdpfix(a, sdp)) {

		read_by_libre(a);

		pl.p = (const char *)a->buf;
		pl.l = a->end;
		if (sdpfix(b, &pl) || a->end != b->end ||
		    memcmp(a->buf, b->buf, a->end))
			abort();
	}

	mem_deref(a);
	mem_deref(b);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl body = {(const char *)data, size}, part, ct;
	struct msg_ctype ctype;

	fix(&body);

	/* its first line is the type */
	ct.p = body.p;
	ct.l = 0;
	while (body.l && *body.p != '\n') {
		pl_advance(&body, 1);
		++ct.l;
	}

	if (msg_ctype_decode(&ctype, &ct))
		return 0;

	if (!mime_find(&part, &ctype, &body, "application", "sdp")) {

		if (part.p < body.p || part.p + part.l > body.p + body.l)
			abort();

		fix(&part);
	}

	return 0;
}
