/**
 * @file prune.h  Records that are old enough are forgotten
 */

enum {
	HUB_PRUNE_SINKS = 16,   /**< Sinks that are asked                  */
};

struct hub_prune;
struct hub_store;
struct re_printf;

int hub_prune_alloc(struct hub_prune **pp, const char *db, uint32_t days,
		    const struct list *sinkl);
int hub_prune_step(struct hub_store *s, int64_t now, uint32_t days,
		   int64_t last, const char *sinks, uint32_t *np, char *why,
		   size_t size);
int hub_prune_print(struct re_printf *pf, const struct hub_prune *p);
