/**
 * @file call/host/bridge.c  The bridge: its extensions, codecs and events
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "base/notify.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"
#include "config/users.h"
#include "call/legmedia.h"
#include "call/policy.h"
#include "call/policy_video.h"
#include "call/video_setup.h"
#include "call/dtmf_dedup.h"
#include "call/leg.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/music.h"
#include "config/userid.h"
#include "call/directory.h"
#include "call/check.h"
#include "call/mode.h"


static struct {
	const struct bridge_config *cfg; /* pointer */
	struct list extl;       /* struct ext */
	struct list codecl;     /* struct acodec; the wrapped ones owned */
	struct bcall_env env;   /* what all calls have in common */
	struct tmr tmr;         /* waits for all modules to be loaded */
} br;


static void unfit_handler(const struct ua *ua, const char *uri,
			  const char *callid, uint16_t scode,
			  const char *reason)
{
	const struct raise_refused r = {
		.ext = bridge_find_ua(ua),
		.aor = account_aor(ua_account(ua)), .uri = uri,
		.callid = callid, .scode = scode, .why = reason,
	};

	raise_sip_refused(&r);
}


static void sip_incoming_handler(struct sipleg *leg, struct ua *ua,
				 void *arg)
{
	struct ext *ext = bridge_find_ua(ua);
	(void)arg;

	if (ext) {
		bcall_from_sip(ext, leg);
		return;
	}

	unfit_handler(ua, sipleg_peer_uri(leg), sipleg_id(leg), 404,
		      "no usable line in the users file");
	sipleg_end(leg, 404, 0);
	mem_deref(leg);
}


/* An account without a line is refused with 404, and must not be answered
   by baresip itself */
static int attach_all(void)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {

		const int err = sip_attach(le->data);
		if (err)
			return err;
	}

	return 0;
}


/* All modules are loaded and all accounts are there */
static void ready_handler(void *arg)
{
	int err;
	(void)arg;

	err = sip_aucodec_wrap(&br.codecl);
	if (err)
		clog_warning("audio codecs: %m\n", err);

	bvideo_ready();

	if (mode_check())
		exit(EX_CONFIG);

	userfile_start(br.cfg->users);
	dirsync_users();

	err = attach_all();
	if (err)
		clog_warning("accounts: %m\n", err);

	if (list_isempty(&br.extl)) {
		clog_warning("%s: no usable extension: the process"
			     " ends\n", br.cfg->users);
		exit(EX_CONFIG);
	}

	if (!check_ready() && mode_has_sip())
		sip_take_requests();
	if (mode_has_sip())
		sip_register_start();
}


/**
 * End all calls
 *
 * @param reason Why
 * @param why    The same, readable
 *
 * @return Number of calls ended
 */
size_t bridge_hangup_all(enum end_reason reason, const char *why)
{
	struct le *le;
	size_t n = 0;

	for (le = br.extl.head; le; le = le->next)
		n += ext_hangup(le->data, reason, why);

	return n;
}


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	const char *name = uag_event_str(ev);
	struct le *le;
	(void)call;
	(void)arg;

	/* the last one goes: so does the process */
	if (!str_cmp(name, "SHUTDOWN") && !list_head(uag_list()))
		notify_stopping(0);

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		if (!ua || ext->ua != ua)
			continue;

		if (!str_cmp(name, "REGISTER_OK"))
			ext_registered(ext, true, NULL);
		else if (!str_cmp(name, "REGISTER_FAIL"))
			ext_registered(ext, false, prm);

		if (!sip_ua_exists(ua))
			ext_remove(ext);
	}
}


/**
 * Get the configuration
 *
 * @return Configuration
 */
const struct bridge_config *bridge_config(void)
{
	return br.cfg;
}


/**
 * Get what all calls have in common
 *
 * @return What they have
 */
const struct bcall_env *bridge_env(void)
{
	return &br.env;
}


/**
 * Get the extensions
 *
 * @return List of struct ext
 */
const struct list *bridge_exts(void)
{
	return &br.extl;
}


/**
 * Add an extension
 *
 * @param ext Extension, owned by the bridge from now on
 */
void bridge_add(struct ext *ext)
{
	list_append(&br.extl, &ext->le, ext);
}


/**
 * Find an extension
 *
 * @param aor Its address of record, NULL for the first
 *
 * @return Extension, NULL if there is none
 */
struct ext *bridge_find(const char *aor)
{
	struct le *le;

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		if (!ext->leaving && (!aor ||
				      !str_casecmp(ext->map->aor, aor)))
			return ext;
	}

	return NULL;
}


/**
 * Find the extension of a User-Agent
 *
 * @param ua User-Agent
 *
 * @return Extension, NULL if it has none
 */
struct ext *bridge_find_ua(const struct ua *ua)
{
	struct le *le;

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		if (ext->ua && ext->ua == ua)
			return ext;
	}

	return NULL;
}


/**
 * Find a call by its number
 *
 * @param id Number of the call
 *
 * @return Call, NULL if there is none
 */
struct bcall *bridge_find_call(uint32_t id)
{
	struct le *le, *lec;

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		for (lec = ext->calll.head; lec; lec = lec->next) {

			struct bcall *bc = lec->data;

			if (bc->id == id)
				return bc;
		}
	}

	return NULL;
}


