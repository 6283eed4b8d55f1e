/**
 * @file connectycube_ami/rights.h  Whose a channel is, and who may do what
 *
 *   users: ami=, ami_contexts=, ami_answer= --> call/amiext.h --> here
 *
 * An extension's channels are those of the device of its SIP account
 * (PJSIP/1000, SIP/1000) and of the one of ami_answer=. What shares a call with
 * one of them concerns it, too: it may be seen and steered with it.
 *
 * Pure. Include call/amiext.h (or observe.h), message.h and table.h first.
 */

/* rights.c */
bool ami_owns(const struct ami_extension *ext, const char *channel);
bool ami_concerns(const struct ami_extension *ext, const struct ami_table *t,
		  const struct ami_channel *chan);
bool ami_may(const struct ami_extension *ext, enum ami_right want,
	     const struct ami_table *t, const struct ami_channel *chan);
bool ami_may_context(const struct ami_extension *ext, const char *dflt,
		     const char *context);
const char *ami_context(const struct ami_extension *ext, const char *dflt,
			char *buf, size_t size);
int  ami_device(const struct ami_extension *ext, char *buf, size_t size);
const char *ami_device_number(const char *device);
