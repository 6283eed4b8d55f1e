/**
 * @file office/secret_ask.c  Secrets are asked for
 *
 * On a terminal without an echo; else of lines of stdin, or of a file. Never
 * of the command line, which everybody on the machine can read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include "cube/cli.h"
#include "interrupt.h"
#include "secret_ask.h"


/** Where they come from */
struct secret_source {
	FILE *f;                /**< A file, or stdin                      */
	const char *name;       /**< What it is called                     */
	bool ours;              /**< To be closed                          */
	bool tty;               /**< Somebody types                        */
};


static void destructor(void *arg)
{
	struct secret_source *src = arg;

	if (src->ours && src->f)
		(void)fclose(src->f);
}


/**
 * Open where secrets come from
 *
 * @param srcp Pointer to it
 * @param file File, a secret a line; NULL or "-"=stdin, or the terminal there
 *
 * @return CLI_OK, otherwise that has been said
 */
int secret_source(struct secret_source **srcp, const char *file)
{
	struct secret_source *src = mem_zalloc(sizeof(*src), destructor);

	if (!src)
		return CLI_SOFTWARE;

	src->ours = file && strcmp(file, "-");
	src->name = src->ours ? file : "stdin";
	src->f    = src->ours ? fopen(file, "re") : stdin;
	if (!src->f) {
		cli_complain("%s: %m", file, errno);
		mem_deref(src);
		return CLI_WRONG;
	}

	/* what it buffers would be left behind */
	(void)setvbuf(src->f, NULL, _IONBF, 0);
	src->tty = !src->ours && isatty(STDIN_FILENO);
	*srcp = src;

	return CLI_OK;
}


/* The line, without its end */
static int read_line(struct secret_source *src, char *val, size_t size)
{
	size_t n = 0;
	int c;

	while ((c = fgetc(src->f)) != EOF && c != '\n') {

		if (n + 1 >= size)
			return EMSGSIZE;
		val[n++] = (char)c;
	}

	if (n && val[n - 1] == '\r')
		--n;
	val[n] = '\0';

	return n ? 0 : c == EOF ? ENODATA : EINVAL;
}


static int ask(struct secret_source *src, char *val, size_t size,
	       const char *what)
{
	struct termios before, quiet;
	const bool known = !tcgetattr(STDIN_FILENO, &before);
	int err;

	/* whoever is interrupted leaves a terminal that shows what is typed */
	interrupt_catch();

	(void)fprintf(stderr, "%s: ", what);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (!known || tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet))
		return ENOTTY;

	err = read_line(src, val, size);

	interrupt_hold();
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	interrupt_release();
	(void)fprintf(stderr, "\n");

	return interrupt_was() ? EINTR : err;
}


/**
 * Get the next secret
 *
 * @param src  Where from
 * @param val  Set to it; to be wiped by the caller
 * @param size Room there [bytes]
 * @param what What it is, for people
 *
 * @return CLI_OK, otherwise that has been said
 */
int secret_next(struct secret_source *src, char *val, size_t size,
		const char *what)
{
	const int err = src->tty ? ask(src, val, size, what)
		: read_line(src, val, size);

	switch (err) {

	case 0:
		return CLI_OK;
	case ENODATA:
		cli_complain("%s: there is no line with the %s", src->name,
			     what);
		break;
	case EINVAL:
		cli_complain("the %s is empty", what);
		break;
	case EINTR:
		cli_complain("interrupted: nothing is done");
		break;
	case EMSGSIZE:
		cli_complain("the %s is too long", what);
		break;
	default:
		cli_complain("the terminal would show the %s", what);
		break;
	}

	return CLI_USAGE;
}
