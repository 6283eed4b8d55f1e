/**
 * @file call/host/check.c  /cube_check: does all that the bridge needs work?
 *
 * With CONNECTYCUBE_CHECK=FILE in its environment the process is there for that
 * alone: it takes no calls, writes the result to the file and ends, with status
 * 0 if all is well (contrib/check).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "peer/peer.h"
#include "peer/probe.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config/config.h"
#include "config/userid.h"
#include "config/users.h"
#include "call/event.h"
#include "call/bridge.h"
#include "call/directory.h"
#include "call/check.h"
#include "call/jsonadd.h"
#include "call/mode.h"


enum {
	SERVER_MAX = 8,         /* as many as the config takes */
	END_MAX    = 5000,      /* for the registrations to be undone [ms] */
};

/** A server that is tried */
struct server {
	struct probe *probe;    /* owner, NULL=done */
	bool ok;
	char text[128];
};

static struct {
	struct list linel;      /* the last result: see checktext.c (owner) */
	struct server serverv[SERVER_MAX];
	size_t serverc;
	struct event_sub *sub;  /* while it runs (owner) */
	struct tmr tmr_try;     /* see what has changed */
	struct tmr tmr_max;     /* it is over */
	struct tmr tmr_end;     /* so is the process */
	bool running;
	bool asked;             /* the users were asked for */
	bool users;             /* ... and their answer is there */
	char why[128];          /* the cloud did not answer, ""=it did */
	const char *path;       /* write it there and end, NULL=no */
	int code;               /* the process' status, -1=its own */
} ck = {.code = -1};


static void add_line(enum check_kind kind, bool ok, const char *what,
		     const char *text)
{
	(void)check_line_add(&ck.linel, kind, ok, what, text);
}


/* --- what is known so far ---------------------------------------------- */


static bool sip_is_known(const struct ext *ext)
{
	return ext->registered || str_isset(ext->reg_cause) ||
		!ext_registers(ext);
}


static bool cloud_is_known(const struct ext *ext)
{
	const enum cube_state state = cube_state(ext->cube);

	return state == CUBE_ONLINE ||
		((state == CUBE_REFUSED || state == CUBE_OFFLINE) &&
		 str_isset(cube_reason(ext->cube)));
}


static void add_sip(const struct ext *ext)
{
	const bool ok = ext->registered || !ext_registers(ext);
	char what[EVENT_URI + 16], text[EVENT_TEXT];

	(void)re_snprintf(what, sizeof(what), "%s: SIP", ext->map->aor);
	if (ok)
		str_ncpy(text, ext->registered ? "registered" :
			 "does not register (regint=0 in `accounts`)",
			 sizeof(text));
	else
		(void)re_snprintf(text, sizeof(text), "not registered (%s)",
				  str_isset(ext->reg_cause) ? ext->reg_cause
				  : "no answer");

	add_line(CHECK_SIP, ok, what, text);
}


static void add_cloud(const struct ext *ext)
{
	const bool ok = ext_is_online(ext);
	const char *reason = cube_reason(ext->cube);
	char what[EVENT_URI + 16], text[EVENT_TEXT];

	(void)re_snprintf(what, sizeof(what), "%s: cloud", ext->map->aor);
	if (ok)
		(void)re_snprintf(text, sizeof(text), "online as user %s",
				  cube_user_id(ext->cube));
	else
		(void)re_snprintf(text, sizeof(text), "%s cannot log in (%s)",
				  ext->map->login,
				  reason ? reason : "no answer");

	add_line(CHECK_CLOUD, ok, what, text);
}


static void add_user(const struct ext *ext, const char *ref, const char *key)
{
	const char *id = dirsync_user(ref);
	char what[EVENT_URI + 64], text[EVENT_TEXT];
	bool ok = false;

	(void)re_snprintf(what, sizeof(what), "%s: %s%s (line %u)",
			  ext->map->aor, key, ref, ext->map->line);

	if (!ck.users || ck.why[0]) {
		(void)re_snprintf(text, sizeof(text), "not looked up (%s)",
				  ck.why[0] ? ck.why :
				  "the cloud is not online");
	}
	else if (id) {
		ok = true;
		(void)re_snprintf(text, sizeof(text), "is user %s", id);
	}
	else {
		str_ncpy(text, "there is no such user in the application",
			 sizeof(text));
	}

	add_line(CHECK_USER, ok, what, text);
}


