/**
 * @file base/filesum.c  Check sums of files
 */
#include <unistd.h>
#include <openssl/evp.h>
#include <re.h>
#include "base/filesum.h"


static int add_all(EVP_MD_CTX *ctx, uint64_t *bytesp, int fd)
{
	static const size_t size = 1 << 16;
	uint8_t *buf = mem_alloc(size, NULL);
	ssize_t n = 0;
	int err = buf ? 0 : ENOMEM;

	*bytesp = 0;

	while (!err) {
		n = pread(fd, buf, size, (off_t)*bytesp);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		*bytesp += (uint64_t)n;
		if (!EVP_DigestUpdate(ctx, buf, (size_t)n))
			err = EPROTO;
	}

	if (!err && n < 0)
		err = errno;
	mem_deref(buf);

	return err;
}


/**
 * Get the SHA-256 of all that is in a file
 *
 * @param hex    Set to it, in hex (FILESUM_SIZE bytes)
 * @param bytesp Set to its size
 * @param fd     File, wherever it stands
 *
 * @return 0 if success, otherwise errorcode
 */
int filesum_sha256(char *hex, uint64_t *bytesp, int fd)
{
	EVP_MD_CTX *ctx;
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int err;

	if (!hex || !bytesp || fd < 0)
		return EINVAL;

	ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL)) {
		err = ENOMEM;
		goto out;
	}

	err = add_all(ctx, bytesp, fd);
	if (!err && !EVP_DigestFinal_ex(ctx, md, &n))
		err = EPROTO;
	if (!err && re_snprintf(hex, FILESUM_SIZE, "%w", md, (size_t)n) < 0)
		err = EOVERFLOW;

 out:
	EVP_MD_CTX_free(ctx);

	return err;
}
