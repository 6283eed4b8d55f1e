/**
 * @file test_sound.c  What is played: WAV and Ogg Opus files, tones
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <math.h>
#include <cmocka.h>
#include <re.h>
#include <rem.h>
#include <opus.h>
#include "audio/sound.h"
#include "samples.h"


enum {
	ROOM = 1 << 20,
};

static uint8_t buf[ROOM];
static size_t end;
static char why[128];


static void put(const void *p, size_t n)
{
	assert_true(end + n <= sizeof(buf));
	memcpy(buf + end, p, n);
	end += n;
}


static void put_le(uint64_t v, size_t n)
{
	while (n--) {
		buf[end++] = (uint8_t)v;
		v >>= 8;
	}
}


/* Is it that tone, of amplitude 10000, for that long? */
static void check_tone(const struct sound *s, double hz, uint32_t ms)
{
	const uint32_t srate = sound_srate(s);
	int16_t v[16000];
	size_t n = srate / 2;

	assert_in_range(sound_ms(s), ms - 1, ms + 6);
	assert_int_equal(sound_read(s, srate / 10, v, n, false), n);

	if (tone_share(v, n, srate, hz) < 0.98 ||
	    fabs(rms(v, n) - 7071) > 500)
		fail_msg("%f at %f", tone_share(v, n, srate, hz), rms(v, n));
}


static int decode(struct sound **sp)
{
	*sp = NULL;
	why[0] = '\0';

	return sound_decode(sp, buf, end, why, sizeof(why));
}


static void refused(int err, const char *text)
{
	struct sound *s;

	assert_int_equal(decode(&s), err);
	assert_null(s);
	assert_non_null(strstr(why, text));
}


/* --- WAV ----------------------------------------------------------------- */


static void wav_header(uint16_t tag, uint16_t ch, uint32_t srate,
		       uint16_t bits, uint32_t len)
{
	end = 0;
	put("RIFF\0\0\0\0WAVE", 12);
	put("LIST\3\0\0\0abc\0", 12);      /* odd: padded */
	put("fmt ", 4);
	put_le(16, 4);
	put_le(tag, 2);
	put_le(ch, 2);
	put_le(srate, 4);
	put_le((uint64_t)srate * ch * bits / 8, 4);
	put_le(ch * bits / 8u, 2);
	put_le(bits, 2);
	put("data", 4);
	put_le(len, 4);
}


static void wav_sample(uint16_t tag, uint16_t bits, int16_t s)
{
	const float f = s / 32767.0f;
	uint32_t u;

	if (tag == 3) {
		memcpy(&u, &f, 4);
		put_le(u, 4);
	}
	else if (tag == 6)
		put_le(g711_pcm2alaw(s), 1);
	else if (tag == 7)
		put_le(g711_pcm2ulaw(s), 1);
	else if (bits == 8)
		put_le((uint8_t)(s / 256 + 128), 1);
	else
		put_le((uint64_t)(uint16_t)s << (bits - 16), bits / 8);
}


/* One second of 1 kHz */
static void wav_tone(uint16_t tag, uint16_t ch, uint32_t srate, uint16_t bits)
{
	uint32_t i;
	uint16_t c;

	wav_header(tag, ch, srate, bits, srate * ch * bits / 8);

	for (i=0; i<srate; i++) {
		const double w = 2 * M_PI * 1000 * i / srate;

		for (c=0; c<ch; c++)
			wav_sample(tag, bits, (int16_t)(10000 * sin(w)));
	}
}


static void test_wav(void **state)
{
	static const struct {
		uint16_t tag;
		uint16_t ch;
		uint32_t srate;
		uint16_t bits;
	} v[] = {
		{1, 1, 8000, 16}, {1, 2, 44100, 16}, {1, 2, 48000, 24},
		{1, 1, 16000, 32}, {1, 1, 11025, 8}, {1, 1, 22050, 16},
		{1, 1, 32000, 16}, {1, 1, 96000, 16}, {3, 2, 24000, 32},
		{6, 1, 8000, 8}, {7, 1, 8000, 8}, {1, 6, 12000, 16},
	};
	struct sound *s;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		wav_tone(v[i].tag, v[i].ch, v[i].srate, v[i].bits);
		if (decode(&s))
			fail_msg("%zu: %s", i, why);

		assert_int_equal(sound_srate(s), v[i].srate > 8000
				 ? 16000 : 8000);
		check_tone(s, 1000, 1000);
		mem_deref(s);
	}
}


/* As programs write them that do not know how long it gets */
static void test_wav_sizes(void **state)
{
	struct sound *s;
	(void)state;

	wav_tone(1, 1, 8000, 16);
	memset(buf + 52, 0xff, 4);
	assert_int_equal(decode(&s), 0);
	check_tone(s, 1000, 1000);
	mem_deref(s);

	memset(buf + 52, 0, 4);
	assert_int_equal(decode(&s), 0);
	check_tone(s, 1000, 1000);
	mem_deref(s);

	/* cut off in the middle of a sample */
	end = 56 + 8001;
	assert_int_equal(decode(&s), 0);
	assert_int_equal(sound_ms(s), 500);
	mem_deref(s);
}


