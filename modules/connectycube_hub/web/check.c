/**
 * @file connectycube_hub/web/check.c  What is configured of HTTP, looked at
 *
 * Before anything is begun, and each mistake with its line.
 */
#include <errno.h>
#include <string.h>
#include <openssl/ssl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/text.h"
#include "config/confget.h"
#include "../hub.h"
#include "route.h"
#include "guard.h"
#include "web.h"


enum {
	WHERE = 256,            /**< Longest door [bytes]                  */
};

/** Doors that are looked at */
struct doors {
	const struct cfg_reading *rd; /**< Whoever is told                 */
	unsigned n;             /**< How many there are                    */
	bool remote;            /**< Others than this machine can come in  */
};


/**
 * Is nothing to be served?
 *
 * @param cfg Configuration
 *
 * @return True if so
 */
bool web_is_off(const struct hub_config *cfg)
{
	return cfg->http && !str_casecmp(cfg->http, "none");
}


/**
 * Do something for each of what connectycube_hub_http names
 *
 * @param list Its value
 * @param h    Called with each; another return value than 0 ends it
 * @param arg  Handler argument
 *
 * @return 0 if success, ENAMETOOLONG, or what the handler returned
 */
int web_each_door(const char *list, web_each_h *h, void *arg)
{
	char where[WHERE];
	struct pl rest, one;
	int err;

	pl_set_str(&rest, list);

	while (text_next(&rest, &one, ',')) {

		text_trim(&one);
		if (text_copy(where, sizeof(where), &one))
			return ENAMETOOLONG;

		err = h(where, arg);
		if (err)
			return err;
	}

	return 0;
}


static int door_handler(const char *where, void *arg)
{
	struct doors *d = arg;
	char why[HUB_WHY];
	bool remote;

	if (++d->n > WEB_DOORS)
		return cfg_fault(d->rd, "connectycube_hub_http", "there are"
				 " more than %d", WEB_DOORS);

	if (web_door_check(where, &remote, why, sizeof(why)))
		return cfg_fault(d->rd, "connectycube_hub_http", "%s", why);

	d->remote |= remote;

	return 0;
}


/* The key that is wrong stands before why */
static int check_tls(const struct hub_config *cfg,
		     const struct cfg_reading *rd)
{
	SSL_CTX *ssl = NULL;
	char why[HUB_WHY] = "no memory", *colon;

	if (!cfg->http_cert != !cfg->http_key)
		return cfg_fault(rd, cfg->http_cert ?
				 "connectycube_hub_http_cert" :
				 "connectycube_hub_http_key", "%s is missing",
				 cfg->http_cert ? "connectycube_hub_http_key" :
				 "connectycube_hub_http_cert");

	if (!cfg->http_cert)
		return 0;

	if (!web_tls_alloc(&ssl, cfg->http_cert, cfg->http_key, why,
			   sizeof(why))) {
		SSL_CTX_free(ssl);
		return 0;
	}

	colon = strstr(why, ": ");
	if (!colon)
		return cfg_fault(rd, "connectycube_hub_http_cert", "%s", why);

	*colon = '\0';

	return cfg_fault(rd, why, "%s", colon + 2);
}


/* Who can come in from elsewhere is to be known, and nobody to listen */
static int check_remote(const struct hub_config *cfg,
			const struct cfg_reading *rd, bool tokens)
{
	if (!cfg->http_cert)
		return cfg_fault(rd, "connectycube_hub_http", "others than"
				 " this machine could listen: set"
				 " connectycube_hub_http_cert and _key, or"
				 " take 127.0.0.1");

	return tokens ? 0 : cfg_fault(rd, "connectycube_hub_http", "others"
				      " than this machine could come in, and"
				      " there is no token: make one first"
				      " (/hub_token), with 127.0.0.1");
}


/**
 * Look at what is configured. All that is wrong is said
 *
 * @param cfg Configuration
 * @param rd  Reading
 *
 * @return 0 if all is right, EINVAL otherwise
 */
int web_check(const struct hub_config *cfg, const struct cfg_reading *rd)
{
	struct list tokenl = LIST_INIT;
	struct doors d = {.rd = rd};
	char why[HUB_WHY];
	int err;

	if (web_is_off(cfg))
		return 0;

	err = check_tls(cfg, rd);

	if (cfg->http && web_each_door(cfg->http, door_handler, &d))
		err = EINVAL;

	if (cfg->tokens && web_tokens_load(&tokenl, cfg->tokens, why,
					   sizeof(why)))
		err = cfg_fault(rd, "connectycube_hub_tokens", "%s: %s",
				cfg->tokens, why);
	else if (d.remote && check_remote(cfg, rd, !list_isempty(&tokenl)))
		err = EINVAL;

	list_flush(&tokenl);

	return err;
}
