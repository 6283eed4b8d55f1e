/**
 * @file audio/pair.c  What audio takes from one port to another: a route
 *
 * See audio.h and priv.h for the picture.
 */
#include <string.h>
#include <re.h>
#include "audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "telev.h"
#include "audio_priv.h"


static void destructor(void *arg)
{
	struct audio_route *rt = arg;

	/* neither, where a port has gone first */
	if (rt->in) {
		event_break(rt, media_clock());
		route_none(rt->in);
		rt->in->to    = NULL;
		rt->out->from = NULL;
	}

	mem_deref(rt->xc);
	mem_deref(rt->ib);
	mem_deref(rt->ear);
}


/**
 * Let what arrives on one port go out on another, as long as both are there.
 * Freeing the route parts them again: what is sent on the second one goes on
 * where it was when something else is wired to it; a key that is down is up
 *
 * @param rtp Route (output), owned by the caller
 * @param in  Port that no route leads away from yet
 * @param out Port that no route leads to yet
 *
 * @return 0 if success, EINVAL for missing arguments, EALREADY if either is
 *         wired already, ENOMEM
 */
int audio_route_alloc(struct audio_route **rtp, struct audio_port *in,
		      struct audio_port *out)
{
	struct audio_route *rt;

	if (!rtp || !in || !out)
		return EINVAL;
	if (in->to || out->from)
		return EALREADY;

	rt = mem_zalloc(sizeof(*rt), destructor);
	if (!rt)
		return ENOMEM;

	rt->in  = in;
	rt->out = out;

	in->to    = rt;
	out->from = rt;

	route_setup(rt);
	audio_port_arm(in, media_clock());

	*rtp = rt;

	return 0;
}
