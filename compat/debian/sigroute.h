/**
 * @file compat/debian/sigroute.h  Signals where libre has no threads
 *
 * Until 2.0 there are none before a module is loaded, and those that come
 * later have what was blocked before.
 */


/**
 * Have signals come to this thread, whichever gets them
 *
 * @param set Signals, blocked on this thread
 */
static inline void sigroute(const sigset_t *set)
{
	(void)set;
}


/**
 * Let signals go where they did before
 */
static inline void sigroute_end(void)
{
}
