/**
 * @file connectycube_hub/alarm/disk.h  The hub's own disks are nearly full
 *
 * hub.h goes first.
 */

struct hrec_queue;

bool diskalarm_text(char *text, size_t size, bool shortv[HUB_DISKS],
		    const struct hub_disk diskv[HUB_DISKS], uint32_t mb);
void diskalarm_start(const struct hrec_queue *rec, uint32_t mb);
void diskalarm_stop(void);
