/**
 * @file test_call_tap.c  Who listens to a call
 */
#include "legs_rig.h"
#include "call/tap.h"
#include "audio/sound.h"


static const struct leg_ops fake_ops = {
	.name = "fake", .party = "fake", .side = EVENT_APP, .key = "fake",
	.answer = fake_answer, .end = fake_end, .key_send = fake_key_send,
	.key_heard = fake_key_heard, .media = fake_media,
	.audio_end = fake_audio_end, .id = fake_id,
};

/** Somebody who listens */
struct listener {
	struct call_tap *tap;
	char told[256];         /**< What happened: +1 -1 H1 B1 .          */
	unsigned packets;       /**< Of all parties                        */
	uint32_t num;           /**< Who sent the last one                 */
	uint32_t nego;          /**< Its negotiation                       */
	uint16_t seq;           /**< Its number                            */
	uint8_t pt;
	char codec[16];
	uint32_t key_ms;        /**< What was said of the last key [ms]    */
	bool stop;              /**< ... at the next packet                */
};

static uint32_t first;          /* of the legs' numbers */


static void told(struct listener *l, char what, const struct tap_leg *leg)
{
	const size_t n = strlen(l->told);

	(void)re_snprintf(l->told + n, sizeof(l->told) - n, "%c%u", what,
			  leg->num - first);
}


static void came_handler(const struct tap_leg *leg, void *arg)
{
	struct listener *l = arg;

	assert_int_equal(leg->side, EVENT_APP);
	told(l, '+', leg);
}


static void left_handler(const struct tap_leg *leg, void *arg)
{
	told(arg, '-', leg);
}


static void held_handler(const struct tap_leg *leg, void *arg)
{
	told(arg, leg->held ? 'H' : 'B', leg);
}


static void packet_handler(const struct tap_leg *leg,
			   const struct rtp_tap_fmt *fmt,
			   const struct rtp_pkt *rp, uint64_t t, void *arg)
{
	struct listener *l = arg;

	assert_true(t == now);
	assert_false(fmt->video);
	assert_int_equal(fmt->clock, 8000);
	assert_int_equal(rp->plen, 160);
	++l->packets;
	l->num  = leg->num - first;
	l->nego = fmt->nego;
	l->seq  = rp->seq;
	l->pt   = fmt->pt;
	str_ncpy(l->codec, fmt->name, sizeof(l->codec));
	if (l->stop)
		l->tap = mem_deref(l->tap);
}


static void key_handler(const struct tap_leg *leg, uint32_t ms, void *arg)
{
	struct listener *l = arg;

	l->key_ms = ms;
	told(arg, 'K', leg);
}


static void over_handler(void *arg)
{
	struct listener *l = arg;

	str_ncpy(l->told + strlen(l->told), ".", 2);
}


static const struct tap_handlers handlers = {
	.cameh = came_handler, .lefth = left_handler, .heldh = held_handler,
	.packeth = packet_handler, .keyh = key_handler, .overh = over_handler,
};


static void listen_to(struct listener *l, struct bcall *bc)
{
	memset(l, 0, sizeof(*l));
	assert_int_equal(0, bcall_tap(&l->tap, bc, &handlers, l));
}


static void talk(struct fake *f)
{
	now += 20000;
	speak(f);
}


static void test_both(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct listener l, other;
	size_t n;
	(void)state;

	first = a->leg.num - 1;
	talk(a);
	listen_to(&l, bc);
	assert_string_equal(l.told, "+1+2");
	talk(a);
	talk(a);
	assert_int_equal(l.packets, 2);
	assert_int_equal(l.num, 1);
	assert_int_equal(l.seq, 1002);
	assert_string_equal(l.codec, "PCMU");
	talk(b);
	assert_int_equal(l.num, 2);

	/* it goes on as ever */
	assert_int_equal(b->sinkc, 3);
	assert_int_equal(a->sinkc, 1);

	/* two may listen; one may stop in the middle of it */
	listen_to(&other, bc);
	other.stop = true;
	talk(b);
	assert_int_equal(l.packets, 4);
	assert_int_equal(other.packets, 1);
	assert_null(other.tap);
	talk(b);
	assert_int_equal(l.packets, 5);
	assert_int_equal(other.packets, 1);

	l.stop = true;
	talk(a);
	assert_int_equal(l.packets, 6);
	n = b->sinkc;
	talk(a);
	talk(a);
	assert_int_equal(l.packets, 6);
	assert_int_equal(b->sinkc, n + 2);
}


