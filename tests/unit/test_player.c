/**
 * @file test_player.c  Something is played to a party, in its one stream
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
#include "audio/sound.h"
#include "media_rig.h"


static struct sound *music(void)
{
	static const struct sound_part part = {{700, 0}, 200};
	struct sound *s;

	assert_int_equal(sound_tones(&s, &part, 1, -10, 0), 0);

	return s;
}


/* Time passes */
static void pass(struct rig *rig, struct audio_player *pl, unsigned ms)
{
	unsigned i;

	for (i=0; i<ms; i+=10) {
		rig_now += 10000;
		audio_player_poll(pl, rig_now);
		audio_pair_poll(rig->ap, rig_now);
	}
}


/* Time passes, and a party is heard meanwhile. It begins where it would be if
   it had spoken all the time */
static void speak(struct rig *rig, struct audio_player *pl,
		  struct rig_src *src, unsigned ms)
{
	unsigned i;

	for (i=0; i<ms; i+=src->ptime) {
		src_send(rig, LEG_SIP, src, 1);
		if (pl)
			audio_player_poll(pl, rig_now);
	}
}


static void jump(struct rig_src *src, unsigned ms)
{
	src->seq += ms / src->ptime;
	src->ts  += src->ac->crate / 1000 * ms;
	src->n   += src->srate / 1000 * ms;
}


/* Which of both tones is heard from then on, for so long? 0=neither */
static int heard(struct rig *rig, const char *name, unsigned from,
		 unsigned ms)
{
	int16_t *v = mem_zalloc(sizeof(*v) * 16000 * 20, NULL);
	double a = 0, b = 0;
	uint32_t srate;
	size_t i, n, step;

	n = sink_decode(&rig->sinkv[LEG_CUBE], name, &srate, v, 16000 * 20);
	from *= srate / 1000;
	ms   *= srate / 1000;
	step  = srate / 10;
	assert_true(n >= from + ms);

	/* an encoder that is new finds its way within some frames */
	for (i=0; i<ms; i+=step) {
		a += tone_share(v + from + i, step, srate, 1000) * step / ms;
		b += tone_share(v + from + i, step, srate, 700) * step / ms;
	}
	mem_deref(v);

	return a > 0.9 ? 1000 : b > 0.9 ? 700 : 0;
}


/* One stream: sequence goes on by one, timestamps by the time that passes */
static void check_stream(const struct rig *rig, const char *name)
{
	const struct rig_sink *sink = &rig->sinkv[LEG_CUBE];
	const uint32_t crate = rig_codec(name)->crate;
	size_t i;

	sink_check(sink, 0);

	for (i=1; i<sink->pktc; i++) {

		const struct rig_pkt *p = &sink->pktv[i], *q = p - 1;
		const int64_t ms = (int64_t)(p->t - q->t) / 1000;
		const int64_t ts = (int64_t)(p->ts - q->ts) * 1000 / crate;

		if (ts < 10 || ts > ms + 20)
			fail_msg("packet %zu: %lld ms for %lld ms", i,
				 (long long)ts, (long long)ms);
	}
}


static void check_codec(const char *sip, const char *app)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct media_stats st;
	struct rig_src src;
	struct rig rig;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, sip, 20);
	rig_set(&rig, LEG_CUBE, app, 20);
	src_init(&src, LEG_SIP, sip, 20, 1000, NULL);

	speak(&rig, NULL, &src, 1000);
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP, NULL, NULL), 0);
	assert_int_equal(mem_nrefs(s), 2);

	/* the party goes on talking, to nobody */
	speak(&rig, pl, &src, 1000);
	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_true(st.played);
	assert_false(st.relayed);

	/* or is silent */
	pass(&rig, pl, 1000);
	jump(&src, 1000);
	mem_deref(pl);
	speak(&rig, NULL, &src, 1000);

	audio_pair_stats(rig.ap, LEG_CUBE, &st);
	assert_false(st.played);
	assert_int_equal(st.relayed, !strcmp(sip, app));
	audio_pair_stats(rig.ap, LEG_SIP, &st);
	assert_int_equal(st.rx.dropped, 0);
	assert_int_equal(st.rx.packets, 150);

	check_stream(&rig, app);
	assert_int_equal(heard(&rig, app, 200, 700), 1000);
	assert_int_equal(heard(&rig, app, 1200, 1700), 700);
	assert_int_equal(heard(&rig, app, 3200, 700), 1000);
	assert_in_range(rig.sinkv[LEG_CUBE].pktc, 198, 203);

	src_close(&src);
	rig_close(&rig);
	assert_int_equal(mem_nrefs(s), 1);
	mem_deref(s);
}


