/**
 * @file connectycube_hub/sink/sinksay.h  What is said of a sink's troubles
 */

/** What is wrong with a sink; all zero: nothing is */
struct sinksay {
	const char *name;       /**< Of the sink (pointer)                 */
	const char *where;      /**< Where it leads to (pointer)           */
	enum hub_table table;   /**< What it hands on                      */
	unsigned failures;      /**< Runs that failed, one after the other */
	uint64_t since;         /**< ... the first one [ms], monotonic     */
	char why[HUB_WHY];      /**< ... why the last one did              */
	bool refused;           /**< Some was refused, and waits           */
	char refusal[HUB_WHY];  /**< ... which one was last, and why       */
};

void sinksay_failed(struct sinksay *say, const char *why, uint32_t most);
void sinksay_works(struct sinksay *say);
void sinksay_refusals(struct sinksay *say, const struct hub_run *run);
int  sinksay_print(struct re_printf *pf, const struct sinksay *say,
		   uint64_t again);
