/**
 * @file call/host/status.c  What the console shows
 *
 * Printers for "%H", so that later doors (HTTP, AMI) can use them as well.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/version.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "config/users.h"
#include "call/bridge.h"
#include "call/mode.h"


/** A point in time, and the time that it is */
struct since {
	uint64_t t;
	uint64_t now;
};


/* h:mm:ss since a point in time [ms], "-" if it never came */
static int print_since(struct re_printf *pf, const struct since *since)
{
	uint64_t s;

	if (!since->t)
		return re_hprintf(pf, "-");

	s = (since->now - since->t) / 1000;

	return re_hprintf(pf, "%u:%02u:%02u", (uint32_t)(s / 3600),
			  (uint32_t)(s / 60 % 60), (uint32_t)(s % 60));
}


/* MOS in hundredths, 0=not known */
static int print_mos(struct re_printf *pf, const unsigned *mos)
{
	return *mos ? re_hprintf(pf, "%u.%02u", *mos / 100, *mos % 100)
		: re_hprintf(pf, "-");
}


static int print_dir(struct re_printf *pf, const char *name,
		     const char *codec, const struct media_dirstat *st)
{
	return re_hprintf(pf, "      %s  %-16s packets=%llu bytes=%llu"
			  " lost=%lld jitter=%u.%ums dropped=%llu"
			  " mos=%H\n",
			  name, str_isset(codec) ? codec : "-",
			  (unsigned long long)st->packets,
			  (unsigned long long)st->bytes,
			  (long long)st->lost, st->jitter / 1000,
			  st->jitter / 100 % 10,
			  (unsigned long long)st->dropped,
			  print_mos, &st->mos);
}


static int print_audio(struct re_printf *pf, const struct media_stats *st)
{
	int err;

	err  = print_dir(pf, "rx", st->rx_codec, &st->rx);
	err |= print_dir(pf, "tx", st->tx_codec, &st->tx);
	err |= re_hprintf(pf, "      rtt=%u.%ums concealed=%llu"
			  " reordered=%llu duplicates=%llu keys=%llu%s\n",
			  st->rtt / 1000, st->rtt / 100 % 10,
			  (unsigned long long)st->concealed,
			  (unsigned long long)st->reordered,
			  (unsigned long long)st->duplicates,
			  (unsigned long long)st->keys,
			  st->relayed ? " forwarded" :
			  st->played ? " on hold" : "");

	return err;
}


/* Tenths of dBov, 0=not known */
static int print_level(struct re_printf *pf, const int16_t *level)
{
	return *level ? re_hprintf(pf, "-%d.%d", -*level / 10, -*level % 10)
		: re_hprintf(pf, "-");
}


/* How it was heard: averages and extremes */
static int print_heard(struct re_printf *pf, const struct snap_leg *sl)
{
	const struct media_stats *st = &sl->audio;
	const char *unheard = event_unheard_name(sl->one_way);
	int err;

	err = re_hprintf(pf, "      level=%H max=%H dBov silent=%us"
			 " dead-air=%us%s%s\n", print_level, &st->level,
			 print_level, &st->level_max, sl->silent_ms / 1000,
			 sl->dead_air_ms / 1000,
			 unheard ? " one-way=" : "", unheard ? unheard : "");

	err |= re_hprintf(pf, "      jitter avg=%u.%u max=%u.%ums"
			  " mos avg=%H min=%H rtt avg=%u.%u max=%u.%ums"
			  " inside p50=%uus p99=%uus\n",
			  st->rx.jitter_avg / 1000,
			  st->rx.jitter_avg / 100 % 10,
			  st->rx.jitter_max / 1000,
			  st->rx.jitter_max / 100 % 10,
			  print_mos, &st->rx.mos_avg,
			  print_mos, &st->rx.mos_min,
			  st->rtt_avg / 1000, st->rtt_avg / 100 % 10,
			  st->rtt_max / 1000, st->rtt_max / 100 % 10,
			  st->latency_p50, st->latency_p99);

	return err;
}


static int print_vdir(struct re_printf *pf, const char *name,
		      const char *codec, const struct video_dirstat *st)
{
	return re_hprintf(pf, "      video %s  %-4s packets=%llu bytes=%llu"
			  " frames=%llu keyframes=%llu freezes=%u lost=%lld"
			  " jitter=%u.%ums dropped=%llu kbps=%u limit=%u"
			  " nack=%llu rtx=%llu pli=%llu fir=%llu info=%llu\n",
			  name, str_isset(codec) ? codec : "-",
			  (unsigned long long)st->packets,
			  (unsigned long long)st->bytes,
			  (unsigned long long)st->frames,
			  (unsigned long long)st->keyframes, st->freezes,
			  (long long)st->lost, st->jitter / 1000,
			  st->jitter / 100 % 10,
			  (unsigned long long)st->dropped,
			  st->bitrate / 1000, st->bw / 1000,
			  (unsigned long long)st->nacks,
			  (unsigned long long)st->retransmitted,
			  (unsigned long long)st->plis,
			  (unsigned long long)st->firs,
			  (unsigned long long)st->infos);
}


static int print_video(struct re_printf *pf, const struct video_stats *st)
{
	int err;

	err  = print_vdir(pf, "rx", st->rx_codec, &st->rx);
	err |= print_vdir(pf, "tx", st->tx_codec, &st->tx);
	err |= re_hprintf(pf, "      video rtt=%u.%ums size=%ux%u"
			  " oversize=%llu late=%llu codec=%llums worker=%llums"
			  "%s%s\n",
			  st->rtt / 1000, st->rtt / 100 % 10,
			  st->width, st->height,
			  (unsigned long long)st->oversize,
			  (unsigned long long)st->late,
			  (unsigned long long)st->cpu_codec / 1000,
			  (unsigned long long)st->cpu_worker / 1000,
			  st->relayed ? " forwarded" : "",
			  st->still ? " still" : "");

	return err;
}


