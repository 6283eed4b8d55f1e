/**
 * @file bridge/status.c  What the console shows
 *
 * Printers for "%H", so that later doors (HTTP, AMI) can use them as well.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "call/event.h"
#include "call/raise.h"
#include "bridge/users.h"
#include "bridge/legmedia.h"
#include "bridge/leg.h"
#include "bridge/call.h"
#include "bridge/bridge.h"


/* h:mm:ss since a point in time [ms], "-" if it never came */
static int print_since(struct re_printf *pf, const uint64_t *t)
{
	uint64_t s;

	if (!*t)
		return re_hprintf(pf, "-");

	s = (mono_ms() - *t) / 1000;

	return re_hprintf(pf, "%u:%02u:%02u", (uint32_t)(s / 3600),
			  (uint32_t)(s / 60 % 60), (uint32_t)(s % 60));
}


static int print_dir(struct re_printf *pf, const char *name,
		     const char *codec, const struct media_dirstat *st)
{
	return re_hprintf(pf, "      %s  %-16s packets=%llu bytes=%llu"
			  " lost=%lld jitter=%u.%ums dropped=%llu"
			  " mos=%u.%02u\n",
			  name, str_isset(codec) ? codec : "-",
			  (unsigned long long)st->packets,
			  (unsigned long long)st->bytes,
			  (long long)st->lost, st->jitter / 1000,
			  st->jitter / 100 % 10,
			  (unsigned long long)st->dropped,
			  st->mos / 100, st->mos % 100);
}


static int print_audio(struct re_printf *pf, const struct audio_port *port)
{
	struct media_stats st;
	int err;

	audio_port_stats(port, &st);

	err  = print_dir(pf, "rx", st.rx_codec, &st.rx);
	err |= print_dir(pf, "tx", st.tx_codec, &st.tx);
	err |= re_hprintf(pf, "      rtt=%u.%ums concealed=%llu"
			  " reordered=%llu duplicates=%llu keys=%llu%s\n",
			  st.rtt / 1000, st.rtt / 100 % 10,
			  (unsigned long long)st.concealed,
			  (unsigned long long)st.reordered,
			  (unsigned long long)st.duplicates,
			  (unsigned long long)st.keys,
			  st.relayed ? " forwarded" : "");

	return err;
}


static int print_vdir(struct re_printf *pf, const char *name,
		      const char *codec, const struct video_dirstat *st)
{
	return re_hprintf(pf, "      video %s  %-4s packets=%llu bytes=%llu"
			  " frames=%llu keyframes=%llu lost=%lld"
			  " jitter=%u.%ums dropped=%llu kbps=%u limit=%u"
			  " nack=%llu rtx=%llu pli=%llu fir=%llu info=%llu\n",
			  name, str_isset(codec) ? codec : "-",
			  (unsigned long long)st->packets,
			  (unsigned long long)st->bytes,
			  (unsigned long long)st->frames,
			  (unsigned long long)st->keyframes,
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


static int print_video(struct re_printf *pf, const struct video_port *port)
{
	struct video_stats st;
	int err;

	if (!port)
		return 0;

	video_port_stats(port, &st);

	err  = print_vdir(pf, "rx", st.rx_codec, &st.rx);
	err |= print_vdir(pf, "tx", st.tx_codec, &st.tx);
	err |= re_hprintf(pf, "      video rtt=%u.%ums size=%ux%u"
			  " oversize=%llu late=%llu codec=%llums worker=%llums"
			  "%s%s\n",
			  st.rtt / 1000, st.rtt / 100 % 10,
			  st.width, st.height,
			  (unsigned long long)st.oversize,
			  (unsigned long long)st.late,
			  (unsigned long long)st.cpu_codec / 1000,
			  (unsigned long long)st.cpu_worker / 1000,
			  st.relayed ? " forwarded" : "",
			  st.still ? " still" : "");

	return err;
}


static int print_leg(struct re_printf *pf, const struct leg *leg)
{
	int err;

	err  = re_hprintf(pf, "    %-5s %H", leg->ops->name, leg->ops->print,
			  leg);
	err |= print_audio(pf, leg->audio);

	if (leg->video && leg->ops->print_video)
		err |= leg->ops->print_video(pf, leg);

	return err | print_video(pf, leg->video);
}


static int print_call(struct re_printf *pf, const struct bcall *bc)
{
	static const char *const orderv[] = {"sip", "app"};
	struct le *le;
	size_t i;
	int err;

	err = re_hprintf(pf, "  call %u  %s  %s  age=%H answered=%H"
			 " media=%H\n",
			 bc->id, bc->from_app ? "app->SIP" : "SIP->app",
			 bcall_state_name(bc->state),
			 print_since, &bc->t_start,
			 print_since, &bc->t_answer,
			 print_since, &bc->t_estab);

	for (i=0; i<ARRAY_SIZE(orderv); i++) {
		for (le = bc->legl.head; le; le = le->next) {

			const struct leg *leg = le->data;

			if (!str_cmp(leg->ops->key, orderv[i]))
				err |= print_leg(pf, leg);
		}
	}

	return err;
}


static int print_ext(struct re_printf *pf, const struct ext *ext)
{
	const bool registered = sip_ua_exists(ext->ua) &&
		sip_registered(ext->ua);
	const char *reason = cube_reason(ext->cube);
	struct le *le;
	int err;

	err = re_hprintf(pf, "%s \"%s\"\n"
			 "  cloud  %s%s%s%s  user=%s  since %H\n"
			 "  SIP    %s  since %H\n"
			 "  calls  %u\n",
			 ext->map->aor, ext->map->name,
			 cube_state_name(cube_state(ext->cube)),
			 str_isset(reason) ? " (" : "",
			 str_isset(reason) ? reason : "",
			 str_isset(reason) ? ")" : "",
			 cube_user_id(ext->cube),
			 print_since, &ext->online_time,
			 registered ? "registered" : "not registered",
			 print_since, &ext->reg_time,
			 list_count(&ext->calll));

	for (le = ext->calll.head; le; le = le->next)
		err |= print_call(pf, le->data);

	return err;
}


/**
 * Print the state of all extensions and their calls
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_print_status(struct re_printf *pf, void *unused)
{
	struct le *le;
	int err = 0;
	(void)unused;

	if (!list_head(bridge_exts()))
		return re_hprintf(pf, "no extension: see the users file\n");

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (!ext->leaving || !list_isempty(&ext->calll))
			err |= print_ext(pf, ext);
	}

	return err;
}


static int print_user(struct re_printf *pf, const struct user_map *map)
{
	size_t i;
	int err;

	err = re_hprintf(pf, "%s \"%s\" login=%s call=", map->aor, map->name,
			 map->login);

	for (i=0; i<map->callc; i++)
		err |= re_hprintf(pf, "%s%s", i ? "," : "", map->callv[i]);

	err |= re_hprintf(pf, " dial=%s dialable=%s department=%s\n",
			  map->dial ? map->dial : "-",
			  map->dialable ? map->dialable : "-",
			  map->department ? map->department : "-");

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
			err |= print_user(pf, ext->map);
	}

	return err;
}
