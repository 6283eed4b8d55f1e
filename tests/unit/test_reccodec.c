/**
 * @file test_reccodec.c  Packets of a recording, decoded
 */
#include "testutil.h"
#include <libavutil/log.h>
#include "recraw_rig.h"


/** Frames of AMR that were found */
struct found {
	size_t n, none, len;
	uint8_t buf[64];
};


static int amr_handler(const uint8_t *p, size_t len, bool none, void *arg)
{
	struct found *f = arg;

	++f->n;
	f->none += none;
	f->len = len;
	if (p)
		memcpy(f->buf, p, len);

	return 0;
}


static void test_amr(void **state)
{
	/* CMR 15, FT 7 (244 bits) good, then no data; octets */
	uint8_t octet[3 + 31] = {0xf0, 0x80 | 7 << 3 | 4, 15 << 3 | 4};
	/* CMR 15, FT 0 (95 bits), good; all bits set: bandwidth-efficient */
	uint8_t tight[14];
	struct found f = {0};
	size_t i;
	(void)state;

	octet[3] = 0xab;
	assert_int_equal(0, rec_amr_split(false, true, octet, sizeof(octet),
					  amr_handler, &f));
	assert_int_equal(f.n, 2);
	assert_int_equal(f.none, 1);
	assert_int_equal(f.buf[0], 7 << 3 | 4);
	assert_int_equal(f.buf[1], 0xab);

	memset(tight, 0xff, sizeof(tight));
	tight[0] = 0xf0;        /* 1111 0 000 */
	tight[1] = 0x7f;        /* 0 1 and six bits of speech */
	memset(&f, 0, sizeof(f));
	assert_int_equal(0, rec_amr_split(false, false, tight, sizeof(tight),
					  amr_handler, &f));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.len, 13);
	assert_int_equal(f.buf[0], 4);
	assert_int_equal(f.buf[12], 0xfe);

	for (i=0; i<sizeof(octet); i++)
		assert_int_equal(EBADMSG, rec_amr_split(false, true, octet, i,
							amr_handler, &f));
}


/* What libav decodes: a tone is one */
static void test_codecs(void **state)
{
	static const struct {
		const char *codec;
		uint32_t clock, srate;
		bool known;
	} v[] = {
		{"PCMA", 8000, 8000, true},
		{"pcmu", 16000, 16000, true},
		{"G722", 8000, 16000, true},
		{"L16", 44100, 44100, true},
		{"AMR-WB", 16000, 16000, true},
		{"G729", 8000, 8000, true},
		{"L16", 192000, 8000, false},
		{"EVS", 16000, 8000, false},
	};
	uint8_t buf[160];
	size_t i, n, len;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		struct recfile_format f = {.channels = 1,
					   .clock = v[i].clock};
		struct rec_dec *dec = NULL;
		int16_t sampv[REC_FRAME];

		str_ncpy(f.codec, v[i].codec, sizeof(f.codec));
		assert_int_equal(rec_dec_known(&f), v[i].known);
		assert_int_equal(rec_dec_srate(&f), v[i].srate);
		assert_int_equal(rec_dec_alloc(&dec, &f),
				 v[i].known ? 0 : ENOTSUP);
		if (!dec)
			continue;

		/* of rubbish, nothing worse than rubbish */
		for (len=1; len<=sizeof(buf); len++) {
			memset(buf, (int)len * 37, sizeof(buf));
			n = REC_FRAME;
			(void)rec_dec_put(dec, sampv, &n, buf, len);
			assert_true(n <= REC_FRAME);
			n = 160;
			rec_dec_lost(dec, sampv, &n, NULL, 0);
		}
		mem_deref(dec);
	}
}


static void test_g711(void **state)
{
	const struct recfile_format f = {.channels = 1, .clock = 8000,
					 .codec = "PCMU"};
	struct rec_dec *dec;
	uint8_t buf[160];
	int16_t v[REC_FRAME];
	size_t n = REC_FRAME, len;
	(void)state;

	len = raw_mulaw(buf, 1000, 0);
	assert_int_equal(0, rec_dec_alloc(&dec, &f));
	assert_int_equal(0, rec_dec_put(dec, v, &n, buf, len));
	assert_int_equal(n, 160);
	assert_true(tone_share(v, n, 8000, 1000) > 0.99);
	mem_deref(dec);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amr),
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_g711),
	};

	av_log_set_level(AV_LOG_QUIET);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
