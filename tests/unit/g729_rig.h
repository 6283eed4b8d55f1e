/**
 * @file g729_rig.h  G.729 as the module has it
 */
#include <stdlib.h>
#include "testutil.h"
#include <rem_au.h>
#include <baresip.h>
#include <bcg729/encoder.h>
#include <bcg729/decoder.h>
#include "g729/g729.h"
#include "samples.h"

static const struct g729 with_b    = {.annexb = true};
static const struct g729 without_b = {.annexb = false};


static struct auenc_state *encoder(const struct g729 *g729, const char *fmtp)
{
	struct auenc_state *enc = NULL;
	struct auenc_param prm = {.ptime = 20};

	assert_int_equal(g729_encode_update(&enc, &g729->ac, &prm, fmtp), 0);
	assert_non_null(enc);

	return enc;
}


static struct audec_state *decoder(void)
{
	struct audec_state *dec = NULL;

	assert_int_equal(g729_decode_update(&dec, &with_b.ac, NULL), 0);
	assert_non_null(dec);

	return dec;
}
