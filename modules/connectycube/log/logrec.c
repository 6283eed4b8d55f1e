/**
 * @file log/logrec.c  A line of the log, as text, JSON, or for the journal
 *
 * Pure.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>
#include <re.h>
#include "compat_re.h"
#include "base/log.h"
#include "base/logline.h"
#include "base/text.h"
#include "call/event.h"
#include "call/jsonadd.h"
#include "log/loglevel.h"
#include "log/logrec.h"


/** Takes a member of an event, flat: "rx_codec" */
typedef int (member_h)(const char *name, const struct pl *val, void *arg);


/* "call ID: " */
static bool read_call(struct pl *id, struct pl *rest)
{
	struct pl pl = *rest;
	const char *end;

	if (!text_skip(&pl, "call "))
		return false;

	end = pl_strchr(&pl, ':');
	if (!end || end == pl.p || memchr(pl.p, ' ', end - pl.p))
		return false;

	id->p = pl.p;
	id->l = end - pl.p;

	pl_advance(&pl, id->l + 1);
	(void)text_skip(&pl, " ");
	*rest = pl;

	return true;
}


/**
 * Read what a line of ours says about itself: "call 5: ..." is of a call,
 * "cube: call SESSION: ..." is of one, too
 *
 * @param rec  Returned line; its time and call's number, where the text does
 *             not have it, are left to the caller
 * @param line Line
 */
void logrec_read(struct logrec *rec, const struct clog_line *line)
{
	struct pl rest, id;

	memset(rec, 0, sizeof(*rec));
	rec->level = line->level;
	rec->area  = line->area;
	rec->ev    = line->ev;

	if (line->id)
		pl_set_str(&rec->id, line->id);

	pl_set_str(&rest, line->msg);
	while (rest.l && (rest.p[rest.l - 1] == '\n' ||
			  rest.p[rest.l - 1] == '\r'))
		--rest.l;

	/* the area says so */
	if (line->area == CLOG_CLOUD)
		(void)text_skip(&rest, "cube: ");

	if (read_call(&id, &rest)) {
		if (strspn(id.p, "0123456789") == id.l && id.l < 10)
			rec->call = pl_u32(&id);
		else
			rec->id = id;
	}

	if (line->ev && line->ev->id)
		rec->call = line->ev->id;

	rec->msg = rest;
}


/* A character as it may stand in a line; returns its length in the text */
static size_t shown(char *buf, const char *p, size_t n)
{
	const size_t odd = text_odd(p, n);
	const size_t len = odd ? odd : text_utf8(p, n);

	if (odd || !len || (len == 1 && iscntrl((unsigned char)*p)))
		buf[0] = '?', buf[1] = '\0';
	else
		memcpy(buf, p, len), buf[len] = '\0';

	return len ? len : 1;
}


static bool is_bare(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {

		const unsigned char c = (unsigned char)val->p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' ||
		    c == '\\')
			return false;
	}

	return val->l > 0;
}


/* Bare if it can be, else in quotes, without line ends */
static int print_value(struct mbuf *mb, const struct pl *val)
{
	char buf[8];
	size_t i;
	int err;

	if (is_bare(val))
		return mbuf_write_pl(mb, val);

	err = mbuf_write_u8(mb, '"');

	for (i=0; i<val->l && !err; ) {

		const char c = val->p[i];

		switch (c) {

		case '"':  err = mbuf_write_str(mb, "\\\""); ++i; break;
		case '\\': err = mbuf_write_str(mb, "\\\\"); ++i; break;
		case '\n': err = mbuf_write_str(mb, "\\n");  ++i; break;
		case '\r': err = mbuf_write_str(mb, "\\r");  ++i; break;
		case '\t': err = mbuf_write_str(mb, "\\t");  ++i; break;

		default:
			i += shown(buf, val->p + i, val->l - i);
			err = mbuf_write_str(mb, buf);
			break;
		}
	}

	return err ? err : mbuf_write_u8(mb, '"');
}


static int text_member(const char *name, const struct pl *val, void *arg)
{
	struct mbuf *mb = arg;
	int err;

	err = mbuf_printf(mb, " %s=", name);

	return err ? err : print_value(mb, val);
}


/* These stand at their own place */
static bool is_known(const char *key)
{
	static const char *const knownv[] = {
		"type", "time", "call", "leg_num",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(knownv); i++) {
		if (!strcmp(key, knownv[i]))
			return true;
	}

	return false;
}


