/**
 * @file audio_stream_rig.h  What the tests of the stream share
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include "audio/audio.h"
#include "rtp/rtp.h"
#include "rtp/rxstat.h"
#include "rtp/clock.h"
#include "audio/telev.h"
#include "audio/audio_priv.h"
#include "media_rig.h"


/* From PCMU to each of these: a relay and two transcoders */
static const char * const outv[] = {"PCMU", "PCMA", "opus"};


static void setup(struct rig *rig, struct rig_src *src, const char *out)
{
	rig_init(rig);
	rig_set(rig, LEG_SIP, "PCMU", 20);
	rig_set(rig, LEG_CUBE, out, 20);
	src_init(src, LEG_SIP, "PCMU", 20, 440, NULL);
}


static void teardown(struct rig *rig, struct rig_src *src)
{
	src_close(src);
	rig_close(rig);
}


/* Timestamp from one packet kept to another [ms] */
static uint32_t dt_ms(const struct rig_sink *sink, const char *name, size_t a,
		      size_t b)
{
	return (sink->pktv[b].ts - sink->pktv[a].ts) /
		(rig_codec(name)->crate / 1000);
}
