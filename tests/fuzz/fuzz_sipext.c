/**
 * @file fuzz_sipext.c  What messages say of session timers, reliable responses
 *                      and extensions; and headers put into them
 */
#include <stdlib.h>
#include <re.h>
#include "sip/pure/ability.h"
#include "sip/pure/hdredit.h"
#include "sip/pure/relseq.h"
#include "sip/pure/stimer.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void check_timer(const struct sip_msg *msg)
{
	static const struct stimer_cfg cfg = {true, 600, 120};
	struct stimer_answer ans;
	struct stimer_hdr hdr;
	struct stimer st = {0};

	stimer_read(&hdr, msg);
	if (hdr.sec > STIMER_MAX || hdr.min > STIMER_MAX)
		abort();

	stimer_answer(&ans, &cfg, &hdr);
	if (ans.brief && ans.sec)
		abort();

	/* never longer than asked for, and somebody refreshes */
	if (ans.sec && (!ans.by || (hdr.sec > STIMER_FLOOR &&
				    ans.sec > hdr.sec)))
		abort();

	(void)stimer_raise(cfg.expires, &hdr);

	stimer_start(&st, hdr.sec, ans.by == STIMER_UAS, 1000);
	if (hdr.sec && (stimer_due(&st) <= 1000 ||
			stimer_poll(&st, 1000) != STIMER_NOTHING))
		abort();
}


static void check_relseq(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_RACK);
	struct relseq_rack rack;
	uint32_t last = 0;

	if (relseq_take(&last, msg) == RELSEQ_NEXT &&
	    (!last || relseq_take(&last, msg) != RELSEQ_AGAIN))
		abort();

	if (hdr && !relseq_rack_decode(&rack, &hdr->val) &&
	    (!rack.rseq || !rack.met.l))
		abort();
}


static void check_edit(const uint8_t *data, size_t size)
{
	static const char *const dropv[] = {"Allow", "Supported"};
	static const char add[] = "Allow: INVITE\r\n";
	struct mbuf *mb = mbuf_alloc(size + 1);

	if (!mb)
		return;

	(void)mbuf_write_mem(mb, data, size);
	mb->pos = 0;

	if (!hdredit(mb, dropv, ARRAY_SIZE(dropv), add) &&
	    mb->end > size + sizeof(add))
		abort();

	mem_deref(mb);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mbuf *mb = mbuf_alloc(size + 1);
	struct sip_msg *msg = NULL;
	char str[256];

	if (!mb)
		return 0;

	check_edit(data, size);

	(void)mbuf_write_mem(mb, data, size);
	mb->pos = 0;

	if (!sip_msg_decode(&msg, mb)) {
		check_timer(msg);
		check_relseq(msg);
		ability_set(ABILITY_TIMER, true);
		(void)ability_lacks(msg);
		(void)ability_is_known(&msg->met);
		(void)re_snprintf(str, sizeof(str), "%H",
				  ability_print_unsupported, msg);
	}

	mem_deref(msg);
	mem_deref(mb);

	return 0;
}
