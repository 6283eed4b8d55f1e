/**
 * @file config/hostport.c  Where a server is
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/hostport.h"


/**
 * Read where a server is
 *
 * @param host   Set to its name or address, without brackets
 * @param size   Room there [bytes]
 * @param port   Its usual port; set to the one that is named
 * @param server HOST, HOST:PORT, IPv6, or [IPv6]:PORT
 *
 * @return 0 if success, otherwise EINVAL
 */
int host_port(char *host, size_t size, uint16_t *port, const char *server)
{
	const char *close = NULL, *colon = NULL;
	struct pl h, p = PL_INIT;
	uint32_t v;
	size_t i;

	if (!host || !size || !port || !str_isset(server))
		return EINVAL;

	v = *port;
	pl_set_str(&h, server);

	if (*server == '[') {
		close = strchr(server, ']');
		if (!close || (close[1] && close[1] != ':'))
			return EINVAL;

		h.p   = server + 1;
		h.l   = (size_t)(close - h.p);
		colon = close[1] ? close + 1 : NULL;
	}
	else {
		/* more than one is an IPv6 address */
		colon = strchr(server, ':');
		if (colon && strchr(colon + 1, ':'))
			colon = NULL;
		else if (colon)
			h.l = (size_t)(colon - server);
	}

	if (colon)
		pl_set_str(&p, colon + 1);

	for (i=0; i<h.l; i++) {
		if (h.p[i] <= ' ' || strchr("/@[]?#", h.p[i]))
			return EINVAL;
	}

	if (!h.l || h.l >= size || (colon && text_u32(&v, &p, 65535)) || !v ||
	    text_str(host, size, &h))
		return EINVAL;

	*port = (uint16_t)v;

	return 0;
}
