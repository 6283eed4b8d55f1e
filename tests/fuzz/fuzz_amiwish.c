/**
 * @file fuzz_amiwish.c  What apps want of an Asterisk: what goes there is words
 *
 * NAME=VALUE, a line each, are the values of a message, for each action.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "call/amiext.h"
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"
#include "connectycube_ami/client.h"
#include "connectycube_ami/order.h"
#include "connectycube_ami/rights.h"
#include "connectycube_ami/wish.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Lines that are ended by 0 */
struct values {
	const char *p;
	const char *end;
};


static const char *value_handler(const char *name, void *arg)
{
	const struct values *v = arg;
	const size_t len = strlen(name);
	const char *p;

	for (p = v->p; p < v->end; p += strlen(p) + 1) {
		if (!strncmp(p, name, len) && p[len] == '=')
			return p + len + 1;
	}

	return NULL;
}


static void check_word(const char *word)
{
	if (word[0] && !ami_word_is_sane(word))
		abort();
}


static void check(const struct ami_wish *w)
{
	check_word(w->number);
	check_word(w->context);
	check_word(w->other_number);
	check_word(w->other_context);
	check_word(w->call);
	check_word(w->answer);

	if ((w->channel[0] && !ami_channel_is_sane(w->channel)) ||
	    (w->other[0] && !ami_channel_is_sane(w->other)) ||
	    w->cause > 127)
		abort();
}


static void use(const struct ami_wish *wish, enum ami_right right)
{
	const struct ami_extension ext = {
		.aor = "sip:1000@pbx", .user = "1000", .name = "Sales",
		.right = right
	};
	struct ami_wish w = *wish;
	const char *reason = NULL;
	const int err = ami_wish_check(&w, &ext, NULL, "internal", &reason);

	if (!err == (reason != NULL))
		abort();
	if (!err && w.answer[0] && right != AMI_RIGHT_CONTROL)
		abort();
	if (!err)
		check(&w);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct values v;
	struct ami_wish w;
	unsigned i, right;
	char *buf = mem_zalloc(size + 1, NULL);

	if (!buf)
		return 0;

	for (i=0; i<size; i++)
		buf[i] = data[i] == '\n' ? '\0' : (char)data[i];
	v.p   = buf;
	v.end = buf + size;

	for (i=0; i<AMI_WISHES; i++) {

		const char *reason = NULL;
		const int err = ami_wish_read(&w, ami_wish_action(i),
					      value_handler, &v, &reason);

		if (!err == (reason != NULL))
			abort();
		if (err)
			continue;

		check(&w);
		for (right=0; right<=AMI_RIGHT_CONTROL; right++)
			use(&w, right);
	}

	mem_deref(buf);

	return 0;
}
