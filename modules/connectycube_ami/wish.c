/**
 * @file connectycube_ami/wish.c  What an app wants of an Asterisk
 *
 * Pure. Whether a channel exists that is not the extension's is never told:
 * it is refused with the same words.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/amiext.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "client.h"
#include "order.h"
#include "rights.h"
#include "call/event.h"
#include "publish.h"
#include "wish.h"


enum {
	NEEDS_CHANNEL = 1<<0,
	NEEDS_OTHER   = 1<<1,
	NEEDS_NUMBER  = 1<<2,
	HAS_OTHER     = 1<<3,   /* may have one */
	NEEDS_CALL    = 1<<4,
};

static const struct {
	const char *action;
	enum ami_right right;
	unsigned needs;
} wishv[AMI_WISHES] = {
	[AMI_WISH_CHANNELS]  = {"ami_channels", AMI_RIGHT_VIEW, 0},
	[AMI_WISH_HANGUP]    = {"ami_hangup", AMI_RIGHT_CONTROL,
				NEEDS_CHANNEL},
	[AMI_WISH_TRANSFER]  = {"ami_transfer", AMI_RIGHT_CONTROL,
				NEEDS_CHANNEL | NEEDS_NUMBER | HAS_OTHER},
	[AMI_WISH_ORIGINATE] = {"ami_originate", AMI_RIGHT_CONTROL,
				NEEDS_NUMBER},
	[AMI_WISH_BRIDGE]    = {"ami_bridge", AMI_RIGHT_CONTROL,
				NEEDS_CHANNEL | NEEDS_OTHER},
	[AMI_WISH_ANSWER]    = {"ami_answer", AMI_RIGHT_NONE, NEEDS_CALL},
	[AMI_WISH_REJECT]    = {"ami_reject", AMI_RIGHT_NONE, NEEDS_CALL},
};


/**
 * Get the name of an action
 *
 * @param kind What is wanted
 *
 * @return Name, as apps say it
 */
const char *ami_wish_action(enum ami_wish_kind kind)
{
	return (unsigned)kind < AMI_WISHES ? wishv[kind].action : NULL;
}


static int refuse(const char **reasonp, int err, const char *reason)
{
	*reasonp = reason;

	return err;
}


/* A value that is there, whole, and no more than a word or a channel's name */
static bool take(char *dst, size_t size, const char *value, bool channel)
{
	struct pl pl;

	dst[0] = '\0';
	if (!value)
		return true;

	pl_set_str(&pl, value);

	return !text_str(dst, size, &pl) && (channel ?
		ami_channel_is_sane(dst) : ami_word_is_sane(dst));
}


static int take_values(struct ami_wish *w, ami_value_h *h, void *arg,
		       const char **reasonp)
{
	const char *cause = h("cause", arg);
	struct pl pl;

	if (!take(w->channel, sizeof(w->channel), h("channel", arg), true))
		return refuse(reasonp, EINVAL, "channel: the full name of"
			      " one");
	if (!take(w->other, sizeof(w->other), h("other", arg), true))
		return refuse(reasonp, EINVAL, "other: the full name of a"
			      " channel");
	if (!take(w->number, sizeof(w->number), h("number", arg), false) ||
	    !take(w->other_number, sizeof(w->other_number),
		  h("other_number", arg), false))
		return refuse(reasonp, EINVAL, "number: 1 to 79 of 0-9, a-z,"
			      " A-Z, _ . - + * #");
	if (!take(w->context, sizeof(w->context), h("context", arg),
		  false) ||
	    !take(w->other_context, sizeof(w->other_context),
		  h("other_context", arg), false))
		return refuse(reasonp, EINVAL, "context: the name of one of"
			      " the dialplan");

	pl_set_str(&pl, cause ? cause : "0");
	if (text_u32(&w->cause, &pl, 127))
		return refuse(reasonp, EINVAL, "cause: one of Q.850, 1 to"
			      " 127");

	return 0;
}


/* Who waits, and what is to become of him. What is not said is "" */
static int take_call(struct ami_wish *w, ami_value_h *h, void *arg,
		     const char **reasonp)
{
	if (!take(w->call, sizeof(w->call), h("call", arg), false))
		return refuse(reasonp, EINVAL, "call: as the bridge has told"
			      " it");
	if (!take(w->answer, sizeof(w->answer), h("answer", arg), false))
		return refuse(reasonp, EINVAL, "answer: 1 to 79 of 0-9, a-z,"
			      " A-Z, _ . - + * #");
	if (!w->call[0])
		return refuse(reasonp, EINVAL, "call is missing");

	w->busy = !str_casecmp(h("busy", arg), "true");

	return 0;
}


/**
 * Read what an app wants
 *
 * @param w       Set to it
 * @param action  Action
 * @param h       Gets the values
 * @param arg     Its argument
 * @param reasonp Set to what is wrong with it
 *
 * @return 0 if success, ENOENT if there is no such action, EINVAL if a value is
 *         missing, or none that can be sent to an Asterisk
 */
