/**
 * @file connectycube_hub/alarm/letter.c  What is written of alarms
 *
 * Pure. What bridges tell may be anything: no text of theirs gets into the
 * head of a mail, nor a control character anywhere, nor what turns the
 * direction of the text behind it.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/text.h"
#include "letter.h"

#define ADDRESS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789.!#$%&'*+/=?^_`{|}~-@"


static void line_destructor(void *data)
{
	struct letter_line *line = data;

	list_unlink(&line->le);
}


static const char *text_of(const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str ? str : "";
}


/* Of several bytes: C1, what sets the direction of text, what cannot be seen,
   what ends lines (U+0080..9f, 061c, 200b..200f, 2028..202e, 2060..206f,
   feff) */
static bool is_hidden(const char *str, size_t len)
{
	const uint8_t *p = (const uint8_t *)str;

	if (len == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) ||
			(p[0] == 0xd8 && p[1] == 0x9c);

	if (len != 3)
		return false;

	if (p[0] == 0xe2 && p[1] == 0x80)
		return (p[2] >= 0x8b && p[2] <= 0x8f) ||
			(p[2] >= 0xa8 && p[2] <= 0xae);

	return (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf)
		|| (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf);
}


/* Also of a character that was cut */
static void clean(char *str)
{
	while (*str) {

		const size_t n = text_utf8(str, strlen(str));
		const size_t len = n ? n : 1;

		if (!n || (n == 1 && ((uint8_t)*str < ' ' || *str == 0x7f)) ||
		    is_hidden(str, n))
			memset(str, '?', len);
		str += len;
	}
}


static void print_time(char *str, size_t size, json_int_t ms)
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;

	str[0] = '\0';
	if (ms > 0 && gmtime_r(&t, &tm))
		(void)strftime(str, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
}


static void fill(struct letter_line *line, const json_t *j)
{
	const json_int_t since =
		json_integer_value(json_object_get(j, "since"));
	const json_int_t cleared =
		json_integer_value(json_object_get(j, "cleared"));
	const char *ext = text_of(j, "extension"), *text = text_of(j, "text");
	const char *bridge = text_of(j, "bridge");
	char at[32], end[32];

	print_time(at, sizeof(at), since);
	print_time(end, sizeof(end), cleared);
	line->over = cleared > 0;

	(void)re_snprintf(line->kind, sizeof(line->kind), "%s",
			  text_of(j, "alarm"));
	if (re_snprintf(line->text, sizeof(line->text),
			"%s%s%s%s%s%s%s%s, since %s%s%s",
			line->kind, ext[0] ? " " : "", ext,
			text[0] ? ": " : "", text,
			line->over ? " (over)" : "", bridge[0] ? ", bridge "
			: "", bridge, at,
			line->over ? ", until " : "", end) < 0)
		line->text[LETTER_LINE - 1] = '\0';

	clean(line->kind);
	clean(line->text);
}


static struct letter_line *find(const struct letter *l, uint64_t num)
{
	struct le *le;

	for (le=list_head(&l->linel); le; le=le->next) {

		struct letter_line *line = le->data;

		if (line->num == num)
			return line;
	}

	return NULL;
}


/**
 * Take an alarm in. One that is over before anybody was told of it is not
 * worth a mail; one whose text is another is there once
 *
 * @param l     Letter
 * @param alarm Alarm, as the API has it
 *
 * @return 0 if success, otherwise errorcode
 */
int letter_add(struct letter *l, const struct json_t *alarm)
{
	struct letter_line *line;
	json_int_t num;

	if (!l || !alarm)
		return EINVAL;

	num  = json_integer_value(json_object_get(alarm, "id"));
	line = find(l, (uint64_t)num);
	if (line && !line->over &&
	    json_integer_value(json_object_get(alarm, "cleared"))) {
		mem_deref(line);
		return 0;
	}

	if (!line && list_count(&l->linel) >= LETTER_LINES) {
		++l->more;
		return 0;
	}

	if (!line) {
		line = mem_zalloc(sizeof(*line), line_destructor);
		if (!line)
			return ENOMEM;
		list_append(&l->linel, &line->le, line);
	}

	line->num = (uint64_t)num;
	fill(line, alarm);

	return 0;
}


/**
 * Forget what is in a letter
 *
 * @param l Letter
 */
void letter_clear(struct letter *l)
{
	list_flush(&l->linel);
	l->more = 0;
}


/**
 * Is there nothing to be told?
 *
 * @param l Letter
 *
 * @return True if so
 */
bool letter_is_empty(const struct letter *l)
{
	return !list_head(&l->linel);
}


static int write_lines(struct mbuf *mb, const struct letter *l, bool over,
		       const char *title)
{
	struct le *le;
	size_t n = 0;
	int err = 0;

	for (le=list_head(&l->linel); le && !err; le=le->next) {

		const struct letter_line *line = le->data;

		if (line->over != over)
			continue;

		err  = n++ ? 0 : mbuf_printf(mb, "%s\n", title);
		err |= mbuf_printf(mb, "  %s\n", line->text);
	}

	return n && !err ? mbuf_write_str(mb, "\n") : err;
}


/**
 * Write a mail (RFC 5322), for sendmail, which adds sender and date
 *
 * @param mb   Set to it
 * @param l    Letter
 * @param to   Whom it goes to, addresses joined by commas
 * @param host Name of this host
 *
 * @return 0 if success, otherwise errorcode
 */
int letter_write(struct mbuf *mb, const struct letter *l, const char *to,
		 const char *host)
{
	size_t on = 0, off = 0;
	const struct le *le;
	int err;

	if (!mb || !l || !to || !host)
		return EINVAL;

	for (le=list_head(&l->linel); le; le=le->next) {
		if (((const struct letter_line *)le->data)->over)
			++off;
		else
			++on;
	}

	err  = mbuf_printf(mb, "To: %s\nSubject: [%s] ConnectyCube bridge:"
			   " alarms: %zu new, %zu over\n", to, host, on, off);
	err |= mbuf_write_str(mb, "Auto-Submitted: auto-generated\n"
			      "MIME-Version: 1.0\n"
			      "Content-Type: text/plain; charset=utf-8\n"
			      "Content-Transfer-Encoding: 8bit\n\n");
	err |= write_lines(mb, l, false, "New alarms:");
	err |= write_lines(mb, l, true, "Alarms that are over:");
	if (l->more)
		err |= mbuf_printf(mb, "... and %zu more.\n", l->more);

	return err ? ENOMEM : 0;
}


/**
 * Is that an address that a mail can go to? It is an argument of a program,
 * too, so that none begins with a hyphen
 *
 * @param str Text
 * @param len Its length [bytes]
 *
 * @return True if it is
 */
bool letter_is_address(const char *str, size_t len)
{
	size_t i;

	if (!str || !len || len > 254 || str[0] == '-' || str[0] == '@' ||
	    str[len - 1] == '@')
		return false;

	for (i=0; i<len; i++) {
		if (!str[i] || !strchr(ADDRESS, str[i]))
			return false;
	}

	return true;
}
