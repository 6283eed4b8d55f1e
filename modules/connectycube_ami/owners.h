/**
 * @file connectycube_ami/owners.h  Whose a channel is, of all extensions
 *
 * What extensions there are is asked for once in a while, not at each of the
 * thousands of events that an Asterisk may tell in a second. Include
 * call/amiext.h (or observe.h) first.
 */

enum {
	AMI_OWNERS_FRESH = 1000, /**< For so long it is as it was [ms]       */
};

struct ami_owners;

/** Show all extensions: as amiext_apply() */
typedef bool (ami_extensions_h)(ami_extension_h *h, void *arg);

int  ami_owners_alloc(struct ami_owners **op, ami_extensions_h *exth);
const char *ami_owners_find(struct ami_owners *o, const char *channel,
			    uint64_t now);
