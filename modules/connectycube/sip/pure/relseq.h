/**
 * @file sip/pure/relseq.h  Numbers of reliable provisional responses (RFC
 *                          3262; pure)
 */

/** What a provisional response is */
enum relseq_is {
	RELSEQ_PLAIN = 0,       /**< Not a reliable one                    */
	RELSEQ_NEXT,            /**< The next one: PRACK                   */
	RELSEQ_AGAIN,           /**< It was here before                    */
	RELSEQ_WRONG,           /**< Before one that is missing, or broken */
};

/** Value of RAck */
struct relseq_rack {
	uint32_t rseq;          /**< The response's number                 */
	uint32_t cseq;          /**< The request's number                  */
	struct pl met;          /**< And its method                        */
};

/** When an unacknowledged response is sent again (RFC 3262, 3) */
struct relseq_wait {
	uint64_t end;           /**< It is given up [ms]                   */
	uint32_t pause;         /**< The next pause [ms]                   */
};

bool relseq_is_reliable(const struct sip_msg *msg);
int  relseq_rack_decode(struct relseq_rack *rack, const struct pl *val);
enum relseq_is relseq_take(uint32_t *last, const struct sip_msg *msg);
void relseq_wait_begin(struct relseq_wait *w, uint64_t now);
void relseq_wait_until(struct relseq_wait *w, uint64_t end);
uint32_t relseq_wait_next(struct relseq_wait *w, uint64_t now);
