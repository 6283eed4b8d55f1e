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
	JSEP_MID_MAX   = 256,   /**< Size of mid [bytes]                   */
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

/** Fingerprint of a certificate (RFC 8122) */
struct jsep_fpr {
	char hash[16];          /**< Hash function, as in "sha-256"        */
	uint8_t md[64];         /**< Hash                                  */
	size_t len;             /**< Length of the hash [bytes]            */
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
	char mid[JSEP_MID_MAX];     /**< Media identification, may be empty */
	bool bundle_only;       /**< Port 0, but not rejected (RFC 9143)   */
	bool bundled;           /**< In the first BUNDLE group             */
	struct jsep_transp t;   /**< Transport, with what it inherited     */
	bool own_fpr;           /**< Has fingerprints of its own           */
	bool rtcp_mux;          /**< RFC 5761                              */
	bool rtcp_rsize;        /**< RFC 5506                              */
	uint32_t ptime;         /**< [ms], 0=unset                         */
	uint32_t maxptime;      /**< [ms], 0=unset                         */
	uint32_t as;            /**< b=AS [bit/s], 0=unset                 */
	uint32_t tias;          /**< b=TIAS [bit/s], 0=unset (RFC 3890)    */
	struct peer_ext ext;    /**< Header extensions                     */
	struct peer_fmt *fmtv;  /**< Owner; formats. An empty name: rtpmap
				     missing or unusable                   */
	size_t fmtc;            /**< Number of formats                     */
	uint32_t ssrcv[JSEP_SSRC_MAX]; /**< SSRCs, of retransmissions too  */
	size_t ssrcc;           /**< Number of SSRCs                       */
};

/** A description */
struct jsep {
	struct jsep_transp t;   /**< As stated for the session             */
	struct jsep_media mv[JSEP_MLINE_MAX]; /**< m-lines                 */
	size_t mc;              /**< Number of m-lines                     */
	bool lite;              /**< a=ice-lite (RFC 8839)                 */
	bool has_group;         /**< There is a BUNDLE group               */
	char group[1024];       /**< Its mids, separated by a blank        */
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
void jsep_media_bandwidth(struct jsep_media *m, const struct pl *pl);
void jsep_media_attr(struct jsep_media *m, const struct pl *name,
		     struct pl *value);
void jsep_media_rtx(struct jsep_media *m);

/* jsep_ext.c, header extensions */
void jsep_ext_decode(struct peer_ext *ext, struct pl *pl);
int  jsep_ext_print(struct re_printf *pf, const struct peer_ext *ext);
void jsep_ext_match(struct peer_ext *agreed, const struct peer_ext *rmt,
		    const struct peer_ext *lcl);

/** One m-line to write */
struct jsep_mline {
	const char *type;       /**< "audio", "video", "application"       */
	const char *proto;      /**< Protocol                              */
	const char *mid;        /**< Media identification, empty=none      */
	bool rejected;          /**< Port 0, and nothing else              */
	const char *firstfmt;   /**< A format, if rejected                 */
	const struct peer_fmt *fmtv; /**< Formats, each before its rtx     */
	size_t fmtc;            /**< Number of formats, without rtx        */
	enum sdp_dir dir;       /**< Direction                             */
	uint32_t ptime;         /**< [ms], 0=unset                         */
	uint32_t maxptime;      /**< [ms], 0=unset                         */
	uint32_t bandwidth;     /**< [bit/s], 0=unset                      */
	struct peer_ext ext;    /**< Header extensions                     */
	uint32_t ssrc;          /**< SSRC                                  */
	uint32_t ssrc_rtx;      /**< SSRC of retransmissions, 0=none       */
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

size_t jsep_match(struct peer_fmt *rmtv, struct peer_fmt *ansv, size_t max,
		  const struct jsep_media *rmt, const struct peer_fmt *lclv,
		  size_t lclc, bool lclorder);
size_t jsep_echo(struct peer_fmt *rmtv, struct peer_fmt *ansv, size_t max,
		 const struct jsep_media *rmt);

/** How well two formats agree */
enum jsep_rank {
	JSEP_RANK_NONE = 0,     /**< Not the same                          */
	JSEP_RANK_COMPAT,       /**< H.264: profiles that go together      */
	JSEP_RANK_EXACT,        /**< The same                              */
};

/* jsep_fmt.c */
void jsep_fmtp_get(const char *fmtp, const char *name, struct pl *value);
enum jsep_rank jsep_fmt_rank(const struct peer_fmt *a,
			     const struct peer_fmt *b);
void jsep_fmt_answer(struct peer_fmt *ans, const struct peer_fmt *rmt,
		     const struct peer_fmt *lcl);
