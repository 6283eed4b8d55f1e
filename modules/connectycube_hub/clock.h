/**
 * @file connectycube_hub/clock.h  Time that nobody sets, over restarts
 *
 *   clocks: name --> at, sound      in the database
 *
 * A sink's own clock goes on while the hub runs, and from there after the next
 * start: when a record is tried again, and for how long it was, does not hang
 * on the wall clock. The wall clock itself is what tells how old things are:
 * before anything goes since it is old, it has to have been right for a day.
 */

struct hub_store;

enum {
	HUB_SOUND = 86400000,   /**< For so long it has to be right [ms]   */
};

/** No clock that is right shows a year before 2023 [ms since 1970]. One without a
    battery may, for days: what is from then would be too old when it is set */
#define HUB_TIME_MIN 1672531200000ll

/** What is known of the wall clock */
struct hub_sound {
	int64_t wall;           /**< When it was looked at [ms since 1970] */
	int64_t mono;           /**< ... by the other clock [ms], 0=it was
				     before the start                      */
	int64_t sound;          /**< It has been right for so long [ms]    */
};

bool hub_sound_step(struct hub_sound *c, int64_t wall, int64_t mono);
int  hub_clock_sound(struct hub_store *s, bool *soundp, char *why,
		     size_t size);
int  hub_clock_load(struct hub_store *s, const char *name, int64_t *atp,
		    int64_t *soundp, char *why, size_t size);
int  hub_clock_save(struct hub_store *s, const char *name, int64_t at,
		    int64_t sound, char *why, size_t size);
