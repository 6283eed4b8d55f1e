/**
 * @file call/leg_notice.c  A leg that is apps told of a call by message
 *
 * Pure. See leg_notice.h. The message is sent again as long as it rings, as a
 * `call` of the cloud is: a device that comes late has not got the first.
 */
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "base/uuid.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/snapshot.h"
#include "call/leg.h"
#include "call/leg_mute.h"
#include "call/call.h"
#include "call/callerinfo.h"
#include "call/token.h"
#include "call/leg_notice.h"
#include "call/notice_core.h"


static const char waiting_event[] = "ami_waiting";

static struct tokens *calls;    /* by what apps call them */


/**
 * Get the calls that apps were told of
 *
 * @return By what apps call them: struct leg_notice; NULL=none yet
 */
struct tokens *notice_calls(void)
{
	return calls;
}


/**
 * Forget all calls that are over
 */
void notice_close(void)
{
	calls = mem_deref(calls);
}


static bool is_over(const struct leg_notice *ln)
{
	return ln->leg.state >= LEG_ANSWERED;
}


/* Nobody can answer it any more: who has, or that nobody has, is known */
static void spend(const struct leg_notice *ln)
{
	void *what;

	if (ln->jid)
		(void)token_take(calls, ln->call, ln->ext, &what, mono_ms());
	token_over(calls, ln->call, mono_ms());
}


static void destructor(void *data)
{
	struct leg_notice *ln = data;
	size_t i;

	spend(ln);
	tmr_cancel(&ln->tmr);
	leg_reset(&ln->leg);

	for (i=0; i<ln->userc; i++)
		mem_deref(ln->userv[i].id);

	mem_deref(ln->extension);
	mem_deref(ln->department);
	mem_deref(ln->jid);
	mem_deref(ln->number);
	mem_deref(ln->cube);
}


/* --- what they are told ------------------------------------------------ */


/* Who calls, to all who ring */
static int tell_ringing(const struct leg_notice *ln)
{
	const struct leg *caller = bcall_caller(ln->leg.call);
	struct cube_info infov[CALLERINFO_MAX + 4] = {
		{"call",       ln->call},
		{"state",      "ringing"},
		{"extension",  ln->extension},
		{"department", ln->department},
	};
	struct leg_peer peer = caller->peer;
	size_t i, infoc;
	int err = ENOENT;

	/* what else is known of an INVITE, nobody has said here */
	peer.about = NULL;
	infoc = 4 + callerinfo(&infov[4], &peer);

	for (i=0; i<ln->userc; i++) {

		if (ln->userv[i].state == NOTICE_RINGING)
			err = cube_tell(ln->cube, ln->userv[i].id, waiting_event,
					infov, infoc);
	}

	return err;
}


/**
 * Tell a user that it is over for him
 *
 * @param ln     Leg
 * @param user   One of its users
 * @param reason Why, in a word
 */
void notice_tell_end(const struct leg_notice *ln, struct notice_user *user,
		     const char *reason)
{
	const struct cube_info infov[] = {
		{"call",   ln->call},
		{"state",  "ended"},
		{"reason", reason},
	};

	if (user->state == NOTICE_RINGING || user->state == NOTICE_ANSWERED)
		user->state = NOTICE_DROPPED;
	(void)cube_tell(ln->cube, user->id, waiting_event, infov,
			ARRAY_SIZE(infov));
}


/**
 * Tell a user's devices which of them has answered
 *
 * @param ln   Leg
 * @param user One of its users
 */
void notice_tell_answered(const struct leg_notice *ln,
			  const struct notice_user *user)
{
	const char *device = ln->jid ? strchr(ln->jid, '/') : NULL;
	const struct cube_info infov[] = {
		{"call",   ln->call},
		{"state",  "answered"},
		{"device", device ? device + 1 : ""},
	};

	(void)cube_tell(ln->cube, user->id, waiting_event, infov,
			ARRAY_SIZE(infov));
}


static void ring_handler(void *arg)
{
	struct leg_notice *ln = arg;

	tmr_start(&ln->tmr, CUBE_REPEAT, ring_handler, ln);

	if (ln->leg.state == LEG_CALLING)
		leg_ringing(&ln->leg);
	else if (!is_over(ln))
		(void)tell_ringing(ln);
}


/* --- what is done with it ---------------------------------------------- */


/* Nobody waits for it to answer: it never calls us */
static int answer(struct leg *leg, const struct leg_media *other)
{
	(void)leg;
	(void)other;

	return ENOTSUP;
}


/* Words as in userInfo of a hangUp; of who has answered, if nobody talks */
static const char *end_word(const struct notice_user *user,
			    const struct leg_cause *cause)
{
	if (cause->elsewhere)
		return "answered_elsewhere";
	if (user->state == NOTICE_ANSWERED && !cause->normal)
		return "failed";

	return cause->no == RING_NO_ANSWER || cause->end == END_NO_ANSWER ?
		"no_answer" : "cancelled";
}


