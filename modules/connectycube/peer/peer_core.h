/**
 * @file peer/peer_core.h  Inside of a WebRTC peer
 *
 *   peer.c       life, timers, ICE events
 *   peer_dtls.c  ... DTLS and the keys of SRTP
 *   peer_sdp.c   what all descriptions have in common
 *   peer_offer.c   ... our offers, and the remote's answers
 *   peer_answer.c  ... the remote's offers, and our answers
 *   peer_io.c    packets: demultiplexing, SRTP, to and fro
 *   peer_tell.c  ... RTCP, shown to whoever looks
 */

enum {
	PEER_SETUP_MAX  = 30000, /**< From SDP to media; an SDK gives up on
				     ICE after as long [ms]                */
	PEER_EARLY_MAX  = 8,    /**< DTLS datagrams kept until SDP comes, of
				     each source                           */
	PEER_EARLY_ALL  = 64,   /**< ... and of all                        */
	PEER_SSRC_MAX   = 16,   /**< Remote SSRCs whose kind is known      */
	PEER_CAND_MAX   = 64,   /**< Local candidates                      */
};

/** Offer and answer (RFC 8829 section 3.5.1) */
enum peer_sdp_state {
	PEER_SDP_NONE = 0,      /**< No description yet                    */
	PEER_SDP_OFFERED,       /**< We offered                            */
	PEER_SDP_ASKED,         /**< The remote offered                    */
	PEER_SDP_STABLE,        /**< Both descriptions are in force        */
};

/** One kind of media, as we want and state it */
struct peer_local {
	bool set;               /**< peer_set_media() was called           */
	struct peer_fmt *fmtv;  /**< Owner; what we are able to do         */
	size_t fmtc;            /**< Number of formats                     */
	uint32_t ptime;         /**< Wanted packet time [ms], 0=unset      */
	uint32_t maxptime;      /**< Longest one [ms], 0=unset             */
	struct peer_ext ext;    /**< Wanted header extensions              */
	uint32_t bandwidth;     /**< We receive no more [bit/s], 0=unset   */
	uint32_t ssrc;          /**< Our SSRC                              */
	uint32_t ssrc_rtx;      /**< Our SSRC for retransmissions          */
	char track[40];         /**< Our track id                          */
	struct peer_fmt *sdpv;  /**< Owner; what our description states    */
	size_t sdpc;            /**< Number of those                       */
};

/** One m-line, the same in all descriptions of a session */
struct peer_mline {
	char type[JSEP_TOKEN_MAX];
	char proto[JSEP_TOKEN_MAX];
	char mid[JSEP_MID_MAX];
	char firstfmt[JSEP_TOKEN_MAX];
	bool rejected;          /**< Port 0                                */
	enum peer_kind kind;    /**< If not rejected                       */
	enum sdp_dir dir;       /**< As seen from here                     */
	struct peer_ext ext;    /**< Header extensions                     */
	bool rtx;               /**< Any format has retransmissions        */
	bool rtcp_rsize;        /**< RFC 5506                              */
};

/** What a remote SSRC carries */
struct peer_ssrc {
	uint32_t ssrc;
	enum peer_kind kind;
};

struct peer {
	struct ice *ice;        /**< Owner                                 */
	struct dtlsx *dtls;     /**< Owner; NULL until both SDPs are known */
	struct srtpx *srtp;     /**< Owner; NULL until DTLS is through     */
	bool dtls_started;      /**< There was a pair to start it on       */
	bool failed;            /**< The close handler was called          */
	bool lost;              /**< As told by the path handler           */

