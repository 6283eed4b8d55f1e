/**
 * @file audio/soundfile.h  A file that is played, and is read again
 *
 *   start:           file ------------------> sound --> soundfile_h
 *   SIGHUP, another  file --> a thread -----> sound --> soundfile_h
 */

struct sound;
struct soundfile;

/**
 * A file has been read. Called by soundfile_alloc(), and later from the loop
 *
 * @param s     What it is, to be referenced; NULL=it cannot be played
 * @param why   Why not
 * @param again It was read before
 * @param arg   Handler argument
 */
typedef void (soundfile_h)(struct sound *s, const char *why, bool again,
			   void *arg);

int  soundfile_alloc(struct soundfile **sfp, const char *path, soundfile_h *h,
		     void *arg);
void soundfile_reload(void);
