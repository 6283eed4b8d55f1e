/**
 * @file connectycube_hub/host/version.h  What runs
 */

const char *hub_version(void);
