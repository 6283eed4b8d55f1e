/**
 * @file config/confca.c  Files of CA certificates that keys name
 */
#include <errno.h>
#include <stdio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <re.h>
#include "confget.h"


/**
 * Check a file of CA certificates
 *
 * @param val  Value of the key
 * @param path Path of the file
 *
 * @return 0 if success, otherwise errorcode; what is wrong was said
 */
int cfg_check_ca(const struct cfg_val *val, const char *path)
{
	X509_STORE *store;
	FILE *f;
	int ok;

	f = fopen(path, "r");
	if (!f || fgetc(f) == EOF) {
		const int err = f && !ferror(f) ? ENODATA : errno;

		if (f)
			(void)fclose(f);

		return cfg_wrong(val, err, "cannot read %s: %m", path, err);
	}
	(void)fclose(f);

	store = X509_STORE_new();
	if (!store)
		return ENOMEM;

	ok = X509_STORE_load_file(store, path);
	X509_STORE_free(store);
	ERR_clear_error();

	return ok ? 0 : cfg_wrong(val, ENOENT, "%s holds no certificate in"
				  " PEM form", path);
}
