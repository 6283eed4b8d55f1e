/**
 * @file video/bwe/aimd.h  A bit rate that rises slowly and falls fast (pure)
 */

/** Estimate of a path's bit rate */
struct aimd {
	double est;             /**< Estimate [bit/s]                      */
	uint32_t min;           /**< Never less [bit/s]                    */
	uint32_t max;           /**< Never more [bit/s]                    */
	bool congested;         /**< Has ever had to fall                  */
	bool hold;              /**< Loss keeps it from rising             */
	double link;            /**< What passed when it fell [bit/s], 0=never */
	uint64_t up;            /**< Last time it could have risen [us]    */
	uint64_t down;          /**< Last time it fell [us]                */
};

void aimd_init(struct aimd *a, uint32_t start, uint32_t lo, uint32_t hi);
void aimd_delay(struct aimd *a, enum trend_state st, uint32_t rate,
		uint64_t now);
void aimd_loss(struct aimd *a, unsigned fraction, uint64_t now);
void aimd_rise(struct aimd *a, uint32_t rate, uint64_t now);
void aimd_raise(struct aimd *a, uint64_t rate);
