/**
 * @file tests/unit/test_sdpfix.c  SDP and bodies as phones write them
 */
#include "testutil.h"
#include <re.h>
#include "sip/pure/mime.h"
#include "sip/pure/sdpfix.h"
#include "sip/pure/sdpline.h"


#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n" \
	"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define GOOD HEAD "m=audio 5004 RTP/AVP 0 101\r\n" \
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n" \
	"a=fmtp:101 0-15\r\na=sendrecv\r\n"


static int fix(char **out, const char *in, size_t len)
{
	const struct pl pl = {in, len};
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	err = sdpfix(mb, &pl);
	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, out, mbuf_get_left(mb)), 0);
	mem_deref(mb);

	return err;
}


static void same(const char *in, size_t len, const char *want)
{
	char *out, *again;

	assert_int_equal(fix(&out, in, len), 0);
	assert_string_equal(out, want);

	/* once is enough */
	assert_int_equal(fix(&again, out, strlen(out)), 0);
	assert_string_equal(again, want);

	mem_deref(out);
	mem_deref(again);
}


/* A line of the audio, as it is after a session that has an address */
static void line_is(const char *in, const char *want)
{
	char a[1024], b[1024];

	(void)re_snprintf(a, sizeof(a), HEAD "m=audio 5004 RTP/AVP 0 96\r\n"
			  "%s\r\n", in);
	(void)re_snprintf(b, sizeof(b), HEAD "m=audio 5004 RTP/AVP 0 96\r\n"
			  "%s%s", want, *want ? "\r\n" : "");
	same(a, strlen(a), b);
}


static void test_what_is_right_stays(void **state)
{
	(void)state;

	same(GOOD, strlen(GOOD), GOOD);
}


static void test_line_ends(void **state)
{
	char *text, *p;
	size_t n;
	(void)state;

	/* none at the end; a NUL, blanks or blank lines there */
	same(GOOD, strlen(GOOD) - 2, GOOD);
	same(GOOD, strlen(GOOD) + 1, GOOD);
	same(GOOD "\r\n  \r\n", strlen(GOOD) + 6, GOOD);
	same("\xef\xbb\xbf" GOOD, strlen(GOOD) + 3, GOOD);
	same("\r\n " GOOD, strlen(GOOD) + 3, GOOD);

	/* LF alone, CR alone */
	str_dup(&text, GOOD);
	for (p = text, n = 0; *p; p++) {
		if (*p != '\r')
			text[n++] = *p;
	}
	same(text, n, GOOD);
	for (p = text; p < text + n; p++) {
		if (*p == '\n')
			*p = '\r';
	}
	same(text, n, GOOD);
	mem_deref(text);
}


static void test_lines(void **state)
{
	(void)state;

	line_is("a=rtpmap:96  opus/48000/2 ", "a=rtpmap:96 opus/48000/2");
	line_is("a=rtpmap: 96 opus / 48000 / 2", "a=rtpmap:96 opus/48000/2");
	line_is("a=rtpmap:96\topus/48000", "a=rtpmap:96 opus/48000/2");
	line_is("a=rtpmap:0 PCMU/8000/1", "a=rtpmap:0 PCMU/8000/1");
	line_is("a=rtpmap:0 PCMU/8000;x", "a=rtpmap:0 PCMU/8000");
	line_is("a=rtpmap:0 PCMU", "");
	line_is("a=rtpmap:0", "");
	line_is("a=rtpmap:0 PCMU/fast", "");
	line_is("a=fmtp:96", "");
	line_is("a=fmtp:96  useinbandfec=1 ", "a=fmtp:96 useinbandfec=1");
	line_is("a=rtcp:5005 IN IP4 host.example", "a=rtcp:5005");
	line_is("a=rtcp:none", "");
	line_is("a=rtcp: 5005", "");
	line_is("b=AS: 64", "b=AS:64");
	line_is("b=AS:64.5", "b=AS:64");
	line_is("b=AS", "");
	line_is("a=SendOnly", "a=sendonly");
	line_is("a=sendonly ", "a=sendonly");
	line_is("a=ptime: 20", "a=ptime:20");
	line_is("a=", "");
	line_is("a=:", "");
	line_is("nonsense", "");
	line_is("=", "");
	line_is("c=IN IP4 192.0.2.7/127", "c=IN IP4 192.0.2.7");
	line_is("c=IN IP4 224.2.1.1/127/3", "c=IN IP4 224.2.1.1");
	line_is("c= IN  IP4  192.0.2.7", "c=IN IP4 192.0.2.7");
	line_is("c=in ip4 0.0.0.0", "c=IN IP4 0.0.0.0");
	line_is("c=IN IP6 2001:db8::1/3", "c=IN IP6 2001:db8::1");
	line_is("c=IN IP4 2001:db8::1", "c=IN IP6 2001:db8::1");
	line_is("c=IN IP4 phone.example", "");
}


