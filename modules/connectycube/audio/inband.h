/**
 * @file audio/inband.h  Keys heard as tones in the audio
 */

enum {
	INBAND_CRATE = 1000,    /**< Clock of durations and timestamps [Hz] */
	INBAND_TIME  = 40,      /**< A tone of so long is known [ms]        */
};

struct inband;

int  inband_alloc(struct inband **ibp, uint32_t srate);
void inband_reset(struct inband *ib);
bool inband_hear(struct inband *ib, const int16_t *sampv, size_t sampc,
		 struct telev *te, uint32_t *ts, bool *tone);
bool inband_probe(struct inband *ib, int16_t *sampv, size_t sampc,
		  struct telev *te, uint32_t *ts);
