/**
 * @file tests/fuzz/fuzz_jsep.c  Session descriptions, read and matched
 */
#include <stdint.h>
#include <re.h>
#include "peer/peer.h"
#include "peer/cand.h"
#include "peer/jsep.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const struct peer_fmt lclv[] = {
	{111, "opus", 48000, 2, "", 0, 0},
	{  0, "PCMU",  8000, 1, "", 0, 0},
	{102, "H264", 90000, 1,
	 "packetization-mode=1;profile-level-id=42e01f", PEER_FB_NACK, 103},
	{ 96, "VP8", 90000, 1, "", PEER_FB_NACK_PLI, 97},
	{ 98, "VP9", 90000, 1, "profile-id=0", PEER_FB_TWCC, 0},
};

static const struct peer_ext lclext = {1, 2, 3};


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer_fmt rmtv[PEER_FMT_MAX];
	struct peer_fmt ansv[PEER_FMT_MAX];
	struct peer_ext ext;
	struct jsep *jsep;
	size_t i;

	if (jsep_decode(&jsep, (const char *)data, size))
		return 0;

	for (i=0; i<jsep->mc; i++) {
		const struct jsep_media *m = &jsep->mv[i];

		(void)jsep_match(rmtv, ansv, PEER_FMT_MAX, m, lclv,
				 ARRAY_SIZE(lclv), true);
		(void)jsep_match(rmtv, NULL, PEER_FMT_MAX, m, lclv,
				 ARRAY_SIZE(lclv), false);
		(void)jsep_echo(rmtv, ansv, PEER_FMT_MAX, m);
		jsep_ext_match(&ext, &m->ext, &lclext);
		(void)jsep_is_rejected(m);
	}
	(void)jsep_transport(jsep);
	mem_deref(jsep);

	return 0;
}
