/**
 * @file out.c  What is said, and how it looks
 */
#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "cli.h"


enum {
	COLS_LEAST = 40,        /**< Less is no terminal to fit into       */
	DIGITS = 15,            /**< Of a number that is no integer        */
};


static bool is_set(const char *name)
{
	const char *str = getenv(name);

	return str && str[0];
}


/**
 * Begin; a locale has been set
 *
 * @param out Output. Colours are on where a terminal has them and nobody says
 *            NO_COLOR (https://no-color.org)
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_out_init(struct cli_out *out)
{
	const char *term = getenv("TERM");
	struct winsize ws;

	memset(out, 0, sizeof(*out));
	out->mb = mbuf_alloc(4096);
	if (!out->mb)
		return ENOMEM;

	out->utf8  = !strcmp(nl_langinfo(CODESET), "UTF-8");
	out->tty   = isatty(STDOUT_FILENO);
	out->color = out->tty && !is_set("NO_COLOR") && term && term[0] &&
		strcmp(term, "dumb");

	if (out->tty && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) &&
	    ws.ws_col >= COLS_LEAST)
		out->cols = ws.ws_col;

	return 0;
}


/**
 * End
 *
 * @param out Output
 */
void cli_out_close(struct cli_out *out)
{
	out->mb = mem_deref(out->mb);
}


/**
 * Say what is ours, or has been through cli_text()
 *
 * @param out Output
 * @param p   Text
 * @param len Its length [bytes]
 */
void cli_out_raw(struct cli_out *out, const char *p, size_t len)
{
	if (!out->err)
		out->err = mbuf_write_mem(out->mb, (const uint8_t *)p, len);
}


/**
 * Say something in a style
 *
 * @param out   Output
 * @param style Style
 * @param p     Text, which has been through cli_text()
 * @param len   Its length [bytes]
 */
void cli_out_style(struct cli_out *out, enum cli_style style, const char *p,
		   size_t len)
{
	static const char *const onv[] = {
		[CLI_GOOD] = "\033[32m", [CLI_WARN] = "\033[33m",
		[CLI_BAD]  = "\033[31m", [CLI_HEAD] = "\033[1m",
		[CLI_DIM]  = "\033[2m",
	};
	static const char off[] = "\033[0m";
	const bool shown = out->color && style != CLI_PLAIN && len;

	if (shown)
		cli_out_raw(out, onv[style], strlen(onv[style]));
	cli_out_raw(out, p, len);
	if (shown)
		cli_out_raw(out, off, sizeof(off) - 1);
}


/* What of it may get to a terminal */
static int print_line(struct mbuf *mb, bool utf8, const char *fmt, va_list ap)
{
	char *str = NULL;
	int err;

	err = re_vsdprintf(&str, fmt, ap);
	if (!err)
		err = mb ? cli_text(mb, str, strlen(str), utf8) : ENOMEM;
	mem_deref(str);

	return err;
}


/**
 * Say a line
 *
 * @param out   Output
 * @param style Style of all of it
 * @param fmt   Text, of anybody
 */
void cli_line(struct cli_out *out, enum cli_style style, const char *fmt,
	      ...)
{
	struct mbuf *mb = mbuf_alloc(256);
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = print_line(mb, out->utf8, fmt, ap);
	va_end(ap);

	if (err)
		out->err = out->err ? out->err : err;
	else
		cli_out_style(out, style, (const char *)mb->buf, mb->end);

	cli_out_raw(out, "\n", 1);
	mem_deref(mb);
}


/* To people of ASCII alone: names are of anybody */
static void say_json(struct cli_out *out, const struct json_t *j,
		     size_t flags)
{
	char *text = json_dumps(j, JSON_ENCODE_ANY |
				JSON_REAL_PRECISION(DIGITS) | flags |
				(out->tty ? JSON_ENSURE_ASCII : 0));

	if (text) {
		cli_out_raw(out, text, strlen(text));
		cli_out_raw(out, "\n", 1);
	}
	else if (!out->err)
		out->err = ENOMEM;

	free(text);
}


/**
 * Say JSON: a line; to people indented
 *
 * @param out Output
 * @param j   Value (borrowed)
 */
void cli_out_json(struct cli_out *out, const struct json_t *j)
{
	say_json(out, j, out->tty ? JSON_INDENT(2) : JSON_COMPACT);
}


/**
 * Say JSON: a line, whoever looks
 *
 * @param out Output
 * @param j   Value (borrowed)
 */
void cli_out_json_line(struct cli_out *out, const struct json_t *j)
{
	say_json(out, j, JSON_COMPACT);
}


/**
 * Write what was said to stdout
 *
 * @param out Output
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_out_flush(struct cli_out *out)
{
	struct mbuf *mb = out->mb;

	if (out->err)
		return out->err;

	if (mb->end && fwrite(mb->buf, mb->end, 1, stdout) != 1)
		out->err = errno ? errno : EIO;
	mbuf_rewind(mb);
	if (!out->err && fflush(stdout))
		out->err = errno ? errno : EIO;

	return out->err;
}


/**
 * Complain, on stderr
 *
 * @param fmt Text, of anybody: a line
 */
void cli_complain(const char *fmt, ...)
{
	const bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	struct mbuf *mb = mbuf_alloc(256);
	va_list ap;

	va_start(ap, fmt);
	if (!print_line(mb, utf8, fmt, ap))
		(void)fprintf(stderr, "cube: %.*s\n", (int)mb->end,
			      (const char *)mb->buf);
	va_end(ap);

	mem_deref(mb);
}
