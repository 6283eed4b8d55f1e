/**
 * @file base/text.h  Small helpers for reading lines of text safely
 *
 * For the parsers of all rooms. All take pointer-length strings that need
 * not be terminated and are at most copied, never changed.
 */

bool text_line(struct pl *pl, struct pl *line);
bool text_word(struct pl *pl, struct pl *word);
bool text_skip(struct pl *pl, const char *prefix);
void text_trim(struct pl *pl);
bool text_split(const struct pl *pl, char sep, struct pl *a, struct pl *b);
bool text_next(struct pl *rest, struct pl *part, char sep);
int  text_hex(const char *p);
size_t text_utf8(const char *p, size_t n);
size_t text_odd(const char *p, size_t n);
bool text_is_utf8(const struct pl *pl);
int  text_copy(char *dst, size_t size, const struct pl *pl);
int  text_str(char *dst, size_t size, const struct pl *pl);
const char *text_plural(uint64_t n, const char *one, const char *more);
int  text_u32(uint32_t *v, const struct pl *pl, uint32_t max);
