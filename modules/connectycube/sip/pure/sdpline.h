/**
 * @file sip/pure/sdpline.h  Lines of SDP, and words of lines
 */

/** One line */
struct sdpline {
	char type;              /**< Before the =                          */
	struct pl val;          /**< Behind it, without blanks at its ends */
};

bool sdpline_is_blank(char c);
struct pl sdpline_trim(struct pl pl);
struct pl sdpline_word(struct pl *pl);
struct pl sdpline_digits(struct pl *pl);
bool sdpline_next(struct sdpline *line, struct pl *rest);
bool sdpline_is_host(struct pl val);
bool sdpline_addr(struct pl *addr, bool *ip6, struct pl val);
void sdpline_fit_fmtp(char *dst, size_t size, const char *src);
