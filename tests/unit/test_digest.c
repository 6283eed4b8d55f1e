/**
 * @file test_digest.c  Digest authentication
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "sip/pure/digest.h"
#include "sip/pure/challenge.h"
#include "sip/pure/regcred.h"


static void test_decode(void **state)
{
	static const struct {
		const char *val;
		int err;
		enum digest_alg alg;
		bool sess, qop, stale;
	} v[] = {
		{"Digest realm=\"r\", nonce=\"n\"", 0, DIGEST_MD5, 0, 0, 0},
		{"digest  realm=\"r\",nonce=\"n\",algorithm=md5,stale=TRUE", 0,
		 DIGEST_MD5, 0, 0, 1},
		{"Digest nonce=\"n\", realm=\"a, b=\\\"c\\\"\","
		 " algorithm=\"SHA-256\", qop=\"auth,auth-int\", x", EBADMSG,
		 0, 0, 0, 0},
		{"Digest nonce=\"n\" , realm=\"a, b=\\\"c\\\"\" ,"
		 " algorithm=\"SHA-256\", qop=\"auth-int, auth\", x=y,", 0,
		 DIGEST_SHA256, 0, 1, 0},
		{"Digest realm=\"\",nonce=n,qop=auth,algorithm=SHA-512-256-sess",
		 0, DIGEST_SHA512_256, 1, 1, 0},
		{"Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\"", ENOTSUP,
		 0, 0, 0, 0},
		{"Digest realm=\"r\",nonce=\"n\",algorithm=SHA3", ENOTSUP,
		 0, 0, 0, 0},
		{"Basic realm=\"r\"", ENOTSUP, 0, 0, 0, 0},
		{"Digestrealm=\"r\"", ENOTSUP, 0, 0, 0, 0},
		{"", ENOTSUP, 0, 0, 0, 0},
		{"Digest", EBADMSG, 0, 0, 0, 0},
		{"Digest realm=\"r\"", EBADMSG, 0, 0, 0, 0},
		{"Digest realm=\"r\",nonce=\"n", EBADMSG, 0, 0, 0, 0},
		{"Digest =\"r\"", EBADMSG, 0, 0, 0, 0},
		{"Digest realm=\"r\",nonce=n\\", EBADMSG, 0, 0, 0, 0},
		{"Digest realm=\"r\",nonce=\"n\\\\\"", 0, DIGEST_MD5,
		 0, 0, 0},
	};
	struct digest_chal c;
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		pl_set_str(&pl, v[i].val);

		if (digest_chal_decode(&c, &pl) != v[i].err)
			fail_msg("%s", v[i].val);

		if (!v[i].err && (c.alg != v[i].alg || c.sess != v[i].sess ||
				  c.qop != v[i].qop || c.stale != v[i].stale))
			fail_msg("%s", v[i].val);
	}
}


static void check(const char *alg, bool qop, const char *user,
		  const char *realm, const char *nonce, const char *pass,
		  const char *uri, const char *want)
{
	struct digest_req req = {.user = user, .met = "GET", .metl = 3,
				 .nc = 1};
	char val[512], ha1[DIGEST_HEX], *str;
	struct digest_chal c;
	struct pl pl;

	(void)re_snprintf(val, sizeof(val), "Digest realm=\"%s\","
			  " nonce=\"%s\", algorithm=%s%s", realm, nonce, alg,
			  qop ? ", qop=auth" : "");
	pl_set_str(&pl, val);
	assert_int_equal(0, digest_chal_decode(&c, &pl));
	assert_int_equal(0, digest_ha1(ha1, c.alg, user, &c.realm, pass));

	req.ha1 = ha1;
	pl_set_str(&req.uri, uri);
	str_ncpy(req.cnonce, "0a4f113b", sizeof(req.cnonce));

	req.chal = &c;
	assert_int_equal(0, re_sdprintf(&str, "%H", digest_encode, &req));
	pl_set_str(&pl, str);
	assert_true(digest_param(&pl, "response", &pl));
	if (pl_strcmp(&pl, want))
		fail_msg("%s", str);
	mem_deref(str);
}


/* RFC 2617, 3.5, and the same by another implementation */
static void test_response(void **state)
{
	(void)state;

	check("MD5", true, "Mufasa", "testrealm@host.com",
	      "dcd98b7102dd2f0e8b11d0f600bfb0c093", "Circle Of Life",
	      "/dir/index.html", "6629fae49393a05397450978507c4ef1");
	check("MD5", false, "Mufasa", "testrealm@host.com",
	      "dcd98b7102dd2f0e8b11d0f600bfb0c093", "Circle Of Life",
	      "/dir/index.html", "670fd8c2df070c60b045671b8b24ff02");
	check("SHA-256", true, "u", "r", "n", "p", "sip:x",
	      "ac67e62b876faca4d8e9188c93f706c5f9779f68ca2b3e60b8e742b9f4726ebc");
	check("SHA-512-256", true, "u", "r", "n", "p", "sip:x",
	      "956d5ee38f1c82e0e6363cb66035e8f510e368194152a1acee8c2e2b109fd68f");
	check("SHA-256-sess", true, "u", "r", "n", "p", "sip:x",
	      "6391a672de56ef6e3839a6df76f7b433e7eee726979f01f5aac7400348eeec7c");
}


static struct sip_msg *response(const char *hdrs)
{
	struct sip_msg *msg;
	struct mbuf *mb = mbuf_alloc(512);

