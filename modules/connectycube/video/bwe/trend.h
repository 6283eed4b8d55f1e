/**
 * @file video/bwe/trend.h  Is a queue building up on the path? (pure)
 */

enum {
	TREND_WINDOW = 20,      /**< Samples of the regression             */
};

/** What the path's queue does */
enum trend_state {
	TREND_NORMAL = 0,       /**< It stays as it is                     */
	TREND_OVER,             /**< It grows: more is sent than passes    */
	TREND_UNDER,            /**< It drains                             */
};

/** Trend of the one-way delay; all zero is the initial state */
struct trend {
	enum trend_state state;
	bool on;                /**< Has had a packet                      */
	int64_t send;           /**< Last sample, sent [us]                */
	int64_t recv;           /**< Last sample, arrived [us]             */
	int64_t origin;         /**< Arrival of the first sample [us]      */
	double delay;           /**< Delay since the first [ms]            */
	double smooth;          /**< The same, smoothed [ms]               */
	double x[TREND_WINDOW]; /**< Arrival since the first [ms]          */
	double y[TREND_WINDOW]; /**< Smoothed delay then [ms]              */
	unsigned n;             /**< Samples since the first               */
	double thresh;          /**< Adaptive threshold [ms], 0=initial    */
	double prev;            /**< Trend of the sample before [ms]       */
	double over;            /**< For how long it is over [ms]          */
};

enum trend_state trend_update(struct trend *t, int64_t send, int64_t recv);
void trend_reset(struct trend *t);