static void test_several_fmtp_lines_are_one(void **state)
{
	(void)state;

	line_is("a=fmtp:96 a=1;\r\na=fmtp:0 x=1\r\na=fmtp:96 ; b=2",
		"a=fmtp:96 a=1;b=2\r\na=fmtp:0 x=1");
	line_is("a=fmtp:96 0-11\r\na=fmtp:96 16", "a=fmtp:96 0-11,16");

	/* of another media line it is another format */
	line_is("a=fmtp:96 a=1\r\nm=video 6000 RTP/AVP 96\r\na=fmtp:96 b=2",
		"a=fmtp:96 a=1\r\nm=video 6000 RTP/AVP 96\r\na=fmtp:96 b=2");
}


static void test_media_lines(void **state)
{
	static const char *const v[] = {
		"m=audio 5004/2 RTP/AVP 0 8", "m=audio  5004  RTP/AVP  0  8 ",
		"m= audio 5004 RTP/AVP 0 8", "M=Audio 5004/1 RTP/AVP 0 8",
	};
	static const char *const badv[] = {
		"m=audio", "m=audio 5004", "m=audio x RTP/AVP 0",
		"m=audio 99999 RTP/AVP 0", "m=audio 5004x RTP/AVP 0",
		"m=5004 audio RTP/AVP 0", "m=",
	};
	char text[512], *out;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		(void)re_snprintf(text, sizeof(text), HEAD "%s", v[i]);
		same(text, strlen(text), HEAD "m=audio 5004 RTP/AVP 0 8\r\n");
	}

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		(void)re_snprintf(text, sizeof(text), HEAD "%s", badv[i]);
		assert_int_equal(fix(&out, text, strlen(text)), EBADMSG);
		mem_deref(out);
	}
}


static void test_no_address(void **state)
{
	static const struct {
		const char *text;
		int err;
	} v[] = {
		{"v=0\r\nm=audio 5004 RTP/AVP 0\r\n", EADDRNOTAVAIL},
		{"v=0\r\nc=IN IP4 phone.example\r\n"
		 "m=audio 5004 RTP/AVP 0\r\n", EDESTADDRREQ},
		{"v=0\r\nm=audio 5004 RTP/AVP 0\r\nc=in ip6 9-x.example\r\n",
		 EDESTADDRREQ},
		{"v=0\r\nm=audio 5004 RTP/AVP 0\r\nc=IN IP4 999.1.1.1\r\n",
		 EADDRNOTAVAIL},
		{"v=0\r\nc=IN IP4 phone.example\r\n"
		 "m=audio 5004 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n", 0},
		{"v=0\r\nm=audio 0 RTP/AVP 0\r\n", 0},
		{"v=0\r\nm=video 6000 RTP/AVP 96\r\nm=audio 5004 RTP/AVP 0"
		 "\r\nc=IN IP4 192.0.2.1\r\n", 0},
		{"v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 5004 RTP/AVP 0\r\n", 0},
		{"", EBADMSG}, {"hello", EBADMSG}, {"\r\n", EBADMSG},
		{"m=audio 5004 RTP/AVP 0\r\n", EBADMSG},
	};
	char *out;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(fix(&out, v[i].text, strlen(v[i].text)),
				 v[i].err);
		mem_deref(out);
	}
}


static void check_media(const char *in, const char *want)
{
	char a[512], b[512];

	(void)re_snprintf(a, sizeof(a), HEAD "%s", in);
	(void)re_snprintf(b, sizeof(b), HEAD "%s", want);
	same(a, strlen(a), b);
}


