/**
 * @file compat/upstream/transpsend.c  What libre 4.x sends, before it leaves
 *
 *   libre's transactions --> ours --> sip_transp_send()
 *                              ^              |
 *                              `-- request <--'  written when it is known
 *                                                from where it leaves
 *
 * A response comes as it will be sent. A request is written by who sends it
 * from within sip_transp_send(), each time anew; so ours stands there, too.
 */
#include <string.h>
#include <re.h>
#include "compat_inside.h"


struct sip_connqent;

typedef void (transp_h)(int err, void *arg);
typedef int (transp_send_h)(struct sip_connqent **qentp, struct sip *sip,
			    void *sock, enum sip_transp tp,
			    const struct sa *dst, char *host,
			    struct mbuf *mb, sip_conn_h *connh,
			    transp_h *transph, void *arg);

static struct {
	void **oldp;            /* libre's function */
	transp_kept_h *h;
} out;

/** A request that is being sent */
static struct now {
	struct sip *sip;
	void *sock;
	enum sip_transp tp;
	sip_conn_h *connh;
} now;


static int conn_handler(struct sa *src, const struct sa *dst, struct mbuf *mb,
			void *arg)
{
	const int err = now.connh(src, dst, mb, arg);

	/* a request is never kept back */
	if (!err)
		(void)out.h(now.sip, now.sock, now.tp, dst, mb);

	return err;
}


static int send_handler(struct sip_connqent **qentp, struct sip *sip,
			void *sock, enum sip_transp tp, const struct sa *dst,
			char *host, struct mbuf *mb, sip_conn_h *connh,
			transp_h *transph, void *arg)
{
	transp_send_h *sendh = (transp_send_h *)*out.oldp;
	const struct now before = now;
	int err;

	if (!connh)
		return out.h(sip, sock, tp, dst, mb) ? 0 :
			sendh(qentp, sip, sock, tp, dst, host, mb, NULL,
			      transph, arg);

	now = (struct now){sip, sock, tp, connh};
	err = sendh(qentp, sip, sock, tp, dst, host, mb, conn_handler, transph,
		    arg);
	now = before;

	return err;
}


/**
 * Get what stands for sip_transp_send()
 *
 * @param oldp Where libre's own is kept
 * @param h    Is shown what is sent
 *
 * @return Function, NULL if this libre's is not known
 */
void *transp_send_of(void **oldp, transp_kept_h *h)
{
	if (strncmp(sys_libre_version_get(), "4.", 2))
		return NULL;

	out.oldp = oldp;
	out.h    = h;

	return (void *)send_handler;
}
