/**
 * @file call/host/music.c  What who is on hold hears
 *
 *   tone, silence, or a file that is read again --> sound --> env->music
 *
 * See audio/soundfile.h.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "audio/sound.h"
#include "audio/soundfile.h"
#include "call/music.h"


static struct {
	struct sound **slot;    /**< Where it is wanted (pointer), NULL=not
				     begun                                 */
	const char *path;       /**< The file (pointer)                    */
	const char *at;         /**< Where that is configured (pointer)    */
	struct soundfile *file; /**< The same (owned), NULL=none           */
} mu;


static void use(struct sound *s)
{
	mem_deref(*mu.slot);
	*mu.slot = s;
}


static void file_handler(struct sound *s, const char *why, bool again,
			 void *arg)
{
	struct sound *tone = NULL;
	(void)arg;

	if (s) {
		use(mem_ref(s));
		if (again)
			clog_info("connectycube_hold_music: %s has been read"
				  " again: %u s\n", mu.path,
				  sound_ms(s) / 1000);
		return;
	}

	clog_warning("%s: %s: %s; who is on hold hears a tone\n", mu.at,
		     mu.path, why);

	(void)sound_hold_tone(&tone);
	use(tone);
}


/**
 * Get the music ready
 *
 * @param slot  Where it is put; stays until music_close()
 * @param music "tone", "silence" or the path of a file; the same
 * @param at    Where that is configured; the same
 */
void music_init(struct sound **slot, const char *music, const char *at)
{
	mu.slot = slot;
	mu.at   = at;

	if (!str_casecmp(music, "silence"))
		return;

	if (!str_casecmp(music, "tone")) {
		(void)sound_hold_tone(slot);
		return;
	}

	mu.path = music;
	(void)soundfile_alloc(&mu.file, music, file_handler, NULL);
}


/**
 * There is no music any more
 */
void music_close(void)
{
	mu.file = mem_deref(mu.file);

	if (mu.slot)
		use(NULL);

	mu.slot = NULL;
	mu.path = NULL;
}
