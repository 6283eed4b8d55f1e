/**
 * @file call/ending.h  Who still has something to hand on of calls that have
 * ended, when the bridge is to go by itself
 *
 *   connectycube_link --> ending_add()
 *   ending_waits() <-- call/host/shutdown.c
 */

struct ending;

/**
 * Is there something to be handed on, that may be taken any moment?
 *
 * @param arg Handler argument
 *
 * @return True if so
 */
typedef bool (ending_h)(void *arg);

int  ending_add(struct ending **ep, ending_h *h, void *arg);
bool ending_waits(void);
