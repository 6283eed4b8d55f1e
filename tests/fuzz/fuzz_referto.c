/**
 * @file fuzz_referto.c  Refer-To, Replaces, sipfrag: what is read can be
 * written, and ends no header
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/referto.h"
#include "sip/pure/sipfrag.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_text(const char *str)
{
	for (; *str; str++) {
		if ((unsigned char)*str < ' ' || *str == 0x7f)
			abort();
	}
}


/* It goes to the same host, and by nothing else than was said */
static void secure(struct referto *rt)
{
	struct uri uri;
	struct pl pl, val;

	if (!rt->host[0] || referto_secure(rt, true))
		return;

	check_text(rt->uri);
	pl_set_str(&pl, rt->uri);
	if (uri_decode(&uri, &pl) || pl_strcmp(&uri.host, rt->host) ||
	    pl_strcmp(&uri.scheme, "sip") ||
	    !msg_param_decode(&uri.params, "transport", &val))
		abort();
}


static void target(const struct pl *val)
{
	struct referto rt, again;
	char buf[4096];
	struct pl pl;

	if (referto_decode(&rt, val))
		return;

	if (re_snprintf(buf, sizeof(buf), "%H", referto_print, &rt) < 0)
		abort();

	check_text(buf);
	pl_set_str(&pl, buf);

	if (referto_decode(&again, &pl) || memcmp(&rt, &again, sizeof(rt)))
		abort();

	/* a number is no address */
	if (!rt.host[0] && strpbrk(rt.user, ":@;?/"))
		abort();

	secure(&rt);
}


static void dialog(const struct pl *val)
{
	struct replaces rep, again;
	char buf[1024];
	struct pl pl;

	if (replaces_decode(&rep, val))
		return;

	if (re_snprintf(buf, sizeof(buf), "%H", replaces_print, &rep) < 0)
		abort();

	check_text(buf);
	pl_set_str(&pl, buf);

	if (replaces_decode(&again, &pl) || memcmp(&rep, &again, sizeof(rep)))
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char buf[SIPFRAG_TEXT];
	uint16_t scode;
	struct pl val;

	if (!size)
		return 0;

	val.p = (const char *)data + 1;
	val.l = size - 1;

	switch (data[0] & 3) {

	case 0:
		target(&val);
		break;

	case 1:
		dialog(&val);
		break;

	case 2:
		if (!referto_by_decode(buf, sizeof(buf), &val))
			check_text(buf);
		break;

	default:
		if (!sipfrag_decode(&scode, buf, sizeof(buf), &val))
			check_text(buf);
		break;
	}

	return 0;
}
