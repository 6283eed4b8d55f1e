/**
 * @file tests/unit/sync_rig.h  An office of three that is synced, in a folder
 */
#include "cli_rig.h"
#include <sys/stat.h>
#include "cube/office/office.h"
#include "cube/office/sync.h"

#define EXT(n) "<sip:" n "@pbx.example>;auth_pass=s" n ";cube_login=l" n \
	";cube_password=p" n ";call=1\n"
#define COMMON "connectycube_app_id 5\nconnectycube_auth_key k\n"
#define ETC "etc/connectycube-bridge/"
#define INST "run/connectycube-bridge/instances/"

static char root[64];
static struct rig rig;


static inline const char *in(const char *name)
{
	static char path[512];

	(void)re_snprintf(path, sizeof(path), "%s/%s", root, name);

	return path;
}


static inline void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	assert_int_equal(strlen(text), fwrite(text, 1, strlen(text), f));
	assert_int_equal(0, fchmod(fileno(f), 0640));
	assert_int_equal(0, fclose(f));
}


/* "" if it is not there */
static inline const char *get(const char *name)
{
	static char buf[8192];
	FILE *f = fopen(in(name), "r");
	size_t n = 0;

	if (f) {
		n = fread(buf, 1, sizeof(buf) - 1, f);
		(void)fclose(f);
	}
	buf[n] = '\0';

	return buf;
}


static inline ino_t inode(const char *name)
{
	struct stat st;

	assert_int_equal(0, stat(in(name), &st));

	return st.st_ino;
}


static inline void check_sync(const char *opts, int status, const char *said,
		       const char *wrong)
{
	char line[256];

	(void)re_snprintf(line, sizeof(line), "sync --root %s %s", root, opts);
	assert_int_equal(status, run_line(&rig, line, NULL));
	assert_string_equal(wrong, rig.wrong);
	assert_string_equal(said, rig.said);
}


static inline int setup(void **state)
{
	char line[256];
	(void)state;

	strcpy(root, "/tmp/test_officesync.XXXXXX");
	if (!mkdtemp(root))
		return -1;

	(void)re_snprintf(line, sizeof(line), "mkdir -p %s/" ETC, root);
	if (system(line))
		return -1;

	put(ETC "common.conf", COMMON "net_interface 127.0.0.1\n");
	put(ETC "extensions.conf", EXT("1") EXT("2") EXT("3"));

	return 0;
}


static inline int teardown(void **state)
{
	char line[128];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", root);

	return system(line);
}
