/**
 * @file audio/xcode.h  A transcoder from inside: xcode.c, reorder_window.c, xaudio.c
 */

/** What is done while the source pauses */
enum xpause {
	PAUSE_NONE = 0,         /**< It does not                           */
	PAUSE_CODEC,            /**< Its decoder makes noise               */
	PAUSE_NOISE,            /**< Noise of the level it said is made    */
	PAUSE_SENT,             /**< The receiver was told                 */
};

/** One transcoder: from one format of one leg to the format of the other */
struct xcode {
	const struct audio_fmt *fmt; /**< Input format (pointer)           */
	const struct acodec *iac;    /**< Decodes (pointer)                */
	const struct acodec *oac;    /**< Encodes (pointer)                */
	char *ifmtp;            /**< Input format parameters (owner)       */
	char *ofmtp;            /**< Output format parameters (owner)      */
	uint32_t ptime;         /**< Packet time sent [ms]                 */
	struct acodec_dec *dec; /**< Decoder (owner)                       */
	struct acodec_enc *enc; /**< Encoder (owner)                       */
	struct plc *plc;        /**< If the codec has none (owner)         */
	struct resamp *rs;      /**< If the rates differ (owner)           */
	uint32_t dsrate;        /**< Decoder's sampling rate [Hz]          */
	uint32_t srate;         /**< Encoder's sampling rate [Hz]          */

	struct reorder ro;      /**< Reordering window                     */
	unsigned lost;          /**< Packets lost before the next one      */

	bool on;                /**< The timeline has begun                */
	struct tline tl;        /**< Source's timeline                     */
	int64_t adj;            /**< Correction of positions [samples]     */
	uint32_t base;          /**< Timestamp of position 0 [RTP clock]   */
	int64_t pos;            /**< Position of fifov[0] [samples]        */
	bool mark;              /**< The next packet gets a marker         */

	enum xpause pause;      /**< While the source pauses               */
	uint64_t pause_t;       /**< Its last sign of life [us]            */
	struct cn cn;           /**< Noise                                 */

	size_t frame;           /**< Samples sent in a packet              */
	size_t fifosz;          /**< Room in fifov [samples]               */
	size_t fifoc;           /**< Samples waiting for a whole frame     */
	int16_t fifov[];        /**< Samples at srate                      */
};


/* xaudio.c */
int  xaudio_put(struct audio_route *rt, struct xcode *xc, uint32_t ts,
		bool marker, const uint8_t *buf, size_t len, uint64_t now);
void xaudio_send(struct audio_route *rt, struct xcode *xc, uint64_t now);
void xaudio_conceal(struct xcode *xc, size_t want);
void xaudio_flush(struct audio_route *rt, struct xcode *xc, uint64_t now);


/* pause.c */
void pause_noise(struct audio_route *rt, struct xcode *xc, const uint8_t *buf,
		 size_t len, uint64_t now);
void pause_codec(struct audio_route *rt, struct xcode *xc, size_t from,
		 uint64_t now);
bool pause_rest(struct audio_route *rt, struct xcode *xc, int64_t gap,
		uint64_t now);
void pause_end(struct audio_route *rt, struct xcode *xc);
