/**
 * @file fuzz_stanza.c  Any element into an XMPP stream, in each state
 */
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "cube/xml.h"
#include "cube/xmpp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const char * const stepv[] = {
	"<features xmlns='http://etherx.jabber.org/streams'><mechanisms"
	" xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN"
	"</mechanism></mechanisms></features>",
	"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
	"<features xmlns='http://etherx.jabber.org/streams'><bind"
	" xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></features>",
	"<iq type='result' id='bind1'><bind"
	" xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>1-2@h/r</jid></bind>"
	"</iq>",
};


/* whatever is sent must be well-formed */
static int send_handler(const char *buf, size_t len, void *arg)
{
	struct xml *x;
	(void)arg;

	if (xml_decode(&x, buf, len))
		__builtin_trap();

	mem_deref(x);

	return 0;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct xmpp_prm prm = {
		.domain = "h", .user = "1-2", .password = "p",
	};
	struct xmpp *x;
	size_t i, step;

	if (size < 1)
		return 0;

	if (xmpp_alloc(&x, &prm, send_handler, NULL, NULL, NULL, NULL))
		return 0;

	(void)xmpp_start(x);

	step = data[0] % 5;
	if (data[0] == '<')     /* the seeds have no such byte */
		step = 4;

	for (i=0; i<step; i++)
		xmpp_recv(x, stepv[i], strlen(stepv[i]));

	xmpp_recv(x, (const char *)data + (data[0] != '<'),
		  size - (data[0] != '<'));
	mem_deref(x);

	return 0;
}
