/**
 * @file base/version.c  What runs
 *
 * No other file is made anew when that changes.
 */
#include "base/version.h"

#ifndef BUILD_VERSION
#define BUILD_VERSION "unknown"
#endif


/**
 * Get what runs
 *
 * @return What contrib/version says; "unknown" in tests
 */
const char *build_version(void)
{
	return BUILD_VERSION;
}
