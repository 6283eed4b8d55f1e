/**
 * @file video/xcode/picture.c  Picture files: PNG and JPEG
 *
 * The size of a file is bounded before it is read; what is in it is
 * connectycube_av.so's to decode.
 */
#include <sys/stat.h>
#include <string.h>
#include <re.h>
#include <rem.h>
#include "libav.h"
#include "picture.h"


static const char *file_check(const char *file)
{
	struct stat st;

	if (stat(file, &st))
		return strerror(errno);

	if (!S_ISREG(st.st_mode))
		return "is not a file";

	if (!st.st_size)
		return "is empty";

	if (st.st_size > VPICTURE_FILE_MAX)
		return "is larger than 8 MB";

	return NULL;
}


/**
 * Read a picture file
 *
 * @param framep Pointer to allocated picture, YUV420P, of the file's size
 *               (rounded down to even)
 * @param file   Path of a PNG or JPEG file
 *
 * @return 0 if success, ENOENT if there is no such file, EBADMSG if it is no
 *         such picture or damaged, EFBIG if the picture is too large, ENOSYS
 *         if connectycube_av.so is not loaded, otherwise errorcode
 */
int vpicture_load(struct vidframe **framep, const char *file)
{
	const struct vav *av = vav_get();

	if (!framep || !file)
		return EINVAL;

	if (!av)
		return ENOSYS;

	if (file_check(file))
		return ENOENT;

	return av->picture(framep, file, VPICTURE_SIDE_MAX);
}


/**
 * Check that a file is a picture that can be shown
 *
 * @param file Path of a PNG or JPEG file
 * @param why  Set to the reason if it is not
 * @param size Room at why [bytes]
 *
 * @return 0 if success, otherwise errorcode, see vpicture_load()
 */
int vpicture_check(const char *file, char *why, size_t size)
{
	struct vidframe *f = NULL;
	const char *reason;
	int err;

	if (!file || !why || !size)
		return EINVAL;

	why[0] = '\0';
	reason = file_check(file);
	if (reason) {
		str_ncpy(why, reason, size);
		return ENOENT;
	}

	err = vpicture_load(&f, file);
	mem_deref(f);

	switch (err) {

	case 0:
		break;

	case EFBIG:
		(void)re_snprintf(why, size, "is larger than %d x %d pixels",
				  VPICTURE_SIDE_MAX, VPICTURE_SIDE_MAX);
		break;

	case EBADMSG:
		str_ncpy(why, "is not a PNG or JPEG picture, is damaged, or "
			 "is too large", size);
		break;

	default:
		(void)re_snprintf(why, size, "%m", err);
		break;
	}

	return err;
}