/* The line that is in use is the one that libre takes */
static void test_profile(void **state)
{
	(void)state;

	check_media("m=audio 5004 rtp/savpf 0\r\n",
		    "m=audio 5004 RTP/SAVPF 0\r\n");
	check_media("m=image 5004 udptl t38\r\n",
		    "m=image 5004 udptl t38\r\n");
	check_media("m=audio 0 RTP/AVP 0\r\nm=audio 5004 RTP/AVP 8\r\n",
		    "m=audio 0 rtp/avp 0\r\nm=audio 5004 RTP/AVP 8\r\n");
	check_media("m=audio 0 RTP/AVP 0\r\nm=video 5004 RTP/AVP 96\r\n",
		    "m=audio 0 RTP/AVP 0\r\nm=video 5004 RTP/AVP 96\r\n");
	check_media("m=audio 5004 RTP/AVP 0\r\nm=audio 0 rtp/avp 8\r\n",
		    "m=audio 5004 RTP/AVP 0\r\nm=audio 0 RTP/AVP 8\r\n");
	/* neither has an address */
	same("v=0\r\nm=video 9 RTP/AVP 0\r\nm=video 9 RTP/AVP 8\r\n", 47,
	     "v=0\r\nm=video 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 8\r\n");
	check_media("m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 8\r\n",
		    "m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 8\r\n");
}


/* More formats than there can be, to make much of little */
static void test_many_fmtp_lines(void **state)
{
	struct mbuf *mb = mbuf_alloc(65536);
	char *text, *out;
	size_t i;
	(void)state;

	(void)mbuf_write_str(mb, HEAD "m=audio 5004 RTP/AVP 0\r\n");
	for (i=0; i<128; i++)
		(void)mbuf_printf(mb, "a=fmtp:%zu a\r\n", i);
	for (i=0; i<3000; i++)
		(void)mbuf_write_str(mb, "a=fmtp:x y\r\n");

	mb->pos = 0;
	assert_int_equal(mbuf_strdup(mb, &text, mb->end), 0);
	assert_int_equal(fix(&out, text, strlen(text)), 0);
	assert_non_null(strstr(out, "a=fmtp:127 a\r\n"));
	assert_in_range(strlen(out), 1, strlen(text));

	mem_deref(out);
	mem_deref(text);
	mem_deref(mb);
}


