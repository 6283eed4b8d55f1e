/**
 * @file test_hubcheck.c  What the hub's configuration names, before it begins;
 *                        and that what is encrypted is read with the key
 */
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include "file_rig.h"
#include <re.h>
#include "connectycube_hub/hub.h"
#include "connectycube_hub/recording/seal.h"


#define SECRET "connectycube_hub_s3_secret s3cret\n"
#define URL    "connectycube_hub_s3_url https://s3.example.com\n"
#define BUCKET "connectycube_hub_s3_bucket office\n"
#define KEY    "connectycube_hub_s3_key KEY\n"
#define S3     URL BUCKET KEY


static int check(const char *config)
{
	struct hub_config *cfg = NULL;
	char text[2048];
	int err;

	(void)re_snprintf(text, sizeof(text), "%sconnectycube_link_socket"
			  " /tmp/hubcheck-none/b.sock\n", config);
	write_file("config", text, strlen(text));
	err = hub_config_read(&cfg, fr.dir);
	mem_deref(cfg);

	return err;
}


static void assert_wrong(const char *config, const char *what)
{
	assert_int_not_equal(0, check(config));
	assert_said(what);
	assert_null(strstr(fr.log, "s3cret"));
}


static EVP_PKEY *make_cert(const char *name, EVP_PKEY *key, const EVP_MD *md)
{
	X509 *cert = X509_new();
	FILE *f = fopen(in_dir(name), "w");

	assert_non_null(cert);
	assert_non_null(f);
	assert_non_null(key);
	assert_true(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -60));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
	assert_true(X509_set_pubkey(cert, key));
	assert_true(X509_sign(cert, key, md));
	assert_true(PEM_write_X509(f, cert));
	assert_int_equal(0, fclose(f));
	X509_free(cert);

	return key;
}


static void test_right(void **state)
{
	char config[1024];
	EVP_PKEY *key;
	(void)state;

	assert_int_equal(0, check(""));
	key = make_cert("ec.pem", EVP_EC_gen("P-256"), EVP_sha256());
	(void)re_snprintf(config, sizeof(config), S3
			  "connectycube_hub_s3_secret s3cret\n"
			  "connectycube_hub_s3_style host\n"
			  "connectycube_hub_s3_ca_file %s\n"
			  "connectycube_hub_webhook http://[::1]:8000/x\n"
			  "connectycube_hub_webhook_ca_file %s\n"
			  "connectycube_hub_recording_encrypt %s\n"
			  "connectycube_hub_postgres postgresql://u:s3cret@h/d"
			  "\n", in_dir("ec.pem"), in_dir("ec.pem"),
			  in_dir("ec.pem"));
	assert_int_equal(0, check(config));
	assert_string_equal("", fr.log);
	EVP_PKEY_free(key);
}


static void test_files(void **state)
{
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n"
		"-----END CERTIFICATE-----\n";
	static const char *const keyv[] = {"s3_ca_file", "webhook_ca_file",
		"recording_encrypt"};
	char config[256], want[256];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(keyv); i++) {

		(void)re_snprintf(config, sizeof(config), "connectycube_hub_"
				  "%s %s\n", keyv[i], in_dir("x.pem"));
		(void)unlink(in_dir("x.pem"));
		(void)re_snprintf(want, sizeof(want), "/config:1: connectycube_hub_"
				  "%s: %s: No such file or directory\n",
				  keyv[i], in_dir("x.pem"));
		assert_wrong(config, want);

		write_file("x.pem", "hello\n", 6);
		assert_wrong(config, "x.pem: there is no certificate in it"
			     " (PEM)");
		write_file("x.pem", broken, sizeof(broken) - 1);
		assert_wrong(config, "x.pem: there is no certificate in it"
			     " (PEM) (");
	}

	/* all that is wrong is said */
	assert_wrong("connectycube_hub_s3_ca_file /no/one\n"
		     "connectycube_hub_webhook_ca_file /no/two\n", "/no/one");
	assert_said("/no/two");
}


