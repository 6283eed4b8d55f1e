/**
 * @file test_hubs3.c  Uploads that were given up are ended, or kept
 */
#include "testutil.h"
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include "base/log.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/courier.h"
#include "connectycube_hub/recording/s3.h"
#include "hub_rig.h"


/** A server that refuses to end what has "refused" in its name */
struct server {
	pthread_t tid;
	int fd;
	char url[64];
	unsigned ended, refused;
};

static struct server server;
static struct hrec_config cfg;
static struct hub_s3 *s3;
static unsigned said;


static void answer(int fd)
{
	static const char no[] = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n"
		"Connection: close\r\n\r\n";
	static const char yes[] = "HTTP/1.1 204 Yes\r\n"
		"Connection: close\r\n\r\n";
	char head[4096] = "";
	ssize_t n = 0, got;
	bool refuse;

	while (!strstr(head, "\r\n\r\n")) {
		got = read(fd, head + n, sizeof(head) - 1 - (size_t)n);
		if (got <= 0)
			return;
		n += got;
	}

	refuse = strstr(head, "refused") != NULL;
	server.refused += refuse;
	server.ended   += !refuse;
	(void)!write(fd, refuse ? no : yes, strlen(refuse ? no : yes));
}


/* Linux takes a descriptor before it waits: a test that leaves none over is not
   the end of it */
static void *serve(void *arg)
{
	struct pollfd pfd = {.fd = server.fd, .events = POLLIN};
	int fd;
	(void)arg;

	while (poll(&pfd, 1, -1) > 0) {

		fd = accept(server.fd, NULL, NULL);
		if (fd < 0 && errno != EMFILE)
			break;
		if (fd < 0)
			continue;

		answer(fd);
		(void)close(fd);
	}

	return NULL;
}


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	if (line->level >= CLOG_WARN)
		++said;
}


static int s3_setup(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	char path[128];

	if (rig_setup(state))
		return -1;

	(void)re_snprintf(path, sizeof(path), "%s/.upload", dir);
	memset(&server, 0, sizeof(server));
	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (mkdir(path, 0700) || bind(server.fd, (void *)&sin, len) ||
	    listen(server.fd, 5) ||
	    getsockname(server.fd, (void *)&sin, &len) ||
	    pthread_create(&server.tid, NULL, serve, NULL))
		return -1;

	(void)re_snprintf(server.url, sizeof(server.url),
			  "http://127.0.0.1:%u", ntohs(sin.sin_port));
	memset(&cfg, 0, sizeof(cfg));
	cfg.root      = dir;
	cfg.s3_url    = server.url;
	cfg.s3_bucket = (char *)"office";
	cfg.s3_region = (char *)"here";
	cfg.s3_key    = (char *)"key";
	cfg.s3_secret = (char *)"secret";
	said = 0;
	clog_set_handler(log_handler, NULL);

	return hub_s3_alloc(&s3, &cfg, why, sizeof(why));
}


static int s3_teardown(void **state)
{
	clog_set_handler(NULL, NULL);
	s3 = mem_deref(s3);
	(void)shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.tid, NULL);
	(void)close(server.fd);

	return rig_teardown(state);
}


static const char *path_of(const char *name)
{
	static char path[192];

	(void)re_snprintf(path, sizeof(path), "%s/.upload/%s", dir, name);

	return path;
}


/* The file of an upload, tried last at that time [s] */
static void put(const char *name, const char *text, time_t at)
{
	const struct timespec tv[2] = {{.tv_sec = at}, {.tv_sec = at}};
	const int fd = open(path_of(name), O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
	assert_int_equal(0, futimens(fd, tv));
	(void)close(fd);
}


static void put_upload(unsigned num, const char *object, time_t at)
{
	char name[64], text[512];

	(void)re_snprintf(name, sizeof(name), "%08u.end", num);
	(void)re_snprintf(text, sizeof(text), "{\"object\":\"%s/office/%s\","
			  "\"upload\":\"id%u\"}", server.url, object, num);
	put(name, text, at);
}


static unsigned count(const char *suffix)
{
	const struct dirent *de;
	DIR *d = opendir(path_of(""));
	unsigned n = 0;

	assert_non_null(d);
	while ((de = readdir(d)))
		n += strstr(de->d_name, suffix) != NULL;
	(void)closedir(d);

	return n;
}


/* What the server does not end holds up nothing, and is tried again */
static void test_refused(void **state)
{
	unsigned i;
	(void)state;

	for (i=0; i<20; i++)
		put_upload(i, "refused", 1000);
	for (i=20; i<50; i++)
		put_upload(i, "a", 2000);

	for (i=0; i<6 && count(".end") > 20; i++)
		assert_true(hub_s3_tidy(s3) > 0);
	assert_int_equal(30, server.ended);
	assert_int_equal(20, count(".end"));
	assert_true(server.refused >= 20);
	assert_true(said >= 1);

	i = hub_s3_tidy(s3);
	assert_true(i >= 1000);
	assert_true(hub_s3_tidy(s3) > i);
	assert_int_equal(20, count(".end"));
}


/* What tells of no upload, or of one elsewhere, is left to people */
static void test_left(void **state)
{
	(void)state;

	put("a.end", "{\"object\":", 1000);
	put("b.end", "{\"object\":\"http://127.0.0.1:1/office/b\","
	    "\"upload\":\"b\"}", 1000);
	put("c.end", "", 1000);
	put_upload(1, "a", 2000);

	assert_int_equal(0, hub_s3_tidy(s3));
	assert_int_equal(1, server.ended);
	assert_int_equal(0, count(".end"));
	assert_int_equal(3, count(".bad"));
	assert_int_equal(0, access(path_of("b.bad"), F_OK));
	assert_int_equal(3, said);

	assert_int_equal(0, hub_s3_tidy(s3));
	assert_int_equal(3, said);
}


/* Those that cannot be put aside are tried again later, not at once, however many
   they are */
static void test_stuck(void **state)
{
	char name[32];
	unsigned i;
	(void)state;

	for (i=0; i<20; i++) {
		(void)re_snprintf(name, sizeof(name), "%u.end", i);
		put(name, "{", 1000);
		(void)re_snprintf(name, sizeof(name), "%u.bad", i);
		assert_int_equal(0, mkdir(path_of(name), 0700));
	}

	assert_true(hub_s3_tidy(s3) >= 1000);
	assert_int_equal(20, count(".end"));
	assert_int_equal(1, said);

	for (i=0; i<20; i++) {
		(void)re_snprintf(name, sizeof(name), "%u.bad", i);
		assert_int_equal(0, rmdir(path_of(name)));
	}
	while (hub_s3_tidy(s3))
		;
	assert_int_equal(0, count(".end"));
	assert_int_equal(20, count(".bad"));
}


/* One that cannot be read now may be later */
static void test_unreadable(void **state)
{
	struct rlimit old, few;
	const int fd = dup(0);
	(void)state;

	put_upload(1, "a", 1000);
	(void)close(fd);

	/* the folder can still be opened */
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	few = old;
	few.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &few));
	assert_true(hub_s3_tidy(s3) > 0);
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
	assert_int_equal(1, count(".end"));
	assert_int_equal(1, said);

	assert_int_equal(0, hub_s3_tidy(s3));
	assert_int_equal(1, server.ended);
	assert_int_equal(0, count(".end"));
}


#define T(f) cmocka_unit_test_setup_teardown(f, s3_setup, s3_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_refused),
		T(test_left),
		T(test_stuck),
		T(test_unreadable),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
