/**
 * @file base/notify.c  What the service manager is told (sd_notify(3))
 *
 *   READY=1, STATUS=..., RELOADING=1, STOPPING=1 --+
 *                                                  +--> $NOTIFY_SOCKET
 *   timer, $WATCHDOG_USEC / 2 --> WATCHDOG=1 ------+
 *
 * The timer is one of the loop's: a loop that hangs feeds no watchdog. The
 * protocol is a datagram of lines, so that libsystemd, which brings four
 * libraries into each of fifty processes, is not needed for it.
 *
 * A service manager that is busy is not waited for: what it cannot be told now
 * is told a little later, in the same order.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <re.h>
#include "log.h"
#include "notify.h"


enum {
	AGAIN = 100,            /**< It was busy: until the next try [ms]  */
	WAITING_MAX = 32,       /**< What waits for that [messages]        */
};

/** A message that waits: each has to be a datagram of its own */
struct message {
	struct le le;
	char *text;             /**< (owned)                               */
};

static struct {
	int fd;                 /* socket (owned), -1=nobody is told */
	struct sockaddr_un un;  /* whom */
	socklen_t unlen;
	struct tmr tmr_dog;
	uint64_t dog;           /* WATCHDOG=1 each so long [ms], 0=never */
	struct tmr tmr_again;
	struct list waitingl;   /* struct message (owner): told later */
	char status[NOTIFY_STATUS]; /* as it was told last */
	bool ready;             /* it was told so */
} nt = {.fd = -1};


static int address(const char *path)
{
	const size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || !path[1])
		return ENOTSUP;

	if (len >= sizeof(nt.un.sun_path))
		return ENAMETOOLONG;

	nt.un.sun_family = AF_UNIX;
	memcpy(nt.un.sun_path, path, len);

	/* an abstract one has no file, and no byte at its end either */
	if (path[0] == '@')
		nt.un.sun_path[0] = '\0';

	nt.unlen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
			       (path[0] == '/'));

	return 0;
}


static int put(const char *buf, size_t len)
{
	ssize_t n;

	do {
		n = sendto(nt.fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL,
			   (const struct sockaddr *)&nt.un, nt.unlen);
	} while (n < 0 && errno == EINTR);

	return n < 0 ? errno : 0;
}


static bool is_busy(int err)
{
	return err == EAGAIN || err == ENOBUFS;
}


static void message_destructor(void *data)
{
	struct message *m = data;

	list_unlink(&m->le);
	mem_deref(m->text);
}


static void again_handler(void *arg)
{
	struct le *le;
	(void)arg;

	while ((le = list_head(&nt.waitingl))) {

		struct message *m = le->data;

		if (is_busy(put(m->text, strlen(m->text)))) {
			tmr_start(&nt.tmr_again, AGAIN, again_handler, NULL);
			return;
		}

		mem_deref(m);
	}
}


static void wait_with(const char *text)
{
	struct message *m;

	if (list_count(&nt.waitingl) >= WAITING_MAX)
		return;

	m = mem_zalloc(sizeof(*m), message_destructor);
	if (!m || str_dup(&m->text, text)) {
		mem_deref(m);
		return;
	}

	list_append(&nt.waitingl, &m->le, m);
	if (!tmr_isrunning(&nt.tmr_again))
		tmr_start(&nt.tmr_again, AGAIN, again_handler, NULL);
}


static void tell(const char *text)
{
	if (nt.fd < 0)
		return;

	if (nt.waitingl.head || is_busy(put(text, strlen(text))))
		wait_with(text);
}


static void dog_handler(void *arg)
{
	(void)arg;

	tmr_start(&nt.tmr_dog, nt.dog, dog_handler, NULL);

	/* one that comes late is as good as none */
	if (!nt.waitingl.head)
		tell("WATCHDOG=1\n");
}


/* Is the watchdog for us? Half of its time [ms], 0=no */
static uint64_t watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	const uint64_t us = usec ? strtoull(usec, NULL, 10) : 0;

	if (!us || us > UINT32_MAX * 1000ULL ||
	    (pid && strtoull(pid, NULL, 10) != (unsigned long long)getpid()))
		return 0;

	return us < 2000 ? 1 : us / 2000;
}


/**
 * Find out who is to be told
 *
 * @return 0 if success, ENOENT if nobody is, ENOTSUP or ENAMETOOLONG if
 *         $NOTIFY_SOCKET is of no kind that is known, otherwise errorcode
 */
int notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int err;

	notify_close();
	if (!str_isset(path))
		return ENOENT;

	err = address(path);
	if (err)
		return err;

	nt.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (nt.fd < 0)
		return errno;

	nt.dog = watchdog();

	return 0;
}


/**
 * Is anybody told?
 *
 * @return True if so
 */
bool notify_is_on(void)
{
	return nt.fd >= 0;
}


/**
 * The service does what it is for, or as much of that as can be had; from now
 * on the watchdog is fed
 */
void notify_ready(void)
{
	if (nt.fd < 0 || nt.ready)
		return;

	nt.ready = true;
	tell("READY=1\n");
	if (nt.dog)
		dog_handler(NULL);
}


/**
 * Tell how it stands, if that has changed
 *
 * @param fmt Text of one line, what is more is cut off
 */
void notify_status(const char *fmt, ...)
{
	char status[NOTIFY_STATUS], text[NOTIFY_STATUS + 16];
	va_list ap;
	char *p;

	if (nt.fd < 0)
		return;

	va_start(ap, fmt);
	(void)re_vsnprintf(status, sizeof(status), fmt, ap);
	va_end(ap);

	/* a line of its own would be an order of somebody else's */
	for (p = status; *p; p++) {
		if ((unsigned char)*p < ' ')
			*p = ' ';
	}

	if (!strcmp(status, nt.status))
		return;

	str_ncpy(nt.status, status, sizeof(nt.status));
	(void)re_snprintf(text, sizeof(text), "STATUS=%s\n", status);
	tell(text);
}


/**
 * The configuration is being read again; notify_reloaded() ends it
 */
void notify_reloading(void)
{
	struct timespec ts;
	char text[80];

	if (nt.fd < 0 || !nt.ready || clock_gettime(CLOCK_MONOTONIC, &ts))
		return;

	(void)re_snprintf(text, sizeof(text),
			  "RELOADING=1\nMONOTONIC_USEC=%llu\n",
			  ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000);
	tell(text);
}


/**
 * It has been read
 */
void notify_reloaded(void)
{
	if (nt.ready)
		tell("READY=1\n");
}


/**
 * The service ends, and needs some time for it
 *
 * @param ms For so long from now it is to be left alone [ms], 0=as long as the
 *           service manager sees fit
 */
void notify_stopping(uint64_t ms)
{
	char text[64];

	if (nt.fd < 0)
		return;

	tell("STOPPING=1\n");
	if (!ms)
		return;

	(void)re_snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%llu\n",
			  ms * 1000ULL);
	tell(text);
}


/**
 * Tell nobody any more
 */
void notify_close(void)
{
	tmr_cancel(&nt.tmr_dog);
	tmr_cancel(&nt.tmr_again);
	list_flush(&nt.waitingl);

	if (nt.fd >= 0)
		(void)close(nt.fd);

	memset(&nt.un, 0, sizeof(nt.un));
	nt.fd        = -1;
	nt.dog       = 0;
	nt.status[0] = '\0';
	nt.ready     = false;
}
