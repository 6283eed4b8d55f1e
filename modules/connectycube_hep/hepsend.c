/**
 * @file connectycube_hep/hepsend.c  Packets go to Homer
 *
 * Pure. A thread looks up the name and sends, so that the loop waits for
 * nothing. What waits for it is bounded; what is too much is lost.
 */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <re.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "hep.h"


enum {
	LOOKUP_AGAIN = 10000,   /**< After it failed, or sending did [ms]  */
	LOOKUP_OLD   = 300000,  /**< A name may move [ms]                  */
	WELL_AGAIN   = 1000,    /**< What is refused is told by the packet
				     behind it, or the next one [ms]       */
};

/** A packet on its way */
struct job {
	struct le le;
	struct mbuf *mb;        /**< Packet (owner)                        */
	int err;                /**< What came of it                       */
	int gai;                /**< ... if its name was not found         */
};

/** What the thread has */
struct work {
	char host[256];         /**< Of Homer                              */
	char port[8];
	int fd;                 /**< Socket, -1=none                       */
	uint64_t looked;        /**< The name was looked up then [ms], 0=no */
	int err;                /**< What came of that                     */
	int gai;                /**< The same, as EAI_                     */
};

struct hep_send {
	struct jobthread *t;    /**< Owner                                 */
	char host[256];         /**< Of Homer                              */
	uint16_t port;
	size_t max;             /**< What may wait [bytes]                 */
	size_t waiting;         /**< What waits [bytes]                    */
	bool full;              /**< That was too much                     */
	bool bad;               /**< Packets cannot be sent                */
	uint64_t t_bad;         /**< The last that was not [ms], monotonic */
	char why[128];          /**< Why                                   */
	uint64_t sent;          /**< Packets                               */
	uint64_t failed;        /**< The same, for which it failed         */
	uint64_t dropped;       /**< The same, that were too many          */
};


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	mem_deref(job->mb);
}


static void work_destructor(void *data)
{
	struct work *w = data;

	if (w->fd >= 0)
		(void)close(w->fd);
}


static void destructor(void *data)
{
	struct hep_send *hs = data;

	jobthread_finish(hs->t);
}


static int open_socket(struct work *w, const struct addrinfo *ai)
{
	const int fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_CLOEXEC |
			      SOCK_NONBLOCK, 0);

	if (fd < 0)
		return errno;

	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
		const int err = errno;

		(void)close(fd);
		return err;
	}

	w->fd = fd;

	return 0;
}


/* The first address that there is a way to */
static void look_up(struct work *w)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *res = NULL, *ai;

	w->looked = mono_ms();
	w->err    = EHOSTUNREACH;
	w->gai    = getaddrinfo(w->host, w->port, &hints, &res);
	if (w->gai)
		return;

	/* a socket that works is kept until there is another one */
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;

	for (ai = res; ai && w->fd < 0; ai = ai->ai_next)
		w->err = open_socket(w, ai);

	freeaddrinfo(res);
}


static bool is_due(const struct work *w)
{
	const uint64_t age = mono_ms() - w->looked;

	if (!w->looked || age >= LOOKUP_OLD)
		return true;

	return (w->fd < 0 || w->err) && age >= LOOKUP_AGAIN;
}


/* An error that an earlier packet has met is told by the next one, which is
   sent nonetheless by trying again */
static int send_packet(const struct work *w, const struct mbuf *mb)
{
	if (send(w->fd, mb->buf, mb->end, 0) >= 0)
		return 0;
	if (errno == ECONNREFUSED || errno == EHOSTUNREACH ||
	    errno == ENETUNREACH) {
		const int err = errno;

		(void)send(w->fd, mb->buf, mb->end, 0);
		return err;
	}

	return errno;
}


static void work_handler(void *data, size_t behind, void *arg)
{
	struct work *w = arg;
	struct job *job = data;
	(void)behind;

	if (is_due(w))
		look_up(w);

	if (w->fd >= 0)
		w->err = send_packet(w, job->mb);

	job->err = w->err;
	job->gai = w->fd < 0 ? w->gai : 0;
}


