/**
 * @file video/xcode/picture.h  Picture files
 */

enum {
	VPICTURE_FILE_MAX = 8 << 20, /**< Largest file [bytes]             */
	VPICTURE_SIDE_MAX = 4096,    /**< Largest width and height [pixels] */
};

int vpicture_check(const char *file, char *why, size_t size);
int vpicture_load(struct vidframe **framep, const char *file);
