/**
 * @file connectycube_hub/prune.h  Records that are old enough are forgotten
 */

enum {
	HUB_PRUNE_SINKS = 16,   /**< Sinks that are asked                  */
};

struct hub_prune;

/** What may go */
struct hub_prune_limit {
	int64_t now;            /**< Time [ms since 1970]                  */
	uint32_t days;          /**< What came that many days ago [days]   */
	int64_t last;           /**< ... with numbers up to that           */
	const char *sinks;      /**< Names of the sinks that may want to try
				     one again, as JSON                    */
};
struct hub_store;
struct re_printf;

int hub_prune_alloc(struct hub_prune **pp, const char *db, uint32_t days,
		    const struct list *sinkl);
int hub_prune_step(struct hub_store *s, const struct hub_prune_limit *lim,
		   uint32_t *np, char *why, size_t size);
int hub_prune_recordings(struct hub_store *s, const struct hub_prune_limit *lim,
			 uint32_t *np, char *why, size_t size);
int hub_prune_print(struct re_printf *pf, const struct hub_prune *p);
