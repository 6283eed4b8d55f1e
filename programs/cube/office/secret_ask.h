/**
 * @file office/secret_ask.h  Secrets are asked for
 */

enum {
	SECRET_SIZE = 512,      /**< Room for one [bytes]                  */
};

struct secret_source;

int secret_source(struct secret_source **srcp, const char *file);
int secret_next(struct secret_source *src, char *val, size_t size,
		const char *what);
