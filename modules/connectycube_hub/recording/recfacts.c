/**
 * @file connectycube_hub/recording/recfacts.c  What is known of a recording
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "connectycube_record/recfile.h"
#include "../shallow.h"
#include "recname.h"
#include "recfacts.h"


enum {
	HEAD_MAX = RECFILE_HEAD + RECFILE_CHUNK + RECFILE_MAX,
	DEPTH = 16,             /**< Deepest object in START               */
};

/* Times that can be written as dates: before the year 10000 [ms since 1970] */
#define TIME_END 253402300800000ll

/* What is told of START, in this order */
static const char *const keyv[] = {
	"host", "extension", "call", "record_id", "linked_id", "call_id",
	"session", "direction", "from", "to", "mode", "by", "t_start",
};

/* ... and of the finisher's answer */
static const char *const madev[] = {
	"duration_ms", "channels", "paused_ms", "dropped", "lost_ms",
	"undecoded", "video",
};


static const char *text_of(const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str ? str : "";
}


/* Its number, or whatever there is of it */
static void party(char *dst, size_t size, const json_t *j)
{
	static const char *const wantv[] = {"number", "user", "uri", "name"};
	size_t i;

	for (i=0; i<ARRAY_SIZE(wantv); i++) {

		const char *str = text_of(j, wantv[i]);

		if (str[0]) {
			recname_user(dst, size, str);
			return;
		}
	}
}


/* Records are found by them; older bridges have numbers there, which are of
   their process alone, and an id that is none would be refused elsewhere */
static int only_uuid(json_t *j, const char *key)
{
	const char *str = text_of(j, key);

	return uuid_is(str, strlen(str)) ? 0 :
		json_object_set_new(j, key, json_null());
}


static int read_start(struct hrec_facts *f, const struct recfile_chunk *c)
{
	json_error_t je;
	json_t *j;

	j = json_loadb((const char *)c->p, c->len, JSON_REJECT_DUPLICATES,
		       &je);
	if (!json_is_object(j) || !json_is_shallow(j, DEPTH)) {
		json_decref(j);
		return EBADMSG;
	}

	if (only_uuid(j, "record_id") || only_uuid(j, "linked_id")) {
		json_decref(j);
		return ENOMEM;
	}

	f->start = j;
	f->video = !strcmp(text_of(j, "mode"), "video");
	recname_user(f->extension, sizeof(f->extension),
		     text_of(j, "extension"));
	party(f->from, sizeof(f->from), json_object_get(j, "from"));
	party(f->to, sizeof(f->to), json_object_get(j, "to"));
	if (json_is_integer(json_object_get(j, "call")))
		(void)re_snprintf(f->call, sizeof(f->call), "%lli",
				  (long long)json_integer_value(
					json_object_get(j, "call")));

	return 0;
}


/**
 * Read what a raw file says of itself
 *
 * @param f  Filled in; hrec_facts_close() in any case
 * @param fd File
 * @param id Id that it has by its name
 *
 * @return 0 if success, EBADMSG if it does not begin as one, otherwise
 *         errorcode
 */
int hrec_facts_read(struct hrec_facts *f, int fd, const char *id)
{
	struct recfile_chunk c;
	struct mbuf *mb;
	ssize_t n;
	int err;

	memset(f, 0, sizeof(*f));
	str_ncpy(f->id, id, sizeof(f->id));

	mb = mbuf_alloc(HEAD_MAX);
	if (!mb)
		return ENOMEM;

	n = pread(fd, mb->buf, HEAD_MAX, 0);
	if (n < 0) {
		err = errno;
		goto out;
	}

	mb->end = (size_t)n;
	err = recfile_open(mb);
	if (!err)
		err = recfile_next(&c, mb);
	if (!err)
		err = c.type == RECFILE_START ? read_start(f, &c) : EBADMSG;
	if (err == ENODATA || err == EPROTO)
		err = EBADMSG;

 out:
	mem_deref(mb);

	return err;
}


/**
 * Free what is in it
 *
 * @param f Facts
 */
void hrec_facts_close(struct hrec_facts *f)
{
	json_decref(f->start);
	f->start = NULL;
}


/**
 * Get what its name is made of
 *
 * @param f Facts, which must live as long
 * @param n Filled in
 */
void hrec_facts_name(const struct hrec_facts *f, struct recname *n)
{
	const json_t *j = f->start;
	const json_int_t t = json_integer_value(json_object_get(j,
								"t_start"));

	memset(n, 0, sizeof(*n));
	n->t_start   = t > 0 && t < TIME_END ? (uint64_t)t : 0;
	n->id        = f->id;
	n->extension = f->extension;
	n->from      = f->from;
	n->to        = f->to;
	n->call      = f->call;
	n->host      = text_of(j, "host");
	n->direction = text_of(j, "direction");
	n->session   = text_of(j, "session");
	n->record_id = text_of(j, "record_id");
	n->linked_id = text_of(j, "linked_id");
	n->call_id   = text_of(j, "call_id");
	n->mode      = text_of(j, "mode");
	n->by        = text_of(j, "by");
}


