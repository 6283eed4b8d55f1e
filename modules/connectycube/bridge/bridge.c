/**
 * @file bridge/bridge.c  The extensions: who is bridged
 *
 * Reads the users file, finds the SIP account of every line, and keeps its
 * cloud user online.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/vpolicy.h"
#include "bridge/bvideo.h"
#include "bridge/bridge.h"


static struct {
	const struct bridge_config *cfg; /* pointer */
	struct list extl;       /* struct ext */
	struct list codecl;     /* struct acodec; the wrapped ones owned */
	struct tmr tmr;         /* waits for all modules to be loaded */
	unsigned line;          /* line of the users file being read */
} br;


static void ext_destructor(void *data)
{
	struct ext *ext = data;

	list_unlink(&ext->le);
	list_flush(&ext->calll);
	mem_deref(ext->cube);
	mem_deref(ext->map);
}


static void cube_state_handler(enum cube_state state, const char *reason,
			       void *arg)
{
	struct ext *ext = arg;
	const bool bad = state == CUBE_REFUSED || state == CUBE_OFFLINE;

	if (bad && str_isset(reason))
		warning("connectycube: %s: cloud: %s (%s)\n", ext->map->aor,
			cube_state_name(state), reason);
	else
		info("connectycube: %s: cloud: %s\n", ext->map->aor,
		     cube_state_name(state));

	if (state == CUBE_ONLINE)
		ext->online_time = tmr_jiffies();
}


static void cube_incoming_handler(struct cube_call *call, void *arg)
{
	bcall_from_app(arg, call);
}


static void sip_incoming_handler(struct sipleg *leg, struct ua *ua,
				 void *arg)
{
	struct le *le;
	(void)arg;

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		if (ext->ua == ua) {
			bcall_from_sip(ext, leg);
			return;
		}
	}

	sipleg_end(leg, 404, 0);
	mem_deref(leg);
}


static int ext_start(struct ext *ext)
{
	const struct bridge_config *cfg = br.cfg;
	const struct cube_config cc = {
		.api_url     = cfg->api_url,
		.chat_url    = cfg->chat_url,
		.chat_domain = cfg->chat_domain,
		.app_id      = cfg->app_id,
		.auth_key    = cfg->auth_key,
		.auth_secret = cfg->auth_secret,
		.login       = ext->map->login,
		.password    = ext->map->password,
		.ca_file     = cfg->ca_file,
		.chat_token  = cfg->chat_token,
		.ping        = cfg->ping * 1000,
		.retry_min   = cfg->retry_min * 1000,
		.retry_max   = cfg->retry_max * 1000,
		.peer        = cfg->peer,
	};
	int err;

	err = cube_alloc(&ext->cube, &cc, cube_state_handler,
			 cube_incoming_handler, ext);
	if (err)
		return err;

	return cube_start(ext->cube);
}


static int ext_alloc(struct ext **extp, struct user_map *map, struct ua *ua)
{
	struct ext *ext;
	int err;

	ext = mem_zalloc(sizeof(*ext), ext_destructor);
	if (!ext)
		return ENOMEM;

	ext->map = mem_ref(map);
	ext->ua  = ua;
	if (ua_isregistered(ua))
		ext->reg_time = tmr_jiffies();

	err = sip_attach(ua);
	if (err)
		goto out;

	err = ext_start(ext);
	if (err)
		goto out;

	list_append(&br.extl, &ext->le, ext);

 out:
	if (err)
		mem_deref(ext);
	else
		*extp = ext;

	return err;
}


static struct ua *find_ua(const struct user_map *map)
{
	struct le *le;

	for (le = list_head(uag_list()); le; le = le->next) {

		struct ua *ua = le->data;

		if (!str_casecmp(account_aor(ua_account(ua)), map->aor))
			return ua;
	}

	return NULL;
}


static void complain(const char *what)
{
	warning("connectycube: %s:%u: %s\n", br.cfg->users, br.line, what);
}


/* One broken line must not take the other extensions down */
static void read_user(const struct pl *line)
{
	struct user_map *map = NULL;
	struct pl none = PL_INIT;
	enum users_err uerr;
	struct ext *ext;
	struct ua *ua;
	int err = 0;

	uerr = users_decode(&map, line);
	if (uerr) {
		complain(users_strerror(uerr));
		return;
	}

	if (!map->password) {
		err = config_secret(&map->password, map->aor, &none,
				    &map->pass_file, &map->pass_env);
		if (err)
			goto out;
	}

	ua = find_ua(map);
	if (!ua) {
		complain("no such account in the accounts file");
		goto out;
	}

	if (bridge_find(map->aor)) {
		complain("this account has a line already");
		goto out;
	}

	err = ext_alloc(&ext, map, ua);

 out:
	if (err)
		warning("connectycube: %s:%u: %m\n", br.cfg->users, br.line,
			err);
	mem_deref(map);
}


