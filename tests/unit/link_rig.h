/**
 * @file link_rig.h  What tests of a user's link to a cloud have
 *
 * REST, WebSocket and XMPP as they are, in one process, with names resolved and
 * certificates verified; every log line is searched for secrets.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include "cloud_rig.h"
#include "base/log.h"
#include "base/resolve.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/session.h"
#include "cube/rest.h"
#include "cube/signal.h"
#include "cube/core.h"
#include "cube/url.h"
#include "cube/ws.h"
#include "cube/wsconn.h"
#include "cube/wsctx.h"

enum { WAIT = 60000 };

static const char *const secretv[] = {
	"alice-pass-1", "wr0ng-pass", "AUTHKEY", "AUTHSECRET", "t0ken",
	"ADEwMS01NDc2",
};

static struct {
	struct cube *c;
	struct cube_config cfg;
	unsigned statec[CUBE_REFUSED + 1];
	bool deref_online;
	unsigned leaks;         /* secrets seen in a log or a reason       */
	char good[128], expired[128], other[128], strange_ca[128];
	char resp[64];
	unsigned scode, respc;
} u;


static inline void log_handler(const struct clog_line *line, void *arg)
{
	size_t i;
	(void)arg;

	for (i=0; i<ARRAY_SIZE(secretv); i++)
		u.leaks += strstr(line->msg, secretv[i]) != NULL;

	if (getenv("VERBOSE"))
		fprintf(stderr, "%d %s", line->level, line->msg);
}


static inline void state_handler(enum cube_state state, const char *reason,
				 void *arg)
{
	size_t i;
	(void)arg;

	for (i=0; reason && i<ARRAY_SIZE(secretv); i++)
		u.leaks += strstr(reason, secretv[i]) != NULL;

	++u.statec[state];

	if (state == CUBE_ONLINE && u.deref_online)
		u.c = mem_deref(u.c);
}


static inline bool is_state(void *arg)
{
	return u.statec[*(enum cube_state *)arg] > 0;
}


static inline void wait_state(enum cube_state state)
{
	assert_true(tu_wait(is_state, &state, WAIT));
	u.statec[state] = 0;
}


static inline void start(void)
{
	assert_int_equal(0, cube_alloc(&u.c, &u.cfg, state_handler, NULL,
				       NULL));
	assert_int_equal(0, cube_start(u.c));
	assert_int_equal(EALREADY, cube_start(u.c));
}


static inline int setup(void **state)
{
	(void)state;

	memset(u.statec, 0, sizeof(u.statec));
	u.deref_online = false;
	u.respc = 0;
	cl.password = "alice-pass-1";
	cl.token[0] = '\0';
	cl.chat_token = false;
	cl.sessionc = cl.otherc = cl.connc = cl.authc = cl.pingc = 0;
	cl.readyc = cl.fail_times = cl.drop_times = 0;
	cl.mute = false;
	cl.stanza[0] = '\0';
	cloud_listen(u.good);

	memset(&u.cfg, 0, sizeof(u.cfg));
	u.cfg.api_url   = cl.url;
	u.cfg.chat_url  = cl.chat;
	u.cfg.app_id    = "5476";
	u.cfg.auth_key  = "AUTHKEY";
	u.cfg.auth_secret = "AUTHSECRET";
	u.cfg.login     = "alice";
	u.cfg.password  = "alice-pass-1";
	u.cfg.ca_file   = cl.ca;
	u.cfg.retry_min = 20;
	u.cfg.retry_max = 200;

	return 0;
}


static inline int teardown(void **state)
{
	(void)state;

	u.c = mem_deref(u.c);
	cloud_stop();

	/* not by assert in the handlers: it must not jump out of lws */
	return u.leaks ? -1 : 0;
}


static inline int group_setup(void **state)
{
	int err = tu_setup(state) || peer_init();

	str_ncpy(cl.dir, "/tmp/test_link.XXXXXX", sizeof(cl.dir));
	if (err || !mkdtemp(cl.dir))
		return -1;

	make_ca(u.strange_ca, sizeof(u.strange_ca), "strange.pem",
		"Other CA");
	make_ca(cl.ca, sizeof(cl.ca), "ca.pem", "Test CA");
	write_cert(u.good, sizeof(u.good), "good.pem", "localhost", 30);
	write_cert(u.expired, sizeof(u.expired), "old.pem", "localhost", -1);
	write_cert(u.other, sizeof(u.other), "other.pem", "example.com", 30);
	clog_set_handler(log_handler, NULL);

	return 0;
}


static inline int group_teardown(void **state)
{
	(void)unlink(u.strange_ca);
	(void)unlink(cl.ca);
	(void)unlink(u.good);
	(void)unlink(u.expired);
	(void)unlink(u.other);
	(void)rmdir(cl.dir);
	X509_free(ca_cert);
	EVP_PKEY_free(ca_key);
	peer_close();

	return tu_teardown(state);
}


#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
