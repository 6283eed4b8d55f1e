/**
 * @file base/version.h  What runs
 */

const char *build_version(void);
