/**
 * @file compat/upstream/sigroute.h  Signals with the threads of libre 4.x
 */

void sigroute(const sigset_t *set);
void sigroute_end(void);
