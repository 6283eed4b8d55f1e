/**
 * @file call/wire_audio.c  Wires the audio of a call's legs
 *
 * Pure. Each leg states its own end, by what is known of the other one; two
 * routes, one each way, are made when both ends are known.
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


/* other: NULL if the party is alone */
static int get_end(struct media_end *end, struct leg *leg,
		   const struct leg *other)
{
	struct leg_media lm;
	int err;

	memset(&lm, 0, sizeof(lm));
	if (other)
		other->ops->media(other, &lm);

	err = leg->ops->audio_end(leg, end, &lm.audio);

	/* who holds hears nothing, whatever it has agreed on */
	if (!err && leg->held)
		end->send = false;

	return err;
}


/**
 * Part the audio of a call's legs, which keep their ports
 *
 * @param bc Call
 */
void bcall_audio_unwire(struct bcall *bc)
{
	bc->audiov[0] = mem_deref(bc->audiov[0]);
	bc->audiov[1] = mem_deref(bc->audiov[1]);
}


static int wire(struct bcall *bc, struct leg *a, struct leg *b)
{
	int err = 0;

	if (!bc->audiov[0])
		err = audio_route_alloc(&bc->audiov[0], a->audio, b->audio);
	if (!err && !bc->audiov[1])
		err = audio_route_alloc(&bc->audiov[1], b->audio, a->audio);

	return err;
}


/* Until a transfer is through, or has failed: what is played to it */
static int set_alone(struct leg *leg)
{
	struct media_end end;
	int err;

	err = get_end(&end, leg, NULL);
	if (err)
		return err;

	return audio_port_set(leg->audio, &end);
}


/**
 * Something was negotiated on a leg: set both ends anew, if both are known by
 * now, and wire them; or the end of who is alone, while somebody is reached
 *
 * @param bc Call
 *
 * @return 0 if success or nothing to do yet, otherwise errorcode
 */
int bcall_audio_update(struct bcall *bc)
{
	struct leg *a = list_ledata(bc->legl.head);
	struct leg *b = a ? bcall_other(bc, a) : NULL;
	struct media_end enda, endb;
	int err;

	if (!b && a && bc->transfer && leg_is_answered(a))
		return set_alone(a);
	if (!b)
		return 0;

	err = get_end(&enda, a, b);
	if (!err)
		err = get_end(&endb, b, a);
	if (err)
		return err == ENOENT ? 0 : err;

	err = audio_port_set(a->audio, &enda);
	if (!err)
		err = audio_port_set(b->audio, &endb);
	if (!err)
		err = wire(bc, a, b);
	if (!err)
		bcall_warm(bc);

	return err;
}