/* What measures takes the same way, for a moment */
static void test_gauge(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct audio_look look;
	struct media_stats st;
	struct listener l;
	unsigned i;
	(void)state;

	first = a->leg.num - 1;
	talk(a);

	/* it begins to measure, and then somebody begins to listen */
	audio_port_look(a->leg.audio, &look);
	listen_to(&l, bc);
	for (i=0; i<10; i++)
		talk(a);
	assert_int_equal(l.packets, 10);

	/* and the other way round */
	audio_port_look(a->leg.audio, &look);
	for (i=0; i<10; i++)
		talk(a);
	assert_int_equal(l.packets, 20);
	audio_port_look(a->leg.audio, &look);
	assert_true(look.came);
	audio_port_stats(a->leg.audio, &st);
	assert_int_not_equal(st.level_max, 0);

	/* while it measures he stops */
	l.tap = mem_deref(l.tap);
	for (i=0; i<10; i++)
		talk(a);
	assert_int_equal(l.packets, 20);
	assert_int_equal(b->sinkc, 31);
}


/* Another codec, transcoding, hold */
static void test_changes(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct listener l;
	uint32_t nego;
	(void)state;

	first = a->leg.num - 1;
	listen_to(&l, bc);
	talk(b);
	nego = l.nego;
	talk(b);
	assert_int_equal(l.nego, nego);

	b->codec = "PCMA";
	leg_audio_changed(&b->leg);
	talk(b);
	assert_string_equal(l.codec, "PCMA");
	assert_int_equal(l.pt, 8);
	assert_int_not_equal(l.nego, nego);
	assert_int_equal(l.packets, 3);
	talk(a);
	assert_string_equal(l.codec, "PCMU");
	assert_int_equal(l.packets, 4);

	leg_set_held(&b->leg, true);
	leg_set_held(&b->leg, false);
	assert_string_equal(l.told, "+1+2H2B2");
	talk(a);
	assert_int_equal(l.packets, 5);
	l.tap = mem_deref(l.tap);
}


/* Keys are nobody's business: packets of telephone-event, and audio meanwhile */
static void test_keys(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	uint8_t pkt[RTP_HEADER_SIZE + 4] = {0};
	struct media_end end;
	struct listener l;
	uint32_t ts;
	unsigned i;
	(void)state;

	first = a->leg.num - 1;
	assert_int_equal(0, fake_audio_end(&a->leg, &end, NULL));
	set_fmt(&end.rxv[1], "telephone-event");
	end.rxv[1].pt = 101;
	end.rxc = 2;
	assert_int_equal(0, audio_port_set(a->leg.audio, &end));
	listen_to(&l, bc);
	talk(a);
	assert_int_equal(l.packets, 1);
	ts = a->ts;

	/* it goes down, and up */
	for (i=0; i<5; i++) {
		rtp_hdr_write(pkt, !i, 101, a->seq++, ts, 0xf00 + a->ssrc);
		pkt[12] = 7;
		pkt[13] = i == 4 ? 0x80 : 0;
		pkt[15] = (uint8_t)(160 * (i + 1));
		now += 20000;
		audio_port_rtp(a->leg.audio, pkt, sizeof(pkt));
		if (i < 4)
			talk(a);
	}
	assert_int_equal(l.packets, 1);
	assert_string_equal(l.told, "+1+2K1");
	assert_int_equal(l.key_ms, 20);
	talk(a);
	assert_int_equal(l.packets, 2);

	/* of another one all but the last end is lost */
	rtp_hdr_write(pkt, false, 101, a->seq++, a->ts, 0xf00 + a->ssrc);
	pkt[14] = 3 * 160 >> 8;
	pkt[15] = (3 * 160) & 0xff;
	now += 20000;
	audio_port_rtp(a->leg.audio, pkt, sizeof(pkt));
	assert_string_equal(l.told, "+1+2K1K1");
	assert_int_equal(l.key_ms, 60);
	l.tap = mem_deref(l.tap);
}


