/**
 * @file sip/pure/sdes.h  Keys of SRTP in SDP (SDES, RFC 4568, RFC 7714)
 */

enum {
	SDES_KEY_MAX  = 44,     /**< Longest master key and salt [bytes]   */
	SDES_LINE_MAX = 128,    /**< Room for a line that we write [bytes] */
};

/** What an account says of encryption: its mediaenc */
enum sdes_mode {
	SDES_OFF = 0,           /**< Never                                 */
	SDES_OPT,               /**< If the phone has it: srtp             */
	SDES_MAND,              /**< Always, RTP/SAVP: srtp-mand           */
	SDES_MANDF,             /**< Always, RTP/SAVPF: srtp-mandf         */
};

/** One a=crypto line */
struct sdes_crypto {
	uint32_t tag;           /**< Its number                            */
	int suite;              /**< Its suite: enum srtpx_profile         */
	uint8_t key[SDES_KEY_MAX]; /**< Master key and salt                */
	size_t len;             /**< Their length [bytes]                  */
};

struct srtpx_key;

int  sdes_mode_decode(enum sdes_mode *mode, const char *mediaenc);
const char *sdes_suite_name(int suite);
int  sdes_decode(struct sdes_crypto *c, const struct pl *line);
int  sdes_make(struct sdes_crypto *c, uint32_t tag, int suite);
int  sdes_encode(char *line, size_t size, const struct sdes_crypto *c);
void sdes_split(struct srtpx_key *k, const struct sdes_crypto *c);
bool sdes_is_same(const struct sdes_crypto *a, const struct sdes_crypto *b);
