/**
 * @file hub_rig.h  A database of the hub in a folder of its own, and records
 */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/resource.h>
#include <sys/stat.h>


static char dir[64];
static char dbpath[96];
static char why[HUB_WHY];


static int rig_setup(void **state)
{
	(void)state;

	(void)signal(SIGXFSZ, SIG_IGN);
	(void)strcpy(dir, "/tmp/hub-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)re_snprintf(dbpath, sizeof(dbpath), "%s/a b#?.db", dir);

	return 0;
}


static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;

	return remove(path);
}


static int rig_teardown(void **state)
{
	(void)state;

	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}


static inline struct hub_store *rig_open(void)
{
	struct hub_store *s = NULL;
	const int err = hub_store_open(&s, dbpath, why, sizeof(why));

	if (err)
		print_message("%s\n", why);
	assert_int_equal(0, err);

	return s;
}


static inline void rig_add(struct list *l, const char *id, const char *more)
{
	struct hub_record *r;
	char json[1024];

	(void)re_snprintf(json, sizeof(json), "{\"id\":\"%s\"%s}", id, more);
	assert_int_equal(0, hub_record_alloc(&r, id, json));
	list_append(l, &r->le, r);
}


/* Stores N records, ids PREFIX0 and on */
static inline uint32_t rig_put(struct hub_store *s, const char *prefix, unsigned n)
{
	struct list l = LIST_INIT;
	uint32_t fresh;
	unsigned i;
	char id[32];

	for (i=0; i<n; i++) {
		(void)re_snprintf(id, sizeof(id), "%s%u", prefix, i);
		rig_add(&l, id, "");
	}

	assert_int_equal(0, hub_store_put(s, &l, &fresh, why, sizeof(why)));
	list_flush(&l);

	return fresh;
}


/* No file may be longer: the disk is full. 0=it is not */
static inline void rig_disk(rlim_t most)
{
	const struct rlimit rl = {most ? most : RLIM_INFINITY, RLIM_INFINITY};

	assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &rl));
}


/* A whole file, with a zero at its end */
static inline char *rig_read(const char *path)
{
	static char buf[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return buf;
}


static inline unsigned rig_count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		++n;
	}

	return n;
}
