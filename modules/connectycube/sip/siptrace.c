/**
 * @file sip/siptrace.c  SIP messages as they come and go
 *
 * What leaves is shown by libre's trace, as it is sent: sipauth.c has answered
 * challenges in it before. What comes is shown by a listener in front of all
 * others: by TCP the trace has pieces of the stream, a listener has messages.
 */
#include <string.h>
#include <netinet/in.h>
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "base/wire.h"
#include "sip/host.h"
#include "sip/siptrace.h"


static struct {
	struct sip_lsnr *req;
	struct sip_lsnr *resp;
	sip_trace_h *next;      /* who traced before us, baresip's -s */
	bool on;                /* we trace */
	bool taken;             /* baresip does not print them any more */
} st;


static uint8_t ip_proto(enum sip_transp tp)
{
	return tp == SIP_TRANSP_UDP ? IPPROTO_UDP : IPPROTO_TCP;
}


static void trace_handler(bool tx, enum sip_transp tp, const struct sa *src,
			  const struct sa *dst, const uint8_t *pkt,
			  size_t len, void *arg)
{
	if (tx && wire_wanted(WIRE_SIP)) {
		const struct wire w = {
			.kind = WIRE_SIP, .tx = true, .proto = ip_proto(tp),
			.src = src, .dst = dst,
			.buf = (const char *)pkt, .len = len,
		};

		wire_tell(&w);
	}

	if (st.next && !st.taken)
		st.next(tx, tp, src, dst, pkt, len, arg);
}


/* By TCP several may be in one buffer, of which ours ends where it does */
static bool recv_handler(const struct sip_msg *msg, void *arg)
{
	const char *buf = (const char *)msg->mb->buf;
	const char *begin = msg->req ? msg->met.p : msg->ver.p;
	const char *end = buf + msg->mb->end;
	(void)arg;

	if (wire_wanted(WIRE_SIP) && begin >= buf && begin < end) {
		const struct wire w = {
			.kind = WIRE_SIP, .proto = ip_proto(msg->tp),
			.src = &msg->src, .dst = &msg->dst, .buf = begin, .len = (size_t)(end - begin),
		};

		wire_tell(&w);
	}

	return false;
}


/**
 * Show messages from now on, if anybody wants to look (base/wire.h). To be
 * called when all other listeners are there
 *
 * @return 0 if success, otherwise errorcode
 */
int siptrace_init(void)
{
	int err;

	err = host_listen(&st.req, true, HOST_FIRST, recv_handler, NULL);
	if (!err)
		err = host_listen(&st.resp, false, HOST_FIRST, recv_handler,
				  NULL);
	if (!err)
		err = host_set_trace(&st.next, trace_handler);

	if (err)
		siptrace_close();
	else
		st.on = true;

	return err;
}


/**
 * Print what baresip would print (its option -s): it would print secrets
 *
 * @return True if it does
 */
bool siptrace_take(void)
{
	st.taken = st.next != NULL;

	return st.taken;
}


/**
 * Show nothing any more
 */
void siptrace_close(void)
{
	sip_trace_h *old;

	st.req  = mem_deref(st.req);
	st.resp = mem_deref(st.resp);

	if (st.on)
		(void)host_set_trace(&old, st.next);
	memset(&st, 0, sizeof(st));
}
