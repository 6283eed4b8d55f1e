/**
 * @file cube/url.h  Addresses of the cloud's servers
 */

/** A decoded URL (RFC 3986) of scheme https, wss, http or ws */
struct url {
	char host[256];         /**< Name or address, no brackets          */
	char path[256];         /**< Begins with '/'                       */
	uint16_t port;          /**< Port, the scheme's own if not stated  */
	bool tls;               /**< https or wss                          */
};

int  url_decode(struct url *url, const char *str);
bool url_is_allowed(const struct url *url);
