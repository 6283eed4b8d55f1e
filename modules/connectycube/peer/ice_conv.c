/**
 * @file peer/ice_conv.c  Candidates between libnice and us
 */
#include <string.h>
#include <nice/agent.h>
#include <re.h>
#include "peer.h"
#include "cand.h"
#include "ice.h"


/**
 * Convert an address of libnice's
 *
 * @param sa Address with port, written
 * @param na libnice's address
 *
 * @return 0 if success; EINVAL if it is none
 */
int ice_conv_sa(struct sa *sa, const NiceAddress *na)
{
	struct sockaddr_storage ss;

	if (!nice_address_is_valid(na))
		return EINVAL;

	memset(&ss, 0, sizeof(ss));
	nice_address_copy_to_sockaddr(na, (struct sockaddr *)&ss);

	return sa_set_sa(sa, (struct sockaddr *)&ss);
}


static enum cand_type type_from(NiceCandidateType type)
{
	switch (type) {

	case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE: return CAND_SRFLX;
	case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:   return CAND_PRFLX;
	case NICE_CANDIDATE_TYPE_RELAYED:          return CAND_RELAY;
	default:                                   return CAND_HOST;
	}
}


static NiceCandidateType type_to(enum cand_type type)
{
	switch (type) {

	case CAND_SRFLX: return NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
	case CAND_PRFLX: return NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
	case CAND_RELAY: return NICE_CANDIDATE_TYPE_RELAYED;
	default:         return NICE_CANDIDATE_TYPE_HOST;
	}
}


/**
 * Convert an address to libnice's form
 *
 * @param na libnice's address
 * @param sa Address with port
 *
 * @return 0 if success, EAFNOSUPPORT if neither IPv4 nor IPv6
 */
int ice_conv_addr(NiceAddress *na, const struct sa *sa)
{
	nice_address_init(na);

	switch (sa_af(sa)) {

	case AF_INET:
	case AF_INET6:
		nice_address_set_from_sockaddr(na, &sa->u.sa);
		return 0;
	default:
		return EAFNOSUPPORT;
	}
}


/**
 * Convert a candidate of libnice's
 *
 * @param c     Candidate, written
 * @param nc    libnice's candidate
 * @param ufrag Its user name fragment, may be NULL
 *
 * @return 0 if success; EINVAL if it has no address; ENOTSUP if not UDP
 */
int ice_conv_from(struct cand *c, const NiceCandidate *nc, const char *ufrag)
{
	if (nc->transport != NICE_CANDIDATE_TRANSPORT_UDP)
		return ENOTSUP;

	memset(c, 0, sizeof(*c));
	str_ncpy(c->foundation, nc->foundation, sizeof(c->foundation));
	c->comp = nc->component_id;
	c->prio = nc->priority;
	c->type = type_from(nc->type);
	if (ufrag)
		str_ncpy(c->ufrag, ufrag, sizeof(c->ufrag));

	if (c->type == CAND_HOST || ice_conv_sa(&c->raddr, &nc->base_addr))
		sa_init(&c->raddr, AF_UNSPEC);

	return ice_conv_sa(&c->addr, &nc->addr);
}


/**
 * Convert a candidate to one of libnice's
 *
 * @param c      Candidate
 * @param stream Its stream at the agent
 *
 * @return libnice's candidate, to be freed by the caller; NULL on error
 */
NiceCandidate *ice_conv_to(const struct cand *c, unsigned stream)
{
	NiceCandidate *nc;
	NiceAddress addr;

	if (ice_conv_addr(&addr, &c->addr))
		return NULL;

	nc = nice_candidate_new(type_to(c->type));
	if (!nc)
		return NULL;

	nc->transport    = NICE_CANDIDATE_TRANSPORT_UDP;
	nc->addr         = addr;
	nc->base_addr    = addr;
	nc->priority     = c->prio;
	nc->stream_id    = stream;
	nc->component_id = 1;
	str_ncpy(nc->foundation, c->foundation, sizeof(nc->foundation));

	if (sa_isset(&c->raddr, SA_ADDR))
		(void)ice_conv_addr(&nc->base_addr, &c->raddr);

	return nc;
}