int ami_wish_read(struct ami_wish *w, const char *action, ami_value_h *h,
		  void *arg, const char **reasonp)
{
	unsigned needs;
	int err;

	if (!w || !action || !h || !reasonp)
		return EINVAL;

	memset(w, 0, sizeof(*w));

	while (w->kind < AMI_WISHES &&
	       strcmp(wishv[w->kind].action, action))
		++w->kind;
	if (w->kind == AMI_WISHES)
		return refuse(reasonp, ENOENT, "unknown action");

	needs = wishv[w->kind].needs;
	if (needs & NEEDS_CALL)
		return take_call(w, h, arg, reasonp);

	err = take_values(w, h, arg, reasonp);
	if (err)
		return err;

	if ((needs & NEEDS_CHANNEL) && !w->channel[0])
		return refuse(reasonp, EINVAL, "channel is missing");
	if ((needs & NEEDS_OTHER) && !w->other[0])
		return refuse(reasonp, EINVAL, "other is missing");
	if ((needs & NEEDS_NUMBER) && !w->number[0])
		return refuse(reasonp, EINVAL, "number is missing");
	if ((needs & HAS_OTHER) && !w->other[0] != !w->other_number[0])
		return refuse(reasonp, EINVAL, "other and other_number go"
			      " together");
	if (w->other[0] && !str_casecmp(w->channel, w->other))
		return refuse(reasonp, EINVAL, "other is the same channel");

	return 0;
}


static bool may(const struct ami_extension *ext, const struct ami_table *t,
		const char *name)
{
	return ami_may(ext, AMI_RIGHT_CONTROL, t, ami_table_find(t, name));
}


/* Where it goes, if it does not say */
static int check_place(char *context, size_t size,
		       const struct ami_extension *ext, const char *dflt,
		       const char **reasonp)
{
	char buf[AMI_TEXT_SIZE];

	if (!context[0]) {

		const char *own = ami_context(ext, dflt, buf, sizeof(buf));

		str_ncpy(context, own ? own : "", size);
	}

	return ami_may_context(ext, dflt, context) ? 0 :
		refuse(reasonp, EPERM, "not to this context (ami_contexts=)");
}


/**
 * May an extension's users have that?
 *
 * @param w       What is wanted; contexts that it does not name are set
 * @param ext     Extension
 * @param t       Table of channels
 * @param dflt    Context of calls that name none
 * @param reasonp Set to why not
 *
 * @return 0 if they may, EPERM if not, ENOENT if a channel is not there, or
 *         not the extension's
 */
int ami_wish_check(struct ami_wish *w, const struct ami_extension *ext,
		   const struct ami_table *t, const char *dflt,
		   const char **reasonp)
{
	unsigned needs;
	int err = 0;

	if (!w || !ext || w->kind >= AMI_WISHES)
		return EINVAL;

	/* to send a call to any number is to steer it */
	if (w->answer[0] && ext->right < AMI_RIGHT_CONTROL)
		return refuse(reasonp, EPERM, "answer: not allowed (ami= of"
			      " this extension)");

	if (ext->right < wishv[w->kind].right)
		return refuse(reasonp, EPERM, "not allowed (ami= of this"
			      " extension)");

	needs = wishv[w->kind].needs;
	if (((needs & NEEDS_CHANNEL) && !may(ext, t, w->channel)) ||
	    ((needs & (NEEDS_OTHER | HAS_OTHER)) && w->other[0] &&
	     !may(ext, t, w->other)))
		return refuse(reasonp, ENOENT, "no such channel");

	if (needs & NEEDS_NUMBER)
		err = check_place(w->context, sizeof(w->context), ext, dflt,
				  reasonp);
	if (!err && (needs & HAS_OTHER) && w->other[0])
		err = check_place(w->other_context, sizeof(w->other_context),
				  ext, dflt, reasonp);

	return err;
}


/* As far as there is room for whole characters, without what would be more than a
   name in a dialplan */
static void copy_name(char *dst, size_t size, const char *name)
{
	const size_t len = str_len(name);
	size_t i = 0;

	while (i < len) {

		const size_t n = max(text_utf8(name + i, len - i), (size_t)1);

		if (i + n >= size)
			break;

		memcpy(dst + i, name + i, n);
		if (n == 1 && (strchr(",|\"\\<>;()$", name[i]) ||
			       (unsigned char)name[i] < ' ' ||
			       name[i] == 0x7f))
			dst[i] = ' ';
		i += n;
	}

	dst[i] = '\0';
}


/**
 * Who takes part in a call that an extension begins: which device rings first,
 * and what those are shown whom it calls
 *
 * @param p   Set to it
 * @param ext Extension
 *
 * @return 0 if success, EINVAL if the extension has no device; EOVERFLOW
 */
int ami_wish_parties(struct ami_parties *p, const struct ami_extension *ext)
{
	const char *peer;
	int err;

	if (!p || !ext)
		return EINVAL;

	memset(p, 0, sizeof(*p));
	err = ami_device(ext, p->device, sizeof(p->device));
	if (err)
		return err;

	/* what goes by a trunk is shown as the extension */
	peer = ami_device_number(p->device);
	if (!peer)
		peer = ext->user;
	if (ami_word_is_sane(peer))
		str_ncpy(p->number, peer, sizeof(p->number));

	copy_name(p->name, sizeof(p->name), ext->name);

	return 0;
}


/**
 * Say why a call that was begun came to nothing
 *
 * @param reason Reason of OriginateResponse, which is 0 of many things
 * @param cause  Why its channel hung up (Q.850), 0=not known
 *
 * @return Text for people
 */
const char *ami_wish_failed(uint32_t reason, uint32_t cause)
{
	enum { NORMAL = 16 };
	const char *text = ami_cause_text(cause);

	switch (reason) {

	case 3:  return "no answer";
	case 5:  return "busy";
	case 8:  return "congestion";
	}

	if (cause != NORMAL && text[0])
		return text;

	return reason == 0 ? "not reached" : reason == 1 ? "rejected"
		: "it failed";
}
