/**
 * @file connectycube_ami/proxy/routes.h  Which bridge a manager's event is for
 *
 *   Login of a bridge -> its devices, its extensions
 *   event             -> channels -> their call (Linkedid) -> bridges
 *
 * An event concerns a bridge if a channel of one of its devices is in the same
 * call. What a dialplan tells of a call for an extension (UserEvent
 * "BridgeCall") is for the bridge that has it, which hears of the call from
 * then on. Bridges are numbers, from 0.
 *
 * Pure. Include message.h first.
 */

enum {
	AMI_BRIDGES_MAX = 256,    /**< Bridges at once                       */
	AMI_DEVICES_MAX = 4096,   /**< Devices, and extensions, of a bridge  */
	AMI_MEMBERS_MAX = 8192,   /**< Channels that are kept                */
};

/** Some of the bridges */
struct ami_bridges {
	uint64_t bits[AMI_BRIDGES_MAX / 64];
};

struct ami_routes;

/**
 * A channel waits for an extension of the bridge
 *
 * @param event What its dialplan has told, as it is sent
 * @param arg   Handler argument
 *
 * @return 0 to go on, otherwise errorcode
 */
typedef int (ami_waiting_h)(const struct mbuf *event, void *arg);

int  ami_routes_alloc(struct ami_routes **rp);
int  ami_routes_device(struct ami_routes *r, unsigned bridge,
		       const struct pl *device);
int  ami_routes_extension(struct ami_routes *r, unsigned bridge,
			  const struct pl *exten);
void ami_routes_join(struct ami_routes *r, unsigned bridge);
int  ami_routes_show(struct ami_routes *r, unsigned bridge,
		     const struct pl *id);
void ami_routes_forget(struct ami_routes *r, unsigned bridge, bool gone);
void ami_routes_put(struct ami_routes *r, const char *id, const char *linked,
		    const char *name);
void ami_routes_clear(struct ami_routes *r);
const char *ami_routes_event(struct ami_routes *r,
			     const struct ami_message *msg,
			     struct ami_bridges *whom,
			     struct ami_bridges *fresh);
bool ami_routes_sees(const struct ami_routes *r, unsigned bridge,
		     const struct pl *id);
int  ami_routes_waiting(const struct ami_routes *r, unsigned bridge,
			ami_waiting_h *h, void *arg);
uint32_t ami_routes_count(const struct ami_routes *r);

bool ami_bridges_any(const struct ami_bridges *b);
bool ami_bridges_has(const struct ami_bridges *b, unsigned bridge);
