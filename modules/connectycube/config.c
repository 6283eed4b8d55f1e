/**
 * @file config.c  The module's configuration
 *
 * The keys, with range and default, stand where they are read:
 *
 *   config_cloud.c   the cloud
 *   config_calls.c   calls
 *   config_sip.c     the SIP side
 *   config_video.c   video
 *   config_peer.c    WebRTC
 *   config_secret.c  what may stand in a file or in the environment
 *
 * and here
 *
 *   connectycube_users         PATH                    PROFILE/users
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


static void destructor(void *data)
{
	struct bridge_config *cfg = data;

	mem_deref(cfg->api_url);
	mem_deref(cfg->chat_url);
	mem_deref(cfg->chat_domain);
	mem_deref(cfg->app_id);
	mem_deref(cfg->auth_key);
	mem_deref(cfg->auth_secret);
	mem_deref(cfg->ca_file);
	mem_deref(cfg->users);
	mem_deref(cfg->avatar);
	mem_deref(cfg->hwenc);
	mem_deref(cfg->hwdec);
	mem_deref(cfg->hwdev);
}


/**
 * Read and check the configuration. What is wrong is said in the log
 *
 * @param cfgp    Pointer to new configuration
 * @param conf    baresip's configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read(struct bridge_config **cfgp, const struct conf *conf,
		const char *profile)
{
	struct bridge_config *cfg;
	int err;

	if (!cfgp || !conf || !profile)
		return EINVAL;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = config_read_cloud(cfg, conf);
	if (err)
		goto out;

	err = config_read_calls(cfg, conf);
	if (err)
		goto out;

	err = config_read_sip(cfg, conf);
	if (err)
		goto out;

	err = config_read_video(cfg, conf);
	if (err)
		goto out;

	err = config_read_peer(cfg, conf);
	if (err)
		goto out;

	err = cfg_str(&cfg->users, conf, "connectycube_users", false);
	if (err || cfg->users)
		goto out;

	err = re_sdprintf(&cfg->users, "%s/users", profile);

 out:
	if (err)
		mem_deref(cfg);
	else
		*cfgp = cfg;

	return err;
}
