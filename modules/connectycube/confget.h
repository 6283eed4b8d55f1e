/**
 * @file confget.h  Reading one configuration key, with its range
 */

int cfg_bad(const char *key, const struct pl *val, const char *want);
int cfg_str(char **valp, const struct conf *conf, const char *key,
	    bool required);
int cfg_u32(uint32_t *valp, const struct conf *conf, const char *key,
	    uint32_t min, uint32_t max, uint32_t dflt);
int cfg_bool(bool *valp, const struct conf *conf, const char *key, bool dflt);
int cfg_choice(bool *valp, const struct conf *conf, const char *key,
	       const char *first, const char *second);
int cfg_word(unsigned *valp, const struct conf *conf, const char *key,
	     const char *const *wordv, size_t wordc);
