/**
 * @file video_pair.h  Two video ports that are wired to each other
 *
 * As a call wires its two legs: still pictures go to the second one.
 */
#include "legs.h"

struct video_pair {
	struct video_port *portv[LEG_MAX];
	struct video_route *routev[LEG_MAX]; /**< By the leg they come from */
};


static inline void video_pair_destructor(void *arg)
{
	struct video_pair *vp = arg;
	size_t i;

	for (i=0; i<LEG_MAX; i++) {
		mem_deref(vp->routev[i]);
		mem_deref(vp->portv[i]);
	}
}


static inline int video_pair_alloc(struct video_pair **vpp,
				   const struct video_config *cfg)
{
	struct video_pair *vp;
	int err;

	if (!vpp)
		return EINVAL;

	vp = mem_zalloc(sizeof(*vp), video_pair_destructor);
	if (!vp)
		return ENOMEM;

	err = video_port_alloc(&vp->portv[LEG_SIP], "phone", cfg);
	if (!err)
		err = video_port_alloc(&vp->portv[LEG_CUBE], "app", cfg);
	if (!err)
		err = video_route_alloc(&vp->routev[LEG_SIP],
					vp->portv[LEG_SIP],
					vp->portv[LEG_CUBE]);
	if (!err)
		err = video_route_alloc(&vp->routev[LEG_CUBE],
					vp->portv[LEG_CUBE],
					vp->portv[LEG_SIP]);

	if (err)
		mem_deref(vp);
	else
		*vpp = vp;

	return err;
}


static inline struct video_port *video_pair_port(struct video_pair *vp,
						 enum media_leg leg)
{
	return vp && leg < LEG_MAX ? vp->portv[leg] : NULL;
}


static inline int video_pair_set_end(struct video_pair *vp,
				     enum media_leg leg,
				     const struct video_end *end)
{
	struct video_end e;

	if (end) {
		e = *end;
		e.still = leg == LEG_CUBE;
	}

	return video_port_set(video_pair_port(vp, leg), end ? &e : NULL);
}


static inline void video_pair_rtp(struct video_pair *vp, enum media_leg leg,
				  const uint8_t *pkt, size_t len)
{
	video_port_rtp(video_pair_port(vp, leg), pkt, len);
}


static inline void video_pair_rtcp(struct video_pair *vp, enum media_leg leg,
				   const uint8_t *pkt, size_t len)
{
	video_port_rtcp(video_pair_port(vp, leg), pkt, len);
}


static inline void video_pair_poll(struct video_pair *vp, uint64_t now)
{
	video_port_poll(vp->portv[LEG_SIP], now);
	video_port_poll(vp->portv[LEG_CUBE], now);
}


static inline void video_pair_fast_update(struct video_pair *vp,
					  enum media_leg leg)
{
	video_port_fast_update(video_pair_port(vp, leg));
}


static inline void video_pair_close(struct video_pair *vp)
{
	video_port_close(video_pair_port(vp, LEG_SIP));
	video_port_close(video_pair_port(vp, LEG_CUBE));
}


static inline void video_pair_stats(struct video_pair *vp,
				    enum media_leg leg,
				    struct video_stats *st)
{
	video_port_stats(video_pair_port(vp, leg), st);
}
