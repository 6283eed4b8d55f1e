/**
 * @file connectycube_hub/recording/place.h
 * Files and folders of recordings, for good
 */

#include "base/filesum.h"

enum {
	PLACE_PATH = 1536,      /**< Size of a path [bytes]                */
};

int place_folders(const char *root, const char *name);
int place_file(const char *from, const char *root, const char *name);
int place_hash(char *hex, uint64_t *bytesp, const char *path);
int place_remove(const char *root, const char *name);
int place_clear(const char *path);
int place_path(char *path, size_t size, const char *root, const char *name);
