/**
 * @file connectycube_link/hubmsg.c  Messages between bridges and the hub
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "hubline.h"


enum { MEMBER_MAX = 3 };

/** What a type of message must have */
struct shape {
	const char *name;
	enum hubline_type type;
	struct {
		const char *key;
		json_type type;
	} memberv[MEMBER_MAX];
};

static const struct shape shapev[] = {
	{"hello",   HUBLINE_HELLO,   {{"v",      JSON_INTEGER},
				      {"min",    JSON_INTEGER},
				      {"name",   JSON_STRING}}},
	{"event",   HUBLINE_EVENT,   {{"event",  JSON_OBJECT}}},
	{"state",   HUBLINE_STATE,   {{"state",  JSON_OBJECT}}},
	{"stats",   HUBLINE_STATS,   {{"stats",  JSON_OBJECT}}},
	{"record",  HUBLINE_RECORD,  {{"id",     JSON_STRING},
				      {"record", JSON_OBJECT}}},
	{"ack",     HUBLINE_ACK,     {{"id",     JSON_STRING}}},
	/* and a line, or a name */
	{"command", HUBLINE_COMMAND, {{"n",      JSON_INTEGER}}},
	{"reply",   HUBLINE_REPLY,   {{"n",      JSON_INTEGER},
				      {"text",   JSON_STRING}}},
	{"bye",     HUBLINE_BYE,     {{"text",   JSON_STRING}}},
};


static const struct shape *find(const char *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(shapev); i++) {
		if (!strcmp(name, shapev[i].name))
			return &shapev[i];
	}

	return NULL;
}


static int check(const struct shape *shape, const json_t *j, char *why,
		 size_t size)
{
	size_t i;

	for (i=0; i<MEMBER_MAX && shape->memberv[i].key; i++) {

		const json_t *m = json_object_get(j, shape->memberv[i].key);

		if (!m || json_typeof(m) != shape->memberv[i].type) {
			(void)re_snprintf(why, size, "%s: %s: %s",
					  shape->name, shape->memberv[i].key,
					  m ? "is of another kind"
					  : "is missing");
			return EBADMSG;
		}
	}

	return 0;
}


/**
 * Read a message
 *
 * @param jp    Pointer to the message, freed by json_decref(). It has what its
 *              type must have
 * @param typep Its type
 * @param line  Line
 * @param len   Its length [bytes]
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if success, EBADMSG if it is wrong
 */
int hubmsg_decode(json_t **jp, enum hubline_type *typep, const char *line,
		  size_t len, char *why, size_t size)
{
	const struct shape *shape;
	json_error_t error;
	const char *name;
	json_t *j;

	if (!jp || !typep || !line || !why || !size)
		return EINVAL;

	j = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!j) {
		(void)re_snprintf(why, size, "no JSON: %s at byte %d",
				  error.text, error.position);
		return EBADMSG;
	}

	name = hubmsg_str(j, "t");
	if (!name) {
		(void)re_snprintf(why, size, "no message: it has no \"t\"");
		json_decref(j);
		return EBADMSG;
	}

	shape = find(name);
	if (shape && check(shape, j, why, size)) {
		json_decref(j);
		return EBADMSG;
	}

	*typep = shape ? shape->type : HUBLINE_UNKNOWN;
	*jp    = j;

	return 0;
}


/**
 * Is that a record that the hub takes? Who sends it another one is sent away
 *
 * @param text Text
 * @param len  Its length [bytes]
 * @param id   Id that it is to have
 *
 * @return True if so
 */
bool hubmsg_is_record(const char *text, size_t len, const char *id)
{
	json_t *j = text && id ? json_loadb(text, len, JSON_REJECT_DUPLICATES,
					    NULL) : NULL;
	const char *its = hubmsg_str(j, "id");
	const bool is = json_is_object(j) && its && !strcmp(its, id);

	json_decref(j);

	return is;
}


/**
 * Agree on a version
 *
 * @param vp    The version that is spoken
 * @param hello The other side's hello
 * @param why   Set to why there is none
 * @param size  Room there [bytes]
 *
 * @return 0 if success, EPROTO if none is known to both
 */
int hubmsg_version(unsigned *vp, const json_t *hello, char *why, size_t size)
{
	json_int_t best, oldest, v;

	if (!vp || !hello || !why || !size)
		return EINVAL;

	best   = json_integer_value(json_object_get(hello, "v"));
	oldest = json_integer_value(json_object_get(hello, "min"));
	v      = best < HUBLINE_VERSION ? best : HUBLINE_VERSION;

	if (v < HUBLINE_VERSION_MIN || v < oldest || oldest > best) {
		(void)re_snprintf(why, size, "it speaks version %lld to %lld,"
				  " we %d to %d", (long long)oldest,
				  (long long)best, HUBLINE_VERSION_MIN,
				  HUBLINE_VERSION);
		return EPROTO;
	}

	*vp = (unsigned)v;

	return 0;
}


/**
 * Get a member that is text
 *
 * @param j   Object
 * @param key Its name
 *
 * @return Text, without zeros, as long as the object lives; NULL=none
 */
const char *hubmsg_str(const json_t *j, const char *key)
{
	const json_t *m = json_object_get(j, key);
	const char *str = json_string_value(m);

	return str && strlen(str) == json_string_length(m) ? str : NULL;
}


static int write_more(const char *buf, size_t len, void *data)
{
	return mbuf_write_mem(data, (const uint8_t *)buf, len) ? -1 : 0;
}


/**
 * Append a message as a line
 *
 * @param mb Buffer, left as it was on error
 * @param j  Message
 *
 * @return 0 if success, EMSGSIZE if it would be too long, otherwise errorcode
 */
int hubmsg_encode(struct mbuf *mb, const json_t *j)
{
	size_t end;
	int err = 0;

	if (!mb || !json_is_object(j))
		return EINVAL;

	end     = mb->end;
	mb->pos = end;

	if (json_dump_callback(j, write_more, mb, JSON_COMPACT))
		err = ENOMEM;
	else if (mb->end - end > HUBLINE_MAX)
		err = EMSGSIZE;
	else
		err = mbuf_write_u8(mb, '\n');

	if (err)
		mb->end = end;
	mb->pos = mb->end;

	return err;
}
