/**
 * @file sip/sip.h  The SIP leg inside baresip
 *
 *   INVITE --> screen ---> leg <--- UA events (ringing, answered, closed)
 *              (held       |  ^
 *              until 180)  |  | RTP, RTCP
 *                          v  |
 *                         media ----> baresip's sockets, SRTP below us
 *                        (mnat hook)
 *
 * baresip keeps registration, transactions, SDP and SRTP. We hold an INVITE
 * back until the cloud has it (invite_hold.c), take and inject a call's packets
 * (mnat.c, media.c), decide which video is in its SDP (video.c), and give the
 * bridge one object for a call (leg.c). Which calls, and whose events are
 * whose, is known to sip.c.
 */

enum {
	SIPLEG_FMT_MAX = 16,    /**< Formats kept of a leg's audio, video  */
};

struct ua;
struct sipleg;
struct about;
struct allow;
struct who;
struct referral;
struct referto;
struct refertx;
struct replaces;

/** One payload format of a leg */
struct sipleg_fmt {
	uint8_t pt;             /**< Payload type                          */
	char name[32];          /**< Encoding name                         */
	uint32_t crate;         /**< RTP clock rate [Hz]                   */
	uint8_t ch;             /**< Channels                              */
	char fmtp[256];         /**< Remote's format parameters            */
};

/** What was negotiated for a leg's audio */
struct sipleg_audio {
	struct sipleg_fmt rxv[SIPLEG_FMT_MAX]; /**< What may arrive        */
	size_t rxc;             /**< Number of receivable formats          */
	struct sipleg_fmt txv[SIPLEG_FMT_MAX]; /**< Remote's, its order    */
	size_t txc;             /**< Number of sendable formats            */
	uint32_t ptime;         /**< Remote's ptime [ms], 0=unset          */
	uint32_t maxptime;      /**< Remote's maxptime [ms], 0=unset       */
	uint32_t ssrc;          /**< Our SSRC                              */
	bool send;              /**< We may send                           */
	bool recv;              /**< The remote may send                   */
	bool offer;             /**< The remote has asked for that         */
	bool rtcp_rsize;        /**< RFC 5506 agreed                       */
};

/** What the bridge states of a leg's audio, beside the account's codecs */
struct sipleg_audio_prm {
	const char *codec;      /**< To prefer in an answer if the caller
				     offers it, NULL=caller's order        */
	uint32_t crate;         /**< Its RTP clock rate [Hz]               */
	char opus[128];         /**< Format parameters of Opus, that we want
				     to receive; empty=as baresip has them */
	uint32_t ptime;         /**< Packet time that we want to receive
				     [ms], 0=as baresip has it             */
	uint32_t maxptime;      /**< Longest one [ms], 0=unset             */
};

/** RTCP feedback that a phone knows (RFC 4585, RFC 5104), a bit mask */
enum sipleg_fb {
	SIPLEG_FB_NACK  = 1<<0,
	SIPLEG_FB_PLI   = 1<<1,
	SIPLEG_FB_FIR   = 1<<2,
	SIPLEG_FB_TMMBR = 1<<3,
	SIPLEG_FB_REMB  = 1<<4,
	SIPLEG_FB_TWCC  = 1<<5,
};

/** What was negotiated for a leg's video */
struct sipleg_video {
	struct sipleg_fmt rxv[SIPLEG_FMT_MAX]; /**< What may arrive        */
	size_t rxc;             /**< Number of receivable formats          */
	struct sipleg_fmt txv[SIPLEG_FMT_MAX]; /**< Remote's, its order    */
	size_t txc;             /**< Number of sendable formats            */
	uint32_t ssrc;          /**< Our SSRC                              */
	bool send;              /**< We may send                           */
	bool recv;              /**< The remote may send                   */
	bool rtcp_rsize;        /**< RFC 5506 agreed                       */
	uint32_t fb;            /**< Remote's a=rtcp-fb, enum sipleg_fb;
				     what it states for * or any format    */
	uint32_t bandwidth;     /**< Remote's b=TIAS or b=AS [bit/s],
				     0=unset                               */
};