/* More connections than libre, and most limits, let a process have */
static void test_fds(void **state)
{
	(void)state;

	assert_int_equal(0, check("connectycube_hub_bridges 700\n"));
	assert_wrong("connectycube_hub_http_connections 512\n"
		     "connectycube_hub_bridges 900\n"
		     "connectycube_hub_recording_jobs 2\n",
		     "/config:2: connectycube_hub_bridges: 900 of these, 512 of"
		     " connectycube_hub_http_connections and 144 for files,"
		     " sinks and recordings are 1556 file descriptors, and"
		     " this process may have 1024 ");
}


/* The first one is right, and half of the last one is missing */
static void test_cut(void **state)
{
	char config[256];
	EVP_PKEY *key;
	FILE *f;
	(void)state;

	key = make_cert("two.pem", EVP_EC_gen("P-256"), EVP_sha256());
	f = fopen(in_dir("two.pem"), "a");
	assert_non_null(f);
	assert_true(fputs("-----BEGIN CERTIFICATE-----\nAAAA\n", f) >= 0);
	assert_int_equal(0, fclose(f));
	(void)re_snprintf(config, sizeof(config), "connectycube_hub_s3_ca_file"
			  " %s\n", in_dir("two.pem"));
	assert_wrong(config, "two.pem: its last certificate is broken");
	EVP_PKEY_free(key);
}


static void test_s3(void **state)
{
	static const struct {
		const char *config;
		const char *what;
	} v[] = {
		{S3, "s3_url: url, bucket, key and secret"},
		{"connectycube_hub_s3_remove yes\n", "s3_remove: nothing"},
		{S3 SECRET "connectycube_hub_s3_region eu,1\n",
		 "s3_region: is not of"},
		{S3 SECRET "connectycube_hub_s3_prefix /x\n",
		 "s3_prefix: begins"},
		{S3 SECRET "connectycube_hub_s3_part 4\n", "s3_part"},
		{URL KEY SECRET "connectycube_hub_s3_bucket Big_One\n"
		 "connectycube_hub_s3_style host\n", "s3_bucket: cannot be"},
		{URL KEY SECRET "connectycube_hub_s3_bucket a/b\n",
		 "s3_bucket: is not of"},
		{URL BUCKET SECRET "connectycube_hub_s3_key a,b\n",
		 "s3_key: is no key's id"},
		{BUCKET KEY SECRET "connectycube_hub_s3_url"
		 " http://s3.example.com\n",
		 "s3_url: http: recordings would go in the clear"},
		{BUCKET KEY SECRET "connectycube_hub_s3_url"
		 " https://u:p@s3.example.com\n",
		 "s3_url: is not of the form"},
		{BUCKET KEY SECRET "connectycube_hub_s3_url"
		 " https://s3.example.com/x\n", "s3_url: is not of the form"},
		{BUCKET KEY SECRET "connectycube_hub_s3_url"
		 " https://192.0.2.1\nconnectycube_hub_s3_style host\n",
		 "s3_style: host: the"},
		{BUCKET KEY SECRET "connectycube_hub_s3_url"
		 " https://[2001:db8::1]:9000\n"
		 "connectycube_hub_s3_style host\n", "s3_style: host: the"},
	};
	char config[1024], big[253];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_wrong(v[i].config, v[i].what);

	memset(big, 'x', 252);
	big[252] = '\0';
	(void)re_snprintf(config, sizeof(config), S3 "connectycube_hub_s3_"
			  "secret %s\n", big);
	assert_wrong(config, "s3_secret: is none, or longer than 251");
	big[251] = '\0';
	(void)re_snprintf(config, sizeof(config), S3 "connectycube_hub_s3_"
			  "secret %s\n", big);
	assert_int_equal(0, check(config));
}


