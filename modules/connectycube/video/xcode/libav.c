/**
 * @file video/xcode/libav.c  Loads connectycube_av.so
 *
 * At start-up, for it takes its time; not at all where nothing is configured
 * that needs it.
 */
#include <dlfcn.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "libav.h"


static struct {
	void *handle;           /* of dlopen(), owned */
	const struct vav *vav;  /* pointer, into what it loaded */
} loaded;


static const char *check(const struct vav *vav)
{
	if (!vav)
		return "is no module of the bridge";

	if (vav->version != VAV_VERSION || vav->size != sizeof(*vav))
		return "belongs to another version of connectycube.so";

	return NULL;
}


/**
 * Load a file
 *
 * @param path Path of connectycube_av.so
 * @param why  Set to the reason if it fails; it names the file
 * @param size Room at why [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EALREADY if one is
 *         loaded, ENOENT if it or a library that it needs cannot be loaded,
 *         EPROTO if it is another module or version
 */
int vav_open(const char *path, char *why, size_t size)
{
	const struct vav *vav;
	const char *wrong;
	void *handle;

	if (!path || !why || !size)
		return EINVAL;

	if (loaded.vav)
		return EALREADY;

	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		str_ncpy(why, dlerror(), size);
		return ENOENT;
	}

	vav   = dlsym(handle, "connectycube_av");
	wrong = check(vav);
	if (wrong) {
		(void)re_snprintf(why, size, "%s: %s", path, wrong);
		(void)dlclose(handle);
		return EPROTO;
	}

	loaded.handle = handle;
	vav_set(vav);
	vav->quiet();

	return 0;
}


/**
 * Load connectycube_av.so, from the folder where this code was loaded from
 *
 * @param why  Set to the reason if it fails; it names the file
 * @param size Room at why [bytes]
 *
 * @return 0 if success, otherwise errorcode, see vav_open()
 */
int vav_load(char *why, size_t size)
{
	const char *end = NULL;
	char path[1024];
	Dl_info self;

	if (!why || !size)
		return EINVAL;

	if (dladdr(&loaded, &self) && self.dli_fname)
		end = strrchr(self.dli_fname, '/');

	if (!end || re_snprintf(path, sizeof(path), "%b/connectycube_av.so",
				self.dli_fname,
				(size_t)(end - self.dli_fname)) < 0) {
		str_ncpy(why, "connectycube_av.so: in no folder", size);
		return ENOENT;
	}

	return vav_open(path, why, size);
}


/**
 * Unload it; nothing that it made is left
 */
void vav_close(void)
{
	loaded.vav = NULL;

	if (loaded.handle)
		(void)dlclose(loaded.handle);

	loaded.handle = NULL;
}


/**
 * Use functions that are linked in
 *
 * @param vav Functions, NULL=none
 */
void vav_set(const struct vav *vav)
{
	loaded.vav = vav;
}


/**
 * Get the functions
 *
 * @return Functions, NULL if they are not loaded
 */
const struct vav *vav_get(void)
{
	return loaded.vav;
}
