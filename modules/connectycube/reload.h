/**
 * @file reload.h  What may be read again while the bridge runs
 */

struct bridge_config;

int reload_all(const struct bridge_config *cfg, const char *profile);
