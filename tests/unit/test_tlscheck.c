/**
 * @file test_tlscheck.c  Certificates of SIP over TLS
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <re.h>
#include "base/selfsign.h"
#include "sip/pure/tlscheck.h"


static X509 *make(const char *host)
{
	EVP_PKEY *key = NULL;
	X509 *cert = NULL;

	assert_int_equal(0, selfsign(&key, &cert, host, host));
	assert_int_equal(1, X509_verify(cert, key));
	assert_int_equal(1, X509_check_private_key(cert, key));
	EVP_PKEY_free(key);

	return cert;
}


static void test_name(void **state)
{
	X509 *cert = make("pbx.example.com");
	(void)state;

	assert_true(tlscheck_host(cert, "pbx.example.com"));
	assert_true(tlscheck_host(cert, "PBX.example.COM"));
	assert_false(tlscheck_host(cert, "pbx.example.co"));
	assert_false(tlscheck_host(cert, "example.com"));
	assert_false(tlscheck_host(cert, "x.pbx.example.com"));
	assert_false(tlscheck_host(cert, "192.0.2.1"));
	assert_false(tlscheck_host(cert, ""));
	assert_false(tlscheck_host(cert, NULL));
	assert_false(tlscheck_host(NULL, "pbx.example.com"));

	X509_free(cert);
}


static void test_wildcard(void **state)
{
	X509 *cert = make("*.example.com"), *part = make("p*.example.com");
	(void)state;

	assert_true(tlscheck_host(cert, "pbx.example.com"));
	assert_false(tlscheck_host(cert, "a.pbx.example.com"));
	assert_false(tlscheck_host(cert, "example.com"));
	assert_false(tlscheck_host(part, "pbx.example.com"));

	X509_free(cert);
	X509_free(part);
}


static void test_address(void **state)
{
	X509 *v4 = make("192.0.2.1"), *v6 = make("2001:db8::1");
	(void)state;

	assert_true(tlscheck_host(v4, "192.0.2.1"));
	assert_false(tlscheck_host(v4, "192.0.2.10"));
	assert_true(tlscheck_host(v6, "2001:db8::1"));
	assert_true(tlscheck_host(v6, "2001:0db8:0::0001"));
	assert_false(tlscheck_host(v6, "2001:db8::2"));

	X509_free(v4);
	X509_free(v6);
}


static void check_print(const char *host, const char *want)
{
	X509 *cert = make(host);
	char buf[512];

	assert_int_not_equal(-1, re_snprintf(buf, sizeof(buf), "%H",
					     tlscheck_print, cert));
	if (strncmp(buf, want, strlen(want)))
		fail_msg("%s", buf);

	X509_free(cert);
}


static void test_print(void **state)
{
	char buf[64];
	(void)state;

	check_print("a.example", "certificate \"CN=a.example\" for a.example,"
		    " signed by \"CN=a.example\", SHA-256 ");
	check_print("192.0.2.1", "certificate \"CN=192.0.2.1\" for"
		    " 192.0.2.1, signed by");
	check_print("2001:db8::1", "certificate \"CN=2001:db8::1\" for"
		    " 2001:db8::1, signed by");

	/* nothing of a stranger's gets into the log as it is */
	check_print("a\nb\x1b[1m", "certificate \"CN=a\\0Ab\\1B[1m\" for ?,");

	(void)re_snprintf(buf, sizeof(buf), "%H", tlscheck_print, NULL);
	assert_string_equal("no certificate", buf);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_wildcard),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
