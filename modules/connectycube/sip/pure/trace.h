/**
 * @file sip/pure/trace.h  Ids that other systems know a call by
 *
 * W3C Trace Context (`traceparent`) as PBXs and CRMs pass it on, or any other
 * header whose whole value is the id.
 */

enum {
	TRACE_W3C = 32,         /**< Digits of a trace id of the W3C's     */
};

struct sip_msg;
struct re_printf;

/** An id, and the header that it goes by */
struct trace_hdr {
	const char *name;       /**< Name of the header                    */
	const char *id;         /**< Id                                    */
};

void trace_make(char *id, size_t size);
bool trace_read(char *id, size_t size, const struct sip_msg *msg,
		const char *name);
bool trace_may_print(const struct trace_hdr *th);
int  trace_print(struct re_printf *pf, const struct trace_hdr *th);