static void test_long_fmtp(void **state)
{
	char dst[32];
	(void)state;

	sdpline_fit_fmtp(dst, sizeof(dst), "a=1;b=2");
	assert_string_equal(dst, "a=1;b=2");
	sdpline_fit_fmtp(dst, sizeof(dst), NULL);
	assert_string_equal(dst, "");

	/* what is short is kept, wherever it stands */
	sdpline_fit_fmtp(dst, sizeof(dst), "sprop=AAAAAAAAAAAAAAAAAAAAAAAAAAA"
			 ";packetization-mode=1;x=2");
	assert_string_equal(dst, "packetization-mode=1;x=2");
	sdpline_fit_fmtp(dst, sizeof(dst), "packetization-mode=1;"
			 "sprop=AAAAAAAAAAAAAAAAAAAAAAAAAAA;x=2");
	assert_string_equal(dst, "packetization-mode=1;x=2");
	sdpline_fit_fmtp(dst, sizeof(dst), "packetization-mode=1;"
			 "sprop=AAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_string_equal(dst, "packetization-mode=1");
	sdpline_fit_fmtp(dst, sizeof(dst), "0123456789012345678901234567890123"
			 "4567");
	assert_string_equal(dst, "");
}


#define SETS "sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg=="
#define LEVEL "profile-level-id=42e01f"

/* What the codec needs is kept, then what its stream repeats, then the rest */
static void test_long_fmtp_of_a_codec(void **state)
{
	char dst[256], junk[400];
	(void)state;

	/* many short ones that nobody knows take no room from longer ones */
	memset(junk, 0, sizeof(junk));
	while (strlen(junk) < 280)
		strcat(junk, "x=1;");
	strcat(junk, LEVEL ";packetization-mode=1;" SETS);
	sdpline_fit_fmtp(dst, sizeof(dst), junk);
	assert_non_null(strstr(dst, ";" LEVEL ";packetization-mode=1;" SETS));
	assert_memory_equal(dst, "x=1;x=1;", 8);
	assert_true(strlen(dst) > 250);

	sdpline_fit_fmtp(dst, 64, "y=22;" SETS "; Level-Asymmetry-Allowed = 1;"
			 LEVEL);
	assert_string_equal(dst, "y=22; Level-Asymmetry-Allowed = 1;" LEVEL);

	sdpline_fit_fmtp(dst, 48, "a=1;b=2;c=3;maxaveragebitrate=20000;"
			 "useinbandfec=1;d=4");
	assert_string_equal(dst, "a=1;b=2;maxaveragebitrate=20000;"
			    "useinbandfec=1");

	/* keys that are a list */
	sdpline_fit_fmtp(dst, 8, "a=1;0-15,66;b=2");
	assert_string_equal(dst, "0-15,66");
}


static int part_of(struct pl *part, const char *ctype, const char *body)
{
	struct msg_ctype ct;
	struct pl pl;

	pl_set_str(&pl, ctype);
	assert_int_equal(msg_ctype_decode(&ct, &pl), 0);
	pl_set_str(&pl, body);

	return mime_find(part, &ct, &pl, "application", "sdp");
}


static void test_multipart(void **state)
{
	static const struct {
		const char *ctype, *body;
		int err;
	} v[] = {
		{"multipart/mixed;boundary=xyz",
		 "--xyz\r\nContent-Type: application/sdp\r\n\r\nSDP\r\n"
		 "--xyz\r\nContent-Type: application/isup\r\n\r\n\1\2\r\n"
		 "--xyz--\r\n", 0},
		/* with a preamble, behind another one, quoted, blanks */
		{"multipart/mixed; boundary=\"a b:;c\"",
		 "preamble\r\n--a b:;c  \r\ncontent-type:text/plain\r\n\r\n"
		 "hello\r\n--a b:;c\r\nCONTENT-TYPE : application/SDP;x=y\r\n"
		 "Content-Disposition: session\r\n\r\nSDP\r\n--a b:;c--", 0},
		/* LF alone, nothing behind the last part */
		{"multipart/mixed;boundary=xyz",
		 "--xyz\nContent-Type: application/sdp\n\nSDP", 0},
		/* one inside another */
		{"multipart/mixed;boundary=xyz",
		 "--xyz\r\nContent-Type: multipart/alternative;boundary=in\r\n"
		 "\r\n--in\r\nContent-Type: application/sdp\r\n\r\nSDP\r\n"
		 "--in--\r\n--xyz--\r\n", 0},
		{"multipart/mixed;boundary=xyz",
		 "--xyz\r\nContent-Type: application/isup\r\n\r\n\1\r\n"
		 "--xyz--\r\n", ENOENT},
		{"multipart/mixed;boundary=xyz",
		 "--xyz\r\nContent-Type: application/sdp\r\n\r\nSDP\r\n"
		 "--xyz\r\nContent-Type: application/x\r\n"
		 "Content-Disposition: render;handling=required\r\n\r\n?\r\n"
		 "--xyz--\r\n", ENOTSUP},
		{"multipart/mixed;boundary=xyz",
		 "--xyz\r\nContent-Type: application/sdp\r\n"
		 "Content-Transfer-Encoding: base64\r\n\r\nU0RQ\r\n--xyz--",
		 ENOENT},
		{"multipart/mixed", "--xyz\r\n\r\n--xyz--", EBADMSG},
		{"multipart/mixed;boundary=\"xyz", "--xyz\r\n", EBADMSG},
		{"multipart/mixed;boundary=xyz", "", ENOENT},
		{"multipart/mixed;boundary=xyz", "--xyzz\r\n\r\n--xyz--",
		 ENOENT},
	};
	struct pl part;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(part_of(&part, v[i].ctype, v[i].body),
				 v[i].err);
		if (v[i].err)
			continue;
		part = sdpline_trim(part);
		while (part.l && strchr("\r\n", part.p[part.l - 1]))
			--part.l;
		assert_int_equal(pl_strcmp(&part, "SDP"), 0);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_right_stays),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_several_fmtp_lines_are_one),
		cmocka_unit_test(test_media_lines),
		cmocka_unit_test(test_no_address),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_many_fmtp_lines),
		cmocka_unit_test(test_long_fmtp),
		cmocka_unit_test(test_long_fmtp_of_a_codec),
		cmocka_unit_test(test_multipart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
