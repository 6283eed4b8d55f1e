/**
 * @file video/xcode/codec.c  List of the video codecs to transcode with
 */
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "video/video.h"
#include "codec.h"


/**
 * Append a codec to a list; it is found behind those that are there
 *
 * @param vcodecl Codec list
 * @param vc      Codec. The list does not own it, unless its owner flushes
 *                the list
 */
void vcodec_register(struct list *vcodecl, struct vcodec *vc)
{
	if (!vcodecl || !vc)
		return;

	list_append(vcodecl, &vc->le, vc);
}


/**
 * Find a codec that can do what is wanted
 *
 * @param vcodecl Codec list
 * @param codec   Codec
 * @param encoder true for an encoder, false for a decoder
 *
 * @return The first such codec of the list, NULL if there is none
 */
const struct vcodec *vcodec_find(const struct list *vcodecl,
				 enum video_codec codec, bool encoder)
{
	struct le *le;

	for (le = list_head(vcodecl); le; le = le->next) {

		const struct vcodec *vc = le->data;

		if (vc->codec != codec)
			continue;

		if (encoder ? !!vc->enc_alloc : !!vc->dec_alloc)
			return vc;
	}

	return NULL;
}
