/**
 * @file connectycube_ami/transport.h  TCP with an Asterisk, or TLS;
 *                                     or the hub's socket
 */

struct ami_transport;

/** What a transport tells; none of them may free or close it */
struct ami_transport_handlers {
	void (*estabh)(void *arg);              /**< It is there             */
	void (*recvh)(const uint8_t *buf, size_t len,
		      void *arg);               /**< Bytes have come         */
	void (*closeh)(int err, void *arg);     /**< It is gone, or was not
						     made; 0=by the other
						     side                    */
	void *arg;                              /**< Their argument          */
};

int  ami_transport_alloc(struct ami_transport **tp, const char *host,
			 bool tls, const char *ca_file,
			 const struct ami_transport_handlers *h);
int  ami_transport_connect(struct ami_transport *t, const struct sa *addr);
int  ami_transport_connect_local(struct ami_transport *t, const char *path);
void ami_transport_close(struct ami_transport *t);
int  ami_transport_send(struct ami_transport *t, struct mbuf *mb);
const char *ami_transport_why(const struct ami_transport *t);
bool ami_transport_is_tls(const struct ami_transport *t);
