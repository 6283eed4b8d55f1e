/**
 * @file bridge/call.c  One bridged call: its states and its two legs
 *
 *   SIP calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                INVITE  `call`     180        accept/200  DTLS up
 *   app calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                `call`  INVITE     18x        200/accept  DTLS up
 *
 * Either leg's end ends the other; what one side is told about the other
 * stands in policy.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "base/mono.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/policy.h"
#include "bridge/bridge.h"


static uint32_t last_id;


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name
 */
const char *bcall_state_name(enum bcall_state state)
{
	switch (state) {

	case BCALL_IDLE:        return "IDLE";
	case BCALL_CALLING:     return "CALLING";
	case BCALL_RINGING:     return "RINGING";
	case BCALL_ANSWERED:    return "ANSWERED";
	case BCALL_ESTABLISHED: return "ESTABLISHED";
	case BCALL_CLOSED:      return "CLOSED";
	default:                return "?";
	}
}


/**
 * Change a call's state; the only place that does
 *
 * @param bc    Call
 * @param state New state
 */
void bcall_set_state(struct bcall *bc, enum bcall_state state)
{
	const char *prev = bcall_state_name(bc->state);

	if (bc->state == state)
		return;

	bc->state = state;
	raise_state(bc, prev);
}


/* The last change of its state */
static void set_closed(struct bcall *bc, enum event_side by, uint16_t scode,
		       const char *why)
{
	const struct raise_end end = {by, scode, why};
	const char *prev = bcall_state_name(bc->state);

	bc->state = BCALL_CLOSED;
	raise_ended(bc, prev, &end);
}


/**
 * Was the call answered, by phone or app?
 *
 * @param bc Call
 *
 * @return True if it was
 */
bool bcall_is_answered(const struct bcall *bc)
{
	return bc->state == BCALL_ANSWERED || bc->state == BCALL_ESTABLISHED;
}


static void destructor(void *data)
{
	struct bcall *bc = data;

	/* its extension goes with all its calls */
	if (bc->state != BCALL_IDLE && bc->state != BCALL_CLOSED)
		set_closed(bc, EVENT_BRIDGE, 0, "shutdown");

	list_unlink(&bc->le);
	tmr_cancel(&bc->tmr);
	tmr_cancel(&bc->tmr_watch);
	mem_deref(bc->keys);

	/* the ends before what they feed */
	mem_deref(bc->leg);
	mem_deref(bc->cube);
	mem_deref(bc->audio);
	mem_deref(bc->video);

	ext_call_ended(bc->ext);
}


static void close_media(struct bcall *bc)
{
	audio_pair_close(bc->audio);
	if (bc->video)
		video_pair_close(bc->video);
}


/**
 * Make a call without legs
 *
 * @param bcp      Pointer to the new call; freed by bcall_close()
 * @param ext      Extension
 * @param from_app True if the app calls
 *
 * @return 0 if success, otherwise errorcode
 */
int bcall_alloc(struct bcall **bcp, struct ext *ext, bool from_app)
{
	struct bcall *bc;
	int err;

	bc = mem_zalloc(sizeof(*bc), destructor);
	if (!bc)
		return ENOMEM;

	bc->ext = ext;

	err = audio_pair_alloc(&bc->audio, bridge_codecs());
	if (!err)
		err = bcall_keys_alloc(&bc->keys, bc);
	if (err) {
		mem_deref(bc);
		return err;
	}

	audio_pair_set_key_handler(bc->audio, bcall_media_key, bc);
	bc->from_app = from_app;
	bc->id       = ++last_id;
	bc->t_start  = mono_ms();
	list_append(&ext->calll, &bc->le, bc);

	*bcp = bc;

	return 0;
}


/**
 * Forget a call. Both legs have been told; nothing happens on it any more
 *
 * @param bc    Call, freed
 * @param by    Who ended it
 * @param scode As SIP says it, 0=without a fault
 * @param why   Why it ended, for the log
 */
