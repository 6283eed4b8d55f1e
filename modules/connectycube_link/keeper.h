/**
 * @file connectycube_link/keeper.h  Keeps records until the hub has them
 *
 *   event --> [calls that go on] --> journal         every ten seconds
 *                    | ended
 *                    v
 *              [records] --> spool --> hub --> ack --> removed
 *
 * A record is sent when it is on the disk. If the disk does not take it, it is
 * kept in memory, and in the journal that was written last, is tried again,
 * and sent to the hub at once. Who receives records tells by their id those
 * that come twice.
 */

struct keeper;
struct event;

/**
 * Send a record
 *
 * @param id   Its id
 * @param json Its text, from its first byte
 * @param arg  Handler argument
 *
 * @return 0 if it is on its way, otherwise errorcode: keeper_up() tries again
 */
typedef int (keeper_send_h)(const char *id, const struct mbuf *json,
			    void *arg);

/**
 * A call has ended: this is its record
 *
 * @param session The call's session in the cloud
 * @param json    Its text, from its first byte
 * @param arg     Handler argument
 */
typedef void (keeper_told_h)(const char *session, const struct mbuf *json,
			     void *arg);

/**
 * Tell how the parties of a call have been heard so far
 *
 * @param call Its number
 * @param h    Is told: EVENT_QUALITY of each
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode: it is not told
 */
typedef int (keeper_quality_h)(uint32_t call,
			       void (*h)(const struct event *ev, void *arg),
			       void *arg);

int  keeper_alloc(struct keeper **kp, const char *path, uint32_t max,
		  keeper_send_h *sendh, void *arg);
void keeper_set_refused(struct keeper *k, uint32_t most);
void keeper_set_told(struct keeper *k, keeper_told_h *toldh);
void keeper_set_quality(struct keeper *k, keeper_quality_h *h);
void keeper_event(struct keeper *k, const struct event *ev);
void keeper_up(struct keeper *k);
void keeper_down(struct keeper *k);
void keeper_ack(struct keeper *k, const char *id);
size_t keeper_waiting(const struct keeper *k);
int  keeper_print(struct re_printf *pf, const struct keeper *k);
int  keeper_live(struct mbuf *mb, const struct keeper *k);
void keeper_close(struct keeper *k);

/* opencalls.c: calls that go on */
struct opencalls;
struct record;

int  opencalls_alloc(struct opencalls **ocp);
int  opencalls_event(struct opencalls *oc, const struct event *ev,
		     struct record **endedp);
size_t opencalls_count(const struct opencalls *oc, bool answered);
void opencalls_look(const struct opencalls *oc, keeper_quality_h *h);
int  opencalls_journal(struct mbuf *mb, const struct opencalls *oc,
		       const char *host);
int  opencalls_live(struct mbuf *mb, const struct opencalls *oc);

/* recordtext.c */
int  record_print(struct mbuf *mb, const struct record *r, const char *host);
bool record_id(char *id, size_t size, const struct mbuf *json);
