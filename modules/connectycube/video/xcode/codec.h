/**
 * @file video/xcode/codec.h  A video codec as the transcoder sees it
 *
 * The SIP room wraps baresip's vidcodec modules (avcodec, vp8, vp9) into
 * this. All functions of one encoder or decoder are called on one thread,
 * which is not the loop's.
 */

/** Encoder parameters */
struct vcodec_param {
	uint32_t bitrate;       /**< [bit/s]                               */
	unsigned fps;           /**< Frames per second                     */
	size_t pktsize;         /**< Largest RTP payload made [bytes]      */
	const char *fmtp;       /**< Remote's format parameters, or NULL   */
};

struct vcodec_enc;
struct vcodec_dec;

/**
 * One RTP payload of the frame that is being encoded
 *
 * @param marker Last one of the frame
 * @param buf    Payload
 * @param len    Its length [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
typedef int (vcodec_packet_h)(bool marker, const uint8_t *buf, size_t len,
			      void *arg);

struct vcodec {
	struct le le;           /**< Member of a codec list                */
	enum video_codec codec; /**< Codec                                 */
	void *arg;              /**< For the implementation                */

	/** Make an encoder; NULL=this codec cannot encode                  */
	int (*enc_alloc)(struct vcodec_enc **encp, const struct vcodec *vc,
			 const struct vcodec_param *prm,
			 vcodec_packet_h *pkth, void *arg);
	/** Change bitrate and frame rate of a running encoder. Optional: a
	    new one is made otherwise                                       */
	int (*enc_update)(struct vcodec_enc *enc,
			  const struct vcodec_param *prm);
	/** Encode a frame (YUV420P); packets come before it returns        */
	int (*encode)(struct vcodec_enc *enc, bool keyframe,
		      const struct vidframe *frame, uint32_t ts);

	/** Make a decoder; NULL=this codec cannot decode                   */
	int (*dec_alloc)(struct vcodec_dec **decp, const struct vcodec *vc,
			 const char *fmtp);
	/** Take one payload. frame->data[0] is set when a frame is complete;
	    it is valid until the next call. EPROTO: a keyframe is needed   */
	int (*decode)(struct vcodec_dec *dec, struct vidframe *frame,
		      bool *intra, bool marker, uint16_t seq,
		      const uint8_t *buf, size_t len);
};

void vcodec_register(struct list *vcodecl, struct vcodec *vc);
const struct vcodec *vcodec_find(const struct list *vcodecl,
				 enum video_codec codec, bool encoder);
