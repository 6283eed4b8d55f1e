/**
 * @file sip/pure/challenge.h  Answers in the place of libre's
 */

struct digest_chal;

enum {
	CHALLENGE_SPACE = 112,  /**< What an answer of ours may be longer  */
	CHALLENGE_MAX = 2048,   /**< Longest challenge [bytes]             */
};

int  challenge_disguise(struct re_printf *pf, const struct digest_chal *chal,
			uint32_t id);
bool challenge_is_sane(const struct pl *val);
bool challenge_find(struct pl *line, uint32_t *idp, const struct pl *pkt);
int  challenge_answer(const struct pl *line, const struct pl *met,
		      const struct digest_chal *chal, const char *user,
		      const char *ha1);