	(void)mbuf_printf(mb, "SIP/2.0 401 Unauthorized\r\n"
			  "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			  "From: <sip:1@h>;tag=1\r\nTo: <sip:1@h>\r\n"
			  "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n%s\r\n", hdrs);
	mb->pos = 0;

	assert_int_equal(0, sip_msg_decode(&msg, mb));
	mem_deref(mb);

	return msg;
}


static int update(struct regcred *rc, const char *hdrs)
{
	struct sip_msg *msg = response(hdrs);
	const int err = regcred_update(rc, msg, "u", "p");

	mem_deref(msg);

	return err;
}


#define WWW "WWW-Authenticate: "
#define PROXY "Proxy-Authenticate: "

static void test_credentials(void **state)
{
	struct regcred *rc;
	char *str;
	(void)state;

	assert_int_equal(0, regcred_alloc(&rc));

	/* two servers, each with a list */
	assert_int_equal(0, update(rc, WWW "Bearer x=\"y\"\r\n"
		WWW "Digest realm=\"a\",nonce=\"1\",algorithm=SHA-256\r\n"
		WWW "Digest realm=\"a\",nonce=\"1\",algorithm=MD5\r\n"
		PROXY "Digest realm=\"b\",nonce=\"2\"\r\n"));

	assert_int_equal(0, re_sdprintf(&str, "%H", regcred_print, rc,
					"REGISTER", "sip:h"));
	assert_non_null(strstr(str, "Authorization: Digest username=\"u\","
			       " realm=\"a\", nonce=\"1\""));
	assert_non_null(strstr(str, "\r\nProxy-Authorization: Digest"
			       " username=\"u\", realm=\"b\", nonce=\"2\""));
	assert_null(strstr(str, "algorithm=MD5"));
	mem_deref(str);

	/* too old is no mistake, twice */
	assert_int_equal(0, update(rc, WWW "Digest realm=\"a\",nonce=\"3\","
				   "stale=true\r\n"));
	assert_int_equal(0, update(rc, WWW "Digest realm=\"a\",nonce=\"4\","
				   "stale=true\r\n"));
	assert_int_equal(EAUTH, update(rc, WWW "Digest realm=\"a\","
				       "nonce=\"5\",stale=true\r\n"));
	assert_int_equal(EAUTH, update(rc, PROXY "Digest realm=\"b\","
				       "nonce=\"6\"\r\n"));

	regcred_reset(rc);
	assert_int_equal(0, update(rc, PROXY "Digest realm=\"b\","
				   "nonce=\"6\"\r\n"));
	assert_int_equal(ENODATA, update(rc, ""));
	assert_int_equal(EBADMSG, update(rc, WWW "Digest realm=\"b\"\r\n"));
	assert_int_equal(ENOTSUP, update(rc, WWW "Digest realm=\"b\"\r\n"
					 PROXY "Bearer x=\"y\"\r\n"));
	assert_int_equal(ENOTSUP, update(rc, WWW "Basic realm=\"b\"\r\n"));

	mem_deref(rc);
}


/* A server whose realm is another one each time: there is an end */
static void test_realms_without_end(void **state)
{
	struct regcred *rc;
	char hdr[64];
	int i, err;
	(void)state;

	assert_int_equal(0, regcred_alloc(&rc));

	for (i=0, err=0; i<100 && !err; i++) {
		(void)re_snprintf(hdr, sizeof(hdr), WWW "Digest realm=\"%d\","
				  "nonce=\"1\"\r\n", i);
		err = update(rc, hdr);
	}

	assert_int_equal(EAUTH, err);
	assert_in_range(i, 3, 9);
	mem_deref(rc);
}


static int print_shown(struct re_printf *pf, const struct digest_chal *c)
{
	return challenge_disguise(pf, c, 7);
}


/* As libre sees it */
static char *shown_as(const char *val)
{
	struct digest_chal c;
	struct pl pl;
	char *str;

	pl_set_str(&pl, val);
	assert_int_equal(0, digest_chal_decode(&c, &pl));
	assert_int_equal(0, re_sdprintf(&str, "%H", print_shown, &c));

	return str;
}


/* libre answers a second challenge of a realm only if it says so */
static void test_stale(void **state)
{
	struct digest_chal d;
	char *shown;
	struct pl pl;
	(void)state;

	shown = shown_as("Digest realm=\"r\",nonce=\"n\","
			 "algorithm=SHA-256,stale=TRUE");
	pl_set_str(&pl, shown);
	assert_int_equal(0, digest_chal_decode(&d, &pl));
	assert_true(d.stale);
	assert_int_equal(d.alg, DIGEST_MD5);
	mem_deref(shown);

	shown = shown_as("Digest realm=\"r\",nonce=\"n\","
			 "algorithm=SHA-256");
	assert_null(strstr(shown, "stale"));
	mem_deref(shown);
}


/* Our mark in a challenge would come back in its answer, to be taken for that
   of another one, or to be answered for ever */
static void test_mark_of_others(void **state)
{
	static const char good[] = "Digest realm=\"r\", nonce=\"n\"";
	static const char bad[] = "Digest realm=\"r\", nonce=\"n\","
		" opaque=\"~cube-00000001-\", algorithm=SHA-256";
	char huge[4096];
	struct pl pl;
	(void)state;

	pl_set_str(&pl, good);
	assert_true(challenge_is_sane(&pl));
	pl_set_str(&pl, bad);
	assert_false(challenge_is_sane(&pl));

	memset(huge, 'a', sizeof(huge));
	pl.p = huge;
	pl.l = sizeof(huge);
	assert_false(challenge_is_sane(&pl));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_response),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_realms_without_end),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_mark_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
