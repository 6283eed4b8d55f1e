/**
 * @file video/payload/codec.c  Names of the video codecs
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"


static const char *const namev[VIDEO_CODEC_MAX] = {
	[VIDEO_H264] = "H264",
	[VIDEO_VP8]  = "VP8",
	[VIDEO_VP9]  = "VP9",
};


/**
 * Get the encoding name of a codec, as in SDP (RFC 8866, 6.6)
 *
 * @param codec Codec
 *
 * @return Name, "" for VIDEO_NONE and what is no codec
 */
const char *video_codec_name(enum video_codec codec)
{
	const unsigned i = codec;

	return i < VIDEO_CODEC_MAX && namev[i] ? namev[i] : "";
}


/**
 * Find a codec by its encoding name
 *
 * @param name Encoding name; case is ignored (RFC 8866, 6.6)
 *
 * @return Codec, VIDEO_NONE if it is unknown
 */
enum video_codec video_codec_find(const char *name)
{
	unsigned i;

	for (i = VIDEO_NONE + 1; name && i < VIDEO_CODEC_MAX; i++) {
		if (!str_casecmp(namev[i], name))
			return (enum video_codec)i;
	}

	return VIDEO_NONE;
}
