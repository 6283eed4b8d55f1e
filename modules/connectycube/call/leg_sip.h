/**
 * @file call/leg_sip.h  A leg that is a SIP call, from inside
 *
 *   leg_sip.c          signalling, status
 *   leg_sip_dial.c     how it is dialled
 *   leg_sip_who.c      who is at the far end, and for whom it is called
 *   leg_sip_media.c    what it offers, and how packets are sent
 *   leg_sip_keys.c     keys that come by two roads
 *   leg_sip_refer.c    transfers that the phone orders
 */

struct ext;
struct sip_refer;
struct sip_transferred;
struct sipleg_handlers;
struct referral;

/** A leg by SIP */
struct leg_sip {
	struct leg leg;         /**< What all kinds have; first            */
	struct sipleg *sl;      /**< SIP call (owned)                      */
	char *cname;            /**< Our CNAME towards it (owned)          */
	struct about *about;    /**< What its INVITE said (owner of a
				     reference), NULL=we called            */
	struct keyroad road;    /**< By which road its keys come           */
	struct tmr tmr_keys;    /**< Keys that wait                        */
	struct tmr tmr_early;   /**< It is heard before it answers         */
	struct audio_player *ringback; /**< What it hears while the other
				     party rings (owned), or NULL          */
	bool deaf;              /**< Tones in its audio are no keys        */
};

/** Video to offer or to answer */
struct leg_sip_video {
	struct sipleg_fmt fmtv[VPOLICY_FMT_MAX];
	struct sipleg_video_prm prm;
};

/* leg_sip.c */
void leg_sip_handlers(struct sipleg_handlers *h);
int  leg_sip_alloc(struct leg_sip **lsp, const struct ext *ext,
		   bool incoming);
int  leg_sip_park(struct leg **legp, const struct ext *ext,
		  struct sipleg *sl);
int  leg_sip_take(struct leg **legp, struct bcall *bc, struct sipleg *sl);

void leg_sip_heard_early(struct leg_sip *ls);


/* leg_sip_who.c */
struct who;
struct numplan;
int  leg_sip_know_peer(struct leg_sip *ls, const struct numplan *np);
void leg_sip_know_about(struct leg_sip *ls, const struct numplan *np);
const struct who *leg_sip_who(struct who *who, char *number,
			      const struct numplan *np,
			      const struct leg *other);

/* leg_sip_dial.c */
int  leg_sip_complete(char **urip, const struct ext *ext,
		      const char *number);
int  leg_sip_dial(struct leg *leg, const struct ext *ext, const char *number,
		  const struct sip_transferred *tr, const struct leg *other,
		  const struct leg_media *lm);
int  leg_sip_connect(struct bcall *bc, const char *number,
		     const struct leg_media *other);

/* leg_sip_refer.c */
int  leg_sip_delegate(struct leg *leg, struct transfer *tr,
		      const struct referto *to);
void leg_sip_replace(struct sipleg *sl, void *arg);
void leg_sip_refer(const struct sip_refer *refer, struct referral *r,
		   void *arg);

/* leg_sip_ring.c */
void leg_sip_ring_init(const char *ringback, const char *at);
void leg_sip_ring_close(void);
int  leg_sip_ring(struct leg *leg);

/* leg_sip_media.c */
const struct sipleg_video_prm *leg_sip_video(struct leg_sip_video *v,
					     const struct leg_video *other,
					     uint32_t max);
void leg_sip_hold(struct leg *leg, bool hold);
int  leg_sip_tell_record(struct leg *leg, enum steer_record state,
			 enum steer_tell how);
void leg_sip_media(const struct leg *leg, struct leg_media *lm);
void leg_sip_path(const struct leg *leg, struct leg_path *path);
const char *leg_sip_revive(struct leg *leg);
int  leg_sip_audio_end(struct leg *leg, struct media_end *end,
		       const struct leg_audio *other);
int  leg_sip_video_end(struct leg *leg, struct video_end *end,
		       const struct leg_video *other);
void leg_sip_rtp(uint8_t *pkt, size_t len, void *arg);
void leg_sip_early_rtp(uint8_t *pkt, size_t len, void *arg);
void leg_sip_rtcp(uint8_t *pkt, size_t len, void *arg);
void leg_sip_vrtp(uint8_t *pkt, size_t len, void *arg);
void leg_sip_vrtcp(uint8_t *pkt, size_t len, void *arg);

/* leg_sip_keys.c */
void leg_sip_keys_reset(struct leg_sip *ls);
void leg_sip_key_heard(struct leg *leg, char key, bool down, uint32_t ms,
		       bool sent);
void leg_sip_info_key(char key, uint32_t ms, void *arg);
int  leg_sip_key_send(struct leg *leg, char key, uint32_t ms);
