/**
 * @file sip/pure/connlim.h  How many connections are taken, and of whom (pure)
 */

enum {
	CONNLIM_EACH   = 8,     /**< Of a stranger's address               */
	CONNLIM_STRANGE = 4,    /**< One in so many may be a stranger's    */
};

/** A connection, and when it is closed if nothing comes */
struct connlim_old {
	void *conn;             /**< Connection (pointer), NULL=none       */
	uint64_t left;          /**< [ms]                                  */
};

/** All connections there are, as somebody sees them who wants another one */
struct connlim {
	const struct sa *peer;  /**< Who (pointer)                         */
	bool stranger;          /**< It may not ring                       */
	size_t max;             /**< Connections of all                    */
	size_t all;             /**< How many there are                    */
	size_t strange;         /**< Of these, of strangers                */
	size_t same;            /**< Of the same address                   */
	struct connlim_old any_old;     /**< Idle for longest, of all      */
	struct connlim_old strange_old; /**< Of strangers                  */
	struct connlim_old same_old;    /**< Of the same address           */
};

void connlim_see(struct connlim *cl, void *conn, const struct sa *peer,
		 bool stranger, uint64_t left);
bool connlim_take(const struct connlim *cl, void **victim);
