/**
 * @file fuzz_hubconn.c  The hub: whatever a bridge sends, before its hello and
 *                       behind it, and what it shows of that
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "connectycube_link/hubline.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/command.h"
#include "connectycube_hub/hublive.h"
#include "connectycube_hub/live/live.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void ack_handler(struct hub_record *r, void *arg)
{
	(void)r;
	(void)arg;
}


static void fresh_handler(uint32_t n, void *arg)
{
	(void)n;
	(void)arg;
}


static void reply_handler(const char *word, const char *text,
			  const json_t *result, void *arg)
{
	if (!word || !text || (result && !json_is_object(result)))
		abort();

	++*(unsigned *)arg;
}


/* The input is what a command is answered with, behind its number */
static void answer(struct hub_conn *c, int fd, const uint8_t *data,
		   size_t size)
{
	static char line[4096];
	unsigned replies = 0;
	const char *n;
	ssize_t len;

	if (hub_command_send(NULL, c, "calls", NULL, reply_handler, &replies))
		return;

	len = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);
	if (len <= 0)
		abort();
	line[len] = '\0';
	n = strstr(line, "\"n\":");
	if (!n)
		abort();

	len = snprintf(line, sizeof(line), "{\"t\":\"reply\",\"n\":%lld,%.*s}",
		       strtoll(n + 4, NULL, 10),
		       (int)(size < 2048 ? size : 2048), (const char *)data);
	(void)hub_conn_line(line, (size_t)len, c);

	hub_command_gone(c);
	if (replies != 1)
		abort();
}


static void check_json(json_t *j)
{
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;

	if (!text)
		abort();

	free(text);
	json_decref(j);
}


static int print_handler(const char *p, size_t size, void *arg)
{
	return mbuf_write_mem(arg, (const uint8_t *)p, size);
}


/* Whatever it was: it can be shown */
static void check_live(void)
{
	json_t *all = hlive_json_calls(hublive(), NULL), *j;
	struct mbuf *mb = mbuf_alloc(512);
	struct re_printf pf = {print_handler, mb};
	size_t i;

	json_array_foreach(json_object_get(all, "calls"), i, j)
		check_json(hlive_json_stats(hublive(), json_string_value(
			json_object_get(j, "id"))));

	check_json(all);
	check_json(hlive_json_exts(hublive()));
	check_json(hlive_json_channels(hublive(), NULL));
	check_json(hlive_json_channels(hublive(), "sip:1@h"));
	check_json(hlive_json_alarms(hublive()));
	if (hublive_print_calls(&pf, NULL) || hublive_print_exts(&pf, NULL))
		abort();

	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char hello[] =
		"{\"t\":\"hello\",\"v\":3,\"min\":1,\"name\":\"x\"}\n";
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

	if (hublive_start())
		abort();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fdv) ||
	    hub_conn_alloc(&c, &connl, fdv[0], 1, ib))
		abort();

	mem_ref(c);

	if (data[0] & 1 &&
	    hubline_input(c->hl, (const uint8_t *)hello, sizeof(hello) - 1))
		abort();
	if (data[0] & 2)
		answer(c, fdv[1], data + 1, size - 1);
	else if (c->fd >= 0)
		(void)hubline_input(c->hl, data + 1, size - 1);

	/* nobody else has it, if it was sent away */
	if (list_isempty(&connl) != (c->fd < 0))
		abort();

	check_live();
	list_flush(&connl);
	mem_deref(c);
	check_live();
	hublive_stop();
	(void)close(fdv[1]);

	return 0;
}
