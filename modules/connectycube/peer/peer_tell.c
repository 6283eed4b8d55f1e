/**
 * @file peer/peer_tell.c  A peer's RTCP, shown to whoever looks
 */
#include <netinet/in.h>
#include <nice/agent.h>
#include <re.h>
#include "../base/wire.h"
#include "peer.h"
#include "cand.h"
#include "jsep.h"
#include "srtp.h"
#include "dtls.h"
#include "ice.h"
#include "peer_core.h"


/**
 * Say whose a peer is, to whoever looks at its messages
 *
 * @param p  Peer
 * @param id Id of its call, copied
 *
 * @return 0 if success, otherwise errorcode
 */
int peer_set_id(struct peer *p, const char *id)
{
	if (!p || !id)
		return EINVAL;

	p->id = mem_deref(p->id);

	return str_dup(&p->id, id);
}


/**
 * Show an RTCP packet to whoever looks
 *
 * @param p   Peer
 * @param tx  It is sent
 * @param pkt Packet, not encrypted
 * @param len Its length [bytes]
 */
void peer_tell(const struct peer *p, bool tx, const uint8_t *pkt, size_t len)
{
	struct sa local, remote;
	const bool known = ice_addrs(p->ice, &local, &remote);
	const struct sa *src = tx ? &local : &remote;
	const struct sa *dst = tx ? &remote : &local;
	const struct wire w = {
		.kind = WIRE_RTCP, .tx = tx, .proto = IPPROTO_UDP,
		.src = known ? src : NULL, .dst = known ? dst : NULL,
		.id = p->id, .buf = (const char *)pkt, .len = len,
	};

	wire_tell(&w);
}
