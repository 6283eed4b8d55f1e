/**
 * @file base/notify.h  What the service manager is told (sd_notify(3))
 *
 * Where nobody wants to be told ($NOTIFY_SOCKET) nothing here costs anything:
 * no socket, no timer. All of it is for the loop's thread.
 */

enum {
	NOTIFY_STATUS = 256,    /**< Size of a status [bytes]              */
};

int  notify_init(void);
bool notify_is_on(void);
void notify_ready(void);
void notify_status(const char *fmt, ...);
void notify_reloading(void);
void notify_reloaded(void);
void notify_stopping(uint64_t ms);
void notify_close(void);
