/**
 * @file audio/opus_fmtp.h  What a receiver of Opus asks for in SDP
 */

/** Format parameters of Opus (RFC 7587, 6.1), of those about receiving.
    Stereo is none: speech is mono, and we never ask for more */
struct opus_fmtp {
	uint32_t playback;      /**< maxplaybackrate [Hz], 0=unset         */
	uint32_t bitrate;       /**< maxaveragebitrate [bit/s], 0=unset    */
	bool fec;               /**< useinbandfec                          */
	bool dtx;               /**< usedtx                                */
	bool cbr;               /**< cbr                                   */
};

void opus_fmtp_decode(struct opus_fmtp *f, const char *fmtp);
int  opus_fmtp_print(struct re_printf *pf, const struct opus_fmtp *f);
