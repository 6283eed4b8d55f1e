/**
 * @file sip/pure/regmsg.h  What a registrar's answers mean
 */

enum {
	REG_RETRY_MAX       = 60,  /**< Longest wait of our own [s]        */
	REG_RETRY_AFTER_MAX = 300, /**< Longest that is taken from it [s]  */
	REG_EXPIRES_MAX     = 86400, /**< Longest registration [s]         */
};

struct sip_msg;

int  regmsg_registrar(char **urip, const struct uri *luri);
uint32_t regmsg_granted(const struct sip_msg *msg, const char *contact,
			uint32_t asked);
uint32_t regmsg_min_expires(const struct sip_msg *msg);
uint32_t regmsg_retry_after(const struct sip_msg *msg);
bool regmsg_is_tls(const struct uri *uri);
bool regmsg_redirect(struct pl *uri, const struct sip_msg *msg, bool secure);
bool regmsg_mapped(struct sa *sa, const struct sip_msg *msg);
int  regmsg_route(char **routep, const struct sip_msg *msg);
uint64_t regmsg_wait(uint32_t failc, bool refused, uint32_t retry_after,
		     uint16_t rnd);
uint64_t regmsg_refresh(uint32_t granted);
