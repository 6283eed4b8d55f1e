/**
 * @file audio_pair.h  Two audio ports that are wired to each other
 *
 * As a call wires its two legs. The port of each is found by its leg, and both
 * live and end together.
 */
#include "legs.h"

struct audio_pair;

typedef void (audio_pair_key_h)(enum media_leg leg, char key, bool down,
				uint32_t ms, bool sent, void *arg);

struct audio_pair {
	struct audio_port *portv[LEG_MAX];
	struct audio_route *routev[LEG_MAX]; /**< By the leg they come from */
	audio_pair_key_h *keyh;
	void *keyarg;
};


static inline void audio_pair_destructor(void *arg)
{
	struct audio_pair *ap = arg;
	size_t i;

	for (i=0; i<LEG_MAX; i++) {
		if (ap->portv[i])
			audio_port_set_key_handler(ap->portv[i], NULL, NULL);
	}

	for (i=0; i<LEG_MAX; i++) {
		mem_deref(ap->routev[i]);
		mem_deref(ap->portv[i]);
	}
}


static inline int audio_pair_alloc(struct audio_pair **app,
				   const struct list *codecl)
{
	struct audio_pair *ap;
	int err;

	if (!app)
		return EINVAL;

	ap = mem_zalloc(sizeof(*ap), audio_pair_destructor);
	if (!ap)
		return ENOMEM;

	err  = audio_port_alloc(&ap->portv[LEG_SIP], "sip", codecl);
	if (!err)
		err = audio_port_alloc(&ap->portv[LEG_CUBE], "cube", codecl);
	if (!err)
		err = audio_route_alloc(&ap->routev[LEG_SIP],
					ap->portv[LEG_SIP],
					ap->portv[LEG_CUBE]);
	if (!err)
		err = audio_route_alloc(&ap->routev[LEG_CUBE],
					ap->portv[LEG_CUBE],
					ap->portv[LEG_SIP]);

	if (err)
		mem_deref(ap);
	else
		*app = ap;

	return err;
}


static inline struct audio_port *audio_pair_port(struct audio_pair *ap,
						 enum media_leg leg)
{
	return ap && leg < LEG_MAX ? ap->portv[leg] : NULL;
}


static inline int audio_pair_set_end(struct audio_pair *ap,
				     enum media_leg leg,
				     const struct media_end *end)
{
	return audio_port_set(audio_pair_port(ap, leg), end);
}


static inline void audio_pair_rtp(struct audio_pair *ap, enum media_leg leg,
				  const uint8_t *pkt, size_t len)
{
	audio_port_rtp(audio_pair_port(ap, leg), pkt, len);
}


static inline void audio_pair_rtcp(struct audio_pair *ap, enum media_leg leg,
				   const uint8_t *pkt, size_t len)
{
	audio_port_rtcp(audio_pair_port(ap, leg), pkt, len);
}


static inline void audio_pair_poll(struct audio_pair *ap, uint64_t now)
{
	audio_port_poll(ap->portv[LEG_SIP], now);
	audio_port_poll(ap->portv[LEG_CUBE], now);
}


static inline int audio_pair_send_key(struct audio_pair *ap,
				      enum media_leg leg, char key,
				      uint32_t ms)
{
	return audio_port_send_key(audio_pair_port(ap, leg), key, ms);
}


static inline void audio_pair_key_sip(char key, bool down, uint32_t ms,
				      bool sent, void *arg)
{
	struct audio_pair *ap = arg;

	ap->keyh(LEG_SIP, key, down, ms, sent, ap->keyarg);
}


static inline void audio_pair_key_cube(char key, bool down, uint32_t ms,
				       bool sent, void *arg)
{
	struct audio_pair *ap = arg;

	ap->keyh(LEG_CUBE, key, down, ms, sent, ap->keyarg);
}


static inline void audio_pair_set_key_handler(struct audio_pair *ap,
					      audio_pair_key_h *keyh,
					      void *arg)
{
	ap->keyh   = keyh;
	ap->keyarg = arg;

	audio_port_set_key_handler(ap->portv[LEG_SIP], audio_pair_key_sip,
				   ap);
	audio_port_set_key_handler(ap->portv[LEG_CUBE], audio_pair_key_cube,
				   ap);
}


static inline void audio_pair_close(struct audio_pair *ap)
{
	audio_port_close(audio_pair_port(ap, LEG_SIP));
	audio_port_close(audio_pair_port(ap, LEG_CUBE));
}


static inline uint64_t audio_pair_silence(struct audio_pair *ap,
					  enum media_leg leg)
{
	return audio_port_silence(audio_pair_port(ap, leg));
}


static inline void audio_pair_stats(struct audio_pair *ap,
				    enum media_leg leg,
				    struct media_stats *st)
{
	audio_port_stats(audio_pair_port(ap, leg), st);
}
