/**
 * @file fuzz_session.c  The REST API's JSON
 */
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "cube/session.h"
#include "cube/lookup.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/chat.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* it becomes part of a JID */
static void found_handler(const char *value, const char *id, void *arg)
{
	(void)arg;

	if (!*value || !*id || strspn(id, "0123456789") != strlen(id))
		__builtin_trap();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session s;
	char reason[128], *id = NULL;

	(void)session_decode(&s, (const char *)data, size);
	session_error(reason, sizeof(reason), (const char *)data, size);
	(void)lookup_decode((const char *)data, size, "login", found_handler,
			    NULL);

	/* and this one of a stanza */
	if (!chat_decode_dialog(&id, (const char *)data, size) &&
	    (!*id || strlen(id) > CHAT_ID_MAX || strpbrk(id, "<>&\"'")))
		__builtin_trap();
	mem_deref(id);

	return 0;
}
