/**
 * @file peer/dtls.h  DTLS-SRTP key agreement (RFC 5764), by OpenSSL
 */

enum {
	DTLSX_MTU     = 1200,   /**< Largest datagram sent [bytes]         */
	DTLSX_RTO     = 100,    /**< First retransmission after [ms]       */
	DTLSX_RTO_MAX = 3000,   /**< Longest between two [ms]              */
};

/** Result of a handshake */
struct dtlsx_keys {
	enum srtpx_profile profile;
	struct srtpx_key tx;    /**< What we protect with                  */
	struct srtpx_key rx;    /**< What the remote protects with         */
};

struct dtlsx;

/** Sends one datagram; may be called from inside this file's functions */
typedef void (dtlsx_send_h)(const uint8_t *buf, size_t len, void *arg);

/** The handshake is over and the fingerprint matches. May deref */
typedef void (dtlsx_estab_h)(const struct dtlsx_keys *keys, void *arg);

/** It failed, or the remote closed (err is 0). Called once. May deref */
typedef void (dtlsx_close_h)(int err, const char *reason, void *arg);

int  dtlsx_init(void);
void dtlsx_close(void);
const struct jsep_fpr *dtlsx_fingerprint(void);

int  dtlsx_alloc(struct dtlsx **dp, bool active,
		 const struct jsep_fpr *fprv, size_t fprc,
		 dtlsx_send_h *sendh, dtlsx_estab_h *estabh,
		 dtlsx_close_h *closeh, void *arg);
void dtlsx_start(struct dtlsx *d);
void dtlsx_recv(struct dtlsx *d, const uint8_t *buf, size_t len);
void dtlsx_shutdown(struct dtlsx *d);
