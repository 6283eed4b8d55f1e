/**
 * @file connectycube_link/link.h  The link: what a bridge tells its host's hub
 *
 *   events --> opencalls.c --> record.c     one record a call
 *                  |
 *                  v
 *              keeper.c --> spool.c          on the disk before anything else
 *                  |          (thread)
 *                  v
 *              hubconn.c <================> hub, whenever it is there
 *                  ^
 *   snapshots -> live.c                      how it stands, each few seconds
 *
 * host/ is what needs baresip; all else is linked into the unit tests.
 */

/** Configuration, of the keys connectycube_link_* */
struct link_config {
	char *socket;           /**< Path of the hub's Unix socket         */
	char *name;             /**< Who we are, to the hub                */
	char *spool;            /**< Folder for what the hub has not taken */
	uint32_t spool_max;     /**< Records that are kept there           */
	uint32_t refused;       /**< Records of refused calls a minute     */
	bool events;            /**< The hub is told of events             */
	uint32_t stats;         /**< ... and of each call once in [s],
				     0=never                               */
};

struct cfg_key;

/* linkconfig.c */
int link_config_read(struct link_config **cfgp, const char *profile);
const struct cfg_key *link_config_key(size_t n);