static void test_codecs(void **state)
{
	(void)state;

	check_codec("PCMU", "PCMU");
	check_codec("PCMU", "opus");
	check_codec("opus", "opus");
	check_codec("opus", "PCMA");
	check_codec("PCMA", "WB");
}


/* Music of the party's own goes first */
static void test_way(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct rig_src src;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "opus", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 1000, NULL);

	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP | PLAYER_WAY, NULL, NULL), 0);

	/* it goes on without a gap */
	speak(&rig, pl, &src, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 50);

	/* it stops: ours begins */
	pass(&rig, pl, 700);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 60);
	assert_in_range(rig.sinkv[LEG_CUBE].pktv[50].t -
			rig.sinkv[LEG_CUBE].pktv[49].t, 290000, 610000);
	pass(&rig, pl, 300);

	/* a packet now and then is no music */
	src_send(&rig, LEG_SIP, &src, 1);
	pass(&rig, pl, 980);
	src_send(&rig, LEG_SIP, &src, 1);
	pass(&rig, pl, 980);

	/* this is */
	jump(&src, 1960);
	speak(&rig, pl, &src, 1000);
	mem_deref(pl);
	speak(&rig, NULL, &src, 1000);

	check_stream(&rig, "opus");
	assert_int_equal(heard(&rig, "opus", 200, 700), 1000);
	assert_int_equal(heard(&rig, "opus", 1700, 2200), 700);
	assert_int_equal(heard(&rig, "opus", 4200, 1700), 1000);

	src_close(&src);
	rig_close(&rig);
	mem_deref(s);
}


/* Who is told to hear nothing hears nothing, and owes nothing */
static void test_silence(void **state)
{
	struct audio_player *pl, *other;
	struct rig_src src;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	src_init(&src, LEG_SIP, "PCMU", 20, 1000, NULL);

	speak(&rig, NULL, &src, 1000);
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), NULL, 0,
				NULL, NULL), 0);
	assert_int_equal(audio_player_alloc(&other,
				audio_pair_port(rig.ap, LEG_CUBE), NULL, 0,
				NULL, NULL), EALREADY);
	speak(&rig, pl, &src, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 50);
	mem_deref(pl);
	speak(&rig, NULL, &src, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 100);
	check_stream(&rig, "PCMU");
	assert_int_equal(rig.sinkv[LEG_CUBE].pktv[50].ts -
			 rig.sinkv[LEG_CUBE].pktv[49].ts, 51 * 160);

	src_close(&src);
	rig_close(&rig);
}


/* On hold, off hold, another codec, another packet time: it plays on */
static void test_set_anew(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct media_end end;
	struct rig rig;
	size_t n;
	(void)state;

	rig_init(&rig);

	/* before anything is known */
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP, NULL, NULL), 0);
	pass(&rig, pl, 100);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 0);

	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	pass(&rig, pl, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 50);
	assert_true(rig.sinkv[LEG_CUBE].pktv[0].marker);
	assert_false(rig.sinkv[LEG_CUBE].pktv[1].marker);

	/* the same again: not to be noticed */
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	pass(&rig, pl, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 100);
	assert_false(rig.sinkv[LEG_CUBE].pktv[50].marker);
	check_stream(&rig, "PCMU");
	assert_int_equal(heard(&rig, "PCMU", 100, 1800), 700);

	/* it does not want to hear any more */
	rig_end(&rig, &end, LEG_CUBE, "PCMU", 20);
	end.send = false;
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	n = rig.sinkv[LEG_CUBE].pktc;
	pass(&rig, pl, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n);

	rig_set(&rig, LEG_CUBE, "opus", 40);
	pass(&rig, pl, 1000);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n + 25);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktv[n].pt, 111);
	assert_int_equal((uint16_t)(rig.sinkv[LEG_CUBE].pktv[n].seq -
				    rig.sinkv[LEG_CUBE].pktv[n - 1].seq), 1);

	/* nothing after the end */
	audio_pair_close(rig.ap);
	n = rig.sinkv[LEG_CUBE].pktc;
	pass(&rig, pl, 100);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, n);

	/* the port may go first */
	rig_close(&rig);
	mem_deref(pl);
	mem_deref(s);
}