/* It becomes the end of a name */
static bool is_format(const char *str)
{
	const size_t n = strspn(str, "abcdefghijklmnopqrstuvwxyz0123456789");

	return n && !str[n] && n < sizeof(((struct hrec_made *)0)->format);
}


/**
 * Read what the finisher says
 *
 * @param made Set to it; its `json` is freed by mem_deref()
 * @param text Its output
 * @param id   Id of the recording
 *
 * @return 0 if success, EBADMSG if it is no answer of its
 */
int hrec_made_read(struct hrec_made *made, const char *text, const char *id)
{
	json_t *j;
	int err = EBADMSG;

	memset(made, 0, sizeof(*made));

	j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(j) && json_is_shallow(j, DEPTH) &&
	    !strcmp(text_of(j, "id"), id) && is_format(text_of(j, "format"))) {
		str_ncpy(made->format, text_of(j, "format"),
			 sizeof(made->format));
		str_ncpy(made->sha256, text_of(j, "sha256"),
			 sizeof(made->sha256));
		err = str_dup(&made->json, text);
	}

	json_decref(j);

	return err;
}


static int copy(json_t *dst, const json_t *src, const char *key)
{
	json_t *j = json_object_get(src, key);

	return j ? json_object_set(dst, key, j)
		: json_object_set_new(dst, key, json_null());
}


static int set_text(json_t *j, const char *key, const char *str)
{
	json_t *v = str ? json_string(str) : json_null();

	/* what is not UTF-8 is none */
	return json_object_set_new(j, key, v ? v : json_null());
}


/* When it ended, if nobody says */
static int set_end(json_t *j, const struct hrec_facts *f, const json_t *made)
{
	json_t *end = json_object_get(made, "t_end");
	const json_int_t start = json_integer_value(
		json_object_get(f->start, "t_start"));
	const json_t *ms = json_object_get(made, "duration_ms");

	if (json_is_integer(end))
		return json_object_set(j, "t_end", end);

	/* whoever writes raw files may say anything */
	if (start <= 0 || start >= TIME_END || !json_is_integer(ms))
		return json_object_set_new(j, "t_end", json_null());

	return json_object_set_new(j, "t_end",
				   json_integer(start +
						json_integer_value(ms)));
}


static int set_stored(json_t *j, const struct hrec_stored *s)
{
	int e = 0;

	e |= set_text(j, "file", s->file);
	e |= set_text(j, "format", s->format);
	e |= set_text(j, "sha256", s->sha256);
	e |= json_object_set_new(j, "bytes", s->file ?
				 json_integer((json_int_t)s->bytes)
				 : json_null());
	e |= json_object_set_new(j, "encrypted", json_boolean(s->encrypted));

	return e;
}


static int set_all(json_t *j, const struct hrec_facts *f, const json_t *made,
		   const struct hrec_stored *s)
{
	const char *state = s->file ? text_of(made, "state") : "failed";
	int e = 0;
	size_t i;

	e |= json_object_set_new(j, "v", json_integer(1));
	e |= set_text(j, "type", "recording");
	e |= set_text(j, "id", f->id);
	for (i=0; i<ARRAY_SIZE(keyv); i++)
		e |= copy(j, f->start, keyv[i]);
	e |= set_end(j, f, made);
	e |= set_text(j, "state", state[0] ? state : "complete");
	if (s->reason)
		e |= set_text(j, "reason", s->reason);
	else
		e |= set_text(j, "reason", text_of(made, "reason")[0] ?
			      text_of(made, "reason") : NULL);
	e |= set_stored(j, s);
	for (i=0; i<ARRAY_SIZE(madev); i++)
		e |= copy(j, made, madev[i]);

	return e;
}


/**
 * Make what is told of a recording
 *
 * @param jsonp  Pointer to it, in one line; freed by mem_deref()
 * @param f      Facts
 * @param made   What the finisher says, NULL=nothing
 * @param stored Where it is, or why not
 *
 * @return 0 if success, otherwise errorcode
 */
int hrec_facts_tell(char **jsonp, const struct hrec_facts *f,
		   const struct hrec_made *made,
		   const struct hrec_stored *stored)
{
	json_t *m = made && made->json ? json_loads(made->json, 0, NULL)
		: NULL;
	json_t *j = json_object();
	char *text = NULL;
	int err = ENOMEM;

	if (j && !set_all(j, f, m, stored))
		text = json_dumps(j, JSON_COMPACT);
	if (text)
		err = str_dup(jsonp, text);

	free(text);
	json_decref(j);
	json_decref(m);

	return err;
}