static int each_member(const struct odict *od, const char *prefix,
		       member_h *h, void *arg)
{
	char name[64], num[32];
	struct le *le;
	struct pl val;
	int err = 0;

	for (le = list_head(&od->lst); le && !err; le = le->next) {

		const struct odict_entry *e = le->data;

		if (!prefix && is_known(odict_entry_key(e)))
			continue;

		(void)re_snprintf(name, sizeof(name), "%s%s%s",
				  prefix ? prefix : "", prefix ? "_" : "",
				  odict_entry_key(e));
		num[0] = '\0';

		switch (odict_entry_type(e)) {

		case ODICT_OBJECT:
			err = each_member(odict_entry_object(e), name, h, arg);
			continue;

		case ODICT_STRING:
			pl_set_str(&val, odict_entry_str(e));
			err = h(name, &val, arg);
			continue;

		case ODICT_INT:
			(void)re_snprintf(num, sizeof(num), "%lld",
					  (long long)odict_entry_int(e));
			break;

		case ODICT_DOUBLE:
			(void)re_snprintf(num, sizeof(num), "%.3f",
					  odict_entry_dbl(e));
			break;

		case ODICT_BOOL:
			(void)re_snprintf(num, sizeof(num), "%s",
					  odict_entry_boolean(e) ? "yes" : "no");
			break;

		default:
			continue;
		}

		pl_set_str(&val, num);
		err = h(name, &val, arg);
	}

	return err;
}


/* The event as its JSON has it */
static int event_members(const struct event *ev, member_h *h, void *arg)
{
	struct odict *od;
	int err;

	err = event_json(&od, ev);
	if (err)
		return err;

	err = each_member(od, NULL, h, arg);
	mem_deref(od);

	return err;
}


static int print_text(struct mbuf *mb, const struct logrec *rec)
{
	const unsigned level = rec->level < CLOG_DEBUG ? LOGLINE_DEBUG
		: (unsigned)rec->level;
	bool inside = false;
	int err;

	/* the beginning of a line is the same everywhere */
	err = logline_print(mb, LOGLINE_STAMP, level, rec->now, &inside, " ");
	if (err)
		return err;

	mb->pos = --mb->end;
	err = mbuf_write_str(mb, logarea_name(rec->area));
	if (rec->call)
		err |= mbuf_printf(mb, " call=%u", rec->call);
	if (rec->ev && rec->ev->leg_num)
		err |= mbuf_printf(mb, " leg=%u", rec->ev->leg_num);
	if (pl_isset(&rec->id) && !err)
		err = text_member("id", &rec->id, mb);
	if (rec->ev)
		err |= mbuf_printf(mb, " event=%s", event_name(rec->ev->type));
	if (!err)
		err = text_member("msg", &rec->msg, mb);
	if (rec->ev && !err)
		err = event_members(rec->ev, text_member, mb);

	return err ? err : mbuf_write_u8(mb, '\n');
}


/* Any text, as JSON can have it */
static int add_text(int err, struct odict *od, const char *key,
		    const struct pl *pl)
{
	struct mbuf *mb;
	char *str = NULL, buf[8];
	size_t i;

	if (err)
		return err;

	mb = mbuf_alloc(pl->l + 1);
	if (!mb)
		return ENOMEM;

	for (i=0; i<pl->l && !err; ) {

		if (strchr("\r\n\t", pl->p[i]) && pl->p[i]) {
			err = mbuf_write_u8(mb, (uint8_t)pl->p[i++]);
			continue;
		}

		i += shown(buf, pl->p + i, pl->l - i);
		err = mbuf_write_str(mb, buf);
	}

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, &str, mb->end);
	if (!err)
		err = json_add_str(0, od, key, str);

	mem_deref(str);
	mem_deref(mb);

	return err;
}


