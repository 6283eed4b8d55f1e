/**
 * @file compat/upstream/calls.c  What baresip 4.x does otherwise with a call
 *
 * Its own headers 4.x has for itself; early media are without sound there
 * unless asked for.
 */
#include <re.h>
#include <baresip.h>


static int print_handler(const struct pl *name, const struct pl *val,
			 void *arg)
{
	return re_hprintf(arg, "%r: %r\r\n", name, val);
}


/**
 * Print headers, each with its line's end
 *
 * @param pf   Print handler
 * @param hdrl Headers
 *
 * @return 0 if success, otherwise errorcode
 */
int custom_hdrs_print(struct re_printf *pf, const struct list *hdrl)
{
	return custom_hdrs_apply(hdrl, print_handler, pf);
}


static int add_handler(const struct pl *name, const struct pl *val, void *arg)
{
	char *str;
	int err;

	err = pl_strdup(&str, name);
	if (err)
		return err;

	err = custom_hdrs_add(arg, str, "%r", val);
	mem_deref(str);

	return err;
}


/**
 * Let a call have other headers of its own
 *
 * @param call Call
 * @param hdrl Headers, copied
 */
void call_set_custom_hdrs(struct call *call, const struct list *hdrl)
{
	struct list *own = (struct list *)call_get_custom_hdrs(call);

	if (!own)
		return;

	list_flush(own);
	(void)custom_hdrs_apply(hdrl, add_handler, own);
}


/**
 * Send 183 Session Progress, in the directions that the call is to have
 *
 * @param call Call
 *
 * @return 0 if success, otherwise errorcode
 */
int call_progress_all(struct call *call)
{
	enum sdp_dir adir = SDP_SENDRECV, vdir = SDP_SENDRECV;

	call_get_media_estdir(call, &adir, &vdir);

	return call_progress_dir(call, adir, vdir);
}