	enum peer_sdp_state sdp;/**< Offer and answer                      */
	uint64_t sess_id;       /**< Session id of our SDP                 */
	uint32_t sess_ver;      /**< Version of our SDP                    */
	bool restart;           /**< The next offer restarts ICE           */
	bool active;            /**< We are the DTLS client                */
	bool group;             /**< BUNDLE in our SDP                     */
	struct jsep *rmt;       /**< Owner; an offer not answered yet      */
	char rufrag[JSEP_UFRAG_MAX]; /**< The remote's, as in force        */
	struct jsep_fpr rfpr;   /**< The remote's first fingerprint        */
	struct peer_mline *mlinev; /**< Owner; m-lines                     */
	size_t mlinec;          /**< Number of m-lines                     */
	size_t mline;           /**< Index of the one with the transport   */
	char cname[64];         /**< Our RTCP CNAME                        */
	char stream[40];        /**< Our media stream id                   */

	struct cand *candv;     /**< Owner; local candidates               */
	size_t candc;           /**< Number of local candidates            */
	bool gathered;          /**< There are no more                     */
	bool gather_told;       /**< The gather handler was called         */
	uint32_t gather_max;    /**< Longest wait for gathering [ms]       */
	uint32_t setup_max;     /**< From SDP to media [ms]                */

	struct peer_local lcl[PEER_KIND_MAX];
	struct peer_media media[PEER_KIND_MAX];
	int8_t ptv[128];        /**< Kind of a payload type, -1=unknown    */
	struct peer_ssrc ssrcv[PEER_SSRC_MAX];
	size_t ssrcc;           /**< Number of SSRCs ever learned          */

	struct list earlyl;     /**< Owner; DTLS datagrams, struct early   */
	struct tmr tmr_gather;  /**< End of waiting for gathering          */
	struct tmr tmr_setup;   /**< End of waiting for media              */
	struct {
		uint64_t rx;        /**< RTP and RTCP packets handed on    */
		uint64_t tx;        /**< RTP and RTCP packets sent         */
		uint64_t rx_bad;    /**< Neither DTLS nor RTP, or unknown  */
		uint64_t rx_auth;   /**< Not the remote's, or replayed     */
		uint64_t rx_unwanted; /**< Declared, but not wanted        */
		uint64_t tx_full;   /**< The kernel took no more           */
		uint64_t tx_fail;   /**< Could not be sent                 */
	} stat;

	char *id;               /**< Owner; whose it is, for who looks at
				     its messages                          */
	struct peer_handlers h; /**< Handlers                              */
	void *arg;              /**< Handler argument                      */
};

/* peer.c */
bool peer_is_orphan(const struct peer *p);
void peer_fail(struct peer *p, enum peer_err err, const char *reason);
void peer_set_lost(struct peer *p, bool lost);

/* peer_dtls.c */
int  peer_connect(struct peer *p, const struct jsep *rmt);
void peer_dtls_run(struct peer *p);

/* peer_sdp.c */
int  peer_sdp_encode(struct mbuf **sdp, struct peer *p,
		     enum jsep_setup setup);
int  peer_sdp_decode_remote(struct jsep **rmtp, const char *sdp, size_t len);
int  peer_sdp_check_transport(const struct jsep *rmt);
bool peer_sdp_is_same(const struct peer *p, const struct jsep *rmt);
bool peer_sdp_usable(const struct jsep *rmt, const struct jsep_media *m);
void peer_sdp_agree(struct peer *p, enum peer_kind kind,
		    const struct jsep_media *m, enum sdp_dir dir);
int  peer_sdp_mlines(struct peer *p, size_t n);
void peer_sdp_settle(struct peer_mline *m, struct peer_local *lcl,
		     const struct peer_ext *ext);
enum sdp_dir peer_sdp_reverse(enum sdp_dir dir);
int  peer_media_begin(struct peer_media *med);
void peer_media_trim(struct peer_media *med);
void peer_media_reset(struct peer_media *med);

/* peer_io.c */
void peer_recv(struct peer *p, uint8_t *buf, size_t len);
void peer_recv_dtls(struct peer *p, const struct sa *src, const uint8_t *buf,
		    size_t len);
void peer_recv_early(struct peer *p);
void peer_learn_media(struct peer *p, enum peer_kind kind,
		      const struct jsep_media *m);

/* peer_tell.c */
void peer_tell(const struct peer *p, bool tx, const uint8_t *pkt, size_t len);
