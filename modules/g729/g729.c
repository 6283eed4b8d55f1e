/**
 * @file g729/g729.c  G.729 audio codec, Annexes A and B
 *
 * Speech at 8 kbit/s in frames of 10 ms, by Belledonne's bcg729. With Annex B
 * pauses are not sent: a noise frame of 2 bytes tells how they sound.
 *
 *     samples --> encode.c --> packet     [10 bytes]* [2 bytes]?
 *     samples <-- decode.c <-- packet
 *                  sdp.c                  annexb=yes|no
 *
 * Example config:
 *
 *     module           g729.so
 *     g729_annexb      yes         # suppress silence if the phone agrees
 *
 * References:
 *
 *     RFC 3551, 4.5.6  Payload format
 *     RFC 4856, 2.1.9  Media type and its parameter
 *     RFC 7261         Offer and answer of Annex B
 */
#include <re.h>
#include <baresip.h>
#include "g729.h"


static struct g729 codec = {
	.ac = {
		.pt        = "18",
		.name      = "G729",
		.srate     = G729_SRATE,
		.crate     = G729_SRATE,
		.ch        = 1,
		.pch       = 1,
		.encupdh   = g729_encode_update,
		.ench      = g729_encode,
		.decupdh   = g729_decode_update,
		.dech      = g729_decode,
		.plch      = g729_conceal,
		.fmtp_ench = g729_fmtp_enc,
	},
	.annexb = true,
};


static int module_init(void)
{
	(void)conf_get_bool(conf_cur(), "g729_annexb", &codec.annexb);

	aucodec_register(baresip_aucodecl(), &codec.ac);

	return 0;
}


static int module_close(void)
{
	aucodec_unregister(&codec.ac);

	return 0;
}


EXPORT_SYM __attribute__((visibility("default")))
const struct mod_export DECL_EXPORTS(g729) = {
	"g729",
	"codec",
	module_init,
	module_close,
};
