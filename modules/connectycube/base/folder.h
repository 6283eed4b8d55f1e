/**
 * @file base/folder.h  Folders of our own
 */

int folder_make(const char *path, unsigned mode);
