/**
 * @file base/resolve.h  Names to addresses, without blocking
 */

enum {
	RESOLVE_MAX = 8,        /**< Addresses taken for one name          */
};

struct gloop;
struct resolve;

/**
 * A name was resolved
 *
 * @param err    0 if success; ENOENT there is no such name, or no answer
 * @param addrv  Addresses, in order of preference; their port is 0
 * @param addrc  Number of addresses, at least 1 if success
 * @param reason Readable reason of an error, otherwise NULL
 */
typedef void (resolve_h)(int err, const struct sa *addrv, size_t addrc,
			 const char *reason, void *arg);

int resolve_alloc(struct resolve **rp, struct gloop *gl, const char *host,
		  resolve_h *h, void *arg);
