/**
 * @file audio/codec.c  List of audio codecs
 */
#include <re.h>
#include "audio.h"


/**
 * Add a codec to a list, at its end
 *
 * @param codecl List of codecs
 * @param ac     Codec; must live as long as the list is used. If it is a
 *               member of a list already nothing is done
 */
void media_codec_register(struct list *codecl, struct acodec *ac)
{
	if (!codecl || !ac || ac->le.list)
		return;

	list_append(codecl, &ac->le, ac);
}


/**
 * Find a codec
 *
 * @param codecl List of codecs
 * @param name   Encoding name; case is ignored (RFC 8866, 6.6)
 * @param crate  RTP clock rate [Hz]
 * @param ch     Channels in SDP, 0 for 1
 *
 * @return Codec if found, otherwise NULL
 */
const struct acodec *media_codec_find(const struct list *codecl,
				      const char *name, uint32_t crate,
				      uint8_t ch)
{
	struct le *le;

	if (!name)
		return NULL;

	for (le = list_head(codecl); le; le = le->next) {

		const struct acodec *ac = le->data;

		if (ac->crate == crate && ac->ch == (ch ? ch : 1) &&
		    !str_casecmp(ac->name, name))
			return ac;
	}

	return NULL;
}
