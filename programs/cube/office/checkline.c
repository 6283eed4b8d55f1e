/**
 * @file office/checkline.c  A line of what a check has found out
 *
 * A bridge names the files of its profile, which are made of the two of the
 * office: here it is them that are named, with the line of the extension that
 * it is about. Pure.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "office.h"
#include "checking.h"


/* ADDRESS: WHAT; 0=none of them */
static unsigned line_of(const struct office *o, const char *text)
{
	size_t i, n;

	for (i=0; i<o->extc; i++) {

		const char *aor = o->extv[i].aor;

		n = aor ? strlen(aor) : 0;
		if (n && !strncmp(text, aor, n) &&
		    !strncmp(text + n, ": ", 2))
			return o->extv[i].line;
	}

	return 0;
}


static bool take_word(const char **p, const char *word)
{
	const size_t n = strlen(word);

	if (strncmp(*p, word, n))
		return false;

	*p += n;

	return true;
}


/* (line 7): of `users` */
static bool take_line_nr(const char **p)
{
	const char *end = *p;

	if (!take_word(&end, "(line "))
		return false;

	end += strspn(end, "0123456789");
	if (*end != ')')
		return false;

	*p = end + 1;

	return true;
}


static int put_ext(struct mbuf *mb, unsigned line)
{
	const char *file = office_file_name(OFFICE_EXTENSIONS);

	return line ? mbuf_printf(mb, "%s:%u", file, line)
		: mbuf_write_str(mb, file);
}


/* With the names of our files */
static json_t *translate(const char *text, unsigned line)
{
	struct mbuf *mb = mbuf_alloc(256);
	json_t *j = NULL;
	int err = 0;

	while (mb && *text && !err) {

		if (take_word(&text, "`accounts` and `users`") ||
		    take_word(&text, "`accounts`") ||
		    take_word(&text, "`users`"))
			err = put_ext(mb, line);
		else if (take_word(&text, "`config`"))
			err = mbuf_write_str(mb,
					     office_file_name(OFFICE_COMMON));
		else if (line && take_line_nr(&text))
			err = mbuf_printf(mb, "(%s:%u)", office_file_name(
						  OFFICE_EXTENSIONS), line);
		else
			err = mbuf_write_u8(mb, (uint8_t)*text++);
	}

	if (mb && !err)
		j = json_stringn((char *)mb->buf, mb->end);
	mem_deref(mb);

	return j;
}


static void rename_member(struct json_t *j, const char *key, unsigned line)
{
	if (json_object_get(j, key))
		(void)json_object_set_new(j, key,
					  translate(cli_str(j, key), line));
}


/**
 * Name our files in what a bridge has said through the hub, if it is one of the
 * office
 *
 * @param lines Its lines
 * @param o     Office, or NULL
 */
void office_check_names(struct json_t *lines, const struct office *o)
{
	unsigned nr = 0;
	json_t *line;
	size_t i;

	json_array_foreach(lines, i, line) {
		if (o && !nr)
			nr = line_of(o, cli_str(line, "text"));
	}
	if (!nr)
		return;

	json_array_foreach(lines, i, line) {
		nr = line_of(o, cli_str(line, "text"));
		rename_member(line, "text", nr);
		rename_member(line, "remedy", nr);
	}
}


/**
 * Take a line of the script `check`: "ok   TEXT", "FAIL TEXT", or a remedy that
 * is indented below it
 *
 * @param lines Array that it is added to
 * @param line  Line
 * @param o     Office
 */
void office_check_line(struct json_t *lines, const char *line,
		       const struct office *o)
{
	const bool ok = !strncmp(line, "ok ", 3);
	const char *text = line + strspn(line, " ");
	json_t *last = json_array_get(lines, json_array_size(lines) - 1);

	if (ok || !strncmp(line, "FAIL ", 5)) {
		text = line + 5;
		text += strspn(text, " ");
		(void)json_array_append_new(lines, json_pack(
			"{s:b,s:o}", "ok", ok, "text",
			translate(text, line_of(o, text))));
	}
	else if (line[0] == ' ' && last && !cli_is(last, "ok")) {
		text += strncmp(text, "-> ", 3) ? 0 : 3;
		(void)json_object_set_new(last, "remedy", translate(
			text, line_of(o, cli_str(last, "text"))));
	}
}
