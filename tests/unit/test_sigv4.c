/**
 * @file test_sigv4.c  AWS Signature Version 4, by Amazon's own examples
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "connectycube_hub/recording/sigv4.h"


/* SHA-256 of nothing, and of "Welcome to Amazon S3." */
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b" \
	"7852b855"
#define BODY "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b8" \
	"03f8b072"

/* "Examples: Signature Calculations" in the documentation of S3 */
static struct sigv4 s3(const char *method, const char *path,
		       const char *query, const char *hash,
		       const struct sigv4_header *headerv, size_t headerc)
{
	const struct sigv4 sv = {.method = method, .path = path,
		.query = query, .hash = hash, .headerv = headerv,
		.headerc = headerc, .date = "20130524T000000Z",
		.region = "us-east-1", .service = "s3",
		.key = "AKIAIOSFODNN7EXAMPLE",
		.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

	return sv;
}


static void check(const struct sigv4 *sv, const char *names,
		  const char *signature)
{
	char auth[SIGV4_AUTH], want[SIGV4_AUTH];

	assert_int_equal(0, sigv4_sign(auth, sizeof(auth), sv));
	(void)re_snprintf(want, sizeof(want), "AWS4-HMAC-SHA256 Credential="
			  "%s/%b/%s/%s/aws4_request,SignedHeaders=%s,"
			  "Signature=%s", sv->key, sv->date, (size_t)8,
			  sv->region, sv->service, names, signature);
	assert_string_equal(want, auth);
}


#define HOST {"host", "examplebucket.s3.amazonaws.com"}
#define DATE {"x-amz-date", "20130524T000000Z"}

static void test_get(void **state)
{
	static const struct sigv4_header headerv[] = {
		HOST, {"range", "bytes=0-9"},
		{"x-amz-content-sha256", EMPTY}, DATE,
	};
	const struct sigv4 sv = s3("GET", "/test.txt", "", EMPTY, headerv, 4);
	(void)state;

	check(&sv, "host;range;x-amz-content-sha256;x-amz-date",
	      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb"
	      "41");
}


static void test_put(void **state)
{
	static const struct sigv4_header headerv[] = {
		{"date", "Fri, 24 May 2013 00:00:00 GMT"}, HOST,
		{"x-amz-content-sha256", BODY}, DATE,
		{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
	};
	char path[SIGV4_PATH];
	struct sigv4 sv;
	(void)state;

	assert_int_equal(0, sigv4_encode(path, sizeof(path),
					 "/test$file.text"));
	sv = s3("PUT", path, "", BODY, headerv, 5);
	check(&sv, "date;host;x-amz-content-sha256;x-amz-date;"
	      "x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea13"
	      "80cd77a1b5971af0ece108bd");
}


static void test_query(void **state)
{
	static const struct sigv4_header headerv[] = {
		HOST, {"x-amz-content-sha256", EMPTY}, DATE,
	};
	struct sigv4 sv = s3("GET", "/", "lifecycle=", EMPTY, headerv, 3);
	(void)state;

	check(&sv, "host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1"
	      "c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
	sv.query = "max-keys=2&prefix=J";
	check(&sv, "host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45"
	      "bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}


/* get-vanilla of the test suite */
static void test_vanilla(void **state)
{
	static const struct sigv4_header headerv[] = {
		{"host", "example.amazonaws.com"},
		{"x-amz-date", "20150830T123600Z"},
	};
	const struct sigv4 sv = {.method = "GET", .path = "/", .query = "",
		.hash = EMPTY, .headerv = headerv, .headerc = 2,
		.date = "20150830T123600Z", .region = "us-east-1",
		.service = "service", .key = "AKIDEXAMPLE",
		.secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
	(void)state;

	check(&sv, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff"
	      "2a2260956d9b8aae1d763fbf31");
}


static void test_encode(void **state)
{
	char path[32];
	(void)state;

	assert_int_equal(0, sigv4_encode(path, sizeof(path), "/a b+\xc3\xb6~"));
	assert_string_equal("/a%20b%2B%C3%B6~", path);
	assert_int_equal(0, sigv4_encode_value(path, sizeof(path), "a/b=&c"));
	assert_string_equal("a%2Fb%3D%26c", path);
	assert_int_equal(EOVERFLOW, sigv4_encode(path, 8, "/a b+c"));
	assert_int_equal(EOVERFLOW, sigv4_encode(path, 3, "/a b+c"));
}


static void test_date(void **state)
{
	char date[SIGV4_DATE];
	(void)state;

	assert_int_equal(0, sigv4_date(date, 1369353600));
	assert_string_equal("20130524T000000Z", date);
	assert_int_equal(ERANGE, sigv4_date(date, UINT64_MAX / 2));
}


/* What would be cut is refused */
static void test_long(void **state)
{
	static const struct sigv4_header headerv[] = {HOST, DATE};
	struct sigv4 sv = s3("GET", "/", "", EMPTY, headerv, 2);
	char auth[SIGV4_AUTH], big[600];
	(void)state;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';

	assert_int_equal(EOVERFLOW, sigv4_sign(auth, 64, &sv));
	sv.secret = big;
	assert_int_equal(EOVERFLOW, sigv4_sign(auth, sizeof(auth), &sv));
	sv = s3("GET", "/", "", EMPTY, headerv, 2);
	sv.region = big;
	assert_int_equal(EOVERFLOW, sigv4_sign(auth, sizeof(auth), &sv));
	sv.date = "today";
	assert_int_equal(EINVAL, sigv4_sign(auth, sizeof(auth), &sv));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_vanilla),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
