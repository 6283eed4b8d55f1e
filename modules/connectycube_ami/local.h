/**
 * @file connectycube_ami/local.h  A connection at a Unix socket
 */

enum {
	AMI_LOCAL_OUT = 1<<20,  /**< What may wait to go out [bytes]         */
};

struct ami_local;

/** What a connection tells; each of them may free it */
struct ami_local_handlers {
	void (*recvh)(const uint8_t *buf, size_t len,
		      void *arg);               /**< Bytes have come         */
	void (*closeh)(int err, void *arg);     /**< It is gone; 0=by the
						     other side              */
	void *arg;                              /**< Their argument          */
};

int  ami_local_alloc(struct ami_local **lp, int fd,
		     const struct ami_local_handlers *h);
int  ami_local_connect(struct ami_local **lp, const char *path,
		       const struct ami_local_handlers *h);
int  ami_local_send(struct ami_local *l, const uint8_t *buf, size_t len);