/* Not wrong, but nobody may expect it */
static void add_missing(const struct ext *ext)
{
	const struct user_map *map = ext->map;
	char what[EVENT_URI + 64];

	if (!map->callc && mode_has_sip()) {
		(void)re_snprintf(what, sizeof(what), "%s: no call= (line %u)",
				  map->aor, map->line);
		add_line(CHECK_USER, true, what, "who calls it gets 404");
	}

	if (!map->dial && !map->dialable && mode_has_sip()) {
		(void)re_snprintf(what, sizeof(what), "%s: no dial= (line %u)",
				  map->aor, map->line);
		add_line(CHECK_USER, true, what,
			 "calls of apps to it are rejected");
	}
}


static void add_manager(void)
{
	if (bridge_config()->mode == BRIDGE_SIP_ONLY)
		return;

	add_line(CHECK_AMI, mode_is_linked(), "Asterisk's manager",
		 mode_is_linked() ? "connected" : mode_trouble()[0] ?
		 mode_trouble() : "no answer");
}


static void add_server(size_t i)
{
	static const char *const typev[] = {
		[PEER_STUN] = "stun:", [PEER_TURN_UDP] = "turn:",
		[PEER_TURN_TCP] = "turn:", [PEER_TURN_TLS] = "turns:",
	};
	const struct peer_server *srv = &bridge_config()->peer.serverv[i];
	const struct server *s = &ck.serverv[i];
	char what[320];

	(void)re_snprintf(what, sizeof(what), "%s%s:%u%s", typev[srv->type],
			  srv->host, srv->port,
			  srv->type == PEER_TURN_TCP ? " (TCP)" : "");
	add_line(CHECK_SERVER, s->ok, what, s->probe ? "no answer" : s->text);
}


/* --- the result -------------------------------------------------------- */


/**
 * Print the result of the last check
 *
 * @param pf     Print function
 * @param unused Unused
 *
 * @return 0 if success, otherwise errorcode
 */
int check_print(struct re_printf *pf, void *unused)
{
	(void)unused;

	if (ck.running)
		return re_hprintf(pf, "running: at most %u s\n",
				  CHECK_MAX / 1000);
	if (list_isempty(&ck.linel))
		return re_hprintf(pf, "nothing was checked yet\n");

	return check_lines_print(pf, &ck.linel);
}


/**
 * Add the result of the last check to an object, for programs
 *
 * @param err Error so far
 * @param od  Object
 *
 * @return 0 if success, otherwise errorcode
 */
int check_fill(int err, struct odict *od)
{
	err = json_add_bool(err, od, "running", ck.running);

	return ck.running ? err : check_lines_fill(err, od, &ck.linel);
}


static void end_handler(void *arg)
{
	(void)arg;
	exit(ck.code);
}


/* The process was there for that alone. It leaves as it always does, or its
   extension would stay registered */
static void leave(void)
{
	char *str = NULL;
	FILE *f;

	ck.code = check_lines_failed(&ck.linel) ? 1 : 0;

	f = fopen(ck.path, "w");
	if (!f || re_sdprintf(&str, "%H", check_print, NULL) ||
	    fputs(str, f) < 0)
		ck.code = 1;
	if (f && fclose(f))
		ck.code = 1;
	mem_deref(str);

	tmr_start(&ck.tmr_end, END_MAX, end_handler, NULL);
	(void)kill(getpid(), SIGTERM);
}


static void finish(void)
{
	const struct le *le;
	size_t i;

	list_flush(&ck.linel);

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (ext->leaving)
			continue;

		if (mode_has_sip())
			add_sip(ext);
		add_cloud(ext);
		for (i=0; i<ext->map->callc; i++)
			add_user(ext, ext->map->callv[i], "call=");
		for (i=0; i<ext->map->callerc; i++)
			add_user(ext, ext->map->callerv[i], "callers=");
		add_missing(ext);
	}

	add_manager();

	for (i=0; i<ck.serverc; i++) {
		add_server(i);
		ck.serverv[i].probe = mem_deref(ck.serverv[i].probe);
	}

	ck.running = false;
	ck.sub = mem_deref(ck.sub);
	tmr_cancel(&ck.tmr_try);
	tmr_cancel(&ck.tmr_max);

	check_lines_log(&ck.linel);
	if (ck.path)
		leave();
}


