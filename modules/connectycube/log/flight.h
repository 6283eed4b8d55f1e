/**
 * @file log/flight.h  Flight recorder: the last of each call, for when it ends
 *                     badly
 *
 *   events -----------+--> a ring for each call --ends badly--> a file
 *   messages, blanked +         |
 *                               `-- /cube_flight CALL
 *
 * Off unless a folder is configured. A ring is bounded in bytes; what comes
 * before its call is known (an INVITE that is held) waits under its Call-ID or
 * session id.
 *
 * Wants base/log.h, base/wire.h and log/logrec.h.
 */

enum {
	FLIGHT_LINGER = 2000,   /**< An ended call is listened to for so
				     long [ms]: ACK, the answer to BYE     */
};

/** What is recorded, and where it goes */
struct flight_prm {
	const char *dir;        /**< Folder, NULL=off                      */
	size_t size;            /**< Of a call's ring [bytes]              */
	uint32_t keep;          /**< Files that are kept                   */
	enum logrec_form form;  /**< What files look like                  */
};

struct event;

int  flight_init(const struct flight_prm *prm);
void flight_close(void);
bool flight_is_on(void);
void flight_message(const struct wire *w, const char *text, size_t len);
int  flight_write(uint32_t call);
int  flight_print(struct re_printf *pf, void *unused);
bool flight_is_bad(const struct event *ev);
bool flight_expect(char *path, size_t size, const struct event *ev);

/* flightid.c */
bool flight_id(struct pl *id, enum wire_kind kind, const char *text,
	       size_t len);
bool flight_begins(enum wire_kind kind, const char *text, size_t len);

/* flightfile.c */

/** A file to be written */
struct flight_job {
	struct le le;
	uint32_t call;          /**< Number of the call                    */
	char record[37];        /**< See struct event                      */
	char linked[37];
	char ext[256];          /**< Extension                             */
	char dir[512];          /**< Folder                                */
	char path[640];         /**< The file, once it is there            */
	uint64_t wall;          /**< When [ms]                             */
	uint32_t keep;          /**< Files that are kept                   */
	bool json;              /**< Its form                              */
	struct mbuf *mb;        /**< What is written (owner)               */
	int err;                /**< What came of it                       */
};

struct flight_job *flight_job_alloc(size_t size);
int  flight_job_path(char *path, size_t size, const struct flight_job *job,
		     const char *more);
void flight_job_do(struct flight_job *job);