static int print_path(struct re_printf *pf, const struct snap_path *path)
{
	return re_hprintf(pf, "port %u <-> %s%s refused=%llu%s%s\n",
			  path->port, path->remote[0] ? path->remote : "?",
			  path->latched ? " (latched)" : "",
			  (unsigned long long)path->refused,
			  path->srtp[0] ? " srtp=" : "", path->srtp);
}


static int print_push(struct re_printf *pf, const struct snap_leg *sl)
{
	int err;

	if (!sl->pushed)
		return 0;

	err = re_hprintf(pf, " pushed=%u", sl->pushed);
	if (sl->push_ms)
		err |= re_hprintf(pf, " online-after=%ums", sl->push_ms);

	return err;
}


static int print_who(struct re_printf *pf, const struct snap_leg *sl)
{
	if (sl->side == EVENT_APP)
		return re_hprintf(pf, "user=%s session=%s %s%s%s%H\n      %s\n",
				  sl->user, sl->id, sl->state,
				  sl->held ? " (holds)" : "",
				  sl->lost ? " (path lost)" : "", print_push,
				  sl, sl->how);

	return re_hprintf(pf, "%s \"%s\" call-id=%s%s\n      %H",
			  sl->uri, sl->peer, sl->id,
			  sl->held ? " (holds)" : "", print_path, &sl->path);
}


static int print_leg(struct re_printf *pf, const struct snap_leg *sl)
{
	int err;

	err  = re_hprintf(pf, "    %-5s %H", sl->name, print_who, sl);
	err |= print_audio(pf, &sl->audio);
	err |= print_heard(pf, sl);

	if (!sl->has_video)
		return err;

	if (sl->vpath.on)
		err |= re_hprintf(pf, "      video %H", print_path,
				  &sl->vpath);

	return err | print_video(pf, &sl->video);
}


static int print_call(struct re_printf *pf, const struct snap_call *sc,
		      uint64_t now)
{
	const struct since start = {sc->t_start, now};
	const struct since answer = {sc->t_answer, now};
	const struct since media = {sc->t_media, now};
	struct le *le;
	int err;

	err = re_hprintf(pf, "  call %u  %s  %s  age=%H answered=%H"
			 " media=%H\n",
			 sc->id, sc->from_app ? "app->SIP" : "SIP->app",
			 sc->state, print_since, &start,
			 print_since, &answer, print_since, &media);

	for (le = sc->legl.head; le; le = le->next)
		err |= print_leg(pf, le->data);

	return err;
}


static int print_ext(struct re_printf *pf, const struct snap_ext *se,
		     uint64_t now)
{
	const struct since online = {se->t_online, now};
	const struct since reg = {se->t_reg, now};
	const bool why = se->reason[0];
	struct le *le;
	int err;

	err = re_hprintf(pf, "%s \"%s\"\n"
			 "  cloud  %s%s%s%s  user=%s  since %H\n"
			 "  SIP    %s  since %H\n"
			 "%s%s%s"
			 "  calls  %u\n",
			 se->aor, se->name, se->cloud,
			 why ? " (" : "", se->reason, why ? ")" : "",
			 se->user, print_since, &online,
			 se->registered ? "registered" : se->registers ?
			 "not registered" : mode_has_sip() ?
			 "does not register (regint=0)" : "none (ami-only)",
			 print_since, &reg,
			 se->dnd[0] ? "  do not disturb  " : "", se->dnd,
			 se->dnd[0] ? "\n" : "", list_count(&se->calll));

	for (le = se->calll.head; le; le = le->next)
		err |= print_call(pf, le->data, now);

	return err;
}


/* Why there will be no more of them */
static int print_drain(struct re_printf *pf)
{
	const uint32_t left = shutdown_left();

	if (!bridge_is_draining())
		return 0;

	return left ? re_hprintf(pf, "draining: no more calls are taken, the"
				 " process ends with the last one, in %u s at"
				 " most\n", left)
		: re_hprintf(pf, "draining: no more calls are taken\n");
}


static int print_mode(struct re_printf *pf)
{
	const char *why = mode_trouble();

	if (bridge_config()->mode == BRIDGE_SIP_ONLY)
		return 0;

	return re_hprintf(pf, "%s: Asterisk's manager %sconnected%s%s%s\n",
			  mode_name(), mode_is_linked() ? "" : "not ",
			  why[0] ? " (" : "", why, why[0] ? ")" : "");
}


/**
 * Print what runs, and the state of all extensions and their calls
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_print_status(struct re_printf *pf, void *unused)
{
	struct snapshot *snap;
	struct le *le;
	int err;
	(void)unused;

	if (!list_head(bridge_exts()))
		return re_hprintf(pf, "no extension: see the users file\n");

	err = snapshot_take(&snap);
	if (err)
		return err;

	err  = re_hprintf(pf, "connectycube-bridge %s\n", build_version());
	err |= print_mode(pf);
	for (le = snap->extl.head; le; le = le->next)
		err |= print_ext(pf, le->data, snap->now);
	err |= print_drain(pf);

	mem_deref(snap);

	return err;
}


/**
 * Print the users file as it was understood, without its secrets
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_print_users(struct re_printf *pf, void *unused)
{
	struct le *le;
	int err = 0;
	(void)unused;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (!ext->leaving)
			err |= users_print(pf, ext->map);
	}

	return err;
}
