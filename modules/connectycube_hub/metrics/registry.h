/**
 * @file connectycube_hub/metrics/registry.h  What is counted, for Prometheus
 *
 *   metrics_add()     counters   --+
 *   metrics_set()     gauges     --+--> series --> metrics_text()
 *   metrics_observe() histograms --+
 *
 * A family is a row of a table that its user has; a series is one combination
 * of values of its labels. Their number has a limit: what would be beyond it is
 * dropped, and counted. If the first label is `extension`, the series live as
 * long as that extension is seen, and some time more; others for ever.
 *
 * Pure: time is an argument. All on one thread.
 */

enum {
	METRICS_LABELS = 4,     /**< Most labels of a family               */
	METRICS_BOUNDS = 16,    /**< Most buckets, without the last one    */
};

/** What the text is, as HTTP says it */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_kind {
	METRIC_COUNTER = 0,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

/** A family */
struct metric_desc {
	const char *name;       /**< With its unit; counters: and `_total` */
	const char *help;       /**< One line                              */
	enum metric_kind kind;
	const char *labelv[METRICS_LABELS]; /**< Names of its labels       */
	double boundv[METRICS_BOUNDS]; /**< Histogram: upper bounds, rising;
				     0=no more                             */
};

struct metrics;
struct re_printf;

/** Values of labels, in the order of their names; NULL=empty */
#define METRIC_LABELS(...) ((const char *const[METRICS_LABELS]){__VA_ARGS__})

/* registry.c */
int  metrics_alloc(struct metrics **mp, const struct metric_desc *descv,
		   size_t descc, size_t most);
void metrics_add(struct metrics *m, unsigned family,
		 const char *const *labelv, double value, uint64_t now);
void metrics_set(struct metrics *m, unsigned family,
		 const char *const *labelv, double value, uint64_t now);
void metrics_observe(struct metrics *m, unsigned family,
		     const char *const *labelv, double value, uint64_t now);
void metrics_clear(struct metrics *m, unsigned family);
void metrics_forget(struct metrics *m, uint64_t before);
size_t metrics_count(const struct metrics *m);
uint64_t metrics_dropped(const struct metrics *m);
size_t metrics_bounds(const struct metric_desc *desc);

/* text.c */
int  metrics_text(struct re_printf *pf, const struct metrics *m);