static void end(struct leg *leg, const struct leg_cause *cause)
{
	struct leg_notice *ln = (struct leg_notice *)leg;
	size_t i;

	tmr_cancel(&ln->tmr);

	for (i=0; i<ln->userc; i++) {

		struct notice_user *user = &ln->userv[i];

		if (user->state == NOTICE_RINGING ||
		    user->state == NOTICE_ANSWERED)
			notice_tell_end(ln, user, end_word(user, cause));
	}

	spend(ln);
}


static bool is_rung(const struct leg *leg, const char *who)
{
	const struct leg_notice *ln = (const struct leg_notice *)leg;
	size_t i;

	for (i=0; i<ln->userc; i++) {
		if (ln->userv[i].state == NOTICE_RINGING &&
		    !str_cmp(ln->userv[i].id, who))
			return true;
	}

	return false;
}


static const char *said(const struct leg *leg, const char *name)
{
	return strcmp(name, "answer") ? NULL
		: ((const struct leg_notice *)leg)->number;
}


/* --- status ------------------------------------------------------------ */


static int users(struct re_printf *pf, const struct leg *leg)
{
	const struct leg_notice *ln = (const struct leg_notice *)leg;
	size_t i;
	int err = 0;

	for (i=0; i<ln->userc; i++)
		err |= re_hprintf(pf, "%s%s", i ? "," : "", ln->userv[i].id);

	return err;
}


static const char *id(const struct leg *leg)
{
	return ((const struct leg_notice *)leg)->call;
}


static void describe(const struct leg *leg, struct snap_leg *sl)
{
	event_copy_str(sl->user, sizeof(sl->user), leg->peer.number);
	str_ncpy(sl->state, leg_state_name(leg->state), sizeof(sl->state));
}


static const struct leg_ops ops = {
	.name        = "app",
	.party       = "app",
	.side        = EVENT_APP,
	.key         = "app",
	.answer      = answer,
	.end         = end,
	.calls       = is_rung,
	.key_send    = leg_mute_key_send,
	.key_heard   = leg_mute_key_heard,
	.said        = said,
	.media       = leg_mute_media,
	.audio_end   = leg_mute_audio_end,
	.video_end   = leg_mute_video_end,
	.set_warm    = leg_mute_set_warm,
	.users       = users,
	.id          = id,
	.describe    = describe,
};


static int add_users(struct leg_notice *ln, const struct notice_prm *prm)
{
	size_t i;
	int err = 0;

	for (i=0; i<prm->idc && !err; i++) {

		if (is_rung(&ln->leg, prm->idv[i]))
			continue;

		err = str_dup(&ln->userv[ln->userc].id, prm->idv[i]);
		if (!err)
			++ln->userc;
	}

	return err;
}


static int leg_alloc(struct leg_notice **lnp, const struct bcall *bc,
		     const struct notice_prm *prm)
{
	struct leg_notice *ln;
	int err;

	ln = mem_zalloc(sizeof(*ln), destructor);
	if (!ln)
		return ENOMEM;

	tmr_init(&ln->tmr);
	uuid_make(ln->call);
	ln->ext         = bc->ext;
	ln->cube        = mem_ref(prm->cube);
	ln->reject_code = prm->reject_code;
	ln->declinedh   = prm->declinedh;

	err = leg_init(&ln->leg, &ops, bc->env->codecl, false);
	if (!err)
		err = add_users(ln, prm);
	if (!err)
		err = str_dup(&ln->extension, prm->name ? prm->name : "");
	if (!err && prm->department)
		err = str_dup(&ln->department, prm->department);
	if (!err && !calls)
		err = tokens_alloc(&calls);
	if (!err)
		err = token_add(calls, ln->call, ln->ext, ln, mono_ms());

	if (err)
		mem_deref(ln);
	else
		*lnp = ln;

	return err;
}


/**
 * Ring users by message: a new leg of the call
 *
 * @param bc  Call, whose caller waits
 * @param prm Who is told, and how
 *
 * @return 0 if success; EOVERFLOW too many users; ECONNREFUSED the cloud link
 *         is down; otherwise errorcode
 */
int notice_connect(struct bcall *bc, const struct notice_prm *prm)
{
	struct leg_notice *ln;
	char buf[EVENT_URI];
	int err;

	if (!bc || !prm || !prm->cube || !prm->idv || !prm->idc)
		return EINVAL;
	if (prm->idc > CUBE_TARGET_MAX)
		return EOVERFLOW;
	if (cube_state(prm->cube) != CUBE_ONLINE)
		return ECONNREFUSED;

	err = leg_alloc(&ln, bc, prm);
	if (err)
		return err;

	bcall_add_leg(bc, &ln->leg);
	leg_set_state(&ln->leg, LEG_CALLING);

	err = tell_ringing(ln);
	if (!err && ln->userc == 1)
		err = leg_set_peer(&ln->leg, NULL, ln->userv[0].id, NULL);
	if (err) {
		mem_deref(ln);
		return err;
	}

	raise_leg(&ln->leg, EVENT_LEG_NEW, raise_users(buf, sizeof(buf),
						       &ln->leg));
	tmr_start(&ln->tmr, 0, ring_handler, ln);

	return 0;
}
