/**
 * @file audio/sound.h  What is played to a party: music, prompts, tones
 *
 *   file --> sound_load() --> wav.c, ogg.c --> sound_add() --+
 *   frequencies ------------> sound_tones() -----------------+--> sound
 *                                                                   |
 *   port <-- player.c (audio.h) <-- sound_read(), at any rate ------'
 *
 * A sound is made once, bounded in length, and never changes: any number of
 * players may share it. It is kept as samples at 8 or 16 kHz, mono, which
 * every codec's rate is a multiple of.
 */

enum {
	SOUND_FILE_MAX = 64<<20,/**< Largest file [bytes]                  */
	SOUND_TIME_MAX = 600,   /**< Longest sound [s]                     */
	SOUND_PART_MAX = 8,     /**< Parts of a tone that is written       */
};

struct sound;

/** A part of a tone: one or two frequencies at once, or a pause */
struct sound_part {
	uint16_t hzv[2];        /**< Frequencies [Hz], 0=none              */
	uint32_t ms;            /**< How long [ms]                         */
};

/* sound.c */
int  sound_begin(struct sound **sp, uint32_t srate);
int  sound_add(struct sound *s, const int16_t *sampv, size_t sampc);
int  sound_end(struct sound *s);
int  sound_load(struct sound **sp, const char *file, char *why, size_t size);
int  sound_decode(struct sound **sp, const uint8_t *buf, size_t len,
		  char *why, size_t size);
size_t   sound_read(const struct sound *s, size_t pos, int16_t *sampv,
		    size_t sampc, bool loop);
uint32_t sound_srate(const struct sound *s);
uint32_t sound_ms(const struct sound *s);

/* tone.c */
int  sound_tones(struct sound **sp, const struct sound_part *partv,
		 size_t partc, double dbm0, uint32_t ramp);
int  sound_hold_tone(struct sound **sp);
int  sound_spec(struct sound **sp, const char *spec);

/* tonespec.c */
int  sound_spec_parse(struct sound_part *partv, size_t *partc,
		      const struct pl *spec);

/* wav.c */
bool wav_is(const uint8_t *buf, size_t len);
int  wav_decode(struct sound **sp, const uint8_t *buf, size_t len,
		char *why, size_t size);

/* ogg.c */
bool ogg_is(const uint8_t *buf, size_t len);
int  ogg_decode(struct sound **sp, const uint8_t *buf, size_t len,
		char *why, size_t size);
