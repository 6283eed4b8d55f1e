/**
 * @file config_calls.c  The configuration keys of calls
 *
 *   connectycube_ring_time     5-600 s                 60
 *   connectycube_max_calls     0-1000                  16
 *   connectycube_codec_policy  opus|relay              opus
 *   connectycube_opus_complexity  0-10                 2
 *   connectycube_rtp_timeout_sip  0, 10-86400 s        0
 *   connectycube_rtp_timeout_app  0, 10-86400 s        0
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


/* A time that is not so short that a pause looks like the end */
static int get_timeout(uint32_t *valp, const struct conf *conf,
		       const char *key)
{
	struct pl pl;
	int err;

	err = cfg_u32(valp, conf, key, 0, 86400, 0);
	if (err || !*valp || *valp >= 10 || conf_get(conf, key, &pl))
		return err;

	return cfg_bad(key, &pl, "0, or a number from 10 to 86400");
}


/**
 * Read and check the keys of calls. What is wrong is said in the log
 *
 * @param cfg  Configuration, filled in
 * @param conf baresip's configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read_calls(struct bridge_config *cfg, const struct conf *conf)
{
	bool relay;
	int err;

	err = cfg_u32(&cfg->ring_time, conf, "connectycube_ring_time",
		      5, 600, 60);
	if (err)
		return err;

	err = cfg_u32(&cfg->max_calls, conf, "connectycube_max_calls",
		      0, 1000, 16);
	if (err)
		return err;

	err = cfg_choice(&relay, conf, "connectycube_codec_policy",
			 "opus", "relay");
	if (err)
		return err;

	cfg->policy = relay ? POLICY_RELAY : POLICY_OPUS;

	err = cfg_u32(&cfg->complexity, conf, "connectycube_opus_complexity",
		      0, 10, 2);
	if (err)
		return err;

	err = get_timeout(&cfg->timeout_sip, conf,
			  "connectycube_rtp_timeout_sip");
	if (err)
		return err;

	return get_timeout(&cfg->timeout_app, conf,
			   "connectycube_rtp_timeout_app");
}
