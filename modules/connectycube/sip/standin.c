/**
 * @file sip/standin.c  Audio devices that are not there
 *
 * baresip starts a source and a player for every call. The packets never
 * reach baresip's own audio pipeline (see mnat.c), so these two take no
 * samples and give none; with them no sound card is ever opened.
 *
 * Config:
 *
 *     audio_source    connectycube,nil
 *     audio_player    connectycube,nil
 */
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"


struct ausrc_st {
	const struct ausrc *as; /* baresip 1.x looks at the first member */
};

struct auplay_st {
	const struct auplay *ap;
};

static struct ausrc *ausrc;
static struct auplay *auplay;


static int src_alloc(struct ausrc_st **stp, const struct ausrc *as,
		     struct media_ctx **ctx, struct ausrc_prm *prm,
		     const char *device, ausrc_read_h *rh,
		     ausrc_error_h *errh, void *arg)
{
	(void)ctx;
	(void)prm;
	(void)device;
	(void)rh;
	(void)errh;
	(void)arg;

	if (!stp)
		return EINVAL;

	*stp = mem_zalloc(sizeof(**stp), NULL);
	if (!*stp)
		return ENOMEM;

	(*stp)->as = as;

	return 0;
}


static int play_alloc(struct auplay_st **stp, const struct auplay *ap,
		      struct auplay_prm *prm, const char *device,
		      auplay_write_h *wh, void *arg)
{
	(void)prm;
	(void)device;
	(void)wh;
	(void)arg;

	if (!stp)
		return EINVAL;

	*stp = mem_zalloc(sizeof(**stp), NULL);
	if (!*stp)
		return ENOMEM;

	(*stp)->ap = ap;

	return 0;
}


/**
 * Register the stand-ins
 *
 * @return 0 if success, otherwise errorcode
 */
int standin_init(void)
{
	int err;

	err = ausrc_register(&ausrc, baresip_ausrcl(), "connectycube",
			     src_alloc);
	if (err)
		return err;

	err = auplay_register(&auplay, baresip_auplayl(), "connectycube",
			      play_alloc);
	if (err)
		ausrc = mem_deref(ausrc);

	return err;
}


/**
 * Unregister the stand-ins
 */
void standin_close(void)
{
	auplay = mem_deref(auplay);
	ausrc  = mem_deref(ausrc);
}
