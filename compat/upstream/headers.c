/**
 * @file compat/upstream/headers.c  A call's own headers, in baresip 4.x
 *
 * 4.x has these two for itself.
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
