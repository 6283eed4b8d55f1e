/**
 * @file fuzz_amiproxy.c  What bridges send the hub for an Asterisk, and whom its
 *                        events concern
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/proxy/routes.h"
#include "connectycube_ami/proxy/allow.h"
#include "connectycube_ami/proxy/proxy_core.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* A line end in it would be another field, or another action */
static void check_allowed(const struct ami_allowed *a,
			  const struct ami_message *msg)
{
	char value[AMI_VALUE_MAX + 1];
	size_t i;

	if (ami_allow_wait(a, msg) <= 5000)
		abort();

	for (i=0; i<msg->fieldc; i++) {

		const struct ami_field *f = &msg->fieldv[i];

		if (!ami_allow_has(a->fields, &f->name))
			continue;
		if (pl_strcpy(&f->value, value, sizeof(value)) ||
		    !ami_value_is_sane(value))
			abort();
		if (ami_allow_has(a->channels, &f->name) &&
		    !ami_channel_is_sane(value))
			abort();
	}
}


static void check_rewritten(const struct ami_message *msg)
{
	static const struct pl id = PL("theirs");
	struct mbuf *mb = mbuf_alloc(512);
	struct ami_message *again = mem_zalloc(sizeof(*again), NULL);

	if (!mb || !again || ami_rewrite(mb, msg, &id))
		abort();

	ami_message_decode(again, (char *)mb->buf, mb->end);
	if (!ami_is(again, "ActionID", "theirs"))
		abort();

	mem_deref(again);
	mem_deref(mb);
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	struct ami_routes *r = arg;
	const struct ami_allowed *a;
	struct ami_bridges whom, fresh;
	char why[64] = "";
	size_t i;

	for (i=0; i<msg->fieldc; i++) {

		const struct ami_field *f = &msg->fieldv[i];

		if (!pl_strcasecmp(&f->name, "Device"))
			(void)ami_routes_device(r, 7, &f->value);
		else if (!pl_strcasecmp(&f->name, "Extension"))
			(void)ami_routes_extension(r, 7, &f->value);
		else if (!pl_strcasecmp(&f->name, "Uniqueid"))
			(void)ami_routes_show(r, 7, &f->value);
	}

	a = ami_allow(msg, why, sizeof(why));
	if (a)
		check_allowed(a, msg);
	else if (!why[0])
		abort();

	if (ami_routes_event(r, msg, &whom, &fresh) &&
	    !ami_bridges_any(&fresh))
		abort();
	if (ami_routes_count(r) > AMI_MEMBERS_MAX)
		abort();
	if (ami_is(msg, "Action", "Login"))
		ami_routes_join(r, 7);
	if (ami_is(msg, "Action", "Logoff"))
		ami_routes_forget(r, 7, true);

	if (msg->kind != AMI_OTHER)
		check_rewritten(msg);

	return 0;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ami_stream *s;
	struct ami_routes *r;

	if (ami_routes_alloc(&r))
		return 0;
	if (!ami_stream_alloc(&s, NULL, message_handler, r)) {
		ami_stream_serve(s);
		(void)ami_stream_input(s, data, size);
		mem_deref(s);
	}

	ami_routes_clear(r);
	if (ami_routes_count(r))
		abort();
	mem_deref(r);

	return 0;
}
