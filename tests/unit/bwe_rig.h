/**
 * @file bwe_rig.h  What the tests of the estimates share
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "rtp/rtcp.h"
#include "video/rtp/fb.h"
#include "video/rtp/rate.h"
#include "video/bwe/trend.h"
#include "video/bwe/bwe.h"


enum {
	MS = 1000,
	S  = 1000000,
	PKT = 1200,             /* [bytes]                              */
	FPS = 25,
	PROP = 30 * MS,         /* one way [us]                         */
	QUEUE = 400 * MS,       /* longest wait in the queue [us]       */
	MIN = 100000, START = 500000, MAX = 3000000, /* [bit/s]         */
	FLIGHT = 4096,
};


/* Between so many kbit/s */
#define assert_kbit(v, lo, hi) \
	assert_in_range(v, (lo) * 1000, (hi) * 1000)
