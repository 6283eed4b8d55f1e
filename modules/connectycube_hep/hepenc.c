/**
 * @file connectycube_hep/hepenc.c  Packets of HEP 3
 *
 *     "HEP3" | length of all | chunk | chunk | ...
 *     chunk:  vendor, 0 | type | length of the chunk | value
 *
 * Pure. Numbers are in network order.
 */
#include <netinet/in.h>
#include <string.h>
#include <re.h>
#include "base/mono.h"
#include "hep.h"


enum {
	HEADER_LEN = 6,         /**< "HEP3" and the length [bytes]         */
	CHUNK_LEN  = 6,         /**< Vendor, type, length [bytes]          */
};

/** Chunks that we have, of vendor 0 */
enum chunk {
	CHUNK_FAMILY   = 0x01,
	CHUNK_PROTO    = 0x02,
	CHUNK_SRC4     = 0x03,
	CHUNK_DST4     = 0x04,
	CHUNK_SRC6     = 0x05,
	CHUNK_DST6     = 0x06,
	CHUNK_SPORT    = 0x07,
	CHUNK_DPORT    = 0x08,
	CHUNK_SEC      = 0x09,
	CHUNK_USEC     = 0x0a,
	CHUNK_TYPE     = 0x0b,
	CHUNK_AGENT    = 0x0c,
	CHUNK_KEY      = 0x0e,
	CHUNK_PAYLOAD  = 0x0f,
	CHUNK_CORR     = 0x11,
	CHUNK_NAME     = 0x13,
};

enum {
	FAMILY_V4 = 2,          /**< As HEP has it on any system           */
	FAMILY_V6 = 10,
};


static void destructor(void *data)
{
	struct hep_pkt *pkt = data;

	list_unlink(&pkt->le);
	mem_deref(pkt->mb);
}


/**
 * Begin a packet, of something that happens now
 *
 * @param type What will be in it
 * @param src  From where, may be NULL
 * @param dst  To where, may be NULL
 * @param size Room for its payload, which grows [bytes]
 *
 * @return Packet, NULL if there is no memory
 */
struct hep_pkt *hep_pkt_alloc(enum hep_type type, const struct sa *src,
			      const struct sa *dst, size_t size)
{
	struct hep_pkt *pkt = mem_zalloc(sizeof(*pkt), destructor);

	if (!pkt)
		return NULL;

	pkt->type  = type;
	pkt->proto = IPPROTO_UDP;
	pkt->time  = wall_us();
	sa_init(&pkt->src, AF_UNSPEC);
	sa_init(&pkt->dst, AF_UNSPEC);
	if (src)
		pkt->src = *src;
	if (dst)
		pkt->dst = *dst;

	pkt->mb = mbuf_alloc(size ? size : 1);

	return pkt->mb ? pkt : mem_deref(pkt);
}


static int add(int err, struct mbuf *mb, enum chunk chunk, const void *p,
	       size_t len)
{
	if (!err && len > HEP_MAX - CHUNK_LEN)
		return EMSGSIZE;
	if (!err)
		err = mbuf_write_u16(mb, 0);
	if (!err)
		err = mbuf_write_u16(mb, htons(chunk));
	if (!err)
		err = mbuf_write_u16(mb, htons((uint16_t)(CHUNK_LEN + len)));
	if (!err && len)
		err = mbuf_write_mem(mb, p, len);

	return err;
}


static int add_u8(int err, struct mbuf *mb, enum chunk chunk, uint8_t v)
{
	return add(err, mb, chunk, &v, sizeof(v));
}


static int add_u16(int err, struct mbuf *mb, enum chunk chunk, uint16_t v)
{
	v = htons(v);

	return add(err, mb, chunk, &v, sizeof(v));
}


static int add_u32(int err, struct mbuf *mb, enum chunk chunk, uint32_t v)
{
	v = htonl(v);

	return add(err, mb, chunk, &v, sizeof(v));
}


static int add_str(int err, struct mbuf *mb, enum chunk chunk, const char *str)
{
	return str && *str ? add(err, mb, chunk, str, strlen(str)) : err;
}


/* One that is not known, or of the other family, is all zeros */
static int add_addr(int err, struct mbuf *mb, const struct sa *sa, bool v6,
		    enum chunk chunk4)
{
	struct in6_addr any6 = IN6ADDR_ANY_INIT;
	struct in_addr any4 = {INADDR_ANY};

	if (v6)
		return add(err, mb, chunk4 + CHUNK_SRC6 - CHUNK_SRC4,
			   sa_af(sa) == AF_INET6 ? &sa->u.in6.sin6_addr
			   : &any6, sizeof(any6));

	return add(err, mb, chunk4,
		   sa_af(sa) == AF_INET ? &sa->u.in.sin_addr : &any4,
		   sizeof(any4));
}


static uint16_t port(const struct sa *sa)
{
	return sa_af(sa) == AF_UNSPEC ? 0 : sa_port(sa);
}


/**
 * Write a packet
 *
 * @param mb      Buffer, from its position on
 * @param pkt     What is to be in it
 * @param cfg     Who we are
 * @param session Correlation id, ""=none
 *
 * @return 0 if success, EMSGSIZE if it is too long for UDP, otherwise
 *         errorcode
 */
int hep_encode(struct mbuf *mb, const struct hep_pkt *pkt,
	       const struct hep_config *cfg, const char *session)
{
	size_t begin, end;
	bool v6;
	int err;

	if (!mb || !pkt || !cfg)
		return EINVAL;

	begin = mb->pos;
	v6    = sa_af(&pkt->src) == AF_INET6 || sa_af(&pkt->dst) == AF_INET6;

	err = mbuf_write_mem(mb, (const uint8_t *)"HEP3\0\0", HEADER_LEN);
	err = add_u8(err, mb, CHUNK_FAMILY, v6 ? FAMILY_V6 : FAMILY_V4);
	err = add_u8(err, mb, CHUNK_PROTO, pkt->proto);
	err = add_addr(err, mb, &pkt->src, v6, CHUNK_SRC4);
	err = add_addr(err, mb, &pkt->dst, v6, CHUNK_DST4);
	err = add_u16(err, mb, CHUNK_SPORT, port(&pkt->src));
	err = add_u16(err, mb, CHUNK_DPORT, port(&pkt->dst));
	err = add_u32(err, mb, CHUNK_SEC, (uint32_t)(pkt->time / 1000000));
	err = add_u32(err, mb, CHUNK_USEC, (uint32_t)(pkt->time % 1000000));
	err = add_u8(err, mb, CHUNK_TYPE, (uint8_t)pkt->type);
	err = add_u32(err, mb, CHUNK_AGENT, cfg->id);
	err = add_str(err, mb, CHUNK_KEY, cfg->key);
	err = add_str(err, mb, CHUNK_CORR, session);
	err = add_str(err, mb, CHUNK_NAME, cfg->name);
	err = add(err, mb, CHUNK_PAYLOAD, pkt->mb->buf, pkt->mb->end);
	if (!err && mb->pos - begin > HEP_MAX)
		err = EMSGSIZE;
	if (err)
		return err;

	end = mb->pos;
	mb->pos = begin + 4;
	err = mbuf_write_u16(mb, htons((uint16_t)(end - begin)));
	mb->pos = end;

	return err;
}
