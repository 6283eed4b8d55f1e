/**
 * @file call/host/messages.c  Texts between phones and apps
 *
 *   phone --MESSAGE--> sip/messages.c --> here --> cube/chatlink.c --> apps
 *         <--200-----                          <-- the server has taken it
 *
 *   phone <--MESSAGE-- sip/messagetx.c <-- here <-- cube/chatlink.c <-- app
 *         ---200----->                     --> delivered, or a note why not
 *
 * What people write to each other is in no log.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/mono.h"
#include "audio/audio.h"
#include "video/video.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/chat.h"
#include "sip/sip.h"
#include "sip/messages.h"
#include "sip/pure/identitytx.h"
#include "config/config.h"
#include "config/users.h"
#include "config/userid.h"
#include "call/directory.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/callrate.h"
#include "call/leg.h"
#include "call/dtmf_dedup.h"
#include "call/policy_video.h"
#include "call/leg_sip.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/messages.h"


enum {
	OUT_MAX   = 64,         /**< Texts on their way to phones          */
	RETRY     = 5,          /**< Worth another try after that [s]      */
};

/** A text to one app */
struct to_app {
	struct in *in;          /**< Whose it is (parent)                  */
	char *user;             /**< User id that it is for (owned)        */
	struct cube_text *text; /**< At the server (owned), NULL=told      */
};

/** A text of a phone */
struct in {
	struct le le;           /**< Member of the list of all             */
	struct siptext *st;     /**< Waits for an answer (pointer)         */
	struct to_app toappv[USER_CALL_MAX]; /**< To the apps              */
	size_t n;               /**< How many                              */
	size_t waiting;         /**< Of these the server says nothing yet  */
	size_t taken;           /**< These it has taken                    */
	int err;                /**< Why it has not                        */
};

/** A text of an app */
struct out {
	struct le le;           /**< Member of the list of all             */
	struct siptext_out *text; /**< On its way (owned)                  */
	struct cube *cube;      /**< User that it was written to (owner of
				     a reference)                          */
	char *user;             /**< Who has written it (owned)            */
	struct chat *chat;      /**< Text (owner of a reference)           */
};

static struct list inl;         /* struct in (owned) */
static struct list outl;        /* struct out (owned) */
static struct callrate *rate;   /* how often an app user may write */


/* --- a phone writes ---------------------------------------------------- */


static void in_destructor(void *data)
{
	struct in *in = data;
	size_t i;

	list_unlink(&in->le);
	for (i=0; i<in->n; i++) {
		mem_deref(in->toappv[i].text);
		mem_deref(in->toappv[i].user);
	}
}


/* By another one of its names */
static bool is_for(const struct in *in, const char *user)
{
	size_t i;

	for (i=0; i<in->n; i++) {
		if (!str_cmp(in->toappv[i].user, user))
			return true;
	}

	return false;
}


/* Whether the server has taken it is what the phone is told */
static void answer_phone(struct in *in)
{
	const uint16_t scode = in->taken ? 200 : in->err == EPERM ? 480 : 503;

	if (!in->taken)
		clog_info("a phone's message was not taken by"
			  " the cloud: %u\n", scode);

	siptext_answer(in->st, scode, in->taken ? "OK" : sip_reason(scode),
		       scode == 503 ? RETRY : 0);

	mem_deref(in);
}


static void taken_handler(int err, const char *reason, void *arg)
{
	struct to_app *ta = arg;
	struct in *in = ta->in;

	ta->text = mem_deref(ta->text);
	--in->waiting;

	if (err) {
		in->err = err;
		clog_debug("a message to an app was not taken:"
			   " %s\n", reason);
	}
	else {
		++in->taken;
	}

	if (!in->waiting)
		answer_phone(in);
}


/* In a call it is for who is in it */
static const char *app_in_call(const struct ext *ext, const char *callid)
{
	struct le *le, *lel;

	for (le = list_head(&ext->calll); callid && le; le = le->next) {

		const struct bcall *bc = le->data;

		for (lel = list_head(&bc->legl); lel; lel = lel->next) {

			const struct leg *leg = lel->data;
			const struct leg *other = bcall_other(bc, leg);

			if (other && other->ops->side == EVENT_APP &&
			    !str_cmp(leg->ops->id(leg), callid) &&
			    str_isset(other->peer.number))
				return other->peer.number;
		}
	}

	return NULL;
}


static void send_to_app(struct in *in, struct ext *ext, const char *ref,
			const struct chat_text *text)
{
	struct to_app *ta = &in->toappv[in->n];
	const char *user = NULL;
	int err;

	if (in->n >= USER_CALL_MAX || dirsync_find(ref, &user) ||
	    is_for(in, user))
		return;

	ta->in = in;
	err = str_dup(&ta->user, user);
	if (!err)
		err = cube_chat_send(&ta->text, ext->cube, user, text,
				     taken_handler, ta);
	if (err) {
		ta->user = mem_deref(ta->user);
		in->err = err;
		return;
	}

	++in->n;
	++in->waiting;
}


static int to_apps(struct ext *ext, struct siptext *st,
		   const struct siptext_info *info)
{
	const char *user = app_in_call(ext, info->callid);
	char number[NUMPLAN_SIZE];
	const struct cube_info infov[] = {
		{"name",      info->name[0] ? info->name : NULL},
		{"number",    info->number[0] ? number : NULL},
		{"uri",       info->uri},
		{"anonymous", info->anonymous ? "true" : NULL},
		{"extension", ext->map->name},
	};
	const struct chat_text text = {
		.body = info->text, .infov = infov,
		.infoc = ARRAY_SIZE(infov)
	};
	struct in *in;
	size_t i;

	in = mem_zalloc(sizeof(*in), in_destructor);
	if (!in)
		return ENOMEM;

	in->st = st;
	list_append(&inl, &in->le, in);
	numplan_from_pbx(number, sizeof(number), &ext->map->numbers,
			 info->number);

	if (user)
		send_to_app(in, ext, user, &text);
	else
		for (i=0; i<ext->map->callc; i++)
			send_to_app(in, ext, ext->map->callv[i], &text);

	if (!in->waiting)
		answer_phone(in);

	return 0;
}


