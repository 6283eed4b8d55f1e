/**
 * @file tests/unit/file_rig.h  Files that an operator writes, and what is said
 *                              of them
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>
#include "testutil.h"
#include "base/log.h"


static struct {
	char dir[64];
	char log[8192];         /* what was said */
} fr;


static inline void fr_log(const struct clog_line *line, void *arg)
{
	const size_t n = strlen(fr.log);
	(void)arg;

	assert_true(n + strlen(line->msg) < sizeof(fr.log));
	strcpy(fr.log + n, line->msg);
}


static inline const char *in_dir(const char *name)
{
	static char path[512];

	(void)re_snprintf(path, sizeof(path), "%s/%s", fr.dir, name);

	return path;
}


/** Write a file; what was said before is forgotten */
static inline void write_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir(name), 0600), 0);
	fr.log[0] = '\0';
}


static inline void assert_said(const char *what)
{
	if (!strstr(fr.log, what))
		fail_msg("no \"%s\": %s", what, fr.log);
}


static inline int fr_setup(void **state)
{
	(void)state;

	memset(&fr, 0, sizeof(fr));
	clog_set_handler(fr_log, NULL);

	/* its name is in messages, where "PW" must not be */
	do {
		strcpy(fr.dir, "/tmp/file_rig.XXXXXX");
		if (!mkdtemp(fr.dir))
			return -1;
	} while (strstr(fr.dir, "PW") && !rmdir(fr.dir));

	return 0;
}


static inline int fr_teardown(void **state)
{
	DIR *dir = opendir(fr.dir);
	struct dirent *de;
	(void)state;

	clog_set_handler(NULL, NULL);

	while (dir && (de = readdir(dir)))
		(void)unlink(in_dir(de->d_name));
	if (dir)
		(void)closedir(dir);

	return rmdir(fr.dir);
}