void bcall_close(struct bcall *bc, enum event_side by, uint16_t scode,
		 const char *why)
{
	set_closed(bc, by, scode, why);
	mem_deref(bc);
}


/**
 * Tell the app that it is over: a caller that still waits is rejected,
 * anybody else hung up on
 *
 * @param bc     Call
 * @param scode  SIP status code of a rejection
 * @param reason Its readable reason
 */
void bcall_end_app(struct bcall *bc, uint16_t scode, const char *reason)
{
	close_media(bc);

	if (bc->from_app && !bcall_is_answered(bc))
		bcall_refuse_app(bc->cube, scode, reason);
	else
		cube_call_hangup(bc->cube, NULL, 0);
}


/**
 * Tell the phone that it is over
 *
 * @param bc    Call
 * @param scode SIP status code if it still waits for an answer
 */
void bcall_end_sip(struct bcall *bc, uint16_t scode)
{
	close_media(bc);

	sipleg_end(bc->leg, scode,
		   scode == 503 ? cube_retry_after(bc->ext->cube) : 0);
}


/**
 * End a call on both sides
 *
 * @param bc    Call, freed
 * @param scode SIP status code for a side that still waits for an answer
 * @param why   Readable reason
 */
void bcall_end(struct bcall *bc, uint16_t scode, const char *why)
{
	bcall_end_app(bc, scode, why);
	bcall_end_sip(bc, scode);
	bcall_close(bc, EVENT_BRIDGE, scode, why);
}


static void ring_timeout(void *arg)
{
	bcall_end(arg, 480, "No answer");
}


/**
 * Give whoever is rung the ring time
 *
 * @param bc Call
 */
void bcall_limit_ringing(struct bcall *bc)
{
	tmr_start(&bc->tmr, bridge_config()->ring_time * 1000, ring_timeout,
		  bc);
}


/**
 * The callee is being reached, for no longer than the ring time
 *
 * @param bc Call
 */
void bcall_start_ringing(struct bcall *bc)
{
	bcall_limit_ringing(bc);
	bcall_set_state(bc, BCALL_CALLING);
}


/**
 * The callee has answered
 *
 * @param bc Call
 */
void bcall_set_answered(struct bcall *bc)
{
	tmr_cancel(&bc->tmr);
	bc->t_answer = mono_ms();
	bcall_set_state(bc, BCALL_ANSWERED);
}


/**
 * Call an app from the console and, when it accepts, the extension's phone
 *
 * @param bcp Pointer to the new call, optional
 * @param ext Extension
 * @param id  Cloud user id
 *
 * @return 0 if success, EBUSY too many calls, ENOTCONN cloud down, ENOENT no
 *         dial= address, otherwise errorcode
 */
int bcall_dial(struct bcall **bcp, struct ext *ext, const char *id)
{
	const struct user_map *map;
	struct bcall *bc;
	int err;

	if (!ext || !str_isset(id))
		return EINVAL;

	map = ext->map;

	if (!str_isset(map->dial))
		return ENOENT;
	if (bridge_full(false))
		return EBUSY;
	if (!ext_is_online(ext))
		return ENOTCONN;

	err = bcall_alloc(&bc, ext, false);
	if (err)
		return err;

	bcall_start_ringing(bc);

	err = bcall_connect_app(bc, &id, 1, map->name, map->dial, map->aor,
				NULL, NULL);
	if (err) {
		bcall_close(bc, EVENT_BRIDGE, 500, "cloud: cannot call");
		return err;
	}

	if (bcp)
		*bcp = bc;

	return 0;
}


/**
 * End a call on both sides
 *
 * @param bc     Call, freed
 * @param reason Why, for the log
 */
void bcall_hangup(struct bcall *bc, const char *reason)
{
	if (!bc)
		return;

	bcall_end(bc, 480, reason);
}
