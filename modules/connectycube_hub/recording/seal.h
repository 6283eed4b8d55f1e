/**
 * @file connectycube_hub/recording/seal.h
 * Encryption to a certificate: CMS (RFC 5652)
 */

struct hub_seal;

int hub_seal_alloc(struct hub_seal **sp, const char *path, char *why,
		   size_t size);
int hub_seal_file(const struct hub_seal *s, const char *from, const char *to,
		  char *why, size_t size);
