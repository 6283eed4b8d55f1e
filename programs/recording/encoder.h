/**
 * @file encoder.h  An encoder of pictures
 */

struct AVCodecContext;

int rec_encoder_open(struct AVCodecContext **ctxp, enum video_codec codec,
		     unsigned width, unsigned height, int fps, bool global,
		     char *why, size_t size);
