/**
 * @file compat/upstream/re_types.h  libre 4.x's, with the older names
 */
#include_next <re_types.h>

#define ARRAY_SIZE(a) RE_ARRAY_SIZE(a)
