/**
 * @file connectycube_hub/pemfile.c  Certificates in a file (PEM)
 */
#include <errno.h>
#include <stdio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <re_types.h>
#include <re_fmt.h>
#include "pemfile.h"


/* All of them, so that the last one is none that is cut off */
static unsigned read_all(X509 **certp, FILE *f, const char **wrongp)
{
	unsigned n = 0;
	X509 *cert;

	ERR_clear_error();

	while ((cert = PEM_read_X509(f, NULL, NULL, NULL))) {
		if (n++ || !certp)
			X509_free(cert);
		else
			*certp = cert;
	}

	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		*wrongp = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();

	return n;
}


/**
 * Read the certificates of a file
 *
 * @param certp Set to the first one, freed by X509_free(); NULL=it is only
 *              looked whether they are some
 * @param path  Path
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int pemfile_read(struct x509_st **certp, const char *path, char *why,
		 size_t size)
{
	const char *wrong = NULL;
	X509 *cert = NULL;
	unsigned n;
	FILE *f;
	int err;

	if (!path || !why || !size)
		return EINVAL;

	f = fopen(path, "re");
	if (!f) {
		err = errno;
		(void)re_snprintf(why, size, "%s: %m", path, err);
		return err;
	}

	n = read_all(&cert, f, &wrong);
	(void)fclose(f);

	err = n && !wrong ? 0 : EBADMSG;
	if (err) {
		(void)re_snprintf(why, size, "%s: %s%s%s%s", path, n ?
				  "its last certificate is broken" : "there is"
				  " no certificate in it (PEM)",
				  wrong ? " (" : "", wrong ? wrong : "",
				  wrong ? ")" : "");
	}
	else if (certp) {
		*certp = cert;
		cert = NULL;
	}

	X509_free(cert);

	return err;
}
