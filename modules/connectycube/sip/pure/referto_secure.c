/**
 * @file sip/pure/referto_secure.c  A transfer's target, as secure as the account
 *
 * Pure. See referto.h.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/referto.h"


/* Its parameters but for what it is reached by */
static int print_params(struct mbuf *mb, const struct pl *params)
{
	struct pl rest = *params, part, name;
	int err = 0;

	while (!err && text_next(&rest, &part, ';')) {

		struct pl val = part;

		(void)text_next(&val, &name, '=');
		if (name.l && pl_strcasecmp(&name, "transport"))
			err = mbuf_printf(mb, ";%r", &part);
	}

	return err;
}


/**
 * Have a target be reached as securely as its account is: by what that is
 * reached, and by TLS in any case if it is sips:, which baresip does not know
 *
 * @param rt     Target
 * @param secure The account's requests go by TLS
 *
 * @return 0 if success, otherwise errorcode
 */
int referto_secure(struct referto *rt, bool secure)
{
	struct uri uri;
	struct mbuf *mb;
	struct pl pl;
	bool sips;
	int err;

	/* a number goes to the account's server */
	if (!rt->host[0])
		return 0;

	pl_set_str(&pl, rt->uri);
	err = uri_decode(&uri, &pl);
	if (err)
		return err;

	sips = !pl_strcasecmp(&uri.scheme, "sips");
	if (!secure && !sips)
		return 0;

	mb = mbuf_alloc(128);
	if (!mb)
		return ENOMEM;

	pl.p = uri.scheme.p + uri.scheme.l;
	pl.l = uri.params.l ? (size_t)(uri.params.p - pl.p) : strlen(pl.p);

	err = mbuf_printf(mb, "sip%r", &pl);
	if (!err)
		err = print_params(mb, &uri.params);
	if (!err && sips && !secure)
		err = mbuf_write_str(mb, ";transport=tls");
	if (!err && mb->end >= sizeof(rt->uri))
		err = EOVERFLOW;
	if (!err) {
		memcpy(rt->uri, mb->buf, mb->end);
		rt->uri[mb->end] = '\0';
	}

	mem_deref(mb);

	return err;
}
