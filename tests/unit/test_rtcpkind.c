/**
 * @file tests/unit/test_rtcpkind.c  Which kinds of media RTCP is about
 */
#include "testutil.h"
#include "peer/rtcpkind.h"


enum {
	A = 1,                  /* audio's bit; SSRCs 0x0a000001, ...02    */
	V = 2,                  /* video's bit; SSRCs 0x0b000001, ...02    */
};

/* SSRCs: of audio, of video, of nobody */
#define A1 0x0a, 0, 0, 1
#define A2 0x0a, 0, 0, 2
#define V1 0x0b, 0, 0, 1
#define V2 0x0b, 0, 0, 2
#define X1 0x0c, 0, 0, 1
#define NO 0, 0, 0, 0

/* the rest of an SR's sender information, and of a report block */
#define INFO 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
	19, 20
#define BLK  INFO

struct vec {
	const char *what;
	uint32_t kinds;         /* expected, with transport-cc of none     */
	uint32_t twcc;          /* expected, with transport-cc of video    */
	size_t len;
	uint8_t pkt[100];
};

#define PKT(...) sizeof((uint8_t []){__VA_ARGS__}), {__VA_ARGS__}

static const struct vec vecv[] = {
	{"SR", A, A, PKT(0x80, 200, 0, 6, A1, INFO)},
	{"SR with block of video", A|V, A|V,
	 PKT(0x81, 200, 0, 12, A1, INFO, V2, BLK)},
	{"RR without blocks", V, V, PKT(0x80, 201, 0, 1, V1)},
	{"RR of nobody about both", A|V, A|V,
	 PKT(0x82, 201, 0, 13, X1, A2, BLK, V2, BLK)},
	{"RR with more blocks than it has", V, V,
	 PKT(0x9f, 201, 0, 7, X1, V2, BLK)},
	{"SDES of both", A|V, A|V,
	 PKT(0x82, 202, 0, 5, A1, 1, 1, 'x', 0, V1, 1, 3, 'a', 'b', 'c', 0,
	     0, 0)},
	{"SDES, item longer than it", A, A,
	 PKT(0x82, 202, 0, 4, A1, 1, 255, 'x', 0, V1, NO)},
	{"BYE of both", A|V, A|V, PKT(0x82, 203, 0, 2, A1, V1)},
	{"BYE of one, with a reason", V, V,
	 PKT(0x81, 203, 0, 2, V1, 3, 'a', 0, 1)},
	{"BYE of none", 0, 0, PKT(0x80, 203, 0, 0)},
	{"NACK goes by the media", V, V,
	 PKT(0x81, 205, 0, 3, A1, V2, 0, 1, 0, 0)},
	{"PLI goes by the media", V, V, PKT(0x81, 206, 0, 2, X1, V2)},
	{"FIR goes by its entries", V, V,
	 PKT(0x84, 206, 0, 4, A1, NO, V2, 1, 0, 0, 0)},
	{"FIR, second entry", V, V,
	 PKT(0x84, 206, 0, 6, X1, NO, X1, 1, 0, 0, 0, V2, 1, 0, 0, 0)},
	{"TMMBR goes by its entries", V, V,
	 PKT(0x83, 205, 0, 4, A1, NO, V2, 1, 2, 3, 4)},
	{"TMMBN goes by its entries", V, V,
	 PKT(0x84, 205, 0, 4, A1, NO, V2, 1, 2, 3, 4)},
	{"REMB goes by its list", V, V,
	 PKT(0x8f, 206, 0, 6, X1, NO, 'R', 'E', 'M', 'B', 2, 1, 2, 3, X1,
	     V2)},
	{"REMB, list longer than it", V, V,
	 PKT(0x8f, 206, 0, 5, X1, NO, 'R', 'E', 'M', 'B', 255, 1, 2, 3, V1)},
	{"another feedback of an application", 0, 0,
	 PKT(0x8f, 206, 0, 5, X1, NO, 'X', 'E', 'M', 'B', 1, 1, 2, 3, V1)},
	{"transport-cc goes by who has it", A, V,
	 PKT(0x8f, 205, 0, 4, V1, A2, 0, 1, 0, 1, 0, 0, 0, 0)},
	{"XR goes by its sender", V, V,
	 PKT(0x80, 207, 0, 4, V1, 4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8)},
	{"APP goes by its sender", A, A,
	 PKT(0x80, 204, 0, 2, A1, 'n', 'a', 'm', 'e')},
	{"nobody known", 0, 0, PKT(0x80, 201, 0, 1, X1)},
	{"a type nobody knows", 0, 0, PKT(0x80, 208, 0, 1, V1)},

	{"a compound of both", A|V, A|V,
	 PKT(0x80, 201, 0, 1, X1, 0x81, 206, 0, 2, A1, V2,
	     0x80, 200, 0, 6, A1, INFO)},
	{"cut off in the second", A, A,
	 PKT(0x80, 201, 0, 1, A1, 0x81, 206, 0, 3, X1, V2)},
	{"of another version", A, A,
	 PKT(0x80, 201, 0, 1, A1, 0x41, 206, 0, 2, X1, V2)},
	{"too short for its SSRC", 0, 0, PKT(0x80, 201, 0, 0)},
	{"too short for a header", 0, 0, PKT(0x80, 201, 0)},
};


static uint32_t ssrc_handler(uint32_t ssrc, const void *arg)
{
	assert_ptr_equal(arg, vecv);

	switch (ssrc >> 24) {

	case 0x0a: return A;
	case 0x0b: return V;
	default:   return 0;
	}
}


static void test_vectors(void **state)
{
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(vecv); i++) {
		const struct vec *v = &vecv[i];
		uint8_t *pkt = mem_alloc(v->len, NULL);
		uint32_t kinds, twcc;

		/* read beyond the end would be seen */
		memcpy(pkt, v->pkt, v->len);
		kinds = rtcpkind(pkt, v->len, 0, ssrc_handler, vecv);
		twcc  = rtcpkind(pkt, v->len, V, ssrc_handler, vecv);
		mem_deref(pkt);

		if (kinds != v->kinds || twcc != v->twcc)
			fail_msg("%s: %u, %u", v->what, kinds, twcc);
	}

	assert_int_equal(rtcpkind(NULL, 8, 0, ssrc_handler, vecv), 0);
	assert_int_equal(rtcpkind(vecv[0].pkt, 28, 0, NULL, vecv), 0);
	assert_int_equal(rtcpkind(vecv[0].pkt, 0, 0, ssrc_handler, vecv), 0);
}


/* no length of any packet does harm */
static void test_cut(void **state)
{
	size_t i, len;
	(void)state;

	for (i=0; i<ARRAY_SIZE(vecv); i++) {

		for (len=0; len<=vecv[i].len; len++) {
			uint8_t *pkt = mem_alloc(len + 1, NULL);

			memcpy(pkt, vecv[i].pkt, len);
			(void)rtcpkind(pkt, len, 0, ssrc_handler, vecv);
			mem_deref(pkt);
		}
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
