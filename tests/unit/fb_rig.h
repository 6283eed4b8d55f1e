/**
 * @file fb_rig.h  What the tests of feedback messages share
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtp.h"
#include "rtp/rtcp.h"
#include "video/rtp/fb.h"


static struct fb fb;


/* The only packet of a compound, decoded */
static int decode(const uint8_t *buf, size_t len, uint32_t want)
{
	struct rtcp_part part;
	size_t pos = 0;

	assert_int_equal(rtcp_part_next(&part, buf, len, &pos), 0);
	assert_int_equal(pos, len);

	return fb_decode(&fb, &part, want);
}
