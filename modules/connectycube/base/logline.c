/**
 * @file base/logline.c  What a line of the log looks like
 *
 * Pure, but for logline_is_journal().
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <re.h>
#include "logline.h"
#include "text.h"


/**
 * Does a stream go to systemd's journal?
 *
 * @param fd  File descriptor of the stream
 * @param env $JOURNAL_STREAM: device and inode of what systemd has made, or
 *            NULL. Programs further down inherit it, so it is compared
 *
 * @return True if it does
 */
bool logline_is_journal(int fd, const char *env)
{
	unsigned long long dev, ino;
	struct stat st;
	char end;

	return env && sscanf(env, "%llu:%llu%c", &dev, &ino, &end) == 2 &&
		!fstat(fd, &st) && st.st_dev == dev && st.st_ino == ino;
}


static int print_stamp(struct mbuf *mb, unsigned level,
		       const struct timespec *now)
{
	static const char *const namev[] = {"DEBUG", "INFO ", "WARN ",
		"ERROR"};
	char date[32] = "", zone[8] = "";
	struct tm tm;

	if (localtime_r(&now->tv_sec, &tm)) {
		(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		(void)strftime(zone, sizeof(zone), "%z", &tm);
	}

	/* RFC 3339: +01:00 */
	return mbuf_printf(mb, "%s.%03u%b:%s %s ", date,
			   (unsigned)(now->tv_nsec / 1000000), zone,
			   min(strlen(zone), (size_t)3),
			   strlen(zone) > 3 ? zone + 3 : "",
			   namev[min(level, (unsigned)LOGLINE_ERROR)]);
}


static int print_head(struct mbuf *mb, enum logline_form form, unsigned level,
		      const struct timespec *now)
{
	static const unsigned priov[] = {7, 6, 4, 3};  /* of syslog(3) */

	switch (form) {

	case LOGLINE_JOURNAL:
		return mbuf_printf(mb, "<%u>", priov[min(level,
					(unsigned)LOGLINE_ERROR)]);

	case LOGLINE_PLAIN:
		return 0;

	default:
		return print_stamp(mb, level, now);
	}
}


/* What comes from the network may be folded over lines (RFC 3261, 7.3.1), and
   would be a line of its own here, with whatever its sender likes in it */
static bool is_fold(const char *end)
{
	return end[1] == ' ' || end[1] == '\t';
}


static const char *line_end(const char *msg)
{
	const char *end = strchr(msg, '\n');

	while (end && is_fold(end))
		end = strchr(end + 1, '\n');

	return end;
}


/* Nothing that a terminal would obey, and no line end within */
static int print_text(struct mbuf *mb, const char *text, size_t len)
{
	size_t i;
	int err = 0;

	for (i=0; i<len && !err; i++) {

		const uint8_t c = (uint8_t)text[i];
		const size_t odd = text_odd(&text[i], len - i);

		if (c == '\r' || (c == '\n' && is_fold(&text[i]))) {
			err = mbuf_write_u8(mb, ' ');
		}
		else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
			err = mbuf_write_u8(mb, '?');
		}
		else if (odd) {
			err = mbuf_write_u8(mb, '?');
			i += odd - 1;
		}
		else {
			err = mbuf_write_u8(mb, c);
		}
	}

	return err;
}


/**
 * Quote a message that came or goes: its lines but the first begin with "| "
 *
 * @param mb  Buffer, which is a string afterwards
 * @param msg Message
 *
 * @return 0 if success, otherwise errorcode
 */
int logline_quote(struct mbuf *mb, const char *msg)
{
	int err = 0;

	while (*msg && !err) {

		size_t n = strcspn(msg, "\n");

		n += msg[n] == '\n';
		err = mbuf_write_mem(mb, (const uint8_t *)msg, n);
		msg += n;
		if (*msg && !err)
			err = mbuf_write_str(mb, "| ");
	}

	return err ? err : mbuf_write_u8(mb, '\0');
}


/**
 * Print a message, of any number of lines or of a part of one. Control
 * characters are not printed: part of it may be a stranger's
 *
 * @param mb     Buffer
 * @param form   Form
 * @param level  Level
 * @param now    Wall clock
 * @param inside The last message ended within a line; is updated
 * @param msg    Message
 *
 * @return 0 if success, otherwise errorcode
 */
int logline_print(struct mbuf *mb, enum logline_form form, unsigned level,
		  const struct timespec *now, bool *inside, const char *msg)
{
	int err = 0;

	if (!mb || !now || !inside || !msg)
		return EINVAL;

	while (*msg && !err) {

		const char *end = line_end(msg);
		const size_t len = end ? (size_t)(end - msg) + 1
			: strlen(msg);

		if (!*inside)
			err = print_head(mb, form, level, now);
		if (!err)
			err = print_text(mb, msg, len);

		*inside = !end;
		msg += len;
	}

	return err;
}
