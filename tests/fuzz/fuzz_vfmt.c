/**
 * @file fuzz_vfmt.c  Video formats and feedback as phones state them
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/sip.h"
#include "sip/pure/vfmt.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static const struct sipleg_fmt lclv[] = {
	{.pt = 96, .name = "H264", .crate = 90000, .fmtp =
	 "profile-level-id=640c1f;packetization-mode=1;max-fs=3600"},
	{.pt = 97, .name = "H264", .crate = 90000, .fmtp =
	 "profile-level-id=42e01f;packetization-mode=0"},
	{.pt = 98, .name = "VP9", .crate = 90000},
};


/* What we answer is a format that our own offer would find in it */
static void check_answer(const struct sipleg_fmt *rmt, int i)
{
	struct sipleg_fmt ans = lclv[i];

	if (vfmt_answer(ans.fmtp, sizeof(ans.fmtp), &lclv[i], rmt->fmtp))
		abort();

	if (vfmt_find(lclv, ARRAY_SIZE(lclv), &ans, NULL) != i)
		abort();
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sipleg_fmt rmt = {.crate = 90000};
	int i;

	if (!size)
		return 0;

	str_ncpy(rmt.name, data[0] & 1 ? "H264" : "VP9", sizeof(rmt.name));
	memcpy(rmt.fmtp, data + 1, min(size - 1, sizeof(rmt.fmtp) - 1));

	i = vfmt_find(lclv, ARRAY_SIZE(lclv), &rmt, NULL);
	if (i >= 0)
		check_answer(&rmt, i);

	(void)vfmt_fb(rmt.fmtp);

	return 0;
}
