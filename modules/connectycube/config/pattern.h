/**
 * @file config/pattern.h  Patterns of numbers: ? is one character, * any
 */

bool pattern_match(const char *pat, size_t patl, const char *str);
bool pattern_match_any(const char *patterns, const char *str);
bool pattern_is_dialplan(const char *patterns);