/**
 * What the bridge wants of a leg's video
 *
 * H264 should stand there once for each packetization-mode: an offered format
 * matches one of the same mode, and best one of the same profile. Baseline
 * (Constrained or not), Main and High match each other if there is none. VP9
 * matches by its profile-id, others by their name.
 */
struct sipleg_video_prm {
	bool on;                /**< Offer it, or accept it                */
	const struct sipleg_fmt *fmtv; /**< Formats with what we receive as
				     fmtp, best first; the payload types are
				     ours for offers                       */
	size_t fmtc;            /**< Number of formats                     */
	uint32_t bandwidth;     /**< We receive no more [bit/s], 0=unset   */
};

/** Packet counters that only this leg can know */
struct sipleg_stats {
	struct sa raddr;        /**< Where RTP goes now                    */
	uint16_t lport;         /**< Our RTP port                          */
	bool latched;           /**< raddr was learnt from packets         */
	uint64_t refused;       /**< Packets of strangers or no RTP        */
	const char *suite;      /**< SRTP's suite, NULL=not encrypted      */
};

/**
 * A caller's INVITE is held: no 180 yet. The callee sets handlers with
 * sipleg_set_handlers() and then, now or later, calls sipleg_ring() or
 * sipleg_end().
 *
 * @param leg New leg, owned by the callee
 * @param ua  User-Agent that is called
 */
typedef void (sipleg_incoming_h)(struct sipleg *leg, struct ua *ua,
				 void *arg);

/** A call was refused for what it offers */
typedef void (sip_unfit_h)(const struct ua *ua, const char *uri,
			   const char *callid, uint16_t scode,
			   const char *reason);

/** What an INVITE says of the transfer that it is for */
struct sip_transferred {
	const struct replaces *rep; /**< Whom it replaces, NULL=nobody     */
	const char *by;         /**< Referred-By, NULL=unset               */
};

/** A transfer that the phone has ordered */
struct sip_refer {
	const struct referto *to; /**< To whom                             */
	const char *by;         /**< Referred-By, NULL=none                */
};

/** What was refused: of a stranger, or malformed */
struct sip_refused {
	const struct sa *src;   /**< Where it comes from                   */
	struct pl what;         /**< Method                                */
	struct pl who;          /**< Its address                           */
	struct pl target;       /**< For whom                              */
	const char *why;        /**< Why                                   */
	uint32_t missed;        /**< How many before were not told         */
};

/**
 * Something was refused. Told now and then
 *
 * @param r What, valid in the handler only
 */
typedef void (sip_refused_h)(const struct sip_refused *r);

/** How a call of ours that is sent on (3xx) is followed */
struct sip_redirect_prm {
	uint32_t max;           /**< How often in one call                 */
	unsigned tell;          /**< Headers, enum redirect_tell           */
};

/** The call was sent on: somebody else is called now */
typedef void (sipleg_moved_h)(const char *uri, void *arg);
typedef void (sipleg_ringing_h)(void *arg);
/** Somebody else is at the far end: see sipleg_peer_name() and others */
typedef void (sipleg_identity_h)(void *arg);
typedef void (sipleg_estab_h)(void *arg);
typedef void (sipleg_media_h)(const struct sipleg_audio *au, void *arg);
typedef void (sipleg_video_h)(const struct sipleg_video *vid, void *arg);
typedef void (sipleg_fast_update_h)(void *arg);
typedef void (sipleg_pkt_h)(uint8_t *pkt, size_t len, void *arg);
/** A key by SIP INFO. It may be part of a PIN: do not log it */
typedef void (sipleg_key_h)(char key, uint32_t ms, void *arg);
/**
 * The phone has ordered a transfer, and was told that it is begun. May end the
 * leg
 *
 * @param refer To whom, valid in the handler only
 * @param r     Whom to tell of progress by referral_notify(); to be kept by
 *              mem_ref()
 */
