/**
 * @file call/policy.h  Decisions: codecs, and what one side tells the other
 */
#include "call/reason.h"
#include "call/ringing.h"

enum {
	POLICY_FMT_MAX = 8,
	POLICY_TEXT_MAX = 64,   /**< Room for a reason [bytes]             */
	POLICY_PTIME   = 20,    /**< Packet time asked of the app [ms]     */
};

/** How a call is refused towards the app: goes into userInfo */
struct policy_reject {
	bool busy;              /**< The convention for busy               */
	uint16_t code;          /**< SIP status code, 0=none               */
	char reason[POLICY_TEXT_MAX]; /**< Readable reason                       */
};

bool policy_full(size_t max, size_t kept, size_t all, size_t same);
size_t policy_offer(struct peer_fmt *fmtv, enum codec_policy policy,
		    const struct leg_audio *other);
const struct media_fmt *policy_first(const struct leg_audio *other);
const struct sipleg_fmt *policy_sip_tx(const struct sipleg_audio *au,
				       const struct leg_audio *other);
const struct peer_fmt *policy_cube_tx(const struct peer_media *pm);
const struct peer_fmt *policy_cube_event(const struct peer_media *pm);
const struct sipleg_fmt *policy_sip_event(const struct sipleg_audio *au,
					  const struct sipleg_fmt *tx);
bool policy_is_audio(const char *name);
enum ring_no policy_ring_no(enum cube_end end);
enum end_reason policy_end(enum cube_end end);
bool policy_end_is_ours(enum cube_end end);
uint16_t policy_scode(enum cube_end end, uint16_t rejected);
void policy_reject(struct policy_reject *rej, uint16_t scode,
		   const char *reason);
bool policy_unreachable(char *text, size_t size, const char *cause);

/* apolicy.c */
void policy_state_app(struct peer_media_prm *prm, struct peer_fmt *fmtv,
		      size_t fmtc, const struct leg_audio *other);
void policy_state_phone(struct sipleg_audio_prm *prm,
			const struct leg_audio *other);
