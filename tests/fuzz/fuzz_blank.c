/**
 * @file fuzz_blank.c  Messages without their secrets: a line that has one has
 *                     none afterwards, whatever came before it
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "log/blank.h"


#define SECRET "S3CR3T"

static const char *const linev[] = {
	"Authorization: Digest username=\"a\", response=\"" SECRET "\"\r\n",
	"Proxy-Authorization: " SECRET "\r\n b\r\n",
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" SECRET "\r\n",
	"a=ice-pwd:" SECRET "\r\n",
	"\"password\": \"" SECRET "\"",
	"<auth mechanism=\"PLAIN\">" SECRET "</auth>",
	"<token>" SECRET "</token>",
	"&token=" SECRET "&",
	"Signal=" SECRET "\r\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void run(enum blank_kind kind, const uint8_t *data, size_t size,
		const char *line)
{
	const size_t len = size + 2 + strlen(line);
	char *buf = malloc(len);
	size_t n;

	if (size)
		memcpy(buf, data, size);
	memcpy(buf + size, "\r\n", 2);
	memcpy(buf + size + 2, line, len - size - 2);

	n = blank(kind, buf, len);
	if (n > len || memmem(buf, n, SECRET, strlen(SECRET)))
		abort();

	free(buf);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum blank_kind kind;
	size_t i;

	if (size < 2 || memmem(data, size, SECRET, strlen(SECRET)))
		return 0;

	kind = (enum blank_kind)(data[0] % 3);
	i    = data[1] % ARRAY_SIZE(linev);

	run(kind, data + 2, size - 2, linev[i]);

	return 0;
}
