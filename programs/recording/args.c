/**
 * @file args.c  What is asked for
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "recording.h"
#include "output.h"


static const char *value(const char *name, int *i, int argc,
			 char *const argv[], char *why, size_t size)
{
	const size_t n = strlen(name);

	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (*i + 1 < argc)
		return argv[++*i];

	re_snprintf(why, size, "%s wants a value", name);

	return NULL;
}


static bool is_option(const char *arg, const char *name)
{
	const size_t n = strlen(name);

	return !strncmp(arg, name, n) && (!arg[n] || arg[n] == '=');
}


static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}


static int option(struct rec_args *a, int *i, int argc, char *const argv[],
		  char *why, size_t size)
{
	const char *arg = argv[*i];

	if (!strcmp(arg, "--side-by-side")) {
		a->beside = true;
	}
	else if (is_option(arg, "--out")) {
		a->out = value("--out", i, argc, argv, why, size);
		return a->out ? 0 : EINVAL;
	}
	else if (is_option(arg, "--format")) {
		a->format = value("--format", i, argc, argv, why, size);
		if (!a->format)
			return EINVAL;
		if (!rec_container_find(a->format)) {
			re_snprintf(why, size, "--format %s: must be ogg,"
				    " wav, m4a, mp4 or webm", a->format);
			return EINVAL;
		}
	}
	else {
		re_snprintf(why, size, "%s: no such option", arg);
		return EINVAL;
	}

	return 0;
}


static int verb(struct rec_args *a, const char *arg, char *why, size_t size)
{
	if (!strcmp(arg, "finish"))
		a->verb = REC_FINISH;
	else if (!strcmp(arg, "info"))
		a->verb = REC_INFO;
	else if (!strcmp(arg, "help"))
		a->verb = REC_HELP;
	else {
		re_snprintf(why, size, "%s: must be finish or info", arg);
		return EINVAL;
	}

	return 0;
}


static int check(const struct rec_args *a, bool any, char *why, size_t size)
{
	const struct rec_container *c = rec_container_find(a->format);

	if (a->verb == REC_HELP && any)
		return 0;

	if (!any || !a->raw)
		re_snprintf(why, size, any ? "which file?"
			    : "what is to be done? finish or info");
	else if (a->verb == REC_INFO && (a->out || a->format || a->beside))
		re_snprintf(why, size, "info knows no options");
	else if (a->beside && c && !c->video)
		re_snprintf(why, size, "--side-by-side: %s has no pictures",
			    c->name);
	else
		return 0;

	return EINVAL;
}


/**
 * Read the command line
 *
 * @param a    Set to what is asked for; points into the arguments
 * @param argc Number of arguments
 * @param argv Arguments, the program's name first
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, EINVAL
 */
int rec_args_read(struct rec_args *a, int argc, char *const argv[], char *why,
		  size_t size)
{
	bool plain = false, any = false;
	int i, err = 0;

	if (!a || !argv || !why)
		return EINVAL;

	memset(a, 0, sizeof(*a));

	for (i=1; i<argc && !err; i++) {

		if (!plain && !strcmp(argv[i], "--")) {
			plain = true;
		}
		else if (!plain && argv[i][0] == '-' && argv[i][1]) {
			if (is_help(argv[i])) {
				a->verb = REC_HELP;
				return 0;
			}
			err = option(a, &i, argc, argv, why, size);
		}
		else if (!any) {
			err = verb(a, argv[i], why, size);
			any = true;
		}
		else if (!a->raw && argv[i][0]) {
			a->raw = argv[i];
		}
		else {
			re_snprintf(why, size, "%s: one file at a time",
				    argv[i]);
			err = EINVAL;
		}
	}

	return err ? err : check(a, any, why, size);
}


/**
 * Tell the name of the finished file where none is asked for: that of the raw
 * one with another end
 *
 * @param name Set to the name
 * @param size Its size
 * @param raw  Name of the raw file
 * @param ext  End of the name
 *
 * @return 0 if success, ENAMETOOLONG
 */
int rec_out_name(char *name, size_t size, const char *raw, const char *ext)
{
	size_t n = strlen(raw);

	if (n > 4 && !strcmp(raw + n - 4, ".rec"))
		n -= 4;

	return re_snprintf(name, size, "%b.%s", raw, n, ext) < 0
		? ENAMETOOLONG : 0;
}
