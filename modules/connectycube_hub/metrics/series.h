/**
 * @file connectycube_hub/metrics/series.h  What the registry's files share
 */

/** An extension */
struct metric_owner {
	struct le le;           /**< Member of the registry                */
	char *name;             /**< Address (owned)                       */
	uint64_t seen;          /**< When it was there last [ms]           */
};

/** A combination of values of a family's labels */
struct metric_series {
	struct le le;           /**< Member of its family                  */
	struct le he;           /**< Member of the hash                    */
	struct metric_family *family; /**< Its family (parent)             */
	struct metric_owner *owner; /**< Its extension (pointer), or NULL  */
	char *labelv[METRICS_LABELS]; /**< Values (owned)                  */
	double value;           /**< Histogram: sum                        */
	uint64_t *bucketv;      /**< Histogram: each alone, the last one is
				     what is above all bounds (owned)      */
};

/** A family */
struct metric_family {
	const struct metric_desc *desc; /**< What it is (pointer)          */
	struct list seriesl;    /**< struct metric_series (owner)          */
	size_t labelc;          /**< Labels                                */
	size_t boundc;          /**< Buckets, without the last one         */
};

struct metrics {
	struct metric_family *familyv; /**< Families (owned)               */
	size_t familyc;
	struct hash *seriesh;   /**< All series, by family and labels      */
	struct hash *ownerh;    /**< Extensions (owner)                    */
	size_t n;               /**< Series there are                      */
	size_t most;            /**< ... may be                            */
	uint64_t dropped;       /**< Values that there was no room for     */
};