static void test_wav_extensible(void **state)
{
	static const uint8_t guid[] = {1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0,
		0xaa, 0, 0x38, 0x9b, 0x71};
	struct sound *s;
	size_t i;
	(void)state;

	end = 0;
	put("RIFF\0\0\0\0WAVEfmt \50\0\0\0\xfe\xff\1\0\x40\x1f\0\0"
	    "\x80\x3e\0\0\2\0\20\0\26\0\20\0\4\0\0\0", 44);
	put(guid, sizeof(guid));
	put("data", 4);
	put_le(16000, 4);
	for (i=0; i<8000; i++)
		put_le((uint16_t)(int16_t)(10000 * sin(2 * M_PI * 1000 * i /
						       8000.0)), 2);
	if (decode(&s))
		fail_msg("%s", why);
	check_tone(s, 1000, 1000);
	mem_deref(s);
}


static void test_wav_refused(void **state)
{
	(void)state;

	wav_tone(1, 1, 8000, 16);
	end = 40;
	refused(EBADMSG, "too short");
	end = 48;
	refused(EBADMSG, "no sound");

	wav_tone(2, 1, 8000, 16);
	refused(ENOTSUP, "format 2");

	wav_tone(1, 1, 8000, 16);
	buf[34] = 0;
	refused(ENOTSUP, "0 channels");

	wav_tone(1, 1, 4000, 16);
	refused(ENOTSUP, "4000 Hz");

	wav_tone(1, 1, 44101, 16);
	refused(ENOTSUP, "44101 Hz");

	end = 0;
	put("ID3\4 and so on", 15);
	refused(EBADMSG, "neither WAV nor");
}


/* --- Ogg Opus ------------------------------------------------------------ */

struct mux {
	uint32_t serial;
	uint32_t seq;
};


/* One page with one packet (part), that ends in it or goes on */
static void page(struct mux *m, uint8_t flags, uint64_t granule,
		 const uint8_t *p, size_t n, bool whole)
{
	size_t segc = n / 255 + whole;

	put("OggS\0", 5);
	put_le(flags, 1);
	put_le(granule, 8);
	put_le(m->serial, 4);
	put_le(m->seq++, 4);
	put_le(0, 4);
	put_le(segc, 1);
	memset(buf + end, 255, segc);
	if (whole)
		buf[end + segc - 1] = n % 255;
	end += segc;
	put(p, n);
}


/* One second of 1 kHz at 48 kHz, in packets of 20 ms; the last is cut */
static void opus_tone(unsigned ch, bool split, uint64_t total)
{
	uint8_t head[19] = "OpusHead\1\0\0\0", pkt[1500];
	struct mux m = {7, 0}, other = {8, 0};
	int16_t v[960 * 2];
	OpusEncoder *enc;
	unsigned k, i, c, n = 0;
	int e, len;

	end = 0;
	enc = opus_encoder_create(48000, (int)ch, OPUS_APPLICATION_AUDIO,
				  &e);
	assert_non_null(enc);
	(void)opus_encoder_ctl(enc, OPUS_SET_BITRATE(split ? 256000
						     : 48000));

	head[9]  = (uint8_t)ch;
	head[10] = 0x38;
	head[11] = 0x01;        /* 312 */
	page(&other, 2, 0, (const uint8_t *)"\1vorbis", 7, true);
	page(&m, 2, 0, head, sizeof(head), true);
	page(&m, 0, 0, (const uint8_t *)"OpusTags", 8, true);

	for (k=0; k<=50; k++) {

		for (i=0; i<960; i++, n++)
			for (c=0; c<ch; c++)
				v[i * ch + c] = (int16_t)(10000 * sin(
					2 * M_PI * 1000 * n / 48000.0));

		len = opus_encode(enc, v, 960, pkt, sizeof(pkt));
		assert_true(len > 0);

		if (split && len > 255) {
			page(&m, 0, UINT64_MAX, pkt, 255, false);
			page(&other, 0, 5, pkt, 100, true);
			page(&m, k == 50 ? 5 : 1, k == 50 ? 312 + total :
			     n, pkt + 255, (size_t)len - 255, true);
		}
		else {
			page(&m, k == 50 ? 4 : 0, k == 50 ? 312 + total : n,
			     pkt, (size_t)len, true);
		}
	}

	opus_encoder_destroy(enc);
}


static void test_ogg(void **state)
{
	struct sound *s;
	unsigned ch;
	int split;
	(void)state;

	for (ch=1; ch<=2; ch++) for (split=0; split<2; split++) {

		opus_tone(ch, split, 48000);
		if (decode(&s))
			fail_msg("%s", why);

		assert_int_equal(sound_srate(s), 16000);
		assert_int_equal(sound_ms(s), 1000);
		check_tone(s, 1000, 1000);
		mem_deref(s);
	}

	/* what is behind the last packet that is whole is left */
	opus_tone(1, false, 48000);
	end -= 10;
	assert_int_equal(decode(&s), 0);
	assert_in_range(sound_ms(s), 980, 1000);
	mem_deref(s);
}


