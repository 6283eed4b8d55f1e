/**
 * @file compat/debian/compat_re.h  libre 1.1 and 2.0 in the one spelling
 *
 * What these versions and upstream's 4.x write differently where no macro of
 * the older name can hide it: members that the one has and the other has not,
 * and types of handlers. compat/upstream has a file of the same name, and the
 * Makefile says which of them is found.
 */

/* Members of a dictionary, which 4.x hides behind these functions */
#define odict_entry_type(e)    ((e)->type)
#define odict_entry_key(e)     ((e)->key)
#define odict_entry_object(e)  ((e)->u.odict)
#define odict_entry_str(e)     ((e)->u.str)
#define odict_entry_int(e)     ((e)->u.integer)
#define odict_entry_dbl(e)     ((e)->u.dbl)
#define odict_entry_boolean(e) ((e)->u.boolean)

/** Parameters of a sip_send_h: tp, src, dst, mb, arg */
#define SIP_SEND_PARAMS enum sip_transp tp, const struct sa *src, \
	const struct sa *dst, struct mbuf *mb, void *arg


/**
 * The password in an address, between its user and its host
 *
 * @param uri Address, decoded
 *
 * @return Password, not set if there is none
 */
static inline struct pl uri_password(const struct uri *uri)
{
	return uri->password;
}


/**
 * Let an address have no password when it is written
 *
 * @param uri Address
 */
static inline void uri_drop_password(struct uri *uri)
{
	uri->password = pl_null;
}


/**
 * Read a UDP socket's datagrams in libre's place
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
	(void)us;

	return fd_listen(fd, FD_READ, h, arg);
}


/**
 * Let libre read a UDP socket again. Before the socket is closed
 *
 * @param us Socket
 * @param fd Its descriptor
 */
static inline void udp_give_back(struct udp_sock *us, int fd)
{
	(void)fd;
	(void)udp_thread_attach(us);
}
