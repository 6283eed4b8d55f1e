/**
 * @file policy_rig.h  What tests of codec choice have
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/legmedia.h"
#include "call/policy.h"


static inline void add(struct sipleg_audio *au, const char *name,
		       uint32_t crate, uint8_t pt)
{
	struct sipleg_fmt *fmt = &au->txv[au->txc++];

	str_ncpy(fmt->name, name, sizeof(fmt->name));
	fmt->crate = crate;
	fmt->pt    = pt;
	fmt->ch    = 1;
}


static inline void add_peer(struct peer_media *pm, const char *name,
			    uint32_t crate)
{
	static struct peer_fmt fmtv[PEER_FMT_MAX];
	struct peer_fmt *fmt;

	if (!pm->fmtc) {
		memset(fmtv, 0, sizeof(fmtv));
		pm->fmtv = fmtv;
	}
	fmt = &pm->fmtv[pm->fmtc++];

	str_ncpy(fmt->name, name, sizeof(fmt->name));
	fmt->crate = crate;
	pm->active = true;
}


/* What the other leg knows of a phone, or of an app */

static inline const struct leg_audio *phone(const struct sipleg_audio *au)
{
	static struct leg_audio la;

	legmedia_audio_sip(&la, au);

	return &la;
}


static inline const struct leg_audio *app(const struct peer_media *pm)
{
	static struct leg_audio la;

	legmedia_audio_peer(&la, pm);

	return &la;
}