static void end_handler(void *arg)
{
	struct audio_player **plp = arg;

	*plp = mem_deref(*plp);
}


/* Once, to its end */
static void test_once(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);

	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s, 0,
				end_handler, &pl), 0);
	rig_now += 20000;
	while (pl && rig.sinkv[LEG_CUBE].pktc < 50) {
		audio_player_poll(pl, rig_now);
		rig_now += 20000;
	}
	assert_null(pl);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 10);

	rig_close(&rig);
	mem_deref(s);
}


/* A loop that was held up does not send all of it at once */
static void test_late(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP, NULL, NULL), 0);
	pass(&rig, pl, 1000);
	rig_now += 100000;
	pass(&rig, pl, 20);
	assert_int_equal(rig.sinkv[LEG_CUBE].pktc, 56);
	rig_now += 3000000;
	pass(&rig, pl, 20);
	assert_in_range(rig.sinkv[LEG_CUBE].pktc, 57, 58);
	assert_true(rig.sinkv[LEG_CUBE].pktv[56].marker);
	check_stream(&rig, "PCMU");

	mem_deref(pl);
	rig_close(&rig);
	mem_deref(s);
}


/* Who only hears music is told what it should have got */
static void test_reports(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct rig rig;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_CUBE, "PCMU", 20);
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP, NULL, NULL), 0);
	pass(&rig, pl, 20000);
	assert_in_range(rig.sinkv[LEG_CUBE].rtcpc, 3, 8);
	assert_int_equal(rig.sinkv[LEG_CUBE].rtcp[1], 200);

	mem_deref(pl);
	rig_close(&rig);
	mem_deref(s);
}


/* A key that is pressed meanwhile gets through */
static void test_keys(void **state)
{
	struct sound *s = music();
	struct audio_player *pl;
	struct media_end end;
	struct rig rig;
	size_t i, n = 0;
	(void)state;

	rig_init(&rig);
	rig_set(&rig, LEG_SIP, "PCMU", 20);
	rig_end(&rig, &end, LEG_CUBE, "PCMU", 20);
	end.ev = end.rxv[4];
	assert_int_equal(audio_pair_set_end(rig.ap, LEG_CUBE, &end), 0);
	assert_int_equal(audio_player_alloc(&pl,
				audio_pair_port(rig.ap, LEG_CUBE), s,
				PLAYER_LOOP, NULL, NULL), 0);
	pass(&rig, pl, 500);
	assert_int_equal(audio_pair_send_key(rig.ap, LEG_CUBE, '5', 200), 0);
	pass(&rig, pl, 1000);

	for (i=0; i<rig.sinkv[LEG_CUBE].pktc; i++)
		n += rig.sinkv[LEG_CUBE].pktv[i].pt == 101;

	assert_true(n > 5);
	assert_in_range(rig.sinkv[LEG_CUBE].pktc - n, 60, 66);

	for (i=1; i<rig.sinkv[LEG_CUBE].pktc; i++)
		assert_int_equal((uint16_t)(rig.sinkv[LEG_CUBE].pktv[i].seq -
					    rig.sinkv[LEG_CUBE].pktv[i-1].seq),
				 1);

	mem_deref(pl);
	rig_close(&rig);
	mem_deref(s);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_way),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_set_anew),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
