/**
 * @file cube/url.c  Addresses of the cloud's servers
 *
 * Pure. Credentials travel to these addresses, so a URL without TLS is
 * allowed for this very machine only.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
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


static int decode_scheme(struct url *url, const char **strp)
{
	const char *end = strstr(*strp, "://");
	struct pl scheme;
	size_t i;

	if (!end)
		return EBADMSG;

	scheme.p = *strp;
	scheme.l = end - *strp;

	for (i=0; i<ARRAY_SIZE(schemev); i++) {

		if (0 == pl_strcasecmp(&scheme, schemev[i].scheme)) {
			url->tls  = schemev[i].tls;
			url->port = schemev[i].port;
			*strp     = end + 3;
			return 0;
		}
	}

	return ENOTSUP;
}


static int decode_host(struct url *url, const char **strp)
{
	const bool ip6 = **strp == '[';
	struct pl host;

	host.p = *strp + ip6;
	host.l = ip6 ? strspn(host.p, "0123456789abcdefABCDEF:.")
		     : strcspn(host.p, ":/?#@[] \t\r\n");

	if (!host.l || (ip6 && host.p[host.l] != ']'))
		return EBADMSG;

	*strp = host.p + host.l + ip6;

	return text_str(url->host, sizeof(url->host), &host)
		? EOVERFLOW : 0;
}


static int decode_port(struct url *url, const char **strp)
{
	struct pl port;
	uint32_t p;

	if (**strp != ':')
		return 0;

	port.p = *strp + 1;
	port.l = strspn(port.p, "0123456789");
	p      = pl_u32(&port);

	if (!port.l || port.l > 5 || !p || p > 65535)
		return EBADMSG;

	url->port = (uint16_t)p;
	*strp     = port.p + port.l;

	return 0;
}


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
	int err;

	if (!url || !str)
		return EINVAL;

	err = decode_scheme(url, &str);
	if (!err)
		err = decode_host(url, &str);
	if (!err)
		err = decode_port(url, &str);
	if (err)
		return err;

	if (*str && *str != '/')
		return EBADMSG;

	if (str_len(str) >= sizeof(url->path))
		return EOVERFLOW;

	str_ncpy(url->path, *str ? str : "/", sizeof(url->path));

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
