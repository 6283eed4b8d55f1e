/**
 * @file vcodec_rig.h  A video codec that needs no library, and can be slow
 *
 * Its payloads are VP8's to whoever looks at their headers; its pictures are
 * of one shade of grey. While the gate is closed decoders and encoders wait
 * in it, so that tests decide how slow a worker is.
 */
#include <pthread.h>

enum {
	FAKE_LEN   = 12,        /**< Shortest payload [bytes]              */
	FAKE_SHADE = 11,        /**< Where the shade of grey is            */
};

/** What the codec was asked to do; under the mutex */
struct fake_state {
	unsigned encc, decc;    /**< Encoders and decoders that exist      */
	unsigned encoders;      /**< Encoders ever made                    */
	unsigned decoded;       /**< Frames decoded                        */
	unsigned tried;         /**< Frames to decode, good or bad         */
	unsigned encoded;       /**< Frames encoded                        */
	unsigned waiting;       /**< Threads at the gate                   */
	unsigned onloop;        /**< Calls on the loop's thread            */
	struct vidsz sz;        /**< Of the last frame encoded             */
	uint32_t bitrate;       /**< Of the encoder                        */
	unsigned fps;           /**< Of the encoder                        */
	uint32_t ts;            /**< Time of the last frame encoded        */
};

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	pthread_t loop;
	bool closed;            /**< The gate                              */
	int enc_err;            /**< What encoding returns                 */
	size_t size;            /**< Bytes of an encoded frame             */
	size_t pktsize;         /**< Of the encoder                        */
	struct fake_state st;
} fake = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.cond  = PTHREAD_COND_INITIALIZER,
};

struct vcodec_enc {
	vcodec_packet_h *pkth;
	void *arg;
	bool on;
};

struct vcodec_dec {
	struct vidframe *frame;
	uint8_t pkt[FAKE_LEN];
	bool started;
	bool synced;
	uint16_t seq;
};


/** Begin anew; on the loop's thread, when no worker runs */
static inline void fake_reset(void)
{
	memset(&fake.st, 0, sizeof(fake.st));
	fake.loop    = pthread_self();
	fake.closed  = false;
	fake.enc_err = 0;
	fake.size    = FAKE_LEN;
}


static inline void fake_gate(bool closed)
{
	pthread_mutex_lock(&fake.mutex);
	fake.closed = closed;
	pthread_cond_broadcast(&fake.cond);
	pthread_mutex_unlock(&fake.mutex);
}


static inline struct fake_state fake_state(void)
{
	struct fake_state st;

	pthread_mutex_lock(&fake.mutex);
	st = fake.st;
	pthread_mutex_unlock(&fake.mutex);

	return st;
}


static inline void fake_set_err(int err)
{
	pthread_mutex_lock(&fake.mutex);
	fake.enc_err = err;
	pthread_mutex_unlock(&fake.mutex);
}


/* For tu_wait() */
static inline bool fake_is_waiting(void *arg)
{
	(void)arg;

	return fake_state().waiting > 0;
}


/** Write a payload as of VP8 */
static inline void fake_write(uint8_t *buf, size_t len, bool start, bool key,
			      unsigned w, unsigned h, uint8_t shade)
{
	const uint8_t pld[FAKE_LEN] = {
		start ? 0x10 : 0x00, key ? 0x00 : 0x01, 0, 0,
		0x9d, 0x01, 0x2a, w & 0xff, w >> 8, h & 0xff, h >> 8, shade,
	};

	memset(buf, 0, len);
	memcpy(buf, pld, FAKE_LEN);
}


/* Every call begins here */
static inline void fake_enter(void)
{
	pthread_mutex_lock(&fake.mutex);

	if (pthread_equal(pthread_self(), fake.loop))
		++fake.st.onloop;

	++fake.st.waiting;
	while (fake.closed)
		pthread_cond_wait(&fake.cond, &fake.mutex);
	--fake.st.waiting;
}


static inline void fake_leave(void)
{
	pthread_mutex_unlock(&fake.mutex);
}


static inline void fake_enc_destructor(void *arg)
{
	(void)arg;

	fake_enter();
	--fake.st.encc;
	fake_leave();
}


