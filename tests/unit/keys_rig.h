/**
 * @file keys_rig.h  An audio pair with telephone-event, and the keys it sends
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


enum {
	EV_SIP  = 101,
	EV_CUBE = 110,
};

static struct {
	unsigned n;
	enum media_leg leg;
	char str[64];
	uint32_t ms;
	bool sent;
	char down[LEG_MAX];     /* '\0'=none */
} keys;

struct seen {
	char str[64];
	size_t n;
	uint32_t durv[64];      /* [RTP clock] */
};


static inline void key_h(enum media_leg leg, char key, bool down, uint32_t ms,
			 bool sent, void *arg)
{
	assert_ptr_equal(arg, &keys);

	/* each goes down before it is up */
	if (down) {
		assert_int_equal(0, keys.down[leg]);
		assert_int_equal(0, ms);
		keys.down[leg] = key;
		return;
	}

	assert_int_equal(key, keys.down[leg]);
	keys.down[leg] = '\0';

	keys.leg  = leg;
	keys.ms   = ms;
	keys.sent = sent;
	keys.str[keys.n++ & 63] = key;
}


static inline void set_end(struct rig *rig, enum media_leg leg,
			   const char *name, uint8_t pt, uint32_t crate,
			   bool inband)
{
	struct media_end end;
	struct media_fmt *fmt;

	rig_end(rig, &end, leg, name, 20);

	fmt = &end.rxv[end.rxc - 1];
	assert_string_equal(fmt->name, "telephone-event");

	if (crate) {
		fmt->pt    = pt;
		fmt->crate = crate;
		end.ev     = *fmt;
	}
	else {
		--end.rxc;
	}

	end.inband = inband;

	assert_int_equal(audio_pair_set_end(rig->ap, leg, &end), 0);
}


static inline void init(struct rig *rig, const char *sip, const char *cube,
			uint32_t sipcrate, uint32_t cubecrate, bool inband)
{
	rig_init(rig);
	memset(&keys, 0, sizeof(keys));
	audio_pair_set_key_handler(rig->ap, key_h, &keys);
	set_end(rig, LEG_SIP, sip, EV_SIP, sipcrate, inband);
	set_end(rig, LEG_CUBE, cube, EV_CUBE, cubecrate, false);
}


static inline void idle(struct rig *rig, unsigned ms)
{
	while (ms--) {
		rig_now += 1000;
		audio_pair_poll(rig->ap, rig_now);
	}
}


/* Read the keys that were sent, and check the stream that they are in */
static inline void read_keys(const struct rig_sink *sink, uint8_t pt,
			     struct seen *seen)
{
	uint32_t ts = 0, last = 0;
	unsigned ends = 0;
	size_t i;

	memset(seen, 0, sizeof(*seen));

	for (i=0; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i];
		struct telev te;

		if (i)
			assert_int_equal((uint16_t)(p->seq -
						    sink->pktv[i-1].seq), 1);

		if (p->pt != pt) {
			/* audio stays away while a key is sent */
			assert_true(!seen->n || ends == TELEV_ENDS);
			last = p->ts;
			continue;
		}

		assert_int_equal(p->len, TELEV_LEN);
		assert_int_equal(telev_decode(&te, p->buf, p->len), 0);

		if (!seen->n || p->ts != ts) {

			if (!p->marker && seen->n) {
				/* a segment */
				assert_int_equal(p->ts - ts, 0xffff);
				seen->durv[seen->n - 1] += 0;
			}
			else {
				assert_true(p->marker);
				assert_true(!last ||
					    (int32_t)(p->ts - last) > 0);
				seen->str[seen->n++] = telev_key(te.event);
				ends = 0;
			}
			ts = p->ts;
		}
		else {
			assert_false(p->marker);
		}

		ends += te.end;
		seen->durv[seen->n - 1] = te.dur;
	}

	if (seen->n)
		assert_int_equal(ends, TELEV_ENDS);
}
