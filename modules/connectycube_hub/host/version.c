/**
 * @file connectycube_hub/host/version.c  What runs
 *
 * No other file is made anew when that changes.
 */
#include "connectycube_hub/host/version.h"

#ifndef BUILD_VERSION
#define BUILD_VERSION "unknown"
#endif


/**
 * Get what runs
 *
 * @return What git calls it, or "unknown"
 */
const char *hub_version(void)
{
	return BUILD_VERSION;
}
