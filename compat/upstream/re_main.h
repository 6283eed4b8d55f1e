/**
 * @file compat/upstream/re_main.h  libre 4.x's, with the older names
 */
#include_next <re_main.h>
#include "fdnum.h"