static void failed(struct hep_send *hs, const struct job *job)
{
	++hs->failed;

	if (job->gai && job->gai != EAI_SYSTEM)
		(void)re_snprintf(hs->why, sizeof(hs->why), "%s",
				  gai_strerror(job->gai));
	else
		(void)re_snprintf(hs->why, sizeof(hs->why), "%m", job->err);

	/* too long for UDP: that says nothing of the next one */
	if (job->err == EMSGSIZE)
		return;

	hs->t_bad = mono_ms();
	if (hs->bad)
		return;

	hs->bad = true;
	clog_warning("hep: %s port %u: %s: what is told now is lost\n",
		     hs->host, hs->port, hs->why);
}


static void went(struct hep_send *hs)
{
	++hs->sent;
	if (!hs->bad || mono_ms() - hs->t_bad < WELL_AGAIN)
		return;

	hs->bad = false;
	clog_info("hep: %s port %u: works again\n", hs->host, hs->port);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	struct hep_send *hs = arg;

	hs->waiting -= job->mb->end;
	if (!hs->waiting)
		hs->full = false;

	if (job->err)
		failed(hs, job);
	else
		went(hs);

	mem_deref(job);
}


/**
 * Send a packet
 *
 * @param hs Sender
 * @param mb Packet, from its first byte; a reference is taken, and nobody
 *           else uses it any more
 */
void hep_send(struct hep_send *hs, struct mbuf *mb)
{
	struct job *job;

	if (!hs || !mb)
		return;

	job = hs->waiting + mb->end > hs->max ? NULL :
		mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		goto lost;

	job->mb = mem_ref(mb);
	if (jobthread_push(hs->t, &job->le, job)) {
		mem_deref(job);
		goto lost;
	}

	hs->waiting += mb->end;

	return;

 lost:
	if (!hs->full)
		clog_warning("hep: more is told than can be sent"
			     " (connectycube_hep_queue): some is lost\n");
	hs->full = true;
	++hs->dropped;
}


/**
 * Print how it stands
 *
 * @param pf Print function
 * @param hs Sender
 *
 * @return 0 if success, otherwise errorcode
 */
int hep_send_print(struct re_printf *pf, const struct hep_send *hs)
{
	if (!hs)
		return 0;

	return re_hprintf(pf, "Homer: %s port %u: %s\nsent: %llu, waiting:"
			  " %zu bytes, failed: %llu, too many: %llu\n",
			  hs->host, hs->port, hs->bad ? hs->why : hs->sent ?
			  "works" : "nothing was sent yet",
			  (unsigned long long)hs->sent, hs->waiting,
			  (unsigned long long)hs->failed,
			  (unsigned long long)hs->dropped);
}


/**
 * Allocate a sender
 *
 * @param hsp  Pointer to sender; free it with hep_send_close()
 * @param host Name or address
 * @param port Port
 * @param max  What may wait [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hep_send_alloc(struct hep_send **hsp, const char *host, uint16_t port,
		   size_t max)
{
	struct hep_send *hs;
	struct work *w;
	int err;

	if (!hsp || !host || !port)
		return EINVAL;

	hs = mem_zalloc(sizeof(*hs), destructor);
	w  = mem_zalloc(sizeof(*w), work_destructor);
	if (!hs || !w) {
		mem_deref(w);
		mem_deref(hs);
		return ENOMEM;
	}

	w->fd    = -1;
	hs->port = port;
	hs->max  = max;
	(void)re_snprintf(w->port, sizeof(w->port), "%u", port);
	str_ncpy(w->host, host, sizeof(w->host));
	str_ncpy(hs->host, host, sizeof(hs->host));

	err = jobthread_alloc(&hs->t, work_handler, w, done_handler, hs);
	if (err) {
		mem_deref(w);
		mem_deref(hs);
	}
	else {
		*hsp = hs;
	}

	return err;
}


/**
 * End. What waits is still sent; jobthread_wait() waits for that
 *
 * @param hs Sender, may be NULL
 */
void hep_send_close(struct hep_send *hs)
{
	mem_deref(hs);
}
