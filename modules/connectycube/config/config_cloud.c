/**
 * @file config/config_cloud.c  The configuration keys of the cloud
 */
#include <errno.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "cube/url.h"
#include "confget.h"
#include "config.h"


/* Credentials go there. A URL that has some of its own is not for the log, and
   neither is what stands behind '?' */
static int check_url(const struct cfg_val *val, const char *scheme,
		     bool path)
{
	char str[512];
	struct url url;
	struct pl head;
	size_t n;
	int err;

	if (pl_strchr(&val->pl, '@'))
		return cfg_wrong(val, EINVAL, "a URL without a user and"
				 " without '@', please");

	if (text_str(str, sizeof(str), &val->pl))
		return cfg_wrong(val, EOVERFLOW, "is too long");

	n = strcspn(str, "?#");
	head.p = str;
	head.l = strcspn(str, ":");

	/* "wss" is "ws" with TLS, "https" is "http" */
	if (!strstr(str, "://") || (pl_strcasecmp(&head, scheme) &&
	    (head.l + 1 != strlen(scheme) ||
	     strncasecmp(head.p, scheme, head.l))))
		return cfg_wrong(val, EINVAL, "'%b' is not a URL that begins"
				 " with %s://", str, n, scheme);

	err = url_decode(&url, str);
	if (err == EOVERFLOW)
		return cfg_wrong(val, err, "is too long");
	if (err)
		return cfg_wrong(val, err, "'%b' is not %s://HOST[:PORT]%s",
				 str, n, scheme, path ? "[/PATH]" : "");

	if (!path && strcmp(url.path, "/"))
		return cfg_wrong(val, EINVAL, "'%b': the path %b is too much,"
				 " it is made by the bridge", str, n, url.path,
				 strcspn(url.path, "?#"));

	if (!url_is_allowed(&url))
		return cfg_wrong(val, EINVAL, "'%b' sends passwords in the"
				 " clear: only %s:// will do, but for this"
				 " very machine", str, n, scheme);

	return 0;
}


static int check_api_url(struct bridge_config *cfg, const struct cfg_val *val)
{
	(void)cfg;

	return check_url(val, "https", false);
}


static int check_chat_url(struct bridge_config *cfg,
			  const struct cfg_val *val)
{
	(void)cfg;

	return check_url(val, "wss", true);
}


static int check_ca_file(struct bridge_config *cfg, const struct cfg_val *val)
{
	return cfg_check_ca(val, cfg->ca_file);
}


static int finish(void *data, const struct cfg_reading *rd)
{
	const struct bridge_config *cfg = data;

	return cfg->retry_min <= cfg->retry_max ? 0 :
		cfg_fault(rd, "connectycube_retry_min", "%u is more than"
			  " connectycube_retry_max (%u)", cfg->retry_min,
			  cfg->retry_max);
}


static const struct cfg_key keyv[] = {

	/* https://HOST[:PORT], wss://HOST[:PORT][/PATH] */
	{"connectycube_api_url", CFG_STR, CFG_AT(api_url),
	 .required = true, .h = check_api_url},
	{"connectycube_chat_url", CFG_STR, CFG_AT(chat_url),
	 .required = true, .h = check_chat_url},

	/* default: the host of chat_url */
	{"connectycube_chat_domain", CFG_STR, CFG_AT(chat_domain)},

	{"connectycube_app_id", CFG_STR, CFG_AT(app_id), .required = true},
	{"connectycube_auth_key", CFG_SECRET, CFG_AT(auth_key),
	 .required = true},

	/* default: requests are not signed */
	{"connectycube_auth_secret", CFG_SECRET, CFG_AT(auth_secret)},

	/* default: the system's */
	{"connectycube_ca_file", CFG_STR, CFG_AT(ca_file),
	 .h = check_ca_file},

	{"connectycube_chat_password", CFG_WORD, CFG_AT(chat_token),
	 .dflt = "user", .words = "user|token"},

	/* in the order of enum cube_push_mode */
	{"connectycube_push", CFG_WORD, CFG_AT(push),
	 .dflt = "offline", .words = "off|offline|always"},
	{"connectycube_push_environment", CFG_WORD, CFG_AT(push_production),
	 .dflt = "production", .words = "development|production"},

	/* [s], 0=never */
	{"connectycube_directory_refresh", CFG_U32, CFG_AT(refresh),
	 .dflt = "3600", .min = 0, .max = 604800},

	/* [s] */
	{"connectycube_lost_time", CFG_U32, CFG_AT(lost_time),
	 .dflt = "30", .min = 30, .max = 300},

	/* [s], 0=never */
	{"connectycube_ping", CFG_U32, CFG_AT(ping),
	 .dflt = "30", .min = 0, .max = 3600},

	/* [s] */
	{"connectycube_retry_min", CFG_U32, CFG_AT(retry_min),
	 .dflt = "1", .min = 1, .max = 60},
	{"connectycube_retry_max", CFG_U32, CFG_AT(retry_max),
	 .dflt = "60", .min = 1, .max = 3600},
};


const struct cfg_area config_cloud = {keyv, ARRAY_SIZE(keyv), finish};
