/**
 * @file dtls_rig.h  Two ends of DTLS, and the datagrams between them
 */
#include "testutil.h"
#include <sys/time.h>
#include <openssl/ssl.h>
#include <openssl/err.h>
#include "peer/peer.h"
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "base/hook.h"


struct end {
	struct dtlsx *d;
	struct end *other;
	struct tmr tmr;
	struct list q;          /**< Datagrams to the other                */
	struct dtlsx_keys keys;
	bool estab, closed;
	int err;
	unsigned sent, lose;    /**< Lose the first so many                */
	size_t longest;
	bool deref;
};

struct dgram {
	struct le le;
	size_t len;
	uint8_t buf[2048];
};


static void dgram_destructor(void *arg)
{
	struct dgram *g = arg;

	list_unlink(&g->le);
}


static void deliver(void *arg)
{
	struct end *e = arg;
	struct le *le;

	while ((le = list_head(&e->q))) {
		struct dgram *g = le->data;

		list_unlink(&g->le);
		if (e->other->d)
			dtlsx_recv(e->other->d, g->buf, g->len);
		mem_deref(g);
	}
}


static void send_handler(const uint8_t *buf, size_t len, void *arg)
{
	struct end *e = arg;
	struct dgram *g;

	assert_true(len <= DTLSX_MTU);
	if (len > e->longest)
		e->longest = len;
	if (e->sent++ < e->lose)
		return;

	g = mem_zalloc(sizeof(*g), dgram_destructor);
	g->len = len;
	memcpy(g->buf, buf, len);
	list_append(&e->q, &g->le, g);
	tmr_start(&e->tmr, 0, deliver, e);
}


static void estab_handler(const struct dtlsx_keys *keys, void *arg)
{
	struct end *e = arg;

	assert_false(e->estab);
	e->estab = true;
	e->keys = *keys;
	if (e->deref)
		e->d = mem_deref(e->d);
}


static void close_handler(int err, const char *reason, void *arg)
{
	struct end *e = arg;

	assert_non_null(reason);
	assert_false(e->closed);
	e->closed = true;
	e->err = err;
	if (e->deref)
		e->d = mem_deref(e->d);
}


static void make_end(struct end *e, bool active, const struct jsep_fpr *fpr)
{
	assert_int_equal(dtlsx_alloc(&e->d, active, fpr, 1, send_handler,
				     estab_handler, close_handler, e), 0);
}


/* ev[0] is the client */
static void make_ends(struct end ev[2])
{
	memset(ev, 0, 2 * sizeof(*ev));
	ev[0].other = &ev[1];
	ev[1].other = &ev[0];
	make_end(&ev[0], true, dtlsx_fingerprint());
	make_end(&ev[1], false, dtlsx_fingerprint());
}


static void free_ends(struct end ev[2])
{
	int i;

	for (i=0; i<2; i++) {
		mem_deref(ev[i].d);
		tmr_cancel(&ev[i].tmr);
		list_flush(&ev[i].q);
	}
}


static bool both_estab(void *arg)
{
	const struct end *ev = arg;

	return ev[0].estab && ev[1].estab;
}


static int setup(void **state)
{
	int err = tu_setup(state);

	return err ? err : peer_init();
}


static int teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}
