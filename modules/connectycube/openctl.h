/**
 * @file openctl.h  Modules by which everybody could command the bridge
 */

void openctl_warn(void);
