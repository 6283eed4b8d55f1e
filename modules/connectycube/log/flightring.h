/**
 * @file log/flightring.h  The rings of the flight recorder
 *
 * Wants call/event.h.
 */

enum {
	FLIGHT_HELD = 64,       /**< Dialogs that may become calls         */
};

/** Something that is recorded */
struct flight_item {
	struct le le;           /**< Member of its call's iteml            */
	uint64_t seq;           /**< Order among all                       */
	size_t size;            /**< What it counts [bytes]                */
	char text[];            /**< As it will be written                 */
};

/** A call, or a dialog that may become one */
struct flight {
	struct le le;           /**< Member of calll or heldl               */
	uint32_t call;          /**< Number of the call, 0=held            */
	char record[EVENT_UUID]; /**< See struct event                     */
	char linked[EVENT_UUID];
	char ext[EVENT_URI];    /**< Extension                             */
	char idv[8][EVENT_ID];  /**< Its Call-IDs and session ids          */
	size_t idc;             /**< Number of them                        */
	struct list iteml;      /**< struct flight_item (owned)            */
	size_t size;            /**< Of all items [bytes]                  */
	uint32_t left_out;      /**< Items that were too much              */
	bool bad;               /**< It is over, and was bad               */
	uint64_t wall;          /**< Its file is named after that [ms], 0=
				     after when it is written              */
	struct tmr tmr;         /**< It is over: forgotten then            */
};

/** All of them */
struct flightrings {
	struct list calll;      /**< struct flight (owned)                 */
	struct list heldl;      /**< The same, of no call yet              */
	size_t size;            /**< Largest ring [bytes]                  */
	uint64_t seq;           /**< Of the latest item                    */
};

struct flight *flightring_find(const struct flightrings *r, uint32_t call);
struct flight *flightring_add(struct flightrings *r, uint32_t call);
void flightring_add_id(struct flightrings *r, struct flight *f,
		       const char *str);
void flightring_put(struct flightrings *r, struct flight *f,
		    const struct mbuf *mb);
void flightring_message(struct flightrings *r, const struct pl *id,
			const struct mbuf *mb, bool begins);
void flightring_flush(struct flightrings *r);
