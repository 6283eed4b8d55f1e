/**
 * @file sip/leg.h  Internals shared by the files of the SIP room
 */
#include "sip/pure/sdes.h"
#include "sip/pure/identity.h"

struct sipmedia;
struct sipvideo;
struct screen;
struct infotx;
struct about;
struct callers;
struct who;
struct refresh;
struct reliable;

enum sipmedia_kind {
	SIPMEDIA_AUDIO = 0,
	SIPMEDIA_VIDEO,
	SIPMEDIA_KINDS
};

/** One SIP call */
struct sipleg {
	struct le le;           /**< Member of the room's list of legs     */
	struct ua *ua;          /**< User-Agent (pointer)                  */
	struct screen *scr;     /**< Held INVITE (owned), NULL=let go      */
	struct call *call;      /**< baresip's call (pointer), NULL=none   */
	struct mnat_sess *ms;   /**< Its media-NAT session (pointer)       */
	struct sipmedia *mediav[SIPMEDIA_KINDS]; /**< Its media (pointers) */
	struct sipleg_audio au; /**< Negotiated audio                      */
	struct sipvideo *video; /**< Its video (owned), NULL=unwanted      */
	struct infotx *infotx;  /**< INFO to send (owned), NULL=none yet   */
	struct refresh *refresh; /**< Session timer (owned), NULL=none yet */
	struct reliable *rel;   /**< Its INVITE wants reliable responses
				     (owned), NULL=no                      */
	struct list earlyl;     /**< Outgoing: early dialogs (struct early) */
	bool peer_update;       /**< Its phone allows UPDATE               */
	bool offer;             /**< Remote's last SDP was an offer        */
	bool early;             /**< It is a provisional response's        */
	bool refused;           /**< Its answer cannot be taken: to be ended */
	bool failed;            /**< We cannot make its call: to be ended  */
	bool hold;              /**< We hold it                            */
	bool hold_refused;      /**< It does not want to be told           */
	bool hold_told;         /**< It was sent the re-INVITE of it       */
	bool other;             /**< It is another phone's than the last   */
	struct branches *branches; /**< Outgoing: who rings (owned), or NULL */
	enum sdes_mode sdes;    /**< What its account says of encryption   */
	struct fork *fork;      /**< Outgoing: who else answers (released) */
	char *id;               /**< Call-ID                               */
	char *ftag;             /**< Incoming: caller's tag                */
	char *tag_local;        /**< Its dialog's tags (owned), as far as they */
	char *tag_remote;       /**< ... are known                         */
	char *branch;           /**< Incoming: branch of the INVITE        */
	uint32_t cseq;          /**< Incoming: number of the INVITE        */
	char *peer_uri;         /**< Remote's URI                          */
	char *peer_name;        /**< Remote's display name, or empty       */
	char *peer_user;        /**< Remote's number, or empty             */
	bool anonymous;         /**< Remote does not want to be known      */
	struct identity from;   /**< Who it was in its last From           */
	char *agent;            /**< Remote's User-Agent or Server, or NULL */
	struct sa addr;         /**< Where its messages come from          */
	struct about *about;    /**< Incoming: what its INVITE said (owned) */
	struct redirect *redirect; /**< Outgoing: where it is sent on to
				     (owned), NULL=nowhere                 */
	struct tmr tmr_on;      /**< Defers calling somebody else          */
	bool sent_on;           /**< A 3xx is being taken                  */
	struct sipout *out;     /**< Outgoing: what it is made with (owned) */
	struct tmr tmr_record;  /**< Defers telling of a recording         */
	struct tmr tmr;         /**< Defers closing out of a call stack    */
	struct tmr tmr_expires; /**< Incoming: the INVITE is no longer valid */
	uint16_t scode;         /**< Status code for the deferred close    */
	uint16_t denied;        /**< Outgoing: of a challenge that is not
				     answered, 0=none                      */
	bool elsewhere;         /**< Incoming: somebody else has the call  */
	bool may_divert;        /**< Incoming: may be sent elsewhere       */
	bool estab;             /**< Session established                   */
	bool chosen;            /**< Outgoing: to whom our own side calls, not
				     somebody else                         */
	bool going;             /**< Inside a call to baresip: defer close */
	bool closed;            /**< closeh was called, or will not be     */
	struct sipleg_handlers h; /**< Handlers                            */
	void *arg;              /**< Handler argument                      */
};

