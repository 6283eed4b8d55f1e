/**
 * @file peer/jsep.h  Session descriptions of WebRTC (RFC 8829, RFC 8866)
 *
 *   remote SDP --jsep_decode()--> struct jsep --jsep_match()--> formats
 *   struct jsep_local --jsep_encode()--> local SDP
 *
 * Pure: bytes in, struct out, no I/O. What is stated for the session holds
 * for each m-line that does not say otherwise.
 */

enum {
	JSEP_SDP_MAX   = 262144, /**< Longest description accepted [bytes] */
	JSEP_MLINE_MAX = 16,    /**< m-lines accepted                      */
	JSEP_FMT_MAX   = 96,    /**< Formats kept of an m-line             */
	JSEP_FPR_MAX   = 4,     /**< Fingerprints kept of an m-line        */
	JSEP_SSRC_MAX  = 8,     /**< SSRCs kept of an m-line               */
	JSEP_CAND_MAX  = 64,    /**< Candidates kept of a description      */
	JSEP_TOKEN_MAX = 64,    /**< Size of mid and other tokens [bytes]  */
	JSEP_UFRAG_MAX = 257,   /**< RFC 8839: 4-256 characters            */
	JSEP_PWD_MAX   = 257,   /**< RFC 8839: 22-256 characters           */
};

/** Who opens the DTLS association (RFC 5763, RFC 8842) */
enum jsep_setup {
	JSEP_SETUP_NONE = 0,    /**< Not stated                            */
	JSEP_ACTPASS,
	JSEP_ACTIVE,
	JSEP_PASSIVE,
	JSEP_HOLDCONN,
};

/** RTCP feedback (RFC 4585), a bit mask */
enum jsep_fb {
	JSEP_FB_NACK     = 1<<0,
	JSEP_FB_NACK_PLI = 1<<1,
	JSEP_FB_CCM_FIR  = 1<<2,
	JSEP_FB_REMB     = 1<<3,
	JSEP_FB_TWCC     = 1<<4,
};

/** Fingerprint of a certificate (RFC 8122) */
struct jsep_fpr {
	char hash[16];          /**< Hash function, as in "sha-256"        */
	uint8_t md[64];         /**< Hash                                  */
	size_t len;             /**< Length of the hash [bytes]            */
};

/** One format of an m-line */
struct jsep_fmt {
	struct peer_fmt fmt;    /**< Empty name: rtpmap missing or unusable */
	uint32_t fb;            /**< Feedback, enum jsep_fb                */
};

/** What may be stated for the session or for an m-line */
struct jsep_transp {
	char ufrag[JSEP_UFRAG_MAX]; /**< ICE user name fragment            */
	char pwd[JSEP_PWD_MAX]; /**< ICE password                          */
	bool trickle;           /**< ice-options:trickle                   */
	enum jsep_setup setup;  /**< DTLS role                             */
	struct jsep_fpr fprv[JSEP_FPR_MAX]; /**< Fingerprints              */
	size_t fprc;            /**< Number of fingerprints                */
	enum sdp_dir dir;       /**< Direction, as seen from the sender    */
};

/** One m-line */
struct jsep_media {
	char type[JSEP_TOKEN_MAX];  /**< "audio", "video", "application"   */
	char proto[JSEP_TOKEN_MAX]; /**< e.g. "UDP/TLS/RTP/SAVPF"          */
	char firstfmt[JSEP_TOKEN_MAX]; /**< First format as text           */
	uint16_t port;          /**< Port, 0=rejected unless bundle-only   */
	char mid[JSEP_TOKEN_MAX];   /**< Media identification, may be empty */
	bool bundle_only;       /**< Port 0, but not rejected (RFC 9143)   */
	bool bundled;           /**< In the first BUNDLE group             */
	struct jsep_transp t;   /**< Transport, with what it inherited     */
	bool own_fpr;           /**< Has fingerprints of its own           */
	bool rtcp_mux;          /**< RFC 5761                              */
	bool rtcp_rsize;        /**< RFC 5506                              */
	uint32_t ptime;         /**< [ms], 0=unset                         */
	uint32_t maxptime;      /**< [ms], 0=unset                         */
	struct jsep_fmt *fmtv;  /**< Owner; formats                        */
	size_t fmtc;            /**< Number of formats                     */
	uint32_t ssrcv[JSEP_SSRC_MAX]; /**< SSRCs                          */
	size_t ssrcc;           /**< Number of SSRCs                       */
};