/**
 * Are there as many calls as allowed?
 *
 * @param from_app True for a call by an app, false for one by a phone
 *
 * @return True if no more calls are taken from that side
 */
bool bridge_full(bool from_app)
{
	struct le *le, *lec;
	size_t all = 0, same = 0;

	/* the process is there to see whether it could take any */
	if (check_exit_code() >= 0)
		return true;

	for (le = br.extl.head; le; le = le->next) {

		const struct ext *ext = le->data;

		for (lec = ext->calll.head; lec; lec = lec->next) {

			const struct bcall *bc = lec->data;

			++all;
			same += bc->from_app == from_app;
		}
	}

	return policy_full(br.cfg->max_calls, br.cfg->reserved_calls, all,
			   same);
}


static void codecs_init(void)
{
	media_opus_complexity(media_codec_opus(), br.cfg->complexity);
	media_codec_register(&br.codecl, media_codec_opus());
	media_codec_register(&br.codecl, media_codec_pcmu());
	media_codec_register(&br.codecl, media_codec_pcma());
}


/* the media room's own are not to be freed, the wrapped ones are */
static void codecs_close(void)
{
	bvideo_close();
	list_unlink(&media_codec_opus()->le);
	list_unlink(&media_codec_pcmu()->le);
	list_unlink(&media_codec_pcma()->le);
	list_flush(&br.codecl);
	music_close();
}


static void env_init(const struct bridge_config *cfg)
{
	br.env.codecl    = &br.codecl;
	br.env.video     = cfg->video ? bvideo_config() : NULL;
	br.env.ring_time = cfg->ring_time;
	br.env.early     = cfg->early_media;
	br.env.call_max  = cfg->call_max;
	br.env.rejoin    = cfg->rejoin;
	br.env.dead_air  = cfg->dead_air * 1000;
	br.env.dead_air_level = -10 * (int16_t)cfg->dead_air_level;
	br.env.dead_air_action = cfg->dead_air_action;
	br.env.goneh     = ext_call_ended;
	music_init(&br.env.music, cfg->hold_music, cfg->hold_music_at);
}


static void set_sip(const struct bridge_config *cfg)
{
	const struct sip_redirect_prm prm = {
		.max  = cfg->redirect_max,
		.tell = cfg->redirect_tell,
	};

	sip_set_redirect(&prm);
	sip_set_trust(&cfg->sip_trust);
	sip_set_targets(&cfg->targets);
	sip_set_identity(cfg->identity);
	sip_set_trace(cfg->trace_header, cfg->trace_send);
	sip_set_timer(&cfg->sip_timer);
	sip_set_refused_handler(raise_caller);
	sip_set_unfit_handler(unfit_handler);
	leg_sip_ring_init(cfg->ringback, cfg->ringback_at);
}


/**
 * Start the bridge
 *
 * @param cfg Configuration, stays with the caller
 *
 * @return 0 if success, otherwise errorcode
 */
int bridge_init(const struct bridge_config *cfg)
{
	int err;

	if (!cfg)
		return EINVAL;

	br.cfg = cfg;

	err = listeners_init(cfg);
	if (err)
		goto err_listen;

	codecs_init();
	bvideo_init(cfg);
	env_init(cfg);

	err = peer_init();
	if (err)
		goto err_peer;

	err = peer_open_servers(&cfg->peer);
	if (err)
		goto err_tls;

	err = siptls_init(cfg->sip_verify);
	if (err)
		goto err_tls;

	err = sip_auth_init();
	if (err)
		goto err_auth;

	err = sip_register_init(cfg->sip_keepalive, cfg->sip_received);
	if (err)
		goto err_register;

	err = sip_init(cfg->latch_time * 1000, &cfg->sip_allow,
		       sip_incoming_handler, NULL);
	if (err)
		goto err_sip;

	err = uag_event_register(event_handler, NULL);
	if (err)
		goto err_event;

	set_sip(cfg);
	network_init();
	tmr_start(&br.tmr, 0, ready_handler, NULL);

	return 0;

 err_event:
	sip_close_room();
 err_sip:
	sip_register_close();
 err_register:
	sip_auth_close();
 err_auth:
	siptls_close();
 err_tls:
	peer_close();
 err_peer:
	codecs_close();
 err_listen:
	listeners_close();

	return err;
}


/**
 * Stop the bridge: all calls end, all cloud users go offline
 */
void bridge_close(void)
{
	/* no account has said so */
	if (br.cfg && !mode_has_sip())
		notify_stopping(0);

	tmr_cancel(&br.tmr);
	network_close();
	userfile_close();
	uag_event_unregister(event_handler);
	leg_sip_ring_close();
	sip_set_refused_handler(NULL);
	sip_set_trust(NULL);
	sip_set_trace(NULL, false);
	sip_set_unfit_handler(NULL);
	list_flush(&br.extl);
	sip_close_room();
	sip_register_close();
	sip_auth_close();
	siptls_close();
	peer_close();
	codecs_close();
	listeners_close();
	mode_close();
	br.cfg = NULL;
}
