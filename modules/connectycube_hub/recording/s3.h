/**
 * @file recording/s3.h  Files of recordings, uploaded to S3
 */

struct hub_s3;

int hub_s3_alloc(struct hub_s3 **sp, const struct hrec_config *cfg, char *why,
		 size_t size);
enum hub_given hub_s3_give(const char *id, const char *json, char *why,
			   size_t size, void *arg);
int hub_s3_given(struct hub_store *s, const char *id, char *why, size_t size,
		 void *arg);