/** A description */
struct jsep {
	struct jsep_transp t;   /**< As stated for the session             */
	struct jsep_media mv[JSEP_MLINE_MAX]; /**< m-lines                 */
	size_t mc;              /**< Number of m-lines                     */
	bool has_group;         /**< There is a BUNDLE group               */
	char group[512];        /**< Its mids, separated by a blank        */
	struct cand *candv;     /**< Owner; UDP candidates, NULL if none   */
	size_t candc;           /**< Number of candidates                  */
	bool cands_end;         /**< end-of-candidates (RFC 8840)          */
};

int  jsep_decode(struct jsep **jsepp, const char *sdp, size_t len);
bool jsep_is_rejected(const struct jsep_media *m);
const struct jsep_media *jsep_transport(const struct jsep *jsep);
bool jsep_fpr_decode(struct jsep_fpr *fpr, const char *str, size_t len);
int  jsep_fpr_print(struct re_printf *pf, const struct jsep_fpr *fpr);
const char *jsep_setup_name(enum jsep_setup setup);

/* jsep_media.c, for jsep.c */
int  jsep_media_formats(struct jsep_media *m, struct pl *pl);
void jsep_media_attr(struct jsep_media *m, const struct pl *name,
		     struct pl *value);

/** One m-line to write */
struct jsep_mline {
	const char *type;       /**< "audio", "video", "application"       */
	const char *proto;      /**< Protocol                              */
	const char *mid;        /**< Media identification, empty=none      */
	bool rejected;          /**< Port 0, and nothing else              */
	const char *firstfmt;   /**< A format, if rejected                 */
	const struct jsep_fmt *fmtv; /**< Formats                          */
	size_t fmtc;            /**< Number of formats                     */
	enum sdp_dir dir;       /**< Direction                             */
	uint32_t ptime;         /**< [ms], 0=unset                         */
	uint32_t ssrc;          /**< SSRC                                  */
	bool rtcp_rsize;        /**< RFC 5506                              */
	char track[40];         /**< Track id                              */
};

/** A description to write */
struct jsep_local {
	uint64_t id;            /**< Session id                            */
	uint32_t ver;           /**< Session version                       */
	const char *cname;      /**< RTCP CNAME                            */
	const char *stream;     /**< Media stream id                       */
	const char *ufrag;      /**< ICE user name fragment                */
	const char *pwd;        /**< ICE password                          */
	enum jsep_setup setup;  /**< DTLS role                             */
	struct jsep_fpr fpr;    /**< Our certificate's fingerprint         */
	struct jsep_mline mv[JSEP_MLINE_MAX]; /**< m-lines                 */
	size_t mc;              /**< Number of m-lines                     */
	bool group;             /**< Write a BUNDLE group                  */
	const struct cand *candv; /**< Candidates                          */
	size_t candc;           /**< Number of candidates                  */
	bool cands_end;         /**< All candidates are there              */
};

int jsep_encode(struct mbuf *mb, const struct jsep_local *l);

size_t jsep_match(struct peer_fmt *rmtv, struct jsep_fmt *ansv, size_t max,
		  const struct jsep_media *rmt, const struct peer_fmt *lclv,
		  size_t lclc, bool lclorder);
size_t jsep_echo(struct peer_fmt *rmtv, struct jsep_fmt *ansv, size_t max,
		 const struct jsep_media *rmt);
