/**
 * @file connectycube_hub/hubmetrics.h  What the hub shows to Prometheus
 *
 * The registry and what feeds it is metrics/metrics.h.
 */

struct list;
struct re_printf;
struct hub_inbox;
struct hrec_queue;

/** What is asked each time */
struct hub_parts {
	const char *version;    /**< What runs                             */
	const struct list *connl; /**< Bridges (pointer)                   */
	const struct list *sinkl; /**< Sinks (pointer)                     */
	const struct hub_inbox *ib; /**< (pointer)                         */
	const struct hrec_queue *rec; /**< (pointer)                       */
};

int  hub_metrics_start(const struct hub_parts *parts);
void hub_metrics_stop(void);
void hub_metrics_recording(const char *json);
int  metrics_print(struct re_printf *pf, void *unused);
