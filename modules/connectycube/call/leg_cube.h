/**
 * @file call/leg_cube.h  A leg that is a call of the cloud, from inside
 *
 *   leg_cube.c          signalling, status
 *   leg_cube_why.c      why a call is not made
 *   leg_cube_media.c    what it offers, and how packets are sent
 *   leg_cube_transfer.c transfers that the app orders
 */

struct ext;

/** A leg by the cloud: an app */
struct leg_cube {
	struct leg leg;         /**< What all kinds have; first            */
	struct cube_call *cc;   /**< Call of the cloud (owned)             */
};

/** Audio to offer or to answer */
struct leg_cube_audio {
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;
};

/** Video to offer or to answer */
struct leg_cube_video {
	struct peer_fmt fmtv[VPOLICY_FMT_MAX];
	struct peer_media_prm prm;
};

/* leg_cube.c */
extern const struct cube_call_handlers leg_cube_handlers;

int  leg_cube_park(struct leg **legp, struct cube_call *cc);
int  leg_cube_take(struct leg **legp, struct bcall *bc,
		   struct cube_call *cc);
int  leg_cube_alloc(struct leg **legp);
enum end_reason leg_cube_prepare(struct cube_call *cc);

/* leg_cube_show.c */
void leg_cube_describe(const struct leg *leg, struct snap_leg *sl);
void leg_cube_client(const struct leg *leg, struct leg_client *cl);
int  leg_cube_users(struct re_printf *pf, const struct leg *leg);

/* leg_cube_why.c */
void leg_cube_refuse(struct cube_call *cc, uint16_t scode,
		     const char *reason);
void leg_cube_hangup_why(struct cube_call *cc, uint16_t scode,
			 const char *reason);

/* leg_cube_ring.c */
void leg_cube_declined(const char *user, void *arg);
int  leg_cube_ring(struct leg *leg, const struct ext *ext,
		   const char *const *idv, size_t idc,
		   const struct leg_peer *caller,
		   const struct leg_media *other);
int  leg_cube_connect(struct bcall *bc, const char *const *idv, size_t idc,
		      const struct leg_peer *caller,
		      const struct leg_media *other);

/* leg_cube_transfer.c */
int  leg_cube_transfer(struct leg *leg, const char *target,
		       const char *session, const char **reasonp);

/* leg_cube_media.c */
const struct peer_media_prm *leg_cube_audio(struct leg_cube_audio *a,
					    const struct leg_audio *other);
const struct peer_media_prm *leg_cube_video(struct leg_cube_video *v,
					    const struct leg_video *other);
void leg_cube_hold(struct leg *leg, bool hold);
void leg_cube_media(const struct leg *leg, struct leg_media *lm);
void leg_cube_path(const struct leg *leg, struct leg_path *path);
const char *leg_cube_revive(struct leg *leg);
int  leg_cube_audio_end(struct leg *leg, struct media_end *end,
			const struct leg_audio *other);
int  leg_cube_video_end(struct leg *leg, struct video_end *end,
			const struct leg_video *other);
void leg_cube_rtp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg);
void leg_cube_rtcp(enum peer_kind kind, uint8_t *pkt, size_t len, void *arg);
