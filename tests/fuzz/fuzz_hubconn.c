/**
 * @file fuzz_hubconn.c  The hub: whatever a bridge sends, before its hello and
 *                       behind it
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <jansson.h>
#include <re_types.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "connectycube_link/hubline.h"
#include "connectycube_hub/hub.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void ack_handler(uint64_t conn, const char *id, void *arg)
{
	(void)conn;
	(void)id;
	(void)arg;
}


static void fresh_handler(uint32_t n, void *arg)
{
	(void)n;
	(void)arg;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char hello[] =
		"{\"t\":\"hello\",\"v\":1,\"min\":1,\"name\":\"x\"}\n";
	static struct hub_inbox *ib;
	struct list connl = LIST_INIT;
	struct hub_conn *c;
	int fdv[2];

	if (!size)
		return 0;

	/* nothing can be stored there */
	if (!ib && hub_inbox_alloc(&ib, "/dev/null/records.db", ack_handler,
				   fresh_handler, NULL))
		abort();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fdv) ||
	    hub_conn_alloc(&c, &connl, fdv[0], 1, ib))
		abort();

	mem_ref(c);

	if (data[0] & 1 &&
	    hubline_input(c->hl, (const uint8_t *)hello, sizeof(hello) - 1))
		abort();
	if (c->fd >= 0)
		(void)hubline_input(c->hl, data + 1, size - 1);

	/* nobody else has it, if it was sent away */
	if (list_isempty(&connl) != (c->fd < 0))
		abort();

	list_flush(&connl);
	mem_deref(c);
	(void)close(fdv[1]);

	return 0;
}
