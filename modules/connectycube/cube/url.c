/**
 * @file cube/url.c  Addresses of the cloud's servers
 *
 * Pure. Credentials travel to these addresses, so a URL without TLS is
 * allowed for this very machine only.
 */
#include <string.h>
#include <re.h>
#include "url.h"


static const struct {
	const char *scheme;
	uint16_t port;
	bool tls;
} schemev[] = {
	{"https", 443, true},
	{"wss",   443, true},
	{"http",   80, false},
	{"ws",     80, false},
};


/**
 * Decode the URL of a server
 *
 * @param url Returned URL
 * @param str "scheme://host[:port][/path]"; an IPv6 address in brackets
 *
 * @return 0 if success; EINVAL no argument; ENOTSUP unknown scheme; EBADMSG
 *         no such URL; EOVERFLOW host or path too long
 */
int url_decode(struct url *url, const char *str)
{
	struct pl scheme, host, port, path;
	size_t i;
	uint32_t p = 0;

	if (!url || !str)
		return EINVAL;

	if (re_regex(str, strlen(str),
		     "[a-z]+://[^:/?#@ ]*[:]*[0-9]*[^]*",
		     &scheme, &host, NULL, &port, &path) || !host.l) {

		if (re_regex(str, strlen(str),
			     "[a-z]+://\\[[0-9a-f:.]+\\][:]*[0-9]*[^]*",
			     &scheme, &host, NULL, &port, &path))
			return EBADMSG;
	}

	if (scheme.p != str)
		return EBADMSG;

	for (i=0; i<ARRAY_SIZE(schemev); i++) {
		if (0 == pl_strcasecmp(&scheme, schemev[i].scheme))
			break;
	}

	if (i == ARRAY_SIZE(schemev))
		return ENOTSUP;

	if (path.l && *path.p != '/')
		return EBADMSG;

	if (pl_isset(&port)) {
		p = pl_u32(&port);
		if (!p || p > 65535 || port.l > 5)
			return EBADMSG;
	}

	url->tls  = schemev[i].tls;
	url->port = p ? (uint16_t)p : schemev[i].port;

	if (pl_strcpy(&host, url->host, sizeof(url->host)))
		return EOVERFLOW;

	if (!path.l)
		str_ncpy(url->path, "/", sizeof(url->path));
	else if (pl_strcpy(&path, url->path, sizeof(url->path)))
		return EOVERFLOW;

	return 0;
}


/**
 * Tell whether secrets may be sent to a URL
 *
 * @param url Decoded URL
 *
 * @return true with TLS, or if the host is this machine's loopback
 */
bool url_is_allowed(const struct url *url)
{
	struct sa sa;

	if (!url)
		return false;

	if (url->tls || 0 == str_casecmp(url->host, "localhost"))
		return true;

	return 0 == sa_set_str(&sa, url->host, url->port) &&
		sa_is_loopback(&sa);
}