static void test_ogg_refused(void **state)
{
	(void)state;

	opus_tone(1, false, 48000);
	assert_memory_equal(buf + 35 + 28, "OpusHead", 8);
	buf[35 + 28 + 18] = 3;  /* mapping family */
	refused(ENOTSUP, "more than two");

	opus_tone(1, false, 48000);
	end = 35;
	refused(ENOTSUP, "without Opus");

	opus_tone(1, false, 48000);
	end = 35 + 28 + 19 + 28 + 8;
	refused(ENODATA, "no sound");
}


/* --- tones --------------------------------------------------------------- */


static void test_tones(void **state)
{
	static const struct sound_part partv[] = {
		{{440, 480}, 500}, {{0, 0}, 250},
	};
	int16_t v[16000];
	struct sound *s;
	(void)state;

	assert_int_equal(sound_tones(&s, partv, 2, -10, 5), 0);
	assert_int_equal(sound_srate(s), 8000);
	assert_int_equal(sound_ms(s), 750);
	assert_int_equal(sound_read(s, 0, v, 16000, false), 6000);
	assert_true(tone_share(v + 400, 3200, 8000, 440) > 0.45);
	assert_true(tone_share(v + 400, 3200, 8000, 480) > 0.45);
	assert_in_range((int)rms(v + 400, 3200), 3400, 3800);
	assert_int_equal((int)rms(v + 4000, 2000), 0);
	assert_in_range(abs(v[0]), 0, 2);

	/* again and again */
	assert_int_equal(sound_read(s, 5000, v, 9000, true), 9000);
	assert_int_equal((int)rms(v, 1000), 0);
	assert_true(tone_share(v + 1400, 3200, 8000, 440) > 0.45);
	assert_int_equal((int)rms(v + 5000, 2000), 0);
	assert_int_equal(sound_read(s, 6000, v, 10, false), 0);
	assert_int_equal(sound_read(s, 6000, v, 10, true), 10);
	mem_deref(s);

	assert_int_equal(sound_hold_tone(&s), 0);
	assert_int_equal(sound_ms(s), 4000);
	assert_int_equal(sound_read(s, 1000, v, 3000, false), 3000);
	assert_true(tone_share(v, 3000, 8000, 440) > 0.95);
	assert_in_range((int)rms(v, 3000), 600, 1000);
	mem_deref(s);

	assert_int_equal(sound_tones(&s, partv, 0, -10, 5), EINVAL);
	assert_int_equal(sound_tones(&s, &partv[1], 0, -10, 5), EINVAL);
	assert_int_equal(sound_tones(&s, partv, 2, 4, 5), EINVAL);
}


/* --- bounds -------------------------------------------------------------- */


static void test_long(void **state)
{
	static const int16_t v[8000];
	struct sound *s;
	unsigned i;
	(void)state;

	assert_int_equal(sound_begin(&s, 8000), 0);
	assert_int_equal(sound_end(s), ENODATA);
	for (i=0; i<SOUND_TIME_MAX; i++)
		assert_int_equal(sound_add(s, v, 8000), 0);
	assert_int_equal(sound_add(s, v, 1), EFBIG);
	assert_int_equal(sound_end(s), 0);
	assert_int_equal(sound_ms(s), SOUND_TIME_MAX * 1000);
	mem_deref(s);
}


static void test_load(void **state)
{
	char path[] = "/tmp/sound.XXXXXX";
	struct sound *s;
	int fd;
	(void)state;

	wav_tone(1, 1, 8000, 16);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, buf, end), end);
	assert_int_equal(sound_load(&s, path, why, sizeof(why)), 0);
	check_tone(s, 1000, 1000);
	mem_deref(s);

	assert_int_equal(ftruncate(fd, SOUND_FILE_MAX + 1), 0);
	assert_int_equal(sound_load(&s, path, why, sizeof(why)), EFBIG);
	assert_string_equal(why, "larger than 64 MB");

	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(sound_load(&s, path, why, sizeof(why)), EBADMSG);
	close(fd);
	unlink(path);

	assert_int_equal(sound_load(&s, path, why, sizeof(why)), ENOENT);
	assert_non_null(strstr(why, "No such file"));
	assert_int_equal(sound_load(&s, "/tmp", why, sizeof(why)), EINVAL);
	assert_string_equal(why, "no file");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wav),
		cmocka_unit_test(test_wav_sizes),
		cmocka_unit_test(test_wav_extensible),
		cmocka_unit_test(test_wav_refused),
		cmocka_unit_test(test_ogg),
		cmocka_unit_test(test_ogg_refused),
		cmocka_unit_test(test_tones),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