static void try_handler(void *arg);


static void users_handler(const char *why)
{
	if (!ck.running)
		return;

	ck.users = true;
	str_ncpy(ck.why, why ? why : "", sizeof(ck.why));
	tmr_start(&ck.tmr_try, 0, try_handler, NULL);
}


static void try_handler(void *arg)
{
	bool known = true, online = false;
	const struct le *le;
	size_t i;
	(void)arg;

	for (le = list_head(bridge_exts()); le; le = le->next) {

		const struct ext *ext = le->data;

		if (ext->leaving)
			continue;

		known &= sip_is_known(ext) && cloud_is_known(ext);
		online |= ext_is_online(ext);
	}

	for (i=0; i<ck.serverc; i++)
		known &= !ck.serverv[i].probe;

	known &= mode_is_linked() || mode_trouble()[0];

	if (online && !ck.asked) {
		ck.asked = true;
		dirsync_check(users_handler);
	}

	if (known && (ck.users || !online))
		finish();
}


static void max_handler(void *arg)
{
	(void)arg;
	finish();
}


/**
 * Something has changed that a check may wait for
 */
void check_look(void)
{
	if (ck.running)
		tmr_start(&ck.tmr_try, 0, try_handler, NULL);
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)ev;
	(void)arg;

	/* later: it is being told */
	tmr_start(&ck.tmr_try, 0, try_handler, NULL);
}


static void probe_handler(bool ok, const char *text, void *arg)
{
	struct server *s = arg;

	s->ok = ok;
	str_ncpy(s->text, text, sizeof(s->text));
	s->probe = mem_deref(s->probe);
	tmr_start(&ck.tmr_try, 0, try_handler, NULL);
}


static void try_servers(void)
{
	const struct peer_config *cfg = &bridge_config()->peer;
	size_t i;
	int err;

	ck.serverc = min(cfg->serverc, (size_t)SERVER_MAX);

	for (i=0; i<ck.serverc; i++) {

		struct server *s = &ck.serverv[i];

		memset(s, 0, sizeof(*s));
		err = probe_alloc(&s->probe, cfg, &cfg->serverv[i],
				  probe_handler, s);
		if (err)
			(void)re_snprintf(s->text, sizeof(s->text), "%m",
					  err);
	}
}


/**
 * Start a check
 *
 * @return 0 if success, EALREADY one is running, otherwise errorcode
 */
int check_start(void)
{
	int err;

	if (ck.running)
		return EALREADY;

	err = event_subscribe(&ck.sub, EVENT_REG | EVENT_CLOUD,
			      event_handler, NULL);
	if (err)
		return err;

	ck.running = true;
	ck.asked = ck.users = false;
	ck.why[0] = '\0';
	try_servers();
	tmr_start(&ck.tmr_max, CHECK_MAX, max_handler, NULL);
	tmr_start(&ck.tmr_try, 0, try_handler, NULL);

	return 0;
}


/**
 * The bridge is ready: is the process there for a check alone?
 *
 * @return True if so, and it is not to take calls
 */
bool check_ready(void)
{
	ck.path = getenv("CONNECTYCUBE_CHECK");
	if (!ck.path)
		return false;

	ck.code = 1;
	if (check_start())
		exit(ck.code);

	return true;
}


/**
 * Get the status that the process is to end with
 *
 * @return Status, -1 if that is not for the check to say
 */
int check_exit_code(void)
{
	return ck.code;
}


/**
 * The bridge ends
 */
void check_close(void)
{
	size_t i;

	tmr_cancel(&ck.tmr_try);
	tmr_cancel(&ck.tmr_max);
	tmr_cancel(&ck.tmr_end);
	ck.sub = mem_deref(ck.sub);
	list_flush(&ck.linel);
	for (i=0; i<ck.serverc; i++)
		ck.serverv[i].probe = mem_deref(ck.serverv[i].probe);
	ck.running = false;
}
