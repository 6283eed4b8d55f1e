/**
 * @file vfake_rig.h  Codecs for the routes of a video pair
 *
 * They make well-formed packets of their format out of pictures of nothing:
 * a keyframe is three packets, any other frame one. An H.264 keyframe has no
 * parameter sets but in its first picture.
 */

enum {
	VFAKE_LEN = 40,         /**< Payload [bytes]                       */
};

static struct {
	unsigned decoded;       /**< Frames, of all decoders               */
	unsigned encoded;
	unsigned keyframes;
	uint32_t bitrate;       /**< Of the last encoder                   */
	size_t pktsize;
} vfake;

struct vcodec_enc {
	const struct vcodec *vc;
	vcodec_packet_h *pkth;
	void *arg;
	unsigned n;
};

struct vcodec_dec {
	struct vidframe *frame;
	bool synced;
};


static inline int vfake_enc_alloc(struct vcodec_enc **encp,
				  const struct vcodec *vc,
				  const struct vcodec_param *prm,
				  vcodec_packet_h *pkth, void *arg)
{
	struct vcodec_enc *enc = mem_zalloc(sizeof(*enc), NULL);

	enc->vc   = vc;
	enc->pkth = pkth;
	enc->arg  = arg;
	vfake.bitrate = prm->bitrate;
	vfake.pktsize = prm->pktsize;
	*encp = enc;

	return 0;
}


static inline int vfake_enc_update(struct vcodec_enc *enc,
				   const struct vcodec_param *prm)
{
	(void)enc;
	vfake.bitrate = prm->bitrate;

	return 0;
}


static inline int vfake_h264(struct vcodec_enc *enc, bool key)
{
	static const uint8_t sps[] = {
		0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xe9, 0x48
	};
	static const uint8_t pps[] = {0x68, 0xce, 0x3c, 0x80};
	uint8_t buf[VFAKE_LEN] = {0x41};
	int err;

	if (!key)
		return enc->pkth(true, buf, sizeof(buf), enc->arg);

	if (!enc->n++) {
		err  = enc->pkth(false, sps, sizeof(sps), enc->arg);
		err |= enc->pkth(false, pps, sizeof(pps), enc->arg);
		if (err)
			return err;
	}

	/* always in fragments, as baresip's module does it */
	buf[0] = 0x7c;
	buf[1] = 0x85;
	err = enc->pkth(false, buf, sizeof(buf), enc->arg);
	buf[1] = 0x05;
	err |= enc->pkth(false, buf, sizeof(buf), enc->arg);
	buf[1] = 0x45;

	return err | enc->pkth(true, buf, sizeof(buf), enc->arg);
}


static inline int vfake_vp8(struct vcodec_enc *enc, bool key)
{
	/* picture id of 15 bits */
	uint8_t buf[VFAKE_LEN] = {0x90, 0x80, 0x80, 0, !key};
	int err = 0;

	rtp_put16(buf + 2, 0x8000 | (uint16_t)enc->n++);
	if (key)
		memcpy(buf + 7, "\x9d\x01\x2a\x40\x00\x40\x00", 7);

	if (key) {
		err = enc->pkth(false, buf, sizeof(buf), enc->arg);
		buf[0] = 0x80;
		err |= enc->pkth(false, buf, sizeof(buf), enc->arg);
	}

	return err | enc->pkth(true, buf, sizeof(buf), enc->arg);
}


static inline int vfake_encode(struct vcodec_enc *enc, bool keyframe,
			       const struct vidframe *frame, uint32_t ts)
{
	const bool key = keyframe || !vfake.encoded;
	(void)frame;
	(void)ts;

	++vfake.encoded;
	vfake.keyframes += key;

	return enc->vc->codec == VIDEO_H264 ? vfake_h264(enc, key)
		: vfake_vp8(enc, key);
}


static inline void vfake_dec_destructor(void *arg)
{
	struct vcodec_dec *dec = arg;

	mem_deref(dec->frame);
}


static inline int vfake_dec_alloc(struct vcodec_dec **decp,
				  const struct vcodec *vc, const char *fmtp)
{
	const struct vidsz sz = {64, 64};
	struct vcodec_dec *dec = mem_zalloc(sizeof(*dec),
					    vfake_dec_destructor);
	(void)vc;
	(void)fmtp;

	(void)vidframe_alloc(&dec->frame, VID_FMT_YUV420P, &sz);
	vidframe_fill(dec->frame, 1, 2, 3);
	*decp = dec;

	return 0;
}


/* A picture ends with a marker; nothing before a keyframe */
static inline int vfake_decode(struct vcodec_dec *dec, struct vidframe *frame,
			       bool *intra, bool marker, uint16_t seq,
			       const uint8_t *buf, size_t len)
{
	const bool key = (buf[0] & 0x1f) == 5 || (buf[0] & 0x1f) == 7 ||
		(buf[0] == 0x10 && !(buf[1] & 1));
	(void)seq;
	(void)len;

	dec->synced |= key;
	if (!dec->synced)
		return EPROTO;

	if (!marker)
		return 0;

	*frame = *dec->frame;
	*intra = key;
	++vfake.decoded;

	return 0;
}


#define VFAKE(c) { \
	.codec = c, \
	.enc_alloc = vfake_enc_alloc, .enc_update = vfake_enc_update, \
	.encode = vfake_encode, .dec_alloc = vfake_dec_alloc, \
	.decode = vfake_decode, \
}

static struct vcodec vfake_codecv[] = {
	VFAKE(VIDEO_H264), VFAKE(VIDEO_VP8),
};


static inline void vfake_init(struct list *vcodecl)
{
	size_t i;

	memset(&vfake, 0, sizeof(vfake));
	list_init(vcodecl);

	for (i=0; i<ARRAY_SIZE(vfake_codecv); i++) {
		memset(&vfake_codecv[i].le, 0, sizeof(vfake_codecv[i].le));
		vcodec_register(vcodecl, &vfake_codecv[i]);
	}
}
