/**
 * @file connectycube_hub/alarm/disk.c  The hub's own disks are nearly full
 *
 *   queue.c looks, on a thread --> disk.c --> live model --> page, mail, ...
 *
 * Of where records and recordings are written. What is told is where, and not
 * how much: it is told once.
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../hublive.h"
#include "../recording/recfacts.h"
#include "../recording/recording.h"
#include "disk.h"


enum {
	OFTEN = 5000,           /**< What was seen last is asked for [ms]  */
	AGAIN = 8,              /**< It is over with an eighth more        */
};

static struct {
	const struct hrec_queue *rec; /* looks (pointer), NULL=nobody */
	struct tmr tmr;
	bool shortv[HUB_DISKS];
	uint32_t mb;
} disk;


/**
 * Tell which disks are short of room
 *
 * @param text   Set to it, empty if none is
 * @param size   Room there [bytes]
 * @param shortv Those that were; set to those that are
 * @param diskv  What there is
 * @param mb     With less than that free they are [MB]
 *
 * @return True if one is
 */
bool diskalarm_text(char *text, size_t size, bool shortv[HUB_DISKS],
		    const struct hub_disk diskv[HUB_DISKS], uint32_t mb)
{
	static const char *const namev[HUB_DISKS] = {
		[HUB_DISK_DB]    = "database",
		[HUB_DISK_ROOT]  = "recordings",
		[HUB_DISK_SPOOL] = "spool of recordings",
	};
	const uint64_t least = (uint64_t)mb << 20;
	const char *v[HUB_DISKS] = {NULL};
	size_t i, n = 0;

	for (i=0; i<HUB_DISKS; i++) {

		const struct hub_disk *d = &diskv[i];

		shortv[i] = d->size && d->free < (shortv[i] ?
			least + least / AGAIN : least);
		if (shortv[i])
			v[n++] = namev[i];
	}

	text[0] = '\0';
	if (n)
		(void)re_snprintf(text, size, "less than %u MB are free: %s"
				  "%s%s%s%s", mb, v[0], n > 1 ? ", " : "",
				  n > 1 ? v[1] : "", n > 2 ? ", " : "",
				  n > 2 ? v[2] : "");

	return n > 0;
}


static void look(void *arg)
{
	struct hrec_counts n;
	char text[128];
	(void)arg;

	hrec_queue_counts(&n, disk.rec);
	(void)diskalarm_text(text, sizeof(text), disk.shortv, n.diskv,
			     disk.mb);
	hublive_disk(text);
	tmr_start(&disk.tmr, OFTEN, look, NULL);
}


/**
 * Begin to look whether disks are nearly full
 *
 * @param rec Who knows, and lives as long
 * @param mb  With less than that free they are [MB], 0=never
 */
void diskalarm_start(const struct hrec_queue *rec, uint32_t mb)
{
	if (!rec || !mb)
		return;

	disk.rec = rec;
	disk.mb  = mb;
	tmr_init(&disk.tmr);
	tmr_start(&disk.tmr, 0, look, NULL);
}


/**
 * Look no more
 */
void diskalarm_stop(void)
{
	if (disk.rec)
		tmr_cancel(&disk.tmr);
	memset(&disk, 0, sizeof(disk));
}