static int read_users(void)
{
	char *buf = NULL;
	size_t size = 0;
	ssize_t n;
	FILE *f;

	f = fopen(br.cfg->users, "r");
	if (!f)
		return errno;

	for (br.line = 1; (n = getline(&buf, &size, f)) >= 0; ++br.line) {

		struct pl line = {buf, (size_t)n};

		while (line.l && strchr(" \t\r\n", line.p[line.l-1]))
			--line.l;

		while (line.l && strchr(" \t", *line.p)) {
			++line.p;
			--line.l;
		}

		if (line.l && *line.p != '#')
			read_user(&line);
	}

	/* it holds passwords */
	if (buf)
		explicit_bzero(buf, size);
	free(buf);
	(void)fclose(f);

	return 0;
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
		warning("connectycube: audio codecs: %m\n", err);

	bvideo_ready();

	err = read_users();
	if (err)
		warning("connectycube: cannot read %s: %m\n", br.cfg->users,
			err);

	err = attach_all();
	if (err)
		warning("connectycube: accounts: %m\n", err);

	if (list_isempty(&br.extl))
		warning("connectycube: %s: no usable extension, all calls"
			" are refused\n", br.cfg->users);
}


static size_t hangup_ext(struct ext *ext, const char *reason)
{
	struct le *le;
	size_t n;

	for (n = 0; (le = ext->calll.head); ++n)
		bcall_hangup(le->data, reason);

	return n;
}


/**
 * End all calls
 *
 * @param reason Why, for the log
 *
 * @return Number of calls ended
 */
size_t bridge_hangup_all(const char *reason)
{
	struct le *le;
	size_t n = 0;

	for (le = br.extl.head; le; le = le->next)
		n += hangup_ext(le->data, reason);

	return n;
}


/* The SIP side is gone: its account was removed, or baresip ends */
static void ext_remove(struct ext *ext)
{
	/* first: the calls' ends are events of the same User-Agent */
	ext->ua = NULL;
	ext->reg_time = 0;

	(void)hangup_ext(ext, "shutdown");
	cube_shutdown(ext->cube);
}


static void event_handler(struct ua *ua, enum ua_event ev, struct call *call,
			  const char *prm, void *arg)
{
	const char *name = uag_event_str(ev);
	struct le *le;
	(void)call;
	(void)prm;
	(void)arg;

	for (le = br.extl.head; le; le = le->next) {

		struct ext *ext = le->data;

		if (!ua || ext->ua != ua)
			continue;

		if (!str_cmp(name, "REGISTER_OK")) {
			if (!ext->reg_time)
				ext->reg_time = tmr_jiffies();
		}
		else if (!str_cmp(name, "REGISTER_FAIL")) {
			ext->reg_time = 0;
		}

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
 * Get the codecs
 *
 * @return List of struct acodec
 */
const struct list *bridge_codecs(void)
{
	return &br.codecl;
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
 * Is an extension's cloud user online?
 *
 * @param ext Extension
 *
 * @return True if calls can be made to apps
 */
bool ext_is_online(const struct ext *ext)
{
	return cube_state(ext->cube) == CUBE_ONLINE;
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

		if (!aor || !str_casecmp(ext->map->aor, aor))
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
 * Count the calls of all extensions
 *
 * @return Number of calls
 */
size_t bridge_call_count(void)
{
	struct le *le;
	size_t n = 0;

	for (le = br.extl.head; le; le = le->next) {

		const struct ext *ext = le->data;

		n += list_count(&ext->calll);
	}

	return n;
}


/**
 * Are there as many calls as allowed?
 *
 * @return True if no more calls are taken
 */
bool bridge_full(void)
{
	return br.cfg->max_calls && bridge_call_count() >= br.cfg->max_calls;
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

	codecs_init();
	bvideo_init(cfg);

	err = peer_init();
	if (err)
		goto err_peer;

	err = sip_init(cfg->latch_time * 1000, sip_incoming_handler, NULL);
	if (err)
		goto err_sip;

	err = uag_event_register(event_handler, NULL);
	if (err)
		goto err_event;

	tmr_start(&br.tmr, 0, ready_handler, NULL);

	return 0;

 err_event:
	sip_close_room();
 err_sip:
	peer_close();
 err_peer:
	codecs_close();

	return err;
}


/**
 * Stop the bridge: all calls end, all cloud users go offline
 */
void bridge_close(void)
{
	tmr_cancel(&br.tmr);
	uag_event_unregister(event_handler);
	list_flush(&br.extl);
	sip_close_room();
	peer_close();
	codecs_close();
	br.cfg = NULL;
}