/* leginfo.c */
void sipleg_learn_tags(struct sipleg *leg);

/* leg.c */
int  sipleg_alloc(struct sipleg **legp, struct ua *ua);
int  sipleg_set_peer(struct sipleg *leg, const struct identity *id);
int  sipleg_set_target(struct sipleg *leg, const char *uri);
void sipleg_drop_call(struct sipleg *leg);
void sipleg_set_expires(struct sipleg *leg, const struct pl *expires);
void sipleg_close(struct sipleg *leg, uint16_t scode, const char *reason);
void sipleg_close_later(struct sipleg *leg, uint16_t scode);
void sipleg_refuse(struct sipleg *leg);
void sipleg_give_up(struct sipleg *leg, uint16_t scode, const char *reason);
void sipleg_call_closed(struct sipleg *leg, struct call *call,
			const char *prm);
void sipleg_call_gone(struct sipleg *leg);

/* connect.c */
struct sip_transferred;
int  sipleg_invite(struct sipleg *leg, const char *uri,
		   const struct sip_transferred *tr);

/* sip.c */
bool sip_ua_is_attached(const struct ua *ua);
struct callers *sip_room_callers(const struct ua *ua);
bool sip_room_knows(const struct sa *src);
enum sdes_mode sip_room_sdes(const struct ua *ua);

/* trust.c */
bool sip_room_may_ring(const struct ua *ua, const struct sa *src);
bool sip_room_trusts(const struct ua *ua, const struct sa *src);
bool sip_room_trusts_uri(const struct ua *ua, const char *uri);
bool sip_trust_named(const struct pl *host);

/* target.c */
bool sipleg_may_target(const struct sipleg *leg, const struct pl *host);
bool sipleg_may_go(struct sipleg *leg, const struct referto *rt);
bool sipleg_is_secure(const struct sipleg *leg);
bool sip_follows(void);

/* connected.c */
void connected_read(struct sipleg *leg, const struct sip_msg *msg);
void connected_client(struct sipleg *leg, const struct sip_msg *msg);

/* trace.c */
void sip_trace_read(struct about *ab, const struct sip_msg *msg);
int  sip_trace_add(struct list *hdrl, const char *id);

/* who.c */
struct sipwho;

int  sipwho_use(struct sipwho **wp, struct ua *ua, const struct who *who,
		const struct sip_transferred *tr, const char *uri);
int  sipwho_headers(char **hdrsp, const struct ua *ua, const struct who *who,
		    const char *uri);
const char *sipwho_from(const struct sipwho *w);
/* legs.c */
typedef bool (sip_room_h)(struct sipleg *leg, void *arg);

void sip_room_add(struct sipleg *leg);
bool sip_room_has(const struct ua *ua, const struct sip_msg *msg);
struct sipleg *sip_room_apply(sip_room_h *h, void *arg);
struct sipleg *sipleg_find_call(const struct call *call);
bool sipleg_is_ours(const struct sip_dialog *dlg, const char *callid,
		    const struct sip_msg *msg);
struct sipleg *sipleg_find_ours(const struct sip_msg *msg);
struct sipleg *sipleg_find_request(const struct sip_msg *msg);
void sipleg_see_cancel(const struct sip_msg *msg);
struct sip_dialog *sipleg_dialog(const struct sipleg *leg);
bool sipleg_refuse_overtaken(const struct sipleg *leg,
			     const struct sip_msg *msg);

/* info.c */
struct sipsess *sipleg_session(const struct sipleg *leg);
bool info_request(const struct sip_msg *msg);

/* replaces.c */
void replaces_remember(const struct sipleg *leg);
void replaces_close(void);
uint16_t replaces_find(struct sipleg **oldp, const struct sip_msg *msg,
		       const char **reasonp);

/* refer.c */
bool refer_request(const struct sip_msg *msg);

/* request.c */
int  request_init(void);
void request_close(void);
bool request_pass_on(const struct sip_msg *msg);
void request_tell_full(const struct sa *src);

/* conns.c */
void conns_transports(void);
void conns_handled(const struct sip_msg *msg);
void conns_close(void);

/* divert.c */
void sipleg_see_diverted(struct sipleg *leg, const struct sip_msg *msg);

/* invite_hold.c */
typedef void (screen_h)(struct sipleg *leg, void *arg);

void screen_set_handler(screen_h *h, void *arg);
void screen_invite(struct ua *ua, const struct sip_msg *msg);
int  screen_let_go(struct screen *scr);
int  screen_reply(struct screen *s, uint16_t scode, const char *reason,
		  const char *hdrs);
