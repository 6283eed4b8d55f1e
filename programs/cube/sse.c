/**
 * @file sse.c  Server-sent events are read
 *
 * As WHATWG HTML section 9.2.6 has it; bytes may come in any pieces. Pure.
 */
#include <errno.h>
#include <string.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cli.h"


enum {
	RETRY_MOST = 60000,     /**< Longest that is waited for [ms]       */
};

struct cli_sse {
	struct mbuf *line;      /**< What has come of a line (owned)       */
	struct mbuf *data;      /**< ... of an event's data (owned)        */
	bool any;               /**< There is data                         */
	bool cr;                /**< The last byte was CR                  */
	bool begun;             /**< A line has been                       */
	char event[CLI_SSE_NAME];
	char next[CLI_SSE_ID];  /**< Id, from the next event on            */
	char id[CLI_SSE_ID];    /**< Id of the last one                    */
	uint32_t retry;         /**< When to come back [ms], 0=not said    */
	cli_sse_h *h;
	void *arg;
};


static void destructor(void *data)
{
	struct cli_sse *s = data;

	mem_deref(s->line);
	mem_deref(s->data);
}


/**
 * Allocate a reader
 *
 * @param sp  Pointer to it
 * @param h   Told of each event
 * @param arg Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_sse_alloc(struct cli_sse **sp, cli_sse_h *h, void *arg)
{
	struct cli_sse *s;

	if (!sp || !h)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->h    = h;
	s->arg  = arg;
	s->line = mbuf_alloc(512);
	s->data = mbuf_alloc(512);
	if (!s->line || !s->data) {
		mem_deref(s);
		return ENOMEM;
	}

	*sp = s;

	return 0;
}


static void begin(struct cli_sse *s)
{
	mbuf_rewind(s->data);
	s->any = false;
	s->event[0] = '\0';
}


/**
 * Another connection begins: what was not whole is forgotten, the id is not
 *
 * @param s Reader
 */
void cli_sse_reset(struct cli_sse *s)
{
	mbuf_rewind(s->line);
	begin(s);
	s->cr = s->begun = false;
	(void)str_ncpy(s->next, s->id, sizeof(s->next));
}


/* An empty line: the event is whole */
static int dispatch(struct cli_sse *s)
{
	int err = 0;

	(void)str_ncpy(s->id, s->next, sizeof(s->id));

	if (s->any)
		err = s->h(s->event[0] ? s->event : "message", s->id,
			   (const char *)s->data->buf, s->data->end - 1,
			   s->arg);
	begin(s);

	return err;
}


static int add_data(struct cli_sse *s, const struct pl *value)
{
	int err;

	if (s->data->end + value->l >= CLI_SSE_LINE)
		return EMSGSIZE;

	err  = mbuf_write_pl(s->data, value);
	err |= mbuf_write_u8(s->data, '\n');
	s->any = true;

	return err;
}


/* One that is too long is none */
static void copy(char *dst, size_t size, const struct pl *value)
{
	if (value->l < size && !memchr(value->p, '\0', value->l))
		(void)pl_strcpy(value, dst, size);
}


static void set_retry(struct cli_sse *s, const struct pl *value)
{
	size_t i;

	for (i=0; i<value->l; i++) {
		if (value->p[i] < '0' || value->p[i] > '9')
			return;
	}

	if (value->l && value->l < 9)
		s->retry = min(pl_u32(value), (uint32_t)RETRY_MOST);
}


static int field(struct cli_sse *s, const struct pl *name,
		 const struct pl *value)
{
	if (!pl_strcmp(name, "data"))
		return add_data(s, value);

	if (!pl_strcmp(name, "event"))
		copy(s->event, sizeof(s->event), value);
	else if (!pl_strcmp(name, "id"))
		copy(s->next, sizeof(s->next), value);
	else if (!pl_strcmp(name, "retry"))
		set_retry(s, value);

	return 0;
}


static int whole_line(struct cli_sse *s)
{
	struct pl line = {(const char *)s->line->buf, s->line->end};
	struct pl name, value;
	const char *colon;

	/* a byte order mark may stand before the first one */
	if (!s->begun && line.l >= 3 && !memcmp(line.p, "\xef\xbb\xbf", 3))
		pl_advance(&line, 3);
	s->begun = true;

	if (!line.l)
		return dispatch(s);

	name  = line;
	value = (struct pl){line.p + line.l, 0};
	colon = memchr(line.p, ':', line.l);
	if (colon) {
		name.l  = (size_t)(colon - line.p);
		value.p = colon + 1;
		value.l = line.l - name.l - 1;
		if (value.l && value.p[0] == ' ')
			pl_advance(&value, 1);
	}

	/* without a name it is a comment */
	return name.l ? field(s, &name, &value) : 0;
}


/**
 * Read on
 *
 * @param s   Reader
 * @param p   What has come
 * @param len How much [bytes]
 *
 * @return 0 if success, EMSGSIZE if a line or an event is too long, what the
 *         handler returned, otherwise errorcode
 */
int cli_sse_feed(struct cli_sse *s, const char *p, size_t len)
{
	size_t i;
	int err = 0;

	if (!s || !p)
		return EINVAL;

	for (i=0; i<len && !err; i++) {

		const bool lf = s->cr && p[i] == '\n';

		s->cr = p[i] == '\r';
		if (lf)
			continue;

		if (p[i] == '\n' || p[i] == '\r') {
			err = whole_line(s);
			mbuf_rewind(s->line);
		}
		else if (s->line->end >= CLI_SSE_LINE) {
			err = EMSGSIZE;
		}
		else {
			err = mbuf_write_u8(s->line, (uint8_t)p[i]);
		}
	}

	return err;
}


/**
 * Get the id of the last event
 *
 * @param s Reader
 *
 * @return Id, ""=there has been none
 */
const char *cli_sse_id(const struct cli_sse *s)
{
	return s->id;
}


/**
 * Get when to come back, after the connection has ended
 *
 * @param s Reader
 *
 * @return Time [ms], 0 if it was not said
 */
uint32_t cli_sse_retry(const struct cli_sse *s)
{
	return s->retry;
}
