/**
 * @file bridge/warm.c  What a call's packets need of memory
 *
 * Whoever reads a packet fetches ahead what all rooms will need of it, and
 * only the bridge knows them all. See base/warm.h
 */
#include <re.h>
#include "base/warm.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "video/video.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/bridge.h"


/**
 * Tell both legs what their packets of audio will need, by what there is now
 *
 * @param bc Call
 */
void bcall_warm(struct bcall *bc)
{
	struct peer *peer = cube_call_peer(bc->cube);
	struct warm from_sip = {{0}}, from_app = {{0}};

	warm_add(&from_sip, bc, offsetof(struct bcall, video));
	audio_pair_warm(bc->audio, LEG_SIP, &from_sip);
	warm_add(&from_sip, bc->cube, 16);
	peer_warm(peer, &from_sip);
	sipleg_warm(bc->leg, &from_sip);
	sipleg_set_warm(bc->leg, &from_sip);

	peer_warm(peer, &from_app);
	cube_call_warm(bc->cube, &from_app);
	warm_add(&from_app, bc, offsetof(struct bcall, video));
	audio_pair_warm(bc->audio, LEG_CUBE, &from_app);
	sipleg_warm(bc->leg, &from_app);
	peer_set_warm(peer, &from_app);
}