static int print_json(struct mbuf *mb, const struct logrec *rec)
{
	const uint64_t ms = (uint64_t)rec->now->tv_sec * 1000 +
		(uint64_t)rec->now->tv_nsec / 1000000;
	struct odict *od = NULL;
	int err;

	if (rec->ev) {
		err = event_json(&od, rec->ev);
	}
	else {
		err = odict_alloc(&od, JSON_HASH_SIZE);
		err = json_add_int(err, od, "time", ms);
		if (rec->call)
			err = json_add_int(err, od, "call", rec->call);
		if (pl_isset(&rec->id))
			err = add_text(err, od, "id", &rec->id);
	}

	err = json_add_str(err, od, "level", loglevel_name(rec->level));
	err = json_add_str(err, od, "area", logarea_name(rec->area));
	err = add_text(err, od, "msg", &rec->msg);
	if (!err)
		err = mbuf_printf(mb, "%H\n", json_encode_odict, od);

	mem_deref(od);

	return err;
}


/**
 * Print a line, with its newline
 *
 * @param mb   Buffer, is appended to
 * @param form What it looks like
 * @param rec  Line
 *
 * @return 0 if success, otherwise errorcode
 */
int logrec_print(struct mbuf *mb, enum logrec_form form,
		 const struct logrec *rec)
{
	if (!mb || !rec || !rec->now)
		return EINVAL;

	return form == LOGREC_JSON ? print_json(mb, rec) : print_text(mb, rec);
}


/* NAME=VALUE, or with its length if there is a line end in it */
static int journal_field(struct mbuf *mb, const char *name,
			 const struct pl *val)
{
	size_t i;
	int err;

	err = mbuf_write_str(mb, name);

	if (!val->l || !memchr(val->p, '\n', val->l)) {
		err |= mbuf_write_u8(mb, '=');
	}
	else {
		err |= mbuf_write_u8(mb, '\n');
		for (i=0; i<8; i++)
			err |= mbuf_write_u8(mb, (uint8_t)
					     ((uint64_t)val->l >> (8 * i)));
	}

	if (val->l)
		err |= mbuf_write_mem(mb, (const uint8_t *)val->p, val->l);

	return err | mbuf_write_u8(mb, '\n');
}


static int journal_member(const char *name, const struct pl *val, void *arg)
{
	char field[64] = "CUBE_";
	size_t i;

	for (i=0; name[i] && i + 6 < sizeof(field); i++)
		field[i + 5] = (char)toupper((unsigned char)name[i]);
	field[i + 5] = '\0';

	return journal_field(arg, field, val);
}


static int journal_num(struct mbuf *mb, const char *name, uint32_t v)
{
	char num[16];
	struct pl val;

	(void)re_snprintf(num, sizeof(num), "%u", v);
	pl_set_str(&val, num);

	return journal_field(mb, name, &val);
}


/**
 * Print a line as journald's own protocol has it: fields
 *
 * @param mb   Buffer, is appended to
 * @param form What the message looks like
 * @param rec  Line
 *
 * @return 0 if success, otherwise errorcode
 */
int logrec_journal(struct mbuf *mb, enum logrec_form form,
		   const struct logrec *rec)
{
	static const unsigned priov[] = {7, 7, 6, 4, 3};
	struct mbuf *line = NULL;
	struct pl msg, pl;
	int err;

	if (!mb || !rec || !rec->now)
		return EINVAL;

	msg = rec->msg;
	if (form == LOGREC_JSON) {
		line = mbuf_alloc(512);
		if (!line)
			return ENOMEM;
		err = print_json(line, rec);
		if (err)
			goto out;
		msg.p = (const char *)line->buf;
		msg.l = line->end - 1;
	}

	pl_set_str(&pl, logarea_name(rec->area));
	err  = journal_field(mb, "MESSAGE", &msg);
	err |= journal_num(mb, "PRIORITY",
			   priov[min((unsigned)(rec->level + 1), 4u)]);
	err |= mbuf_write_str(mb, "SYSLOG_IDENTIFIER=connectycube\n");
	err |= journal_field(mb, "CUBE_AREA", &pl);
	if (rec->call)
		err |= journal_num(mb, "CUBE_CALL", rec->call);
	if (rec->ev && rec->ev->leg_num)
		err |= journal_num(mb, "CUBE_LEG", rec->ev->leg_num);
	if (pl_isset(&rec->id))
		err |= journal_field(mb, "CUBE_ID", &rec->id);

	if (rec->ev && !err) {
		pl_set_str(&pl, event_name(rec->ev->type));
		err = journal_field(mb, "CUBE_EVENT", &pl);
		err |= event_members(rec->ev, journal_member, mb);
	}

 out:
	mem_deref(line);

	return err;
}