static inline int fake_enc_alloc(struct vcodec_enc **encp,
				 const struct vcodec *vc,
				 const struct vcodec_param *prm,
				 vcodec_packet_h *pkth, void *arg)
{
	struct vcodec_enc *enc;
	int err;
	(void)vc;

	enc = mem_zalloc(sizeof(*enc), fake_enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->pkth = pkth;
	enc->arg  = arg;

	fake_enter();
	++fake.st.encc;
	++fake.st.encoders;
	fake.st.bitrate = prm->bitrate;
	fake.st.fps     = prm->fps;
	fake.pktsize    = prm->pktsize;
	err = fake.enc_err;
	fake_leave();

	if (err)
		mem_deref(enc);
	else
		*encp = enc;

	return err;
}


static inline int fake_enc_update(struct vcodec_enc *enc,
				  const struct vcodec_param *prm)
{
	(void)enc;

	fake_enter();
	fake.st.bitrate = prm->bitrate;
	fake.st.fps     = prm->fps;
	fake_leave();

	return 0;
}


static inline int fake_encode(struct vcodec_enc *enc, bool keyframe,
			      const struct vidframe *frame, uint32_t ts)
{
	const bool key = keyframe || !enc->on;
	uint8_t buf[4096];
	size_t left, pktsize;
	bool start = true;
	int err;

	fake_enter();
	err     = fake.enc_err;
	fake.st.ts = ts;
	left    = fake.size;
	pktsize = fake.pktsize;
	fake.st.sz = frame->size;
	if (!err)
		++fake.st.encoded;
	fake_leave();

	enc->on = true;

	while (!err && left) {

		const size_t len = min(left, pktsize);

		fake_write(buf, max(len, (size_t)FAKE_LEN), start, key,
			   frame->size.w, frame->size.h, frame->data[0][0]);
		left -= len;
		start = false;
		err = enc->pkth(!left, buf, max(len, (size_t)FAKE_LEN),
				enc->arg);
	}

	return err;
}


static inline void fake_dec_destructor(void *arg)
{
	struct vcodec_dec *dec = arg;

	mem_deref(dec->frame);

	fake_enter();
	--fake.st.decc;
	fake_leave();
}


static inline int fake_dec_alloc(struct vcodec_dec **decp,
				 const struct vcodec *vc, const char *fmtp)
{
	struct vcodec_dec *dec;
	(void)vc;
	(void)fmtp;

	dec = mem_zalloc(sizeof(*dec), fake_dec_destructor);
	if (!dec)
		return ENOMEM;

	fake_enter();
	++fake.st.decc;
	fake_leave();

	*decp = dec;

	return 0;
}


static inline int fake_picture(struct vcodec_dec *dec, struct vidframe *frame)
{
	const uint8_t *p = dec->pkt;
	struct vidsz sz = { p[7] | p[8] << 8, p[9] | p[10] << 8 };
	int err;

	dec->frame = mem_deref(dec->frame);
	err = vidframe_alloc(&dec->frame, VID_FMT_YUV420P, &sz);
	if (err)
		return err;

	memset(dec->frame->data[0], p[FAKE_SHADE],
	       (size_t)dec->frame->linesize[0] * sz.h);
	memset(dec->frame->data[1], 128,
	       (size_t)dec->frame->linesize[1] * (sz.h / 2));
	memset(dec->frame->data[2], 128,
	       (size_t)dec->frame->linesize[2] * (sz.h / 2));
	*frame = *dec->frame;

	fake_enter();
	++fake.st.decoded;
	fake_leave();

	return 0;
}


/* Like the real ones: a frame with a hole is nothing, and the first one has
   to be a keyframe */
static inline int fake_decode(struct vcodec_dec *dec, struct vidframe *frame,
			      bool *intra, bool marker, uint16_t seq,
			      const uint8_t *buf, size_t len)
{
	memset(frame, 0, sizeof(*frame));
	*intra = false;

	if (len < FAKE_LEN)
		return EBADMSG;

	if (buf[0] & 0x10) {
		memcpy(dec->pkt, buf, FAKE_LEN);
		dec->started = true;
		*intra = !(buf[1] & 1);
	}
	else if (!dec->started || seq != (uint16_t)(dec->seq + 1)) {
		dec->started = false;
		return 0;
	}

	dec->seq = seq;

	if (!marker)
		return 0;

	dec->started = false;

	fake_enter();
	++fake.st.tried;
	fake_leave();

	if (!(dec->pkt[1] & 1))
		dec->synced = true;

	return dec->synced ? fake_picture(dec, frame) : EPROTO;
}


static struct vcodec fake_codec = {
	.codec     = VIDEO_VP8,
	.enc_alloc = fake_enc_alloc,
	.encode    = fake_encode,
	.dec_alloc = fake_dec_alloc,
	.decode    = fake_decode,
};
