/**
 * @file g729/g729.h  G.729 codec -- internal interface
 *
 * g729.c registers the codec and is the only file that needs baresip itself;
 * the others only use its types and are tested without it.
 */

enum {
	G729_SRATE  = 8000,     /**< Sampling rate and RTP clock [Hz]      */
	G729_SAMPC  = 80,       /**< Samples in a frame of 10 ms           */
	G729_SPEECH = 10,       /**< Length of a speech frame [bytes]      */
	G729_SID    = 2,        /**< Length of a noise frame [bytes]       */
};

/** The codec, and what its user wants */
struct g729 {
	struct aucodec ac;      /**< Base class, must come first           */
	bool annexb;            /**< Silence suppression is wanted         */
};


/* encode.c */
int g729_encode_update(struct auenc_state **aesp, const struct aucodec *ac,
		       struct auenc_param *prm, const char *fmtp);
int g729_encode(struct auenc_state *st, bool *marker, uint8_t *buf,
		size_t *len, int fmt, const void *sampv, size_t sampc);


/* decode.c */
int g729_decode_update(struct audec_state **adsp, const struct aucodec *ac,
		       const char *fmtp);
int g729_decode(struct audec_state *st, int fmt, void *sampv, size_t *sampc,
		bool marker, const uint8_t *buf, size_t len);
int g729_conceal(struct audec_state *st, int fmt, void *sampv, size_t *sampc,
		 const uint8_t *buf, size_t len);


/* sdp.c */
bool g729_annexb(const char *fmtp);
int  g729_fmtp_enc(struct mbuf *mb, const struct sdp_format *fmt, bool offer,
		   void *arg);
