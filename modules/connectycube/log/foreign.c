/**
 * @file log/foreign.c  What baresip and its modules say, without its secrets
 *
 * Pure. ctrl_tcp and mqtt write each command to the log with all that belongs
 * to it (level debug): keys that are to be sent, numbers, texts. baresip itself
 * writes keys, and addresses as they came, which may have passwords in them.
 */
#include <string.h>
#include <re.h>
#include "log/blank.h"
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


static bool hide_addresses(char *buf, size_t size, const char *msg)
{
	const size_t len = min(strlen(msg), size - 1);
	size_t n;

	if (!strchr(msg, '@'))
		return false;

	memcpy(buf, msg, len);
	n = blank_addresses(buf, len);
	if (n == len && !memcmp(buf, msg, len) && !msg[len])
		return false;

	/* what is cut may be in the middle of one */
	if (msg[len]) {
		while (n && buf[n - 1] != ' ')
			--n;
		(void)str_ncpy(buf + n, "\n", size - n);
	}
	else {
		buf[n] = '\0';
	}

	return true;
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
		return hide_addresses(buf, size, msg);

	while (end > msg && end[-1] == ' ')
		--end;

	if (re_snprintf(buf, size, "%b ***\n", msg, (size_t)(end - msg)) < 0)
		(void)re_snprintf(buf, size, "***\n");

	return true;
}
