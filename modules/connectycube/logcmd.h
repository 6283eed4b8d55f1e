/**
 * @file logcmd.h  The log as configured, and its commands
 */

struct bridge_config;

int  logcmd_init(const struct bridge_config *cfg);
void logcmd_start(const struct bridge_config *cfg);
void logcmd_stop(void);
void logcmd_close(void);
