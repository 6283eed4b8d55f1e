/**
 * @file keeper_rig.h  A keeper in a folder of its own, and a hub that is sent
 *                     its records
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "testutil.h"
#include "call/event.h"
#include "connectycube_link/record.h"
#include "connectycube_link/spool.h"
#include "connectycube_link/keeper.h"


enum {
	SENT_MAX = 256,
	PATIENCE = 60000,
};

static char folder[64];
static char sentv[SENT_MAX][UUID_SIZE]; /* what came at the hub, in order */
static char textv[SENT_MAX][4096];        /* ... the beginnings of it */
static size_t sentc;
static size_t room;                       /* how much it takes */


static int send_handler(const char *id, const struct mbuf *json, void *arg)
{
	(void)arg;

	if (sentc >= room)
		return ENOSPC;

	/* as hubconn_record() says it */
	if (!memchr(json->buf, '}', json->end))
		return EBADMSG;

	str_ncpy(sentv[sentc], id, UUID_SIZE);
	(void)re_snprintf(textv[sentc], sizeof(textv[0]), "%b", json->buf,
			  min(json->end, sizeof(textv[0]) - 1));
	++sentc;

	return 0;
}


static bool is_sent(void *arg)
{
	return sentc >= *(size_t *)arg;
}


/* Until the hub has been sent n records, in all */
static inline void await(size_t n)
{
	assert_true(tu_wait(is_sent, &n, PATIENCE));
}


static inline struct keeper *begin(void)
{
	struct keeper *k = NULL;

	assert_int_equal(0, keeper_alloc(&k, folder, 1000, send_handler,
					 NULL));

	return k;
}


static uint64_t now;

static inline void tell(struct keeper *k, enum event_type type, uint32_t call)
{
	struct event ev;

	event_init(&ev, type);
	ev.id        = call;
	now += 10;
	ev.mono      = 1000 + now;
	ev.wall      = 1700000000000ull + now;
	if (type == EVENT_CALL_ENDED)
		ev.call.reason = END_NORMAL;

	keeper_event(k, &ev);
}


static inline void call(struct keeper *k, uint32_t num)
{
	tell(k, EVENT_CALL_NEW, num);
	tell(k, EVENT_CALL_ANSWERED, num);
	tell(k, EVENT_CALL_ENDED, num);
}


/* Files in the folder that are shown */
static inline size_t count_files(void)
{
	const struct dirent *e;
	DIR *d = opendir(folder);
	size_t n = 0;

	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);

	return n;
}


static inline bool has_file(const char *name)
{
	char path[128];

	(void)re_snprintf(path, sizeof(path), "%s/%s", folder, name);

	return !access(path, F_OK);
}


static inline bool journal_has(void *arg)
{
	char path[128], text[8192] = "";
	ssize_t n;
	int fd;

	(void)re_snprintf(path, sizeof(path), "%s/open", folder);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;

	n = read(fd, text, sizeof(text) - 1);
	close(fd);

	return n > 0 && strstr(text, arg);
}


#define RECORDING "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

/* A recording of a call is on the disk */
static inline void tell_recording(struct keeper *k, uint32_t call)
{
	struct event ev;

	event_init(&ev, EVENT_RECORD);
	ev.id   = call;
	ev.mono = 2000;
	ev.wall = 1700000001000ull;
	str_ncpy(ev.progress.state, "started", sizeof(ev.progress.state));
	str_ncpy(ev.progress.target, RECORDING ".rec",
		 sizeof(ev.progress.target));
	keeper_event(k, &ev);
}


static inline bool tells_recording(void *arg)
{
	(void)arg;

	return journal_has((void *)RECORDING);
}


static int setup(void **state)
{
	(void)state;

	str_ncpy(folder, "/tmp/test_keeper.XXXXXX", sizeof(folder));
	if (!mkdtemp(folder))
		return -1;

	strcat(folder, "/spool");
	sentc = 0;
	now   = 0;
	room  = SENT_MAX;

	return 0;
}


static int remove_all(const char *path)
{
	char cmd[128];

	(void)re_snprintf(cmd, sizeof(cmd), "rm -rf %s", path);

	return system(cmd);
}


static int teardown(void **state)
{
	(void)state;
	*strrchr(folder, '/') = '\0';

	return remove_all(folder);
}
