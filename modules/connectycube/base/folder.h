/**
 * @file base/folder.h  Folders of our own
 */

/**
 * One of what is in a folder
 *
 * @param dir  Folder
 * @param name Its name there
 * @param arg  Handler argument
 */
typedef void (folder_h)(int dir, const char *name, void *arg);

int  folder_make(const char *path, unsigned mode);
int  folder_of(char *dir, size_t size, const char *path);
int  folder_sync(const char *path);
int  folder_rename_new(const char *from, const char *to);
void folder_each(int dir, folder_h *h, void *arg);
