/**
 * @file sip/pure/message.h  Text of SIP MESSAGE (RFC 3428)
 */

enum {
	MESSAGE_TEXT_MAX = 8192, /**< Longest text taken [bytes]           */
	MESSAGE_PART_MAX = 800,  /**< Text of one request that we send: by UDP
				      it has 1300 bytes (RFC 3428, 8)      */
	MESSAGE_PARTS_MAX = 8,   /**< Requests that a text is sent in      */
};

struct sip_msg;

uint16_t message_decode(char **textp, const struct sip_msg *msg);
size_t message_part(const char *text, size_t max);
