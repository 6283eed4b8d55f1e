/**
 * @file call/music.h  What who is on hold hears
 */

struct sound;

void music_init(struct sound **slot, const char *music);
void music_close(void);