int  screen_reject(struct screen *scr, uint16_t scode, const char *reason,
		   uint32_t retry_after);

/* mnat.c */
int  sip_mnat_init(uint32_t latch_time);
void sip_mnat_close(void);
void sip_mnat_expect(struct sipleg *leg);
void sip_mnat_forget(struct mnat_sess *ms);
void sip_mnat_go(struct sipleg *leg);
int  sip_mnat_update(struct sipleg *leg);
void sip_mnat_moved(void);
const struct sdp_session *sip_mnat_sdp(const struct sipleg *leg);
void sip_mnat_prefer(struct sipleg *leg, const char *codec, uint32_t crate);

/* media.c */
int  sipmedia_alloc(struct sipmedia **smp, struct sipleg *leg,
		    enum sipmedia_kind kind,
		    struct udp_sock *rtp, struct udp_sock *rtcp,
		    struct sdp_media *sdpm, uint32_t latch_time, bool offerer);
int  sipmedia_update(struct sipmedia *sm, const struct sdp_session *sess);
void sipmedia_set_rx(struct sipmedia *sm, const struct sipleg_fmt *fmtv,
		     size_t fmtc);
void sipmedia_detach(struct sipmedia *sm);
void sipmedia_hush(struct sipmedia *sm);

/* mediatx.c */
uint32_t sipmedia_rx_age(const struct sipmedia *sm);
void sipmedia_stats(const struct sipmedia *sm, struct sipleg_stats *st);
struct sdp_media *sipmedia_sdp(const struct sipmedia *sm);
uint32_t sipmedia_ssrc(const struct sipmedia *sm);
bool sipmedia_is_barred(const struct sipmedia *sm);

/* audio.c */
int  sipaudio_prepare(struct sdp_media *m, const struct account *acc);
void sipaudio_order(struct sdp_media *m);
int  sipaudio_state(struct sdp_media *m, const struct sipleg_audio_prm *prm);
void sipaudio_ptimes(struct sipleg_audio *au, const struct sdp_media *m);
bool sipaudio_is_usable(const struct sdp_media *m);
size_t sipaudio_formats(struct sipleg_fmt *fmtv, const struct sdp_media *m,
			bool local);
void sipaudio_update(struct sipleg *leg, struct sipmedia *sm);

/* video.c */
void sipvideo_preset(const struct sipleg_video_prm *prm);
bool sipvideo_is_on(void);
int  sipvideo_want(struct sipleg *leg, const struct sipleg_video_prm *prm);
int  sipvideo_read_offer(struct sipleg *leg, const struct sdp_media *m,
			 const struct sdp_session *sess);
void sipvideo_prepare(struct sipleg *leg);
void sipvideo_update(struct sipleg *leg, struct sipmedia *sm,
		     const struct sdp_session *sess);

/* offer.c */
int  offer_read(struct sipleg *leg, const struct sip_msg *msg);
int  offer_check(const struct sipleg *leg, const struct sip_msg *msg);

/* body.c */
int  body_init(void);
void body_close(void);
bool body_offer(const struct sipleg *leg, const struct sip_msg *msg);
void body_answer(const struct sip_msg *msg);
int  body_set(struct sip_msg *msg, const struct pl *sdp);
void body_drop(const struct sip_msg *msg);

/* redirect.c */
int  redirect_init(void);
void redirect_close(void);
bool redirect_go_on(struct sipleg *leg, uint16_t scode);
int  redirect_headers(const struct sipleg *leg, struct call *call);

/* early.c */
void early_response(struct sipleg *leg, struct sip_msg *msg);
bool early_update(struct sipleg *leg, const struct sip_msg *msg);

/* hold.c */
void sip_hold_offer(const struct sipleg *leg);
void sip_hold_zero(const struct sipleg *leg, struct sdp_media *m);
void sip_hold_response(struct sipleg *leg, const struct sip_msg *msg);

/* menc.c */
int  sipmenc_init(void);
void sipmenc_close(void);
int  sipmenc_use(struct account *acc, enum sdes_mode *mode);
void sipmenc_restore(struct account *acc, enum sdes_mode mode);

/* standin.c */
int  standin_init(void);
void standin_close(void);
int  standin_add_video(const struct sipleg_video_prm *prm);
int  standin_use_video(struct account *acc);
