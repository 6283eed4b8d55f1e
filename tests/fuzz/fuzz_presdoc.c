/**
 * @file fuzz_presdoc.c  What a watcher asks for; documents are XML for any address
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "cube/xml.h"
#include "sip/pure/presdoc.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* An address of what is no UTF-8 is none of XML either; nor is an empty one */
static bool is_text(const char *str)
{
	for (; *str; str++) {
		if ((uint8_t)*str >= 0x7f)
			return false;
	}

	return true;
}


static void check_xml(enum presdoc_kind kind, const char *entity)
{
	const struct presdoc doc = {
		.entity = entity, .callv = {{.id = 1}}, .callc = 1
	};
	struct mbuf *mb;
	struct xml *el;

	if (presdoc_write(&mb, kind, &doc))
		return;

	if (xml_decode(&el, (char *)mb->buf, mb->end))
		abort();

	mem_deref(el);
	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pl event = {(const char *)data, size}, accept;
	const char *line = pl_strchr(&event, '\n');
	enum presdoc_kind kind = PRESDOC_DIALOG;
	char entity[256];

	accept = event;
	if (line) {
		event.l = line - event.p;
		pl_advance(&accept, (ssize_t)event.l + 1);
	}

	(void)presdoc_kind(&kind, &event);
	(void)presdoc_accepted(PRESDOC_PIDF, &accept);
	(void)presdoc_accepted(PRESDOC_DIALOG, &accept);

	if (!pl_strcpy(&accept, entity, sizeof(entity)) && is_text(entity))
		check_xml(kind, entity);

	return 0;
}
