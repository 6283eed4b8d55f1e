/**
 * @file log/foreign.c  What baresip and its modules say, without its secrets
 *
 * Pure. ctrl_tcp and mqtt write each command to the log with all that belongs
 * to it (level debug): keys that are to be sent, numbers, texts. baresip itself
 * writes keys.
 */
#include <string.h>
#include <re.h>
#include "log/foreign.h"


/* "ctrl_tcp: handle_command:  cmd='NAME PARAMS', params:'...', token='...'" */
static const char *command_end(const char *msg)
{
	const char *p = strstr(msg, "handle_command:");

	if (!p)
		return NULL;

	/* another one, that writes it otherwise */
	if (!strchr(p, '\''))
		return p + strcspn(p, ":");

	p = strchr(p, '\'') + 1;

	return p + strcspn(p, " \t\r\n'");
}


/* "audio: send DTMF digit: '1'", "echo: relaying DTMF event: key = '1'" */
static const char *key_end(const char *msg)
{
	const char *p = strstr(msg, "DTMF");

	return p ? p + strcspn(p, ":=(\r\n") : NULL;
}


/**
 * Leave out of a message what is secret, or may be
 *
 * @param buf  What may be seen of it, if there is a secret
 * @param size Its size [bytes]
 * @param msg  Message
 *
 * @return True if there is one
 */
bool foreign_hide(char *buf, size_t size, const char *msg)
{
	const char *end = command_end(msg);

	if (!end)
		end = key_end(msg);
	if (!end)
		return false;

	while (end > msg && end[-1] == ' ')
		--end;

	if (re_snprintf(buf, size, "%b ***\n", msg, (size_t)(end - msg)) < 0)
		(void)re_snprintf(buf, size, "***\n");

	return true;
}
