/**
 * @file logsink.h  Where the log goes: baresip's, libre's and our own
 *
 * Wants base/logline.h.
 */

void logsink_init(void);
void logsink_close(void);
int  logsink_set(enum logline_form form, const char *file);
int  logsink_reopen(void);
