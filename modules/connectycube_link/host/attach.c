/**
 * @file connectycube_link/host/attach.c  Finds the bridge in this process
 */
#include <dlfcn.h>
#include <string.h>
#include <re.h>
#include "call/event.h"
#include "observe.h"
#include "connectycube_link/host/attach.h"


static const char marker;       /* is in this module */


/**
 * Find the bridge, which is loaded already
 *
 * @param obp     Set to its table
 * @param handlep Set to what keeps it loaded, freed by dlclose()
 * @param why     Set to why it cannot be used
 * @param size    Room there [bytes]
 *
 * @return 0 if success, ESRCH if it is not loaded, EPROTO if it is another
 *         version than this module
 */
int attach_find(const struct observe **obp, void **handlep, char *why,
		size_t size)
{
	const struct observe *ob;
	const char *end = NULL;
	char path[1024];
	void *handle;
	Dl_info self;

	if (!obp || !handlep || !why || !size)
		return EINVAL;

	if (dladdr(&marker, &self) && self.dli_fname)
		end = strrchr(self.dli_fname, '/');

	if (!end || re_snprintf(path, sizeof(path), "%b/connectycube.so",
				self.dli_fname,
				(size_t)(end - self.dli_fname)) < 0) {
		str_ncpy(why, "this module is in no folder", size);
		return ESRCH;
	}

	handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
	if (!handle) {
		(void)re_snprintf(why, size, "%s is not loaded: `module_app"
				  " connectycube.so` is to stand before this"
				  " module", path);
		return ESRCH;
	}

	ob = dlsym(handle, OBSERVE_SYMBOL);
	if (!ob || ob->version != OBSERVE_VERSION ||
	    ob->size < sizeof(*ob) ||
	    ob->event_size != sizeof(struct event)) {
		(void)re_snprintf(why, size, "%s is of another version than"
				  " this module: install both", path);
		(void)dlclose(handle);
		return EPROTO;
	}

	*obp     = ob;
	*handlep = handle;

	return 0;
}
