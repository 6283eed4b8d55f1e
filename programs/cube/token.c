/**
 * @file token.c  The token that is said to the hub
 *
 * Of a file, or of the environment: not of the command line, which everybody
 * on the machine can read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include "cli.h"


/* RFC 6750 section 2.1: what is a token may stand in a header */
static bool is_token(const char *str)
{
	size_t i;

	for (i=0; str[i]; i++) {
		if (str[i] <= ' ' || str[i] > '~')
			return false;
	}

	return i > 0;
}


static void warn_open(FILE *f, const char *file)
{
	struct stat st;

	if (!fstat(fileno(f), &st) && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IRGRP | S_IROTH)))
		cli_complain("%s: others may read this token: chmod 600 %s",
			     file, file);
}


static int read_file(char *token, size_t size, const char *file, char *why,
		     size_t whysize)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int err = 0;

	if (!f) {
		err = errno;
		re_snprintf(why, whysize, "%s: %s", file, strerror(err));
		return err;
	}

	warn_open(f, file);
	if (getline(&line, &room, f) < 0)
		err = ENODATA;
	if (!err) {
		line[strcspn(line, "\r\n")] = '\0';
		if (re_snprintf(token, size, "%s", line) < 0)
			err = EMSGSIZE;
	}
	(void)fclose(f);
	if (line)
		explicit_bzero(line, room);
	free(line);

	if (err || !is_token(token)) {
		re_snprintf(why, whysize, "%s: its first line is no token",
			    file);
		return EBADMSG;
	}

	return 0;
}


/**
 * Get the token
 *
 * @param token   Set to it, ""=there is none
 * @param size    Room there [bytes]
 * @param file    Its file, NULL: CUBE_TOKEN, or the file of CUBE_TOKEN_FILE
 * @param why     Set to what is wrong
 * @param whysize Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int cli_token(char *token, size_t size, const char *file, char *why,
	      size_t whysize)
{
	const char *env = getenv("CUBE_TOKEN");

	token[0] = '\0';

	if (file)
		return read_file(token, size, file, why, whysize);

	if (env && env[0]) {
		if (re_snprintf(token, size, "%s", env) > 0 && is_token(token))
			return 0;

		re_snprintf(why, whysize, "CUBE_TOKEN: is no token");
		return EBADMSG;
	}

	file = getenv("CUBE_TOKEN_FILE");

	return file && file[0] ? read_file(token, size, file, why, whysize)
		: 0;
}
