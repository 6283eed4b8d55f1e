/**
 * @file connectycube_ami/detect.c  A dialplan tells that somebody waits
 *
 * Pure. See detect.h. What calls is told by callers: it is cut and cleaned
 * here, and shown to apps then.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "message.h"
#include "table.h"
#include "detect.h"


/* As apps show it, cut if it is long; event_copy_str() leaves out what a
   terminal would obey */
static void show(char *dst, size_t size, const struct pl *pl)
{
	struct pl p = *pl;
	char buf[512];

	text_trim(&p);
	(void)pl_strcpy(&p, buf, sizeof(buf));
	event_copy_str(dst, size, buf);
}


/* "Ann \"the boss\"" -> Ann "the boss" */
static void unquote(char *dst, size_t size, const struct pl *pl)
{
	struct pl p = *pl;
	char buf[512];
	size_t i, n = 0;

	text_trim(&p);

	if (p.l < 2 || p.p[0] != '"' || p.p[p.l - 1] != '"') {
		show(dst, size, &p);
		return;
	}

	for (i=1; i<p.l - 1 && n < sizeof(buf); i++) {
		if (p.p[i] == '\\' && i + 1 < p.l - 1)
			++i;
		buf[n++] = p.p[i];
	}

	p.p = buf;
	p.l = n;
	show(dst, size, &p);
}


/* Words by which Asterisk, or a phone, says that it says nothing */
static bool is_nobody(const struct pl *pl)
{
	static const char *const wordv[] = {
		"", "<unknown>", "unknown", "anonymous", "restricted", "private"
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(wordv); i++) {
		if (!pl_strcasecmp(pl, wordv[i]))
			return true;
	}

	return false;
}


static bool is_number(const struct pl *pl)
{
	static const char also[] = "+*#_.-";
	size_t i;

	for (i=0; i<pl->l; i++) {

		const char c = pl->p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z') || (c && strchr(also, c))))
			return false;
	}

	return pl->l > 0 && pl->l < AMI_TEXT_SIZE;
}


static void set_number(struct ami_detected *d, const struct pl *pl)
{
	struct pl p = *pl;

	text_trim(&p);
	if (!is_nobody(&p) && is_number(&p))
		(void)text_str(d->number, sizeof(d->number), &p);
}


/* sip:42@host, tel:+5511, 42 */
static void set_address(struct ami_detected *d, const struct pl *pl)
{
	struct pl p = *pl, rest;
	struct uri uri;

	text_trim(&p);
	rest = p;

	if (text_skip(&rest, "tel:")) {
		const char *end = pl_strchr(&rest, ';');

		if (end)
			rest.l = end - rest.p;
		set_number(d, &rest);
	}
	else if (!pl_strchr(&p, ':')) {
		set_number(d, &p);
	}
	else if (!uri_decode(&uri, &p) && (!pl_strcasecmp(&uri.scheme, "sip") ||
					   !pl_strcasecmp(&uri.scheme, "sips"))) {
		set_number(d, &uri.user);
		if (d->number[0] &&
		    re_snprintf(d->uri, sizeof(d->uri), "sip:%s@%r",
				d->number, &uri.host) < 0)
			d->uri[0] = '\0';
	}
}


/* A number, or an address? If not, it is a name */
static bool is_address(const struct pl *pl)
{
	struct pl p = *pl;
	size_t i;

	if (text_skip(&p, "sip:") || text_skip(&p, "sips:") ||
	    text_skip(&p, "tel:"))
		return true;

	for (i=0; i<p.l; i++) {
		if (!strchr("0123456789+*#-", p.p[i]) || !p.p[i])
			return false;
	}

	return p.l > 0;
}


/**
 * Read who calls
 *
 * @param d    Name, number and address are set; what is not there, or cannot
 *             be shown, is ""
 * @param from "Name" <sip:number@host>, Name <number>, sip:number@host, number,
 *             or a name
 */
void ami_detect_from(struct ami_detected *d, const struct pl *from)
{
	struct pl p = *from, name, addr;
	const char *lt, *gt;

	d->name[0] = d->number[0] = d->uri[0] = '\0';

	text_trim(&p);
	lt = pl_strrchr(&p, '<');
	gt = pl_strrchr(&p, '>');

	if (is_nobody(&p))
		return;

	if (lt && gt > lt) {
		name.p = p.p;
		name.l = lt - p.p;
		addr.p = lt + 1;
		addr.l = gt - lt - 1;
		set_address(d, &addr);
	}
	else if (is_address(&p)) {
		set_address(d, &p);
		return;
	}
	else {
		name = p;
	}

	text_trim(&name);
	if (!is_nobody(&name))
		unquote(d->name, sizeof(d->name), &name);
}


/* Who was called: sip:1000@host, <sip:1000@host>, 1000 */
static bool set_to(struct ami_detected *d, const struct pl *to)
{
	struct sip_addr addr;
	struct pl user = *to;

	if (text_copy(d->to, sizeof(d->to), to))
		return false;

	if (pl_strchr(to, ':')) {
		if (sip_addr_decode(&addr, to))
			return false;
		user = addr.uri.user;
	}

	return is_number(&user) &&
		!text_str(d->user, sizeof(d->user), &user);
}


static void set_from(struct ami_detected *d, const struct ami_message *msg)
{
	const struct pl *from = ami_get_last(msg, "From");
	const struct pl *name, *number;

	if (from && from->l) {
		ami_detect_from(d, from);
		return;
	}

	/* the channel's own */
	name   = ami_get(msg, "CallerIDName");
	number = ami_get(msg, "CallerIDNum");

	if (number)
		set_number(d, number);
	if (name && !is_nobody(name))
		show(d->name, sizeof(d->name), name);
}


/**
 * Read what a dialplan tells
 *
 * @param d    Who waits, and for whom
 * @param msg  Event
 * @param whyp Set to what is wrong with it
 *
 * @return 0 if success, ENOENT if it tells something else, EBADMSG if it cannot
 *         be made out
 */
int ami_detect(struct ami_detected *d, const struct ami_message *msg,
	       const char **whyp)
{
	const struct pl *chan, *to;

	if (!d || !msg || !whyp)
		return EINVAL;

	if (!ami_is(msg, "Event", "UserEvent") ||
	    !ami_is(msg, "UserEvent", "BridgeCall"))
		return ENOENT;

	memset(d, 0, sizeof(*d));

	chan = ami_get_last(msg, "Channel");
	if (!chan || text_str(d->channel, sizeof(d->channel), chan) ||
	    !ami_channel_is_sane(d->channel)) {
		*whyp = "its Channel is no name of a channel";
		return EBADMSG;
	}

	to = ami_get_last(msg, "To");
	if (!to || !to->l) {
		*whyp = "it has no To, whom to ring";
		return EBADMSG;
	}
	if (!set_to(d, to)) {
		*whyp = "its To is neither a SIP address nor a number";
		return EBADMSG;
	}

	set_from(d, msg);

	return 0;
}


/**
 * What a caller is told that nobody talks to
 *
 * @param reason Why
 *
 * @return Cause of Q.850
 */
uint32_t ami_cause_of(enum end_reason reason)
{
	switch (reason) {

	case END_NORMAL:
	case END_CANCELED:
	case END_TRANSFERRED:
	case END_CONSOLE:
	case END_LONGEST:    return 16;
	case END_BUSY:       return 17;
	case END_NO_ANSWER:  return 19;
	case END_REJECTED:
	case END_FORBIDDEN:  return 21;
	case END_ELSEWHERE:  return 26;
	case END_NOT_FOUND:  return 1;
	case END_CONGESTION: return 42;
	default:             return 41;
	}
}