typedef void (sipleg_refer_h)(const struct sip_refer *refer,
			      struct referral *r, void *arg);
/**
 * Another call is to take the place of the leg: INVITE with Replaces. It is
 * held, as of sipleg_incoming_h, and to be answered or ended
 *
 * @param sl New leg, owned by the callee
 */
typedef void (sipleg_replace_h)(struct sipleg *sl, void *arg);
/** The far end does what it was asked for, and has got so far */
typedef void (sip_referred_h)(uint16_t scode, const char *reason, void *arg);
typedef void (sipleg_close_h)(uint16_t scode, const char *reason, void *arg);

/**
 * A leg's handlers, each may be NULL. ringingh, estabh, keyh and closeh may end
 * and dereference the leg; the others are called from inside of what baresip
 * does with its call, and may not
 */
struct sipleg_handlers {
	sipleg_ringing_h *ringingh; /**< Outgoing: 18x                     */
	sipleg_moved_h *movedh;     /**< Outgoing: sent on, 3xx            */
	sipleg_media_h *mediah;     /**< Media negotiated, or anew         */
	sipleg_estab_h *estabh;     /**< 200 (outgoing) or ACK (incoming)  */
	sipleg_pkt_h *rtph;         /**< A valid, decrypted RTP packet     */
	sipleg_pkt_h *rtcph;        /**< A decrypted RTCP packet           */
	sipleg_key_h *keyh;         /**< A key by SIP INFO, NULL=refused   */
	sipleg_video_h *videoh;     /**< Video negotiated, or anew         */
	sipleg_pkt_h *vrtph;        /**< RTP packet of video               */
	sipleg_pkt_h *vrtcph;       /**< RTCP packet of video              */
	sipleg_fast_update_h *fasth;/**< The phone wants a keyframe: SIP
					 INFO picture_fast_update (RFC 5168) */
	sipleg_identity_h *identityh; /**< The far end is somebody else    */
	sipleg_refer_h *referh;     /**< A transfer is ordered, NULL=refused */
	sipleg_replace_h *replaceh; /**< Another one takes its place,
					 NULL=refused                      */
	sipleg_close_h *closeh;     /**< Over; once; owner then derefs     */
};

/* sip.c */
int  sip_init(uint32_t latch_time, const struct allow *allow,
	      sipleg_incoming_h *incomingh, void *arg);
void sip_close_room(void);
int  sip_set_video(const struct sipleg_video_prm *prm);
int  sip_attach(struct ua *ua);
bool sip_ua_exists(const struct ua *ua);

/* trust.c */
void sip_set_trust(const struct allow *more);

/* target.c */
struct target_list;
void sip_set_targets(const struct target_list *tl);
bool sip_may_go(struct ua *ua, const struct referto *rt);

/* who.c */
void sip_set_identity(unsigned val);

/* trace.c */
void sip_set_trace(const char *name, bool send);

/* request.c */
void sip_take_requests(void);
void sip_set_refused_handler(sip_refused_h *h);
void sip_set_unfit_handler(sip_unfit_h *h);

/* replaces.c */
struct sipleg *sipleg_find_dialog(const struct replaces *rep);
void *sipleg_owner(const struct sipleg *leg);

/* refertx.c */
int  sipleg_refer(struct refertx **txp, struct sipleg *leg,
		  const struct referto *to, sip_referred_h *h, void *arg);

/* refer.c */
void referral_notify(struct referral *r, uint16_t scode,
		     const char *reason);

/* register.c */
int  sip_register_init(uint32_t keepalive, bool received);
void sip_register_start(void);
void sip_register_leave(void);
void sip_register_close(void);
void sip_register_heard(const struct sip_msg *msg);
bool sip_registered(const struct ua *ua);
bool sip_registers(const struct ua *ua);
bool sip_registrar(struct sa *sa, const struct ua *ua);
const char *sip_outbound(const struct ua *ua);

/* redirect.c */
void sip_set_redirect(const struct sip_redirect_prm *prm);
/* refresh.c */
struct stimer_cfg;
void sip_set_timer(const struct stimer_cfg *cfg);

