/**
 * @file call/wire_video.c  Wires the video of a call's legs
 *
 * Pure. Each leg states its own end, by what is known of the other one. Either
 * may add video, drop it and hold it at any time. Ports and routes are made
 * with the first video, and stay.
 */
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/**
 * Part the video of a call's legs, which keep their ports
 *
 * @param bc Call
 */
void bcall_video_unwire(struct bcall *bc)
{
	bc->videov[0] = mem_deref(bc->videov[0]);
	bc->videov[1] = mem_deref(bc->videov[1]);
}


static int wire(struct bcall *bc, struct leg *a, struct leg *b)
{
	int err;

	err = leg_need_video(a, bc->env->video);
	if (!err)
		err = leg_need_video(b, bc->env->video);
	if (!err && !bc->videov[0])
		err = video_route_alloc(&bc->videov[0], a->video, b->video);
	if (!err && !bc->videov[1])
		err = video_route_alloc(&bc->videov[1], b->video, a->video);

	return err;
}


static bool get_end(struct video_end *end, struct leg *leg,
		    const struct leg *other)
{
	struct leg_media lm;

	other->ops->media(other, &lm);

	if (leg->ops->video_end(leg, end, &lm.video))
		return false;

	/* who holds sees nothing, and is not seen */
	if (leg->held)
		end->send = end->recv = false;

	return true;
}


/* What cannot be shown to anybody is not taken; but who gets still pictures
   gets them without a source, too */
static bool is_wanted(const struct video_end *a, const struct video_end *b)
{
	return (a && b) || (a && a->still) || (b && b->still);
}


static int set_ends(struct bcall *bc, struct leg *a, struct leg *b)
{
	struct video_end end[2], *enda, *endb;
	int err;

	enda = get_end(&end[0], a, b) ? &end[0] : NULL;
	endb = get_end(&end[1], b, a) ? &end[1] : NULL;

	if (!is_wanted(enda, endb))
		return 0;

	err = wire(bc, a, b);
	if (err)
		return err;

	err = video_port_set(a->video, enda);
	if (err)
		return err;

	return video_port_set(b->video, endb);
}


/**
 * Something was negotiated on a leg: set both ends anew. A call whose app has
 * no video has none. It goes on without video if that fails
 *
 * @param bc Call
 *
 * @return 0 if success or nothing to do, otherwise errorcode, which was said
 */
int bcall_video_update(struct bcall *bc)
{
	struct leg *a = list_ledata(bc->legl.head);
	struct leg *b = a ? bcall_other(bc, a) : NULL;
	int err;

	if (!bc->env->video || !b || !bcall_is_answered(bc))
		return 0;

	err = set_ends(bc, a, b);
	if (err)
		raise_not_bridged(bc, "video", err);

	return err;
}
