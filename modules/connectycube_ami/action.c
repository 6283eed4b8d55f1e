/**
 * @file connectycube_ami/action.c  What is sent to Asterisk
 *
 * Every value is looked at: with a line end in it, it would be two fields, or
 * two actions. Asterisk cuts lines off at 1024 bytes, so that longer ones are
 * refused.
 */
#include <string.h>
#include <re.h>
#include "message.h"


/**
 * Is this the full name of one channel?
 *
 * Asterisk's Hangup takes /regular expressions/ and would end every channel
 * that fits, other actions take the beginning of a name. So a name is
 * TECHNOLOGY/PEER-UNIQUE: something before the first '/', and hexadecimal
 * digits behind the last '-' ("PJSIP/1001-0000000c",
 * "Local/9@ctx-00000001;2").
 *
 * @param name Name
 *
 * @return true if so
 */
bool ami_channel_is_sane(const char *name)
{
	const char *slash, *dash;
	size_t n;

	if (!ami_value_is_sane(name))
		return false;

	slash = strchr(name, '/');
	if (!slash || slash == name || strpbrk(name, " \t,|&\"\\"))
		return false;

	dash = strrchr(slash, '-');
	if (!dash || dash == slash + 1)
		return false;

	n = strspn(dash + 1, "0123456789abcdefABCDEF");
	if (!n)
		return false;

	/* one half of a Local channel */
	return !dash[1 + n] || !strcmp(&dash[1 + n], ";1") ||
		!strcmp(&dash[1 + n], ";2");
}


/**
 * Begin an action
 *
 * @param mb     Buffer it is appended to
 * @param action Its name
 * @param id     Action id, which its responses and events have
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_action_begin(struct mbuf *mb, const char *action, uint32_t id)
{
	if (!mb || !ami_value_is_sane(action))
		return EINVAL;

	return mbuf_printf(mb, "Action: %s\r\nActionID: cube-%u\r\n",
			   action, id);
}


/**
 * Add a field
 *
 * @param mb    Buffer
 * @param name  Name of the field
 * @param value Value; NULL: no field
 *
 * @return 0 if success, EBADMSG if it cannot be sent, otherwise errorcode
 */
int ami_action_add(struct mbuf *mb, const char *name, const char *value)
{
	if (!mb || !name)
		return EINVAL;
	if (!value)
		return 0;
	if (!ami_value_is_sane(value))
		return EBADMSG;

	return mbuf_printf(mb, "%s: %s\r\n", name, value);
}


/**
 * Add a field that is made of a format
 *
 * @param mb   Buffer
 * @param name Name of the field
 * @param fmt  Format of its value
 *
 * @return 0 if success, EBADMSG if it cannot be sent, otherwise errorcode
 */
int ami_action_addf(struct mbuf *mb, const char *name, const char *fmt, ...)
{
	char *value;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = re_vsdprintf(&value, fmt, ap);
	va_end(ap);
	if (err)
		return err;

	err = ami_action_add(mb, name, value);
	mem_deref(value);

	return err;
}


/**
 * End an action
 *
 * @param mb Buffer
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_action_end(struct mbuf *mb)
{
	return mb ? mbuf_write_str(mb, "\r\n") : EINVAL;
}


/**
 * Key of a login by challenge: MD5 of challenge and secret, in hex
 *
 * @param key       Buffer
 * @param size      Its size [bytes], 33 or more
 * @param challenge Challenge that Asterisk gave
 * @param secret    Secret of the manager's user
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_login_key(char *key, size_t size, const char *challenge,
		  const char *secret)
{
	uint8_t digest[MD5_SIZE];
	int n;

	if (!key || !challenge || !secret)
		return EINVAL;

	if (md5_printf(digest, "%s%s", challenge, secret))
		return ENOMEM;

	n = re_snprintf(key, size, "%w", digest, sizeof(digest));

	return n == 2 * MD5_SIZE ? 0 : EOVERFLOW;
}