/* moved.c */
void sip_network_changed(void);
void sip_network_close(void);

/* sipauth.c */
int  sip_auth_handler(char **user, char **pass, const char *realm,
		      void *arg);
int  sip_auth_init(void);
void sip_auth_close(void);

/* siptls.c */
int  siptls_init(bool verify);
struct account;
int  siptls_trusts(const struct sa *dst, const struct account *acc,
		   const struct pl *host);
void siptls_close(void);

/* connect.c */
int  sipleg_connect(struct sipleg **legp, struct ua *ua, const char *uri,
		    const struct sip_transferred *tr,
		    const struct sipleg_audio_prm *audio,
		    const struct sipleg_video_prm *video,
		    const struct who *who,
		    const struct sipleg_handlers *h, void *arg);

/* leg.c */
void sipleg_set_handlers(struct sipleg *leg, const struct sipleg_handlers *h,
			 void *arg);
int  sipleg_ring(struct sipleg *leg);
int  sipleg_progress(struct sipleg *leg);
int  sipleg_answer(struct sipleg *leg, const struct sipleg_audio_prm *audio,
		   const struct sipleg_video_prm *video);
void sipleg_end(struct sipleg *leg, uint16_t scode, uint32_t retry_after);

/* hold.c */
int  sipleg_hold(struct sipleg *leg, bool hold);
int  sipleg_revive(struct sipleg *leg);
int  sipleg_offer_record(struct sipleg *leg, const char *record);
void sipleg_hold_estab(struct sipleg *leg);

/* divert.c */
bool sipleg_may_divert(const struct sipleg *leg);
int  sipleg_divert(struct sipleg *leg, const char *uri, const char *why);

/* leginfo.c */
const char *sip_reason(uint16_t scode);
const char *sipleg_id(const struct sipleg *leg);
const char *sipleg_agent(const struct sipleg *leg);
void sipleg_tags(struct sipleg *leg, const char **localp,
		 const char **remotep);
const struct sa *sipleg_addr(const struct sipleg *leg);
const char *sipleg_peer_uri(const struct sipleg *leg);
const char *sipleg_peer_name(const struct sipleg *leg);
const char *sipleg_peer_user(const struct sipleg *leg);
bool sipleg_elsewhere(const struct sipleg *leg);
bool sipleg_failed(const struct sipleg *leg);
bool sipleg_anonymous(const struct sipleg *leg);
struct about *sipleg_about(const struct sipleg *leg);
const struct sipleg_audio *sipleg_audio(const struct sipleg *leg);
uint32_t sipleg_rx_age(const struct sipleg *leg);
void sipleg_stats(const struct sipleg *leg, struct sipleg_stats *st);
void sipleg_video_stats(const struct sipleg *leg, struct sipleg_stats *st);

/* video.c */
const struct sipleg_video *sipleg_video(const struct sipleg *leg);

/* mediatx.c */
struct warm;
void sipleg_warm(const struct sipleg *leg, struct warm *w);
void sipleg_set_warm(struct sipleg *leg, const struct warm *w);
int  sipleg_send_rtp(struct sipleg *leg, uint8_t *pkt, size_t len,
		     size_t size);
int  sipleg_send_rtcp(struct sipleg *leg, uint8_t *pkt, size_t len,
		      size_t size);

int  sipleg_send_video_rtp(struct sipleg *leg, uint8_t *pkt, size_t len,
			   size_t size);
int  sipleg_send_video_rtcp(struct sipleg *leg, uint8_t *pkt, size_t len,
			    size_t size);

/* infotx.c */
int  sipleg_send_fast_update(struct sipleg *leg);
int  sipleg_send_record(struct sipleg *leg, const char *record);
int  sipleg_send_key(struct sipleg *leg, char key, uint32_t ms, bool plain);

/* codec_wrap.c */
int  sip_aucodec_wrap(struct list *codecl);

/* vidcodec.c */
int  sip_vidcodec_wrap(struct list *vcodecl);
