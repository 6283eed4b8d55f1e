/**
 * @file compat/upstream/compat_re.h  libre 4.x in the one spelling
 *
 * See compat/debian/compat_re.h.
 */

/** Parameters of a sip_send_h: tp, src, dst, mb, arg */
#define SIP_SEND_PARAMS enum sip_transp tp, struct sa *src, \
	const struct sa *dst, struct mbuf *mb, \
	struct mbuf **contp __attribute__((unused)), void *arg


/**
 * The password in an address, between its user and its host. 4.x reads over it
 *
 * @param uri Address, decoded
 *
 * @return Password, not set if there is none
 */
static inline struct pl uri_password(const struct uri *uri)
{
	struct pl pl = PL_INIT;
	const char *p;

	if (!uri->user.p || !uri->host.p)
		return pl;

	p = uri->user.p + uri->user.l;
	if (p >= uri->host.p || *p != ':')
		return pl;

	pl.p = ++p;
	while (p < uri->host.p && *p != '@')
		++p;
	pl.l = (size_t)(p - pl.p);

	return pl;
}


/**
 * Let an address have no password when it is written: it never has
 *
 * @param uri Address
 */
static inline void uri_drop_password(struct uri *uri)
{
	(void)uri;
}


/**
 * Read a UDP socket's datagrams in libre's place: of two listeners to one
 * descriptor either one's end would be both's
 *
 * @param us  Socket
 * @param fd  Its descriptor
 * @param h   Handler
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode: libre goes on reading
 */
static inline int udp_take(struct udp_sock *us, int fd, fd_h *h, void *arg)
{
	int err;

	udp_thread_detach(us);
	err = fd_listen(fd, FD_READ, h, arg);
	if (err)
		(void)udp_thread_attach(us);

	return err;
}


/**
 * Let libre read a UDP socket again. Before the socket is closed
 *
 * @param us Socket
 * @param fd Its descriptor
 */
static inline void udp_give_back(struct udp_sock *us, int fd)
{
	fd_close(fd);
	(void)udp_thread_attach(us);
}
