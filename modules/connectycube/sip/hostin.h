/**
 * @file sip/hostin.h  Insides of libre: what several of host*.c lean on
 */

struct tls_conn;

/** First members of libre's stack */
struct stack {
	struct list transpl;
	struct list lsnrl;
	struct list reql;
	struct hash *ht_ctrans;
	struct hash *ht_strans;
	struct hash *ht_strans_mrg;
	struct hash *ht_conn;
};

/** First members of libre's connection of SIP */
struct conn {
	struct le he;
	struct list ql;         /* struct waiting */
	struct list kal;
	struct tmr tmr;
	struct tmr tmr_ka;
	struct sa laddr;
	struct sa paddr;
	struct tls_conn *sc;
	struct tcp_conn *tc;
	struct mbuf *mb;
	struct sip *sip;
};

/* host.c */
const struct transport *host_transp(const struct le *le);
