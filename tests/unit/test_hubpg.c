/**
 * @file test_hubpg.c  PostgreSQL, or who says that it is
 */
#include "testutil.h"
#include <pthread.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <libpq-fe.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/sink/postgres.h"
#include "connectycube_hub/sink/pgwait.h"


/* AuthenticationOk, NoticeResponse, ReadyForQuery */
static const uint8_t welcome[] = {
	'R', 0, 0, 0, 8, 0, 0, 0, 0,
	'N', 0, 0, 0, 16, 'S', 'N', 'O', 'T', 'E', 0, 'M', 0x1b, 'c', '!', 0, 0,
	'Z', 0, 0, 0, 5, 'I'
};

/* ParseComplete, BindComplete, NoData, CopyInResponse */
static const uint8_t copy[] = {
	'1', 0, 0, 0, 4, '2', 0, 0, 0, 4, 'n', 0, 0, 0, 4,
	'G', 0, 0, 0, 7, 0, 0, 0
};

static int server;


static void *serve(void *arg)
{
	const int fd = accept(server, NULL, NULL);
	char buf[4096];
	(void)arg;

	if (fd < 0)
		return NULL;

	if (read(fd, buf, sizeof(buf)) > 0 &&
	    write(fd, welcome, sizeof(welcome)) > 0 &&
	    read(fd, buf, sizeof(buf)) > 0 &&
	    write(fd, copy, sizeof(copy)) > 0) {
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	}

	(void)close(fd);

	return NULL;
}


/* What is written to stderr meanwhile goes to a file */
static int divert(FILE **fp)
{
	const int old = dup(2);

	*fp = tmpfile();
	assert_non_null(*fp);
	assert_int_equal(2, dup2(fileno(*fp), 2));

	return old;
}


/* It wants what nobody has, for ever, and is not waited for; nor does it speak to
   whoever looks at the log */
static void test_copy(void **state)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const char *const keyv[] = {
		"host", "port", "user", "dbname", "sslmode", "gssencmode", NULL
	};
	const char *valuev[] = {
		"127.0.0.1", NULL, "u", "d", "disable", "disable", NULL
	};
	socklen_t len = sizeof(sin);
	char port[8], why[128] = "";
	struct pg_result *res = NULL;
	struct pg_conn *conn = NULL;
	pthread_t tid;
	FILE *f;
	int fd;
	(void)state;

	server = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(0, bind(server, (void *)&sin, len));
	assert_int_equal(0, listen(server, 1));
	assert_int_equal(0, getsockname(server, (void *)&sin, &len));
	assert_int_equal(0, pthread_create(&tid, NULL, serve, NULL));
	(void)re_snprintf(port, sizeof(port), "%u", ntohs(sin.sin_port));
	valuev[1] = port;

	fd = divert(&f);
	assert_int_equal(0, pgwait_connect(&conn, keyv, valuev, 60000, why,
					   sizeof(why)));
	assert_int_equal(EPROTO, pgwait_exec(&res, conn, "SELECT 1", 0, NULL,
					     60000, why, sizeof(why)));
	assert_int_equal(2, dup2(fd, 2));
	(void)close(fd);
	assert_int_equal(0, fseek(f, 0, SEEK_END));
	assert_int_equal(0, ftell(f));
	(void)fclose(f);
	assert_null(res);
	assert_string_equal("it answers what nobody has asked for", why);

	PQfinish(conn);
	pthread_join(tid, NULL);
	(void)close(server);
}


/* What it says is one line, for a console, too */
static void test_say(void **state)
{
	char why[32];
	(void)state;

	pgwait_say(why, sizeof(why), "a\x1b[2Jb\tc\x7f\nd\n");
	assert_string_equal("a [2Jb c  d", why);
	pgwait_say(why, sizeof(why), NULL);
	assert_string_equal("", why);
}


/* One record that is not taken is no reason to tell no other one */
static void test_refused(void **state)
{
	(void)state;

	assert_true(hub_pg_is_refused("22P02"));
	assert_true(hub_pg_is_refused("23514"));
	assert_true(hub_pg_is_refused("54000"));        /* too long to index */
	assert_false(hub_pg_is_refused("42501"));
	assert_false(hub_pg_is_refused("57014"));
	assert_false(hub_pg_is_refused(""));
	assert_false(hub_pg_is_refused(NULL));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_say),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
