/**
 * @file sip/pure/ability.c  What Allow, Supported and their kind say (pure)
 *
 * One table each, of which all headers are printed that leave, and by which is
 * decided what is refused: what they say is what is done.
 */
#include <re.h>
#include "sip/pure/ability.h"


/* Each of these gets an answer that says what is possible, and none 405 */
static const char *const methodv[] = {
	"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE",
	"PRACK", "NOTIFY", "REFER", "SUBSCRIBE", "MESSAGE",
};

static struct {
	const char *tag;
	bool on;
} extv[ABILITY_EXTS] = {
	[ABILITY_TIMER]  = {"timer", false},
	[ABILITY_100REL] = {"100rel", false},
	[ABILITY_REPLACES]   = {"replaces", true},
	[ABILITY_NOREFERSUB] = {"norefersub", true},
};


/**
 * Turn an extension on or off
 *
 * @param ext Extension
 * @param on  True if it is there
 */
void ability_set(enum ability_ext ext, bool on)
{
	extv[ext].on = on;
}


/**
 * Is there an extension?
 *
 * @param ext Extension
 *
 * @return True if there is
 */
bool ability_has(enum ability_ext ext)
{
	return extv[ext].on;
}


/**
 * Is a method one of those that are allowed?
 *
 * @param method Method
 *
 * @return True if it is
 */
bool ability_is_known(const struct pl *method)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(methodv); i++) {
		if (!pl_strcmp(method, methodv[i]))
			return true;
	}

	return false;
}


/**
 * Print the value of Allow
 *
 * @param pf  Print function
 * @param arg Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int ability_print_allow(struct re_printf *pf, void *arg)
{
	size_t i;
	int err = 0;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(methodv); i++)
		err |= re_hprintf(pf, "%s%s", i ? ", " : "", methodv[i]);

	return err;
}


/**
 * Print the value of Supported
 *
 * @param pf  Print function
 * @param arg Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int ability_print_supported(struct re_printf *pf, void *arg)
{
	bool first = true;
	size_t i;
	int err = 0;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(extv); i++) {

		if (!extv[i].on)
			continue;

		err |= re_hprintf(pf, "%s%s", first ? "" : ", ",
				  extv[i].tag);
		first = false;
	}

	return err;
}


/**
 * Print the headers Allow and Supported
 *
 * @param pf  Print function
 * @param arg Not used
 *
 * @return 0 if success, otherwise errorcode
 */
int ability_print_headers(struct re_printf *pf, void *arg)
{
	(void)arg;

	return re_hprintf(pf, "Allow: %H\r\nSupported: %H\r\n",
			  ability_print_allow, NULL,
			  ability_print_supported, NULL);
}


static bool is_ext(const struct pl *tag)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(extv); i++) {
		if (extv[i].on && !pl_strcasecmp(tag, extv[i].tag))
			return true;
	}

	return false;
}


static bool unsupported_handler(const struct sip_hdr *hdr,
				const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;

	return pl_isset(&hdr->val) && !is_ext(&hdr->val);
}


/**
 * Does a request ask for an extension that is not there (RFC 3261, 8.2.2.3)?
 *
 * @param msg Request
 *
 * @return True if it does
 */
bool ability_lacks(const struct sip_msg *msg)
{
	return sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE,
				 unsupported_handler, NULL) != NULL;
}


/** Prints tags, with commas between them */
struct printer {
	struct re_printf *pf;
	bool more;
	int err;
};


static bool print_handler(const struct sip_hdr *hdr,
			  const struct sip_msg *msg, void *arg)
{
	struct printer *p = arg;

	if (!unsupported_handler(hdr, msg, NULL))
		return false;

	p->err |= re_hprintf(p->pf, "%s%r", p->more ? ", " : "", &hdr->val);
	p->more = true;

	return false;
}


/**
 * Print the extensions that a request asks for and that are not there
 *
 * @param pf  Print function
 * @param msg Request
 *
 * @return 0 if success, otherwise errorcode
 */
int ability_print_unsupported(struct re_printf *pf, const struct sip_msg *msg)
{
	struct printer p = {pf, false, 0};

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE, print_handler,
				&p);

	return p.err;
}
