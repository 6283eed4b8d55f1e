/**
 * @file connectycube_ami/host/waiting.h  Callers that wait at Asterisk, in a
 *                                        bridge
 */

struct observe;

/**
 * A channel waits
 *
 * @param id       Its Uniqueid
 * @param accepted An app has accepted
 * @param arg      Handler argument
 */
typedef void (waiting_h)(const char *id, bool accepted, void *arg);

/* waiting.c */
void waiting_start(const struct observe *ob, const struct ami_config *cfg,
		   struct ami_client *client);
void waiting_stop(void);
void waiting_event(const struct ami_message *msg);
void waiting_ready(bool ready);
void waiting_changed(const struct ami_channel *chan, enum ami_change change);
const char *waiting_apply(waiting_h *h, void *arg);
