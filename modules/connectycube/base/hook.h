/**
 * @file base/hook.h  A function that one library calls, answered by us
 */

/** A call that is answered by us; all zero is none */
struct hook {
	void **slot;            /**< The library's own address of it       */
	void *old;              /**< What was there                        */
	bool fixed;             /**< Its page is not to be written         */
};

int  hook_set(struct hook *h, const void *in, const char *name, void *fn);
void hook_clear(struct hook *h);
