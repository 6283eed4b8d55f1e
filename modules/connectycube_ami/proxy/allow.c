/**
 * @file connectycube_ami/proxy/allow.c  What bridges may order through the hub
 *
 * Whatever is not in the table is refused, and so is a field that is not named:
 * Originate would run any application, Command anything.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/proxy/allow.h"


enum {
	RING_TIME = 30000,      /* of Originate, if it does not say [ms] */
	RING_MOST = 600000,
	ANSWER_TIME = 5000,     /* of Asterisk, behind that [ms]         */
};

#define PLACE "|Context|Exten|Priority"
/* functions of the dialplan that say who takes part, see order.c */
#define PARTIES "|CALLERID(num)|CALLERID(name)|CONNECTEDLINE(num)|"

static const struct ami_allowed allowedv[] = {
	{"Hangup", NULL, "|Channel|Cause|", "|Channel|"},
	{"Redirect", NULL, "|Channel" PLACE "|ExtraChannel|ExtraContext"
	 "|ExtraExten|ExtraPriority|", "|Channel|ExtraChannel|"},
	{"BlindTransfer", NULL, "|Channel|Context|Exten|", "|Channel|"},
	{"Atxfer", NULL, "|Channel|Context|Exten|", "|Channel|"},
	{"CancelAtxfer", NULL, "|Channel|", "|Channel|"},
	{"Bridge", NULL, "|Channel1|Channel2|Tone|", "|Channel1|Channel2|"},
	{"Setvar", NULL, "|Channel|Variable|Value|", "|Channel|"},
	{"Originate", "OriginateResponse", "|Channel" PLACE "|CallerID"
	 "|ChannelId|Timeout|Variable|Account|Async|", "|"},
};


/**
 * Is a name among others?
 *
 * @param names Names, each between '|'
 * @param name  Name; case is ignored
 *
 * @return true if so
 */
bool ami_allow_has(const char *names, const struct pl *name)
{
	const char *p = names + 1, *end;

	for (; (end = strchr(p, '|')); p = end + 1) {

		const struct pl one = {p, (size_t)(end - p)};

		if (one.l && !pl_casecmp(&one, name))
			return true;
	}

	return false;
}


/* What a dialplan would put something else for */
static bool is_plain(const char *value, const char *more)
{
	return !strpbrk(value, more) && !strstr(value, "${") &&
		!strstr(value, "$[");
}


/* A name may be a function of the dialplan, of which most do something; in
 * Originate it may be one of PARTIES */
static bool is_variable(const char *text, bool with_value)
{
	char name[AMI_VALUE_MAX + 1];
	struct pl pl;
	char *value;

	if (!with_value)
		return ami_word_is_sane(text);

	str_ncpy(name, text, sizeof(name));
	value = strchr(name, '=');
	if (!value)
		return false;

	*value++ = '\0';
	pl_set_str(&pl, name);

	return is_plain(value, ",|\"\\") &&
		(ami_allow_has(PARTIES, &pl) || ami_word_is_sane(name));
}


static bool check_value(const struct ami_allowed *a,
			const struct ami_field *f)
{
	char str[AMI_VALUE_MAX + 1];

	if (text_str(str, sizeof(str), &f->value) || !ami_value_is_sane(str))
		return false;

	if (ami_allow_has(a->channels, &f->name))
		return ami_channel_is_sane(str);
	if (ami_allow_has("|Context|Exten|ExtraContext|ExtraExten|ChannelId|",
			  &f->name))
		return ami_word_is_sane(str);
	if (ami_allow_has("|Priority|ExtraPriority|", &f->name))
		return !strcmp(str, "1");
	if (ami_allow_has("|Cause|Timeout|", &f->name))
		return str[0] && strspn(str, "0123456789") == strlen(str);
	if (ami_allow_has("|Channel|", &f->name))
		return ami_device_is_sane(str);
	if (ami_allow_has("|Variable|", &f->name))
		return is_variable(str, a->until != NULL);
	if (ami_allow_has("|Value|", &f->name))
		return is_plain(str, "");
	if (ami_allow_has("|Async|", &f->name))
		return !str_casecmp(str, "true");

	return true;
}


/* Setvar without a channel would be for all of them */
static bool is_whole(const struct ami_allowed *a,
		     const struct ami_message *msg)
{
	if (a->until)
		return ami_get(msg, "Channel") && ami_get(msg, "Exten") &&
			ami_get(msg, "Context") && ami_get(msg, "Async");

	return ami_get(msg, "Channel") ||
		(ami_get(msg, "Channel1") && ami_get(msg, "Channel2"));
}


/**
 * May this be passed on?
 *
 * @param msg  Action
 * @param why  Set to why not
 * @param size Room there [bytes]
 *
 * @return What it is, NULL if it may not
 */
const struct ami_allowed *ami_allow(const struct ami_message *msg, char *why,
				    size_t size)
{
	const struct pl *name = ami_get(msg, "Action");
	const struct ami_allowed *a = NULL;
	size_t i;

	for (i=0; name && i<ARRAY_SIZE(allowedv) && !a; i++) {
		if (!pl_strcasecmp(name, allowedv[i].name))
			a = &allowedv[i];
	}
	if (!a || msg->dropped) {
		(void)re_snprintf(why, size, "Permission denied");
		return NULL;
	}

	for (i=0; i<msg->fieldc; i++) {

		const struct ami_field *f = &msg->fieldv[i];

		if (ami_allow_has("|Action|ActionID|", &f->name))
			continue;

		if (!ami_allow_has(a->fields, &f->name)) {
			(void)re_snprintf(why, size, "%s: the hub does not"
					  " pass %r on", a->name, &f->name);
			return NULL;
		}
		if (!check_value(a, f)) {
			(void)re_snprintf(why, size, "%s: %r is wrong",
					  a->name, &f->name);
			return NULL;
		}
	}

	if (!is_whole(a, msg)) {
		(void)re_snprintf(why, size, "%s: a field is missing",
				  a->name);
		return NULL;
	}

	return a;
}


/**
 * How long its answer is awaited
 *
 * @param a   What it is
 * @param msg Action
 *
 * @return Time [ms]
 */
uint32_t ami_allow_wait(const struct ami_allowed *a,
			const struct ami_message *msg)
{
	uint32_t ring;

	if (!a->until)
		return AMI_TIMEOUT;

	ring = ami_u32(msg, "Timeout");

	return min(ring ? ring : RING_TIME, RING_MOST) + ANSWER_TIME;
}
