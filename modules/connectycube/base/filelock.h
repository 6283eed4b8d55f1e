/**
 * @file base/filelock.h  What one process alone may use
 */

int  file_lock(int *fdp, const char *path);
int  file_lock_start(int *fdp, const char *path);
