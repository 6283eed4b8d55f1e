/**
 * @file config_cloud.c  The configuration keys of the cloud
 *
 *   connectycube_api_url       https://host[:port]     required
 *   connectycube_chat_url      wss://host[:port]/path  required
 *   connectycube_chat_domain   NAME                    host of chat_url
 *   connectycube_app_id        NUMBER                  required
 *   connectycube_auth_key      SECRET                  required
 *   connectycube_auth_secret   SECRET                  none: not signed
 *   connectycube_ca_file       PATH                    system's CAs
 *   connectycube_chat_password user|token              user
 *   connectycube_ping          0-3600 s                30
 *   connectycube_retry_min     1-60 s                  1
 *   connectycube_retry_max     1-3600 s                60
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


/**
 * Read and check the keys of the cloud. What is wrong is said in the log
 *
 * @param cfg  Configuration, filled in
 * @param conf baresip's configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read_cloud(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = cfg_str(&cfg->api_url, conf, "connectycube_api_url", true);
	if (err)
		return err;

	err = cfg_str(&cfg->chat_url, conf, "connectycube_chat_url", true);
	if (err)
		return err;

	err = cfg_str(&cfg->chat_domain, conf, "connectycube_chat_domain",
		      false);
	if (err)
		return err;

	err = cfg_str(&cfg->app_id, conf, "connectycube_app_id", true);
	if (err)
		return err;

	err = config_get_secret(&cfg->auth_key, conf, "connectycube_auth_key",
				true);
	if (err)
		return err;

	err = config_get_secret(&cfg->auth_secret, conf,
				"connectycube_auth_secret", false);
	if (err)
		return err;

	err = cfg_str(&cfg->ca_file, conf, "connectycube_ca_file", false);
	if (err)
		return err;

	err = cfg_choice(&cfg->chat_token, conf, "connectycube_chat_password",
			 "user", "token");
	if (err)
		return err;

	err = cfg_u32(&cfg->ping, conf, "connectycube_ping", 0, 3600, 30);
	if (err)
		return err;

	err = cfg_u32(&cfg->retry_min, conf, "connectycube_retry_min",
		      1, 60, 1);
	if (err)
		return err;

	return cfg_u32(&cfg->retry_max, conf, "connectycube_retry_max",
		       1, 3600, 60);
}