/* While a tone is played to the other one nobody listens for tones of a phone
   whose keys are such: nothing is kept of it */
static void test_covered(void **state)
{
	const struct sound_part part = {{700, 0}, 100};
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct audio_player *pl;
	struct media_end end;
	struct listener l;
	struct sound *s;
	(void)state;

	assert_int_equal(sound_tones(&s, &part, 1, -10, 0), 0);
	assert_int_equal(0, fake_audio_end(&a->leg, &end, NULL));
	end.inband = true;
	assert_int_equal(0, audio_port_set(a->leg.audio, &end));
	first = a->leg.num - 1;
	listen_to(&l, bc);
	talk(a);
	talk(b);
	assert_int_equal(l.packets, 2);

	assert_int_equal(0, audio_player_alloc(&pl, b->leg.audio, s, 0, NULL,
					       NULL));
	/* a tone that has begun will not be known as one */
	assert_string_equal(l.told, "+1+2K1");
	talk(a);
	assert_int_equal(l.packets, 2);
	talk(b);
	assert_int_equal(l.packets, 3);
	mem_deref(pl);

	/* nor will the end of one */
	talk(a);
	assert_int_equal(l.packets, 3);
	talk(a);
	assert_int_equal(l.packets, 4);
	assert_string_equal(l.told, "+1+2K1");

	/* who sends keys as events is heard */
	end.inband = false;
	assert_int_equal(0, audio_port_set(a->leg.audio, &end));
	assert_int_equal(0, audio_player_alloc(&pl, b->leg.audio, s, 0, NULL,
					       NULL));
	talk(a);
	assert_int_equal(l.packets, 5);
	assert_string_equal(l.told, "+1+2K1");
	mem_deref(pl);
	talk(a);
	assert_int_equal(l.packets, 6);
	mem_deref(s);
	l.tap = mem_deref(l.tap);
}


/* Whoever comes is heard, whoever has left is not */
static void test_replace(void **state)
{
	struct fake *a, *b, *c, *d;
	struct bcall *bc, *other;
	struct listener l;
	(void)state;

	bc = establish(&a, &b, 1);
	first = a->leg.num - 1;
	other = establish(&c, &d, 3);
	listen_to(&l, bc);
	bcall_park_leg(&d->leg);
	assert_int_equal(0, bcall_replace_leg(bc, &b->leg, &d->leg));
	assert_string_equal(l.told, "+1+2-2+4");
	talk(b);
	assert_int_equal(l.packets, 0);
	talk(d);
	assert_int_equal(l.packets, 1);
	assert_int_equal(l.num, 4);
	talk(a);
	assert_int_equal(l.packets, 2);

	bcall_hangup(bc, END_SHUTDOWN, "over");
	assert_string_equal(l.told, "+1+2-2+4.");
	l.tap = mem_deref(l.tap);
	bcall_hangup(other, END_SHUTDOWN, "over");
	mem_deref(b);
}


/* A call that goes with all others */
static void test_shutdown(void **state)
{
	struct fake *a, *b;
	struct bcall *bc = establish(&a, &b, 1);
	struct listener l;
	(void)state;

	first = a->leg.num - 1;
	listen_to(&l, bc);
	list_flush(&calll);
	assert_string_equal(l.told, "+1+2.");
	l.tap = mem_deref(l.tap);
}


#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_both),
		T(test_gauge),
		T(test_changes),
		T(test_keys),
		T(test_covered),
		T(test_replace),
		T(test_shutdown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
