/**
 * @file fuzz_identity.c  Identities of SIP headers: what leaves can be shown
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/uuid.h"
#include "sip/pure/identity.h"
#include "sip/pure/identitytx.h"
#include "sip/pure/about.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check(const char *str, size_t size)
{
	const uint8_t *p = (const uint8_t *)str;
	size_t i, n;

	if (!memchr(str, '\0', size))
		abort();

	for (; *p; p += n) {

		if (*p < ' ' || *p == 0x7f)
			abort();

		n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

		for (i=1; i<n; i++) {
			if ((p[i] & 0xc0) != 0x80)
				abort();
		}
	}
}


static void check_about(const struct sip_msg *msg)
{
	struct about ab;

	about_decode(&ab, msg, true);
	check(ab.dialed, sizeof(ab.dialed));
	check(ab.diverted, sizeof(ab.diverted));
	check(ab.diverted_name, sizeof(ab.diverted_name));
	check(ab.diverted_reason, sizeof(ab.diverted_reason));
	check(ab.diverted_first, sizeof(ab.diverted_first));
	check(ab.subject, sizeof(ab.subject));
	check(ab.call_info, sizeof(ab.call_info));
	check(ab.alert_info, sizeof(ab.alert_info));
	check(ab.user_to_user, sizeof(ab.user_to_user));
	check(ab.token, sizeof(ab.token));
	if (ab.token[0] && !uuid_is(ab.token, strlen(ab.token)))
		abort();
}


/* What was read is written again: it is the same to whoever reads that */
static void check_written(const struct identity *id)
{
	const struct who who = {id->name, id->number, false, NULL};
	struct who_uri wu = {&who, NULL};
	struct identity again;
	char buf[2048];
	struct uri at;
	struct pl pl;

	pl_set_str(&pl, "sip:1000@example.com");
	if (uri_decode(&at, &pl))
		abort();

	wu.at = &at;
	if (re_snprintf(buf, sizeof(buf), "%H", identity_print_addr, &wu) < 0)
		abort();

	pl_set_str(&pl, buf);
	if (strpbrk(buf, "\r\n") || identity_decode(&again, &pl) ||
	    strncmp(again.name, id->name, strlen(again.name)) ||
	    (id->number[0] && strncmp(again.number, id->number,
				      strlen(again.number))))
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity id, before;
	struct sip_msg *msg;
	struct mbuf *mb;
	struct pl pl;

	pl.p = (const char *)data;
	pl.l = size;

	(void)identity_decode(&id, &pl);
	check(id.name, sizeof(id.name));
	check(id.number, sizeof(id.number));
	check(id.uri, sizeof(id.uri));

	/* and as headers of a request */
	mb = mbuf_alloc(size + 256);
	(void)mbuf_printf(mb, "INVITE sip:1 SIP/2.0\r\n"
			  "From: <sip:trunk7@example.com>;tag=1\r\n%b\r\n\r\n",
			  data, size);
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		check_about(msg);
		memset(&before, 0, sizeof(before));
		(void)identity_connected(&id, msg, &before, true);
		(void)identity_caller(&id, msg, true);
		check_written(&id);
		check(id.name, sizeof(id.name));
		check(id.number, sizeof(id.number));
		check(id.uri, sizeof(id.uri));
		mem_deref(msg);
	}

	mem_deref(mb);

	return 0;
}
