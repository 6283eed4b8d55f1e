/**
 * @file fuzz_control.c  System messages: read, written, read again; remembered
 */
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"
#include "cube/control.h"
#include "cube/activity.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static bool is_same(const char *a, const char *b)
{
	return (!a && !b) || (a && b && !strcmp(a, b));
}


/* Names are made legal when they are written, values stay as they are */
static void reencode(const struct control *ctl)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct control *again;
	struct xml *x;

	if (control_encode(mb, ctl->infov, ctl->infoc, "1-2@h/r", "id"))
		__builtin_trap();

	/* escaping may make it larger than what is taken */
	if (mb->end > XML_SIZE_MAX)
		goto out;

	if (xml_decode(&x, (char *)mb->buf, mb->end))
		__builtin_trap();

	/* without a sender it is none */
	if (control_decode(&again, x) != ENOENT)
		__builtin_trap();

	mem_deref(x);
 out:
	mem_deref(mb);
}


static void remember(const struct control *ctl)
{
	struct control_memory *cm;
	const char *reason = NULL;

	if (!ctl->action || !ctl->request || control_memory_alloc(&cm))
		return;

	if (control_memory_find(cm, "101", ctl, 0, &reason) != CONTROL_NEW ||
	    control_memory_add(cm, "101", ctl, 0) ||
	    control_memory_find(cm, "101", ctl, 1, &reason)
	    != CONTROL_RUNNING ||
	    control_memory_find(cm, "102", ctl, 1, &reason) != CONTROL_NEW)
		__builtin_trap();

	control_memory_done(cm, "101", ctl, ctl->action);
	if (control_memory_find(cm, "101", ctl, 2, &reason) != CONTROL_DONE ||
	    !is_same(reason, ctl->action))
		__builtin_trap();

	mem_deref(cm);
}


static void use(const struct control *ctl)
{
	char keys[CONTROL_KEYS_MAX + 1];

	if (ctl->infoc > CONTROL_VALUE_MAX || !ctl->from)
		__builtin_trap();

	if (!control_keys(ctl, keys, sizeof(keys)) &&
	    strspn(keys, "0123456789*#ABCD") != strlen(keys))
		__builtin_trap();

	remember(ctl);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control *ctl;
	struct signal *sig;
	struct xml *x;

	const char *from = NULL;

	if (xml_decode(&x, (const char *)data, size))
		return 0;

	if (activity_decode(x, &from) != ACTIVITY_NONE && !from)
		__builtin_trap();

	if (0 == control_decode(&ctl, x)) {
		use(ctl);
		reencode(ctl);
		mem_deref(ctl);
	}

	if (0 == signal_decode(&sig, x)) {

		if (0 == control_from_signal(&ctl, sig)) {
			use(ctl);
			mem_deref(ctl);
		}

		mem_deref(sig);
	}

	mem_deref(x);

	return 0;
}
