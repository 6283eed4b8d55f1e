/**
 * @file peer/probe.h  Does a STUN or TURN server work?
 */

enum {
	PROBE_MAX = 8000,       /**< Longest wait for it [ms]              */
};

struct probe;
struct peer_config;
struct peer_server;

/**
 * A server was tried. Called once, never from inside probe_alloc(); the probe
 * may be dereferenced
 *
 * @param ok   It works
 * @param text What it gave, or what is wrong; readable
 */
typedef void (probe_h)(bool ok, const char *text, void *arg);

int probe_alloc(struct probe **pp, const struct peer_config *cfg,
		const struct peer_server *srv, probe_h *h, void *arg);
