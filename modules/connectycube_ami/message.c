/**
 * @file connectycube_ami/message.c  Fields of a message
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "message.h"


static enum ami_kind kind_of(const struct ami_message *msg)
{
	const struct pl *name = &msg->fieldv[0].name;

	if (!msg->fieldc)
		return AMI_OTHER;

	if (!pl_strcasecmp(name, "Event"))
		return AMI_EVENT;

	return pl_strcasecmp(name, "Response") ? AMI_OTHER : AMI_RESPONSE;
}


/* By LF alone: a CR within a caller's name begins no line of its own */
static bool next_line(struct pl *rest, struct pl *line)
{
	const char *end;

	if (!rest->l)
		return false;

	end = memchr(rest->p, '\n', rest->l);

	line->p = rest->p;
	line->l = end ? (size_t)(end - rest->p) : rest->l;

	pl_advance(rest, end ? (ssize_t)line->l + 1 : (ssize_t)line->l);
	text_trim(line);

	return true;
}


/**
 * Read a message
 *
 * Lines that are none of a name and a value are not kept, nor those beyond
 * AMI_FIELDS_MAX; they are counted. Nothing is refused: what kind of message
 * it is says whether it is one.
 *
 * @param msg Message to fill; it points into the bytes
 * @param buf Its lines, without the empty one
 * @param len Number of bytes
 */
void ami_message_decode(struct ami_message *msg, const char *buf, size_t len)
{
	struct pl rest = {buf, len}, line;

	msg->fieldc  = 0;
	msg->dropped = 0;

	while (next_line(&rest, &line)) {

		struct ami_field *field = &msg->fieldv[msg->fieldc];

		if (!line.l)
			continue;

		if (msg->fieldc == AMI_FIELDS_MAX) {
			++msg->dropped;
			continue;
		}

		if (!text_split(&line, ':', &field->name, &field->value)) {
			++msg->dropped;
			continue;
		}

		text_trim(&field->name);
		text_trim(&field->value);

		if (field->name.l)
			++msg->fieldc;
		else
			++msg->dropped;
	}

	msg->kind = kind_of(msg);
}


/* The first field of a name, or its last */
static const struct pl *find(const struct ami_message *msg, const char *name,
			     bool last)
{
	const struct pl *value = NULL;
	struct pl wanted;
	size_t i;

	pl_set_str(&wanted, name);

	for (i=0; i<msg->fieldc; i++) {

		if (pl_casecmp(&msg->fieldv[i].name, &wanted))
			continue;

		value = &msg->fieldv[i].value;
		if (!last)
			break;
	}

	return value;
}


/**
 * Get a value
 *
 * @param msg  Message
 * @param name Name of the field; case is ignored
 *
 * @return Value of the first field of that name, NULL if there is none
 */
const struct pl *ami_get(const struct ami_message *msg, const char *name)
{
	return find(msg, name, false);
}


/**
 * Get the value that stands last
 *
 * Fields that a dialplan gives to UserEvent() follow those of the channel, and
 * may have the names of those.
 *
 * @param msg  Message
 * @param name Name of the field; case is ignored
 *
 * @return Value of the last field of that name, NULL if there is none
 */
const struct pl *ami_get_last(const struct ami_message *msg,
			      const char *name)
{
	return find(msg, name, true);
}


/**
 * Does a field have this value?
 *
 * @param msg   Message
 * @param name  Name of the field, the first one of that name counts
 * @param value Value; case is ignored in both
 *
 * @return true if so, false also if there is no such field
 */
bool ami_is(const struct ami_message *msg, const char *name,
	    const char *value)
{
	const struct pl *pl = ami_get(msg, name);

	return pl && !pl_strcasecmp(pl, value);
}


/**
 * Copy a value
 *
 * @param msg  Message
 * @param name Name of the field, the first one of that name counts
 * @param str  Buffer; empty afterwards if there is no such field, or no room
 * @param size Its size [bytes], 1 or more
 *
 * @return 0 if success, ENOENT if there is no such field, or its value is
 *         "<unknown>", as Asterisk writes what it does not know, otherwise
 *         errorcode: EOVERFLOW if it is too long, EBADMSG if it is no text
 */
int ami_str(const struct ami_message *msg, const char *name, char *str,
	    size_t size)
{
	const struct pl *pl = ami_get(msg, name);
	int err;

	str[0] = '\0';

	if (!pl || !pl_strcmp(pl, "<unknown>"))
		return ENOENT;

	err = text_str(str, size, pl);
	if (err)
		str[0] = '\0';

	return err;
}


/**
 * Read a number
 *
 * @param msg  Message
 * @param name Name of the field, the first one of that name counts
 *
 * @return Number, 0 if there is none
 */
uint32_t ami_u32(const struct ami_message *msg, const char *name)
{
	const struct pl *pl = ami_get(msg, name);
	uint32_t v = 0;

	return pl && !text_u32(&v, pl, UINT32_MAX) ? v : 0;
}
