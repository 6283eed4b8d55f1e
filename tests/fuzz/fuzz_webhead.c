/**
 * @file fuzz_webhead.c  The head of an HTTP request to the hub, and its fields
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include "connectycube_hub/web/route.h"
#include "connectycube_hub/web/head.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_fields(const struct web_head *h)
{
	struct pl pl, port;
	char key[WEB_KEY], range[64];
	uint64_t off, len;

	if (web_cookie(&pl, &h->cookie, "session") && pl.l > h->cookie.l)
		abort();
	(void)web_bearer(&pl, &h->auth);
	(void)web_is_type(&h->type, "application/json");
	(void)web_accepts(&h->accept, "application/json");
	if (web_key(key, sizeof(key), &h->key) && !key[0])
		abort();

	if (web_host(&pl, &port, &h->host) && (!pl.l || pl.l > h->host.l))
		abort();
	(void)web_is_ours(&h->host, "hub.example");
	if (web_same_origin(&h->origin, &h->host) && !h->origin.l)
		abort();

	if (h->range.l >= sizeof(range))
		return;
	memcpy(range, h->range.p ? h->range.p : "", h->range.l);
	range[h->range.l] = '\0';
	if (web_range(&off, &len, range, 1000) == WEB_RANGE_PART &&
	    (!len || off >= 1000 || len > 1000 - off))
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct web_head h, part;
	char *buf = malloc(size + 1);
	size_t n;
	int err;

	if (!buf)
		return 0;
	memcpy(buf, data, size);

	err = web_head(&h, buf, size);
	if (err == EBADMSG && h.status < 400)
		abort();
	if (err)
		goto out;

	if (h.len > size || h.len > WEB_HEAD_MAX || h.body > WEB_BODY ||
	    !h.method || memcmp(&buf[h.len - 4], "\r\n\r\n", 4))
		abort();

	/* before its end it is never taken, nor refused */
	for (n=size % 7; n<h.len; n+=7) {
		if (web_head(&part, buf, n) != EAGAIN)
			abort();
	}

	check_fields(&h);
 out:
	free(buf);

	return 0;
}
