/**
 * @file audio/playenc.h  Packets of a sound, in the codec of a port
 */

struct acodec;
struct acodec_enc;
struct resamp;

/** Encodes a sound for a port; all zero is closed */
struct playenc {
	const struct acodec *ac;/**< Codec, NULL=closed                    */
	struct acodec_enc *enc; /**< Encoder (owned)                       */
	struct resamp *rs;      /**< If the rates differ (owned)           */
	char *fmtp;             /**< Parameters of the encoder (ref)       */
	uint32_t srate;         /**< Its sampling rate [Hz]                */
	uint32_t ptime;         /**< Packet time [ms]                      */
};

int  playenc_open(struct playenc *pe, const struct audio_port *port,
		  const struct sound *s);
void playenc_close(struct playenc *pe);
bool playenc_fits(const struct playenc *pe, const struct audio_port *port);
int  playenc_frame(struct playenc *pe, const struct sound *s, size_t *pos,
		   bool loop, uint8_t *buf, size_t *len);
