/**
 * @file config/config.c  The module's configuration
 *
 * The tables of its keys:
 *
 *   config/config_cloud.c   the cloud
 *   config/config_calls.c   calls
 *   config/config_sip.c     the SIP side
 *   config/config_video.c   video
 *   config/config_peer.c    WebRTC
 *   config/config_log.c     the log
 *   config/config.c         the bridge itself
 *
 * Pure: reads a file and needs no baresip.
 */
#include <re.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


static const struct cfg_key keyv[] = {

	/* PATH; default: PROFILE/users */
	{"connectycube_users", CFG_STR, CFG_AT(users), .place = "users"},

	/* in the order of enum bridge_mode */
	{"connectycube_mode", CFG_WORD, CFG_AT(mode), .dflt = "sip-only",
	 .words = "sip-only|hybrid|ami-only"},
};

static const struct cfg_area config_bridge = {keyv, ARRAY_SIZE(keyv), NULL};

static const struct cfg_area *const areav[] = {
	&config_cloud, &config_calls, &config_sip, &config_video,
	&config_peer, &config_log, &config_bridge,
};


static void destructor(void *data)
{
	struct bridge_config *cfg = data;
	size_t i;

	for (i=0; i<ARRAY_SIZE(cfg->forwardv); i++)
		mem_deref(cfg->forwardv[i]);

	mem_deref(cfg->api_url);
	mem_deref(cfg->chat_url);
	mem_deref(cfg->chat_domain);
	mem_deref(cfg->app_id);
	mem_deref(cfg->auth_key);
	mem_deref(cfg->auth_secret);
	mem_deref(cfg->ca_file);
	mem_deref(cfg->ice_ca_file);
	mem_deref(cfg->users);
	mem_deref(cfg->log_file);
	mem_deref(cfg->log_file_at);
	mem_deref(cfg->log_dir);
	mem_deref(cfg->log_levels);
	mem_deref(cfg->flight_dir);
	mem_deref(cfg->trace_header);
	mem_deref(cfg->department);
	mem_deref(cfg->ringback);
	mem_deref(cfg->ringback_at);
	mem_deref(cfg->avatar);
	mem_deref(cfg->avatar_at);
	mem_deref(cfg->hold_music);
	mem_deref(cfg->hold_music_at);
	mem_deref(cfg->hwenc);
	mem_deref(cfg->hwenc_at);
	mem_deref(cfg->hwdec);
	mem_deref(cfg->hwdec_at);
	mem_deref(cfg->hwdev);
}


static const struct cfg_module module = {
	"connectycube_", areav, ARRAY_SIZE(areav),
	sizeof(struct bridge_config), destructor, CFG_REST_YES
};


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *config_key(size_t n)
{
	return cfg_module_key(&module, n);
}


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read(struct bridge_config **cfgp, const char *profile)
{
	return cfg_module_read(cfgp, &module, profile);
}