static void test_others(void **state)
{
	(void)state;

	assert_wrong("connectycube_hub_webhook http://crm.example.com/\n",
		     "records would go in the clear: https, or");
	assert_wrong("connectycube_hub_jsonl /x/recordings.jsonl\n",
		     "/config:1: connectycube_hub_jsonl: recordings.jsonl");
	assert_wrong("connectycube_hub_postgres passwort=s3cret\n",
		     "/config:1: connectycube_hub_postgres: is no KEY=VALUE");
	/* parts of a password that is not written as it should be */
	assert_wrong("connectycube_hub_postgres postgresql://u:s3c/ret@h/d\n",
		     "/config:1: connectycube_hub_postgres: is no KEY=VALUE");
	assert_wrong("connectycube_hub_postgres postgresql://u:12/s3c@h/d\n",
		     "/config:1: connectycube_hub_postgres: is no KEY=VALUE");
	assert_wrong("connectycube_hub_postgres postgresql://u:s3@cret@h/d\n",
		     "/config:1: connectycube_hub_postgres: is no KEY=VALUE");
	assert_int_equal(0, check("connectycube_hub_postgres"
				  " postgresql://u:s3%40c%2Fret@h,i:5/d\n"));
	assert_wrong("connectycube_hub_postgres host=h\n"
		     "connectycube_hub_postgres_table a;b\n",
		     "postgres_table: 'a;b' is not of small");
	assert_wrong("connectycube_hub_postgres host=h\n"
		     "connectycube_hub_postgres_recordings A\n",
		     "postgres_recordings: 'A' is not of small");
	assert_int_equal(0, check("connectycube_hub_postgres calls\n"));
}


/* What the key makes of it again */
static void unseal(char *text, size_t size, EVP_PKEY *key)
{
	BIO *in = BIO_new_file(in_dir("sealed"), "rb");
	BIO *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *cms = d2i_CMS_bio(in, NULL);
	int n;

	assert_non_null(cms);
	assert_true(CMS_decrypt(cms, key, NULL, NULL, out, CMS_BINARY));
	n = BIO_read(out, text, (int)size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	BIO_free(out);
}


static void test_seal(void **state)
{
	char text[64] = "", plain[512], sealed[512], why[256];
	EVP_PKEY *keyv[] = {EVP_RSA_gen(2048), EVP_EC_gen("P-256"),
		EVP_EC_gen("P-521")};
	struct hub_seal *s;
	size_t i;
	(void)state;

	write_file("plain", "what was said\n", 14);
	str_ncpy(plain, in_dir("plain"), sizeof(plain));
	str_ncpy(sealed, in_dir("sealed"), sizeof(sealed));

	for (i=0; i<ARRAY_SIZE(keyv); i++) {
		(void)make_cert("cert.pem", keyv[i], EVP_sha256());
		assert_int_equal(0, hub_seal_alloc(&s, in_dir("cert.pem"), why,
						   sizeof(why)));
		assert_int_equal(0, hub_seal_file(s, plain, sealed, why,
						  sizeof(why)));
		unseal(text, sizeof(text), keyv[i]);
		assert_string_equal("what was said\n", text);
		(void)unlink(sealed);
		EVP_PKEY_free(keyv[i]);
		mem_deref(s);
	}
}


/* It signs, and nothing else */
static void test_seal_cannot(void **state)
{
	char config[256];
	EVP_PKEY *key;
	(void)state;

	key = make_cert("ed.pem", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
			NULL);
	(void)re_snprintf(config, sizeof(config), "connectycube_hub_recording_"
			  "encrypt %s\n", in_dir("ed.pem"));
	assert_wrong(config, "/config:1: connectycube_hub_recording_encrypt: ");
	assert_said("ed.pem: ");
	EVP_PKEY_free(key);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, fr_setup, fr_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_right),
		TEST(test_files),
		TEST(test_cut),
		TEST(test_fds),
		TEST(test_s3),
		TEST(test_others),
		TEST(test_seal),
		TEST(test_seal_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
