/**
 * @file sip/standin.c  Devices and video codecs that are not there
 *
 * baresip starts a source and a player for every call. The packets never
 * reach baresip's own audio pipeline (see mnat.c), so these two take no
 * samples and give none; with them no sound card is ever opened.
 *
 * It makes a video line for a call only if there is a display and if the
 * account has a video codec. Ours are never started (see video.c). The codecs
 * are known to our accounts only, in the place of what other modules bring
 * for transcoding; all that comes of them is what an OPTIONS is told.
 *
 * Config:
 *
 *     audio_source    connectycube,nil
 *     audio_player    connectycube,nil
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "compat_baresip.h"
#include "sip/sip.h"
#include "sip/leg.h"


struct ausrc_st {
	const struct ausrc *as; /* baresip 1.x looks at the first member */
};

struct auplay_st {
	const struct auplay *ap;
};

enum {
	CODECS_MAX = 4,         /* an account of baresip's has no more */
};

static struct ausrc *ausrc;
static struct auplay *auplay;

static struct {
	struct vidisp *disp;
	struct vidcodec codecv[CODECS_MAX];
	char namev[CODECS_MAX][32];
	size_t codecc;
} video;


static int src_alloc(AUSRC_ALLOC_PARAMS)
{
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


static int disp_alloc(struct vidisp_st **stp, const struct vidisp *vd,
		      struct vidisp_prm *prm, const char *dev,
		      vidisp_resize_h *resizeh, void *arg)
{
	(void)stp;
	(void)vd;
	(void)prm;
	(void)dev;
	(void)resizeh;
	(void)arg;

	return ENOTSUP;
}


static void add_codec(const char *name)
{
	struct vidcodec *vc = &video.codecv[video.codecc];
	size_t i;

	for (i=0; i<video.codecc; i++) {
		if (!str_casecmp(name, video.namev[i]))
			return;
	}

	if (i >= ARRAY_SIZE(video.codecv))
		return;

	str_ncpy(video.namev[i], name, sizeof(video.namev[i]));

	memset(vc, 0, sizeof(*vc));
	vc->name    = video.namev[i];
	vc->variant = "connectycube";
	vc->fmtp    = "";

	++video.codecc;
}


/**
 * Register the stand-ins for video
 *
 * @param prm Video, its formats' names become codecs
 *
 * @return 0 if success, otherwise errorcode
 */
int standin_add_video(const struct sipleg_video_prm *prm)
{
	size_t i;

	for (i=0; i<prm->fmtc; i++)
		add_codec(prm->fmtv[i].name);

	return vidisp_register(&video.disp, baresip_vidispl(), "connectycube",
			       disp_alloc, NULL, NULL, NULL);
}


/**
 * Let an account have the stand-ins as its video codecs
 *
 * @param acc Account
 *
 * @return 0 if success, otherwise errorcode
 */
int standin_use_video(struct account *acc)
{
	struct list *lst = baresip_vidcodecl();
	char names[CODECS_MAX * sizeof(video.namev[0])] = "";
	size_t i;
	int err;

	/* in the list, and first, only while the account looks names up */
	for (i=0; i<video.codecc; i++) {

		struct vidcodec *vc = &video.codecv[i];

		list_prepend(lst, &vc->le, vc);
		(void)re_snprintf(names + strlen(names),
				  sizeof(names) - strlen(names), "%s%s",
				  i ? "," : "", vc->name);
	}

	err = account_set_video_codecs(acc, names);

	for (i=0; i<video.codecc; i++)
		list_unlink(&video.codecv[i].le);

	return err;
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
	video.disp   = mem_deref(video.disp);
	video.codecc = 0;
	auplay = mem_deref(auplay);
	ausrc  = mem_deref(ausrc);
}
