/**
 * @file fuzz_redirect.c  3xx, and the 1xx and 2xx of several phones: what is
 *       followed is an address of SIP, and nothing beside it
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/branches.h"
#include "sip/pure/redirect.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_uri(const char *str)
{
	struct uri uri;
	struct pl pl;
	size_t i;

	pl_set_str(&pl, str);

	if (uri_decode(&uri, &pl) || pl_strcmp(&uri.scheme, "sip") ||
	    pl_isset(&uri.headers))
		abort();

	for (i=0; i<pl.l; i++) {
		if ((uint8_t)pl.p[i] <= ' ' || strchr("<>\"", pl.p[i]))
			abort();
	}
}


static bool may_handler(const struct pl *host, void *arg)
{
	(void)arg;

	return pl_isset(host);
}


static void follow(const struct sip_msg *msg, bool secure)
{
	struct redirect_rules rules = {
		.follow = true, .max = 5, .mayh = may_handler
	};
	struct redirect *r;
	char buf[4096];
	const char *uri;
	unsigned n = 0;

	pl_set_str(&rules.domain, "pbx.example");
	rules.secure = secure;

	if (redirect_alloc(&r, "sip:100@pbx.example"))
		return;

	while (n < 20 && !redirect_add(r, msg, &rules) &&
	       (uri = redirect_next(r))) {
		check_uri(uri);
		++n;
		(void)re_snprintf(buf, sizeof(buf), "%H, %H",
				  redirect_print_diversion, r,
				  redirect_print_history, r);
		if (strchr(buf, '\r') || strchr(buf, '\n'))
			abort();
	}

	if (n > 5)
		abort();

	mem_deref(r);
}


/* Two bytes each: what is said, and by whom */
static void ring(const uint8_t *data, size_t size)
{
	static const char *const sdpv[] = {NULL, "A", "B", "C"};
	struct branch_verdict v;
	struct branches *b;
	struct pl tag, sdp;
	size_t i;

	if (branches_alloc(&b))
		return;

	for (i=0; i + 1 < size && i < 512; i += 2) {

		const char *str = sdpv[data[i] & 3];

		sdp = pl_null;
		if (str)
			pl_set_str(&sdp, str);
		tag.p = (const char *)&data[i + 1];
		tag.l = 1;

		branches_progress(b, &v, data[i] & 4 ? 199 : 183, &tag, &sdp);

		if ((v.does == BRANCH_SPEAKS) != pl_isset(&v.sdp))
			abort();
		if (v.does == BRANCH_PASSES && (data[i] & 4))
			abort();
	}

	if (size) {
		tag.p = (const char *)data;
		tag.l = 1;
		branches_answer(b, &v, &tag, &pl_null);
	}

	mem_deref(b);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_msg *msg;
	struct mbuf *mb;

	ring(data, size);

	mb = mbuf_alloc(size + 64);
	(void)mbuf_printf(mb, "SIP/2.0 302 Moved\r\nContact: %b\r\n\r\n",
			  data, size);
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		follow(msg, size & 1);
		mem_deref(msg);
	}

	mem_deref(mb);

	return 0;
}
