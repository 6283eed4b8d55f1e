/**
 * @file peerpath_rig.h  What the tests of paths share
 */
#include <nice/agent.h>
#include "peer_rig.h"
#include "base/gloop.h"
#include "base/warm.h"
#include "peer/cand.h"
#include "peer/jsep.h"
#include "peer/srtp.h"
#include "peer/dtls.h"
#include "peer/ice.h"
#include "peer/ice_core.h"
#include "peer/peer_core.h"


static void check_media(struct side sv[2])
{
	const unsigned n0 = sv[0].rtp[0], n1 = sv[1].rtp[0];

	assert_int_equal(rig_send_rtp(&sv[0], 0, 111), 0);
	assert_int_equal(rig_send_rtp(&sv[1], 0, 111), 0);
	assert_true(rig_wait_count(&sv[0].rtp[0], n0 + 1, 60000));
	assert_true(rig_wait_count(&sv[1].rtp[0], n1 + 1, 60000));
}
