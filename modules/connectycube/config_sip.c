/**
 * @file config_sip.c  The configuration keys of the SIP side
 *
 *   connectycube_sip_verify    yes|no                  yes
 *   connectycube_latch_time    0-60 s                  5
 *   connectycube_rtp_keepalive 0-60 s                  15
 *   connectycube_dtmf_sip      auto|rtp|info|info-dtmf auto
 *   connectycube_dtmf_info     yes|no                  yes
 *   connectycube_dtmf_inband   auto|yes|no             auto
 */
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "media/media.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


static int read_dtmf(struct bridge_config *cfg, const struct conf *conf)
{
	static const char *const sipv[] = {"auto", "rtp", "info",
		"info-dtmf"};
	static const char *const inbandv[] = {"auto", "yes", "no"};
	unsigned v;
	int err;

	err = cfg_word(&v, conf, "connectycube_dtmf_sip", sipv,
		       ARRAY_SIZE(sipv));
	if (err)
		return err;

	cfg->dtmf_sip = (enum dtmf_sip)v;

	err = cfg_bool(&cfg->dtmf_info, conf, "connectycube_dtmf_info",
		       true);
	if (err)
		return err;

	err = cfg_word(&v, conf, "connectycube_dtmf_inband", inbandv,
		       ARRAY_SIZE(inbandv));

	cfg->inband = (enum dtmf_inband)v;

	return err;
}


/**
 * Read and check the keys of the SIP side. What is wrong is said in the log
 *
 * @param cfg  Configuration, filled in
 * @param conf baresip's configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int config_read_sip(struct bridge_config *cfg, const struct conf *conf)
{
	int err;

	err = cfg_bool(&cfg->sip_verify, conf, "connectycube_sip_verify",
		       true);
	if (err)
		return err;

	err = cfg_u32(&cfg->latch_time, conf, "connectycube_latch_time",
		      0, 60, 5);
	if (err)
		return err;

	err = cfg_u32(&cfg->keepalive, conf, "connectycube_rtp_keepalive",
		      0, 60, 15);
	if (err)
		return err;

	return read_dtmf(cfg, conf);
}
