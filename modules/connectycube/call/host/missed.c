/**
 * @file call/host/missed.c  A note in the app's chat of a call that it missed
 *
 * A user gets one, by however many of its names the line has it, and of
 * however many calls are one to the caller (call/noted.h).
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "base/text.h"
#include "audio/audio.h"
#include "video/video.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/chat.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/messages.h"
#include "call/noted.h"


static struct event_sub *sub;
static struct list noted;       /* who knows of which call */


static void read_number(char *buf, size_t size, const struct ext *ext,
			const char *addr)
{
	char user[NUMPLAN_SIZE] = "";
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, addr);
	if (!uri_decode(&uri, &pl))
		(void)text_str(user, sizeof(user), pl_isset(&uri.user)
			       ? &uri.user : &uri.host);

	numplan_from_pbx(buf, size, &ext->map->numbers, user);
}


/* Who does not want to be known has an address that says nothing */
static bool is_anonymous(const char *uri)
{
	return strstr(uri, "@anonymous.invalid") != NULL;
}


/* Two who are anonymous need not be one: each call is of somebody else */
static const char *caller(char *buf, size_t size, const char *uri,
			  uint32_t call)
{
	if (!uri || is_anonymous(uri))
		(void)re_snprintf(buf, size, "call %u", call);
	else
		str_ncpy(buf, uri, size);

	return buf;
}


static void tell_each(const struct ext *ext, const struct event *ev,
		      const struct chat_text *text)
{
	const char *idv[USER_CALL_MAX];
	size_t i, n = ext_users(ext, idv);
	char who[EVENT_URI];

	(void)caller(who, sizeof(who), ev->call.uri, ev->id);

	for (i=0; i<n; i++) {

		if (noted_has(&noted, idv[i], who, ev->call.t_start))
			continue;

		noted_add(&noted, idv[i], who, ev->mono);
		(void)cube_chat_send(NULL, ext->cube, idv[i], text, NULL,
				     NULL);
	}
}


static void tell_users(const struct ext *ext, const struct event *ev)
{
	const bool pt = bridge_config()->notes_pt;
	const char *name = ev->call.name;
	char number[NUMPLAN_SIZE] = "", body[512];
	const struct cube_info infov[] = {
		{"bridge",     "1"},
		{"event",      "missed"},
		{"session_id", ev->session},
		{"name",       name[0] ? name : NULL},
		{"number",     number},
	};
	const struct chat_text text = {
		.body = body, .infov = infov, .infoc = ARRAY_SIZE(infov)
	};

	if (!is_anonymous(ev->call.uri))
		read_number(number, sizeof(number), ext, ev->call.uri);

	(void)re_snprintf(body, sizeof(body), "%s %s%s%s%s",
			  pt ? "Chamada perdida de" : "Missed call from",
			  name[0] ? name : number,
			  name[0] && number[0] ? " (" : "",
			  name[0] ? number : "",
			  name[0] && number[0] ? ")" : "");

	tell_each(ext, ev, &text);
}


/* Nobody has missed what a colleague has taken, nor who has declined it */
static void event_handler(const struct event *ev, void *arg)
{
	const struct ext *ext;
	char who[EVENT_URI];
	(void)arg;

	if (ev->type == EVENT_CALL_ANSWERED && !ev->call.from_app)
		noted_add(&noted, ev->call.user,
			  caller(who, sizeof(who), ev->call.uri, ev->id),
			  ev->mono);

	if (ev->type != EVENT_CALL_ENDED || !noted_is_missed(&ev->call))
		return;

	ext = bridge_find(ev->ext);
	if (ext)
		tell_users(ext, ev);
}


/**
 * A user does not want a call that rings: it knows of it, whoever else there is
 *
 * @param bc   Call
 * @param user User id
 */
void missed_declined(const struct bcall *bc, const char *user)
{
	const struct leg *leg = bcall_caller(bc);
	char who[EVENT_URI];

	if (sub && leg)
		noted_add(&noted, user, caller(who, sizeof(who), leg->peer.uri,
					       bc->id), mono_ms());
}


/**
 * Start to write notes of missed calls, if they are wanted
 *
 * @param cfg Configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int missed_init(const struct bridge_config *cfg)
{
	return cfg->missed ? event_subscribe(&sub, EVENT_CALL, event_handler,
					     NULL) : 0;
}


/**
 * Stop to write notes of missed calls
 */
void missed_close(void)
{
	sub = mem_deref(sub);
	list_flush(&noted);
}