static void phone_handler(struct siptext *st)
{
	struct siptext_info info;
	struct ext *ext;

	siptext_info(st, &info);
	ext = bridge_find_ua(info.ua);

	if (!ext || !ext->map->callc)
		siptext_answer(st, 404, sip_reason(404), 0);
	else if (!ext_is_online(ext))
		siptext_answer(st, 503, sip_reason(503),
			       cube_retry_after(ext->cube));
	else if (to_apps(ext, st, &info))
		siptext_answer(st, 500, sip_reason(500), 0);
}


/* --- an app writes ----------------------------------------------------- */


static void out_destructor(void *data)
{
	struct out *o = data;

	list_unlink(&o->le);
	siptext_forget(o->text);
	mem_deref(o->cube);
	mem_deref(o->user);
	mem_deref(o->chat);
}


/* Whoever has written is told why nobody has read it */
static void failed(struct cube *cube, const char *user,
		   const struct chat *chat, uint16_t scode,
		   const char *reason)
{
	char body[256], code[8];
	const struct cube_info infov[] = {
		{"bridge",     "1"},
		{"event",      "message_failed"},
		{"message_id", chat->id},
		{"sip_code",   code},
		{"reason",     reason},
	};
	const struct chat_text text = {
		.body = body, .infov = infov, .infoc = ARRAY_SIZE(infov)
	};

	clog_info("message of app user %s was not delivered:"
		  " %u %s\n", user, scode, reason);

	if (!bridge_config()->message_notes)
		return;

	(void)re_snprintf(code, sizeof(code), "%u", scode);
	(void)re_snprintf(body, sizeof(body), "%s: %u %s",
			  bridge_config()->notes_pt ? "Mensagem não entregue"
			  : "Message not delivered", scode, reason);
	(void)cube_chat_send(NULL, cube, user, &text, NULL, NULL);
}


static void sent_handler(uint16_t scode, const char *reason, void *arg)
{
	struct out *o = arg;

	if (scode >= 200 && scode < 300)
		(void)cube_chat_received(o->cube, o->chat);
	else if (scode)
		failed(o->cube, o->user, o->chat, scode, reason);
	else
		failed(o->cube, o->user, o->chat, 408, reason);

	mem_deref(o);
}


/* Whom it is for: 0 if that may be, else why not */
static uint16_t get_target(char **urip, const struct ext *ext,
			   const struct chat *chat)
{
	const char *number = str_isset(chat->dial) ? chat->dial : NULL;

	if (number && !users_dialable(ext->map->dialable, number))
		return 403;
	if (!number && !str_isset(ext->map->dial))
		return 404;
	if (!sip_ua_exists(ext->ua))
		return 503;

	return leg_sip_complete(urip, ext, number) ? 500 : 0;
}


static int to_phone(struct ext *ext, const char *user,
		    const struct chat *chat, const char *uri)
{
	char number[NUMPLAN_SIZE] = "";
	const struct who who = {.number = number};
	struct out *o;
	int err;

	o = mem_zalloc(sizeof(*o), out_destructor);
	if (!o)
		return ENOMEM;

	(void)numplan_of_user(number, sizeof(number), &ext->map->numbers,
			      user);
	list_append(&outl, &o->le, o);
	o->cube = mem_ref(ext->cube);
	o->chat = mem_ref((void *)chat);

	err = str_dup(&o->user, user);
	if (!err)
		err = sip_send_text(&o->text, ext->ua, uri, chat->body, &who,
				    sent_handler, o);
	if (err)
		mem_deref(o);

	return err;
}


static void app_handler(const struct chat *chat, const char *user, int err,
			void *arg)
{
	struct ext *ext = arg;
	const int who = ext_may_call(ext, user);
	char *uri = NULL;
	uint16_t scode;

	if (who)
		scode = who == EAGAIN ? 503 : 403;
	else if (!callrate_allow(rate, user, mono_ms()) ||
		 list_count(&outl) >= OUT_MAX)
		scode = 503;
	else if (err)
		scode = 413;
	else
		scode = get_target(&uri, ext, chat);

	if (!scode) {
		err = to_phone(ext, user, chat, uri);
		scode = !err ? 0 : err == EMSGSIZE ? 413 : 503;
	}

	if (scode)
		failed(ext->cube, user, chat, scode,
		       scode == 413 ? "Message Too Long" : sip_reason(scode));

	mem_deref(uri);
}


/**
 * Let an extension's user be written to, if that is wanted
 *
 * @param ext Extension
 */
void messages_attach(struct ext *ext)
{
	if (bridge_config()->messages & MESSAGES_TO_PHONE)
		cube_set_chat_handler(ext->cube, app_handler);
}


/**
 * Start to pass on texts, as far as that is wanted
 *
 * @param cfg Configuration
 *
 * @return 0 if success, otherwise errorcode
 */
int messages_init(const struct bridge_config *cfg)
{
	if (cfg->messages & MESSAGES_TO_APP)
		sip_set_text_handler(phone_handler);

	return callrate_alloc(&rate, cfg->caller_rate);
}


/**
 * Stop to pass on texts
 */
void bridge_messages_close(void)
{
	sip_set_text_handler(NULL);
	list_flush(&inl);
	list_flush(&outl);
	rate = mem_deref(rate);
}
