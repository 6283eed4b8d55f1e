/**
 * @file video/h264_repair.h  H.264 repair from inside: vh264*.c
 */

/** A parameter set as it was seen last */
struct pset {
	uint8_t nal[H264_PS_MAX]; /**< NAL unit                            */
	size_t len;             /**< 0=none [bytes]                        */
	bool seen;              /**< The picture has brought it            */
};

struct vh264 {
	struct pset sps, pps;
	uint32_t sdp;           /**< Hash of those taken from the SDP      */
	uint32_t ts;            /**< Timestamp of the picture              */
	bool on;                /**< There is one                          */
	bool idr;               /**< Its IDR slices have begun             */
	uint16_t seq;           /**< Number of an encoder's next packet    */

	struct h264_unpack unpack; /**< Towards mode 0: fragments put
				     together                              */
};

/** What becomes of one packet */
struct emit {
	struct video_route *rt;
	const uint8_t *buf;     /**< Its payload                           */
	size_t len;             /**< Length of that [bytes]                */
	const struct vpay *pay; /**< What it holds                         */
	uint16_t seq;           /**< Its number as it came                 */
	bool marker;            /**< Its marker bit                        */
	bool late;              /**< It came late: no more than one packet */
	uint64_t now;           /**< Time [us]                             */
	struct video_out o;     /**< Header of the next packet             */
	int n;                  /**< Packets sent for it                   */
	int gap;                /**< And numbers left out behind them      */
};


/* h264_params.c */
void vh264ps_init(struct vh264 *h, const struct video_port *in);
void vh264ps_picture(struct emit *e);


/* h264_cut.c */
int  vh264cut_payload(const uint8_t *buf, size_t len, bool marker, void *arg);
int  vh264cut_emit(struct emit *e);
