/**
 * @file call/music.h  What who is on hold hears
 */

struct sound;

void music_init(struct sound **slot, const char *music, const char *at);
void music_close(void);
