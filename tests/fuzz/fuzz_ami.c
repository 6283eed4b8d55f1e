/**
 * @file fuzz_ami.c  What Asterisk's manager interface sends: a stream of bytes,
 *                   cut anywhere; and the channels that its events are of
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "connectycube_ami/message.h"
#include "call/event.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/detect.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/** One reading of the bytes */
struct reading {
	struct ami_table *table;
	size_t messages;
	size_t fields;
	size_t changes;
	int64_t channels;       /* created, less those that hung up */
};


static void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	struct reading *r = arg;

	if (!chan->name[0] || !chan->id[0] || !detail ||
	    change >= AMI_CHANGES)
		abort();

	++r->changes;
	r->channels += change == AMI_CREATED;
	r->channels -= change == AMI_HUNG_UP;
}


/* What is shown to apps, and sent back to Asterisk, is clean */
static void detect(const struct ami_message *msg)
{
	struct ami_detected d;
	const char *why = NULL, *p;
	int err;

	err = ami_detect(&d, msg, &why);
	if (err == EBADMSG && !why)
		abort();
	if (err)
		return;

	if (!ami_channel_is_sane(d.channel) || !d.to[0] || !d.user[0])
		abort();

	for (p = d.name; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			abort();
	}

	if (d.number[0] && strspn(d.number, "0123456789abcdefghijklmnopqrstuv"
				  "wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+*#_.-") !=
	    strlen(d.number))
		abort();
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	struct reading *r = arg;
	size_t i;

	if (!msg->fieldc || msg->fieldc > AMI_FIELDS_MAX)
		abort();

	for (i=0; i<msg->fieldc; i++) {
		if (!msg->fieldv[i].name.l)
			abort();
		if (memchr(msg->fieldv[i].value.p, '\n',
			   msg->fieldv[i].value.l))
			abort();
	}

	++r->messages;
	r->fields += msg->fieldc;

	if (ami_is(msg, "Response", "Success"))
		ami_table_list(r->table);

	ami_table_event(r->table, msg, 1000);
	detect(msg);

	if (r->channels != (int64_t)ami_table_count(r->table))
		abort();

	return 0;
}


static int read_all(struct reading *r, const uint8_t *data, size_t size,
		    size_t step)
{
	struct ami_stream *s;
	size_t i;
	int err = 0;

	memset(r, 0, sizeof(*r));

	if (ami_table_alloc(&r->table, change_handler, r))
		return ENOMEM;
	if (ami_stream_alloc(&s, NULL, message_handler, r)) {
		mem_deref(r->table);
		return ENOMEM;
	}

	for (i=0; i<size && !err; i+=step)
		err = ami_stream_input(s, &data[i], min(step, size - i));

	ami_table_clear(r->table);
	if (r->channels || ami_table_count(r->table))
		abort();

	mem_deref(s);
	mem_deref(r->table);

	return err;
}


/* However it is cut, it says the same */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading once, pieces;
	size_t step = size ? 1 + data[size - 1] : 1;
	int err;

	err = read_all(&once, data, size, size ? size : 1);
	if (read_all(&pieces, data, size, step) != err && err != ENOMEM)
		abort();

	if (!err && (once.messages != pieces.messages ||
		     once.fields != pieces.fields ||
		     once.changes != pieces.changes))
		abort();

	return 0;
}
