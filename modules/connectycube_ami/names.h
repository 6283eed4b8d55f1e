/**
 * @file connectycube_ami/names.h  The addresses of a host, without blocking
 */

enum {
	AMI_ADDRS_MAX = 8,      /**< Addresses taken of one name             */
};

struct ami_names;

/**
 * A host was looked up
 *
 * @param addrv Addresses, in order of preference, with their port
 * @param addrc Number of addresses, 0 if there is none
 * @param why   Why there is none
 * @param arg   Handler argument
 */
typedef void (ami_names_h)(const struct sa *addrv, size_t addrc,
			   const char *why, void *arg);

int ami_names_alloc(struct ami_names **np, const char *host, uint16_t port,
		    ami_names_h *h, void *arg);
int ami_names_ask(struct ami_names *n);
