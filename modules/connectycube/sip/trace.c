/**
 * @file sip/trace.c  Ids that other systems know calls by: which header
 */
#include <re.h>
#include <baresip.h>
#include "sip/sip.h"
#include "sip/leg.h"
#include "sip/pure/about.h"
#include "sip/pure/trace.h"


static struct {
	const char *name;       /* of the header (pointer), NULL=none */
	bool send;              /* our calls have it, too */
} tr;


/**
 * Set which header the ids of calls are in
 *
 * @param name Its name, which lives as long; NULL=none
 * @param send Our own calls have it, too
 */
void sip_set_trace(const char *name, bool send)
{
	tr.name = name;
	tr.send = send;
}


/**
 * Read the id of a call from its INVITE
 *
 * @param ab  Set there
 * @param msg INVITE
 */
void sip_trace_read(struct about *ab, const struct sip_msg *msg)
{
	(void)trace_read(ab->trace, sizeof(ab->trace), msg, tr.name);
}


/**
 * Add the header of a call that we make
 *
 * @param hdrl List of headers
 * @param id   Id of the call, or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int sip_trace_add(struct list *hdrl, const char *id)
{
	const struct trace_hdr th = {tr.name, id};

	if (!tr.send || !trace_may_print(&th))
		return 0;

	return custom_hdrs_add(hdrl, th.name, "%H", trace_print, &th);
}
